-- What a template says, before anybody gets it.

create function public.preview_template(template_id uuid, variables jsonb default '{}')
returns table (body text, subject text, html text, segment_count integer, missing_variables text[])
language plpgsql stable set search_path = ''
as $$
declare
  v_given jsonb := coalesce(preview_template.variables, '{}');
  v_stored public.message_templates;
  v_template private.prepared_template;
  v_choice private.template_choice;
  v_missing text[] := '{}';
  v_name text;
begin
  select * into v_stored from public.message_templates as t where t.id = preview_template.template_id;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot preview the template: there is none by this id', 'template_id');
  end if;
  if jsonb_typeof(v_given) <> 'object' then
    perform private.fail(400, 'invalid_request', 'Cannot preview the template: the variables are not an object', 'variables');
  end if;
  v_template := private.prepare_template(v_stored);
  for v_index in 1..cardinality(v_template.names) loop
    v_name := v_template.names[v_index];
    if btrim(coalesce(v_given ->> v_name, v_given ->> v_template.keys[v_index], '')) = '' then
      if v_template.are_required[v_index] then
        v_missing := v_missing || v_name;
      end if;
      v_given := v_given || jsonb_build_object(v_name, case v_template.types[v_index]
        when 'number' then '42'
        when 'date' then '2026-01-31'
        when 'url' then 'https://example.com/'
        else '[' || replace(v_name, '_', ' ') || ']'
      end);
    end if;
  end loop;
  v_choice := private.fill_template(v_template, v_given);
  if v_choice.flaw is not null then
    perform private.fail(
      422, 'template_invalid', 'Cannot preview the template: ' || v_choice.flaw,
      case v_choice.flaw_field when 'template' then 'template_id' else replace(v_choice.flaw_field, 'template.', '') end
    );
  end if;
  return query
  select
    v_choice.body, v_choice.subject, v_choice.html,
    case v_stored.channel when 'sms' then private.count_segments(v_choice.body)::integer end, v_missing;
end;
$$;
comment on function public.preview_template(uuid, jsonb) is
  'What a template says with these variables, active or not: a sample stands for each that is not given, and missing_variables names the required ones among them. Errors: 404; 422 template_invalid for a variable that it does not have or a value of the wrong type.';
revoke execute on function public.preview_template(uuid, jsonb) from public, anon;
grant execute on function public.preview_template(uuid, jsonb) to authenticated, service_role;
