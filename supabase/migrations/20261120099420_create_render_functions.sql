-- How a message is made of a template: found by id or name, prepared once, filled in for each recipient.

alter type private.template_choice add attribute subject text, add attribute html text;
comment on type private.template_choice is
  'What a message says by the template it names, or what is wrong with that; external_id and numbered variables are for the provider.';

create type private.prepared_template as (
  template_id uuid,
  external_id text,
  language text,
  names text[],
  keys text[],
  types text[],
  are_required boolean[],
  subject text,
  body text,
  html text,
  flaw_field text,
  flaw text
);
comment on type private.prepared_template is
  'A template ready to be filled in many times, its words as format() takes them; or what is wrong with it. Without names only the provider knows what it holds.';

create function private.prepare_template(template public.message_templates)
returns private.prepared_template language plpgsql immutable set search_path = ''
as $$
declare
  v_template public.message_templates := prepare_template.template;
  v_is_numbered boolean := v_template.channel = 'whatsapp';
  v_prepared private.prepared_template;
begin
  v_prepared.template_id := v_template.id;
  v_prepared.external_id := v_template.external_id;
  v_prepared.language := v_template.language;
  v_prepared.names := private.variable_names(v_template.variables);
  -- Here variables have names; WhatsApp's providers number them, in the order in which they are listed.
  v_prepared.keys := case
    when v_is_numbered then array(select generate_series(1, cardinality(v_prepared.names))::text)
    else v_prepared.names
  end;
  select
    coalesce(array_agg(e.variable ->> 'type' order by e.position), '{}'),
    coalesce(array_agg(e.variable ->> 'is_required' is distinct from 'false' order by e.position), '{}')
  into v_prepared.types, v_prepared.are_required
  from jsonb_array_elements(v_template.variables) with ordinality as e (variable, position);
  v_prepared.subject := private.to_format(v_template.subject, v_prepared.names, v_is_numbered);
  v_prepared.body := private.to_format(v_template.body, v_prepared.names, v_is_numbered);
  v_prepared.html := private.to_format(v_template.html, v_prepared.names, v_is_numbered);
  -- Written before this was refused. A WhatsApp message is sent by the provider's words, and these are a copy.
  if not v_is_numbered and strpos(concat(v_prepared.subject, v_prepared.body, v_prepared.html), '{{') > 0 then
    v_prepared.flaw_field := 'template';
    v_prepared.flaw := 'the template uses a variable that it does not list';
  end if;
  return v_prepared;
end;
$$;
comment on function private.prepare_template(public.message_templates) is 'A stored template, ready to be filled in.';
revoke execute on function private.prepare_template(public.message_templates) from public, anon;
grant execute on function private.prepare_template(public.message_templates) to authenticated, service_role;

create function private.fill_template(template private.prepared_template, variables jsonb)
returns private.template_choice language plpgsql stable set search_path = ''
as $$
declare
  v_template private.prepared_template := fill_template.template;
  v_given jsonb := coalesce(nullif(fill_template.variables, 'null'), '{}');
  v_choice private.template_choice;
  v_values text[] := '{}';
  v_escaped_values text[] := '{}';
  v_name text;
  v_item jsonb;
  v_value text;
  v_flaw text;
begin
  if v_template.flaw is not null then
    v_choice.flaw_field := v_template.flaw_field;
    v_choice.flaw := v_template.flaw;
    return v_choice;
  end if;
  if jsonb_typeof(v_given) <> 'object' then
    v_choice.flaw_field := 'template.variables';
    v_choice.flaw := 'the variables are not an object of texts and numbers';
    return v_choice;
  end if;
  v_choice.template_id := v_template.template_id;
  v_choice.external_id := v_template.external_id;
  v_choice.language := v_template.language;
  if v_template.names is null then
    select
      coalesce(jsonb_object_agg(k.name, k.value #>> '{}') filter (where k.value <> 'null'), '{}'),
      'template.variables.' || left(min(k.name) filter (where k.is_composed), 100),
      case when bool_or(k.is_composed) then 'the variable is neither a text nor a number' end
    into v_choice.variables, v_choice.flaw_field, v_choice.flaw
    from (
      select e.name, e.value, jsonb_typeof(e.value) not in ('string', 'number', 'null') as is_composed
      from jsonb_each(v_given) as e (name, value)
    ) as k;
    return v_choice;
  end if;

  for v_index in 1..cardinality(v_template.names) loop
    v_name := v_template.names[v_index];
    v_item := coalesce(nullif(v_given -> v_name, 'null'), v_given -> v_template.keys[v_index], '""');
    v_value := coalesce(v_item #>> '{}', '');
    if jsonb_typeof(v_item) in ('object', 'array', 'boolean') then
      v_choice.flaw_field := 'template.variables.' || v_name;
      v_choice.flaw := 'the variable ' || v_name || ' is neither a text nor a number';
      return v_choice;
    elsif btrim(v_value) = '' then
      if v_template.are_required[v_index] then
        v_choice.flaw_field := 'template.variables.' || v_name;
        v_choice.flaw := 'the template needs the variable ' || v_name;
        return v_choice;
      end if;
      v_value := '';
    else
      v_flaw := private.find_value_flaw(v_template.types[v_index], v_value);
      if v_flaw is not null then
        v_choice.flaw_field := 'template.variables.' || v_name;
        v_choice.flaw := 'the variable ' || v_name || ' ' || v_flaw;
        return v_choice;
      end if;
      if v_template.types[v_index] = 'date' then
        v_value := private.written_date(v_value, v_template.language);
      end if;
    end if;
    v_values := v_values || v_value;
    if v_template.html is not null then
      v_escaped_values := v_escaped_values || private.escape_html(v_value);
    end if;
  end loop;
  v_given := v_given - v_template.names - v_template.keys;
  if v_given <> '{}' then
    v_choice.flaw_field := 'template.variables.'
      || (select left(min(k.name), 100) from jsonb_object_keys(v_given) as k (name));
    v_choice.flaw := 'the template has no such variable';
    return v_choice;
  end if;

  v_choice.variables := jsonb_object(v_template.keys, v_values);
  v_choice.subject := format(v_template.subject, variadic v_values);
  v_choice.body := format(v_template.body, variadic v_values);
  v_choice.html := format(v_template.html, variadic v_escaped_values);
  return v_choice;
end;
$$;
comment on function private.fill_template(private.prepared_template, jsonb) is
  'What a prepared template says with these variables (texts and numbers by name), or what is wrong with them.';
revoke execute on function private.fill_template(private.prepared_template, jsonb) from public, anon;
grant execute on function private.fill_template(private.prepared_template, jsonb) to authenticated, service_role;
