-- An e-mail template may bring HTML, and a template is saved only with every placeholder declared.

alter table public.message_templates
  add column html text,
  add constraint message_templates_html_is_of_email check (html is null or channel = 'email'),
  add constraint message_templates_html_has_length check (char_length(html) between 1 and 1000000);
comment on column public.message_templates.body is
  'Text with {{variable}} where something is filled in. In WhatsApp {{1}} is the first variable, too.';
comment on column public.message_templates.html is
  'The same as HTML, for e-mail. What is filled in is escaped.';
comment on column public.message_templates.variables is
  'What is to be filled in: a list of {"name", "type": "text" | "number" | "date" | "url", "is_required"}, required unless false.';
grant insert (html), update (html) on public.message_templates to authenticated;

create function private.variable_names(variables jsonb)
returns text[] language plpgsql immutable set search_path = ''
as $$
begin
  return array(
    select e.variable ->> 'name'
    from jsonb_array_elements(
      case when jsonb_typeof(variable_names.variables) = 'array' then variable_names.variables else '[]' end
    ) with ordinality as e (variable, position)
    order by e.position
  );
end;
$$;
comment on function private.variable_names(jsonb) is 'What the variables of a template are called, in their order.';
revoke execute on function private.variable_names(jsonb) from public, anon;
grant execute on function private.variable_names(jsonb) to authenticated, service_role;

-- format() fills all places in one pass, so that a value is never read as a placeholder.
create function private.to_format(words text, names text[], is_numbered boolean)
returns text language plpgsql immutable set search_path = ''
as $$
declare
  v_format text := replace(to_format.words, '%', '%%');
  v_position integer;
begin
  for v_position in 1..cardinality(to_format.names) loop
    v_format := regexp_replace(
      v_format,
      '\{\{ *(' || to_format.names[v_position]
        || case when to_format.is_numbered then '|' || v_position else '' end || ') *\}\}',
      '%' || v_position || '$s',
      'g'
    );
  end loop;
  return v_format;
end;
$$;
comment on function private.to_format(text, text[], boolean) is
  'A text with placeholders as format() takes it; {{ is left where a placeholder is none of the names.';
revoke execute on function private.to_format(text, text[], boolean) from public, anon;
grant execute on function private.to_format(text, text[], boolean) to authenticated, service_role;

-- A trigger and no constraint: it tells which word of which field, and leaves alone what was written before.
create function private.check_template_variables()
returns trigger language plpgsql set search_path = ''
as $$
declare
  v_names text[] := array_remove(private.variable_names(new.variables), null);
  v_flaw text;
  v_field text;
begin
  if cardinality(v_names) > 100 then
    v_field := 'variables';
    v_flaw := 'it has more than 100 variables';
  elsif jsonb_path_exists(new.variables, '$[*] ? (@.is_required.type() != "boolean")') then
    v_field := 'variables';
    v_flaw := 'is_required of a variable is neither true nor false';
  else
    select 'variables', case
        when n.is_repeated then format('the variable %s is listed more than once', n.name)
        else format('the name of the variable %s… is longer than 63 characters', left(n.name, 20))
      end
    into v_field, v_flaw
    from (
      select u.name, count(*) > 1 as is_repeated, char_length(u.name) > 63 as is_long
      from unnest(v_names) as u (name)
      group by u.name
    ) as n
    where n.is_repeated or n.is_long
    order by n.name
    limit 1;
  end if;
  if v_flaw is null then
    select w.field, format('%s is none of its variables', coalesce(
        substring(w.format from '\{\{[^{}]{0,63}\}\}'), 'what follows {{'
      ))
    into v_field, v_flaw
    from (values
      (1, 'subject', private.to_format(new.subject, v_names, new.channel = 'whatsapp')),
      (2, 'body', private.to_format(new.body, v_names, new.channel = 'whatsapp')),
      (3, 'html', private.to_format(new.html, v_names, new.channel = 'whatsapp'))
    ) as w (rank, field, format)
    where strpos(w.format, '{{') > 0
    order by w.rank
    limit 1;
  end if;
  if v_flaw is not null then
    perform private.fail(
      422, 'template_invalid', 'Cannot save the template: ' || v_flaw, v_field,
      'List each {{name}} that the template uses once in variables, as {"name": "day", "type": "text"}'
    );
  end if;
  return new;
end;
$$;
comment on function private.check_template_variables() is
  'Trigger: whatever a template uses is among its variables, and each of them is listed once.';
revoke execute on function private.check_template_variables() from public, anon, authenticated;
create trigger message_templates_check_variables
  before insert or update of channel, subject, body, html, variables on public.message_templates
  for each row execute function private.check_template_variables();
