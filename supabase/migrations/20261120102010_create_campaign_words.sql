-- How the words of a campaign become those of one recipient.

create function private.placeholders_of(body text)
returns text[] language sql immutable set search_path = ''
as $$
  select coalesce(array_agg(distinct m.found[1]), '{}')
  from regexp_matches(placeholders_of.body, '\{\{\s*([a-z0-9][a-z0-9_]*)\s*\}\}', 'g') as m (found);
$$;
comment on function private.placeholders_of(text) is 'The names between {{ and }} in a text, each once.';
revoke execute on function private.placeholders_of(text) from public, anon, authenticated;

-- In one pass, so that what is filled in is never read as a placeholder itself.
create function private.fill_placeholders(body text, variables jsonb)
returns text language plpgsql immutable set search_path = ''
as $$
declare
  c_pattern constant text := '\{\{\s*([a-z0-9][a-z0-9_]*)\s*\}\}';
  v_literals text[];
  v_names text[];
  v_filled text;
begin
  if position('{{' in fill_placeholders.body) = 0 then
    return fill_placeholders.body;
  end if;
  v_literals := regexp_split_to_array(fill_placeholders.body, c_pattern);
  v_names := array(select m.found[1] from regexp_matches(fill_placeholders.body, c_pattern, 'g') as m (found));
  v_filled := v_literals[1];
  for v_index in 1 .. cardinality(v_names) loop
    v_filled := v_filled || coalesce(fill_placeholders.variables ->> v_names[v_index], '') || v_literals[v_index + 1];
  end loop;
  return v_filled;
end;
$$;
comment on function private.fill_placeholders(text, jsonb) is 'A text with its placeholders filled in; one without a value is left empty.';
revoke execute on function private.fill_placeholders(text, jsonb) from public, anon, authenticated;

create function private.contact_variables(display_name text, attributes jsonb)
returns jsonb language sql immutable set search_path = ''
as $$
  select coalesce(
    (
      select jsonb_object_agg(a.name, a.value)
      from jsonb_each_text(contact_variables.attributes) as a (name, value)
      where a.value <> '' and jsonb_typeof(contact_variables.attributes -> a.name) in ('string', 'number', 'boolean')
    ),
    '{}'
  ) || jsonb_strip_nulls(jsonb_build_object(
    'name', contact_variables.display_name,
    'first_name', coalesce(
      nullif(contact_variables.attributes ->> 'first_name', ''),
      nullif(split_part(trim(contact_variables.display_name), ' ', 1), '')
    )
  ));
$$;
comment on function private.contact_variables(text, jsonb) is
  'What a contact brings to fill in: name, first_name, and its attributes that are texts, numbers or booleans.';
revoke execute on function private.contact_variables(text, jsonb) from public, anon, authenticated;

create type private.campaign_words as (
  body text,
  subject text,
  template private.prepared_template,
  -- What each recipient has to bring, where no template says it.
  required_names text[],
  flaw_field text,
  flaw text
);
comment on type private.campaign_words is 'What a campaign says, by a template or its own body, or what is wrong with that.';

create function private.read_campaign_words(campaign public.campaigns)
returns private.campaign_words language plpgsql stable set search_path = ''
as $$
declare
  v_campaign public.campaigns := read_campaign_words.campaign;
  v_words private.campaign_words;
begin
  v_words.body := v_campaign.body;
  v_words.subject := v_campaign.subject;
  if v_campaign.template_id is not null then
    v_words.template := private.find_template(
      v_campaign.workspace_id, v_campaign.channel, jsonb_build_object('template_id', v_campaign.template_id)
    );
    if (v_words.template).flaw is not null then
      v_words.flaw_field := 'template.template_id';
      v_words.flaw := (v_words.template).flaw;
      return v_words;
    end if;
  elsif v_words.body is null then
    v_words.flaw_field := 'body';
    v_words.flaw := 'it has neither a body nor a template';
  end if;
  if v_campaign.channel = 'email' and coalesce(v_words.subject, (v_words.template).subject, '') !~ '\S' then
    v_words.flaw_field := 'subject';
    v_words.flaw := 'an e-mail needs a subject';
  end if;
  v_words.required_names := array(
    select u.name
    from unnest(private.placeholders_of(concat_ws(' ', v_words.body, v_words.subject))) as u (name)
    where coalesce(v_campaign.variables ->> u.name, '') !~ '\S'
  );
  return v_words;
end;
$$;
comment on function private.read_campaign_words(public.campaigns) is
  'What a campaign says now, which variables it lacks itself, or what is wrong with its words.';
revoke execute on function private.read_campaign_words(public.campaigns) from public, anon, authenticated;

create function private.template_variables(words private.campaign_words, variables jsonb)
returns jsonb language sql immutable set search_path = ''
as $$
  select coalesce(
    (
      select jsonb_object_agg(n.name, template_variables.variables -> n.name)
      from unnest(((template_variables.words).template).names) as n (name)
      where jsonb_typeof(template_variables.variables -> n.name) in ('string', 'number')
    ),
    '{}'
  );
$$;
comment on function private.template_variables(private.campaign_words, jsonb) is
  'Of all that is known of a recipient what the template names: it refuses what it does not know.';
revoke execute on function private.template_variables(private.campaign_words, jsonb) from public, anon, authenticated;

create type private.variables_flaw as (code text, field text, message text);
comment on type private.variables_flaw is 'Why words cannot be made with the variables of a recipient; nulls when they can.';

create function private.find_variables_flaw(words private.campaign_words, variables jsonb)
returns private.variables_flaw language plpgsql stable set search_path = ''
as $$
declare
  v_words private.campaign_words := find_variables_flaw.words;
  v_choice private.template_choice;
  v_name text;
  v_flaw private.variables_flaw;
begin
  if (v_words.template).template_id is not null then
    v_choice := private.fill_template(
      v_words.template, private.template_variables(v_words, find_variables_flaw.variables)
    );
    if v_choice.flaw is not null then
      v_flaw.field := substr(v_choice.flaw_field, char_length('template.variables.') + 1);
      v_flaw.code := case
        when coalesce(find_variables_flaw.variables ->> v_flaw.field, '') ~ '\S' then 'variable_invalid'
        else 'variable_missing'
      end;
      v_flaw.message := v_choice.flaw;
      return v_flaw;
    end if;
  end if;
  if v_words.required_names <> '{}' then
    select n.name into v_name from unnest(v_words.required_names) as n (name)
    where coalesce(find_variables_flaw.variables ->> n.name, '') !~ '\S'
    limit 1;
    if found then
      v_flaw.code := 'variable_missing';
      v_flaw.field := v_name;
      v_flaw.message := 'there is no value for {{' || v_name || '}}';
    end if;
  end if;
  return v_flaw;
end;
$$;
comment on function private.find_variables_flaw(private.campaign_words, jsonb) is
  'What is wrong with the variables of a recipient: one is missing, or is none of what its template wants.';
revoke execute on function private.find_variables_flaw(private.campaign_words, jsonb) from public, anon, authenticated;

create function private.needs_variables(words private.campaign_words)
returns boolean language sql immutable set search_path = ''
as $$
  select coalesce(cardinality(((needs_variables.words).template).names), 0) > 0
    or (needs_variables.words).required_names <> '{}';
$$;
comment on function private.needs_variables(private.campaign_words) is 'Whether the words depend on who reads them.';
revoke execute on function private.needs_variables(private.campaign_words) from public, anon, authenticated;
