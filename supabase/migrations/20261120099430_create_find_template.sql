-- Which template a message means, by its id, by its name and a language, or by the provider's id.

create function private.find_template(workspace_id uuid, channel text, template jsonb)
returns private.prepared_template language plpgsql stable set search_path = ''
as $$
declare
  v_given jsonb := find_template.template;
  v_channel text := find_template.channel;
  v_language text := v_given ->> 'language';
  v_prepared private.prepared_template;
  v_stored public.message_templates;
begin
  v_prepared.flaw_field := case
    when v_given ->> 'template_id' is not null then 'template.template_id'
    when v_given ->> 'name' is not null then 'template.name'
    else 'template'
  end;
  if num_nonnulls(v_given ->> 'template_id', v_given ->> 'name', v_given ->> 'external_id') <> 1 then
    v_prepared.flaw_field := 'template';
    v_prepared.flaw := 'the template is not named by one of template_id, name and the provider''s external_id';
    return v_prepared;
  end if;

  if v_given ->> 'external_id' is not null then
    v_prepared.external_id := v_given ->> 'external_id';
    v_prepared.language := v_language;
    if v_channel <> 'whatsapp' then
      v_prepared.flaw_field := 'template.external_id';
      v_prepared.flaw := 'only a WhatsApp template has a provider''s id';
    elsif char_length(v_prepared.external_id) not between 1 and 255 then
      v_prepared.flaw_field := 'template.external_id';
      v_prepared.flaw := 'the provider''s id has not 1 to 255 characters';
    elsif (v_language ~ '^[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*$') is not true then
      v_prepared.flaw_field := 'template.language';
      v_prepared.flaw := 'the language is not a tag such as en or pt-BR';
    else
      v_prepared.flaw_field := null;
    end if;
    return v_prepared;
  end if;

  if v_given ->> 'template_id' is not null then
    select * into v_stored from public.message_templates as t
    where t.workspace_id = find_template.workspace_id and t.id = private.as_uuid(v_given ->> 'template_id');
  else
    -- pt-BR, else pt, else en, else the only one there is; a template that cannot be sent is none.
    v_language := lower(replace(v_language, '_', '-')) || '-';
    select (c.stored).* into v_stored
    from (
      select
        t as stored, t.language, count(*) over () as language_count,
        starts_with(v_language, lower(t.language) || '-') as is_asked_for
      from public.message_templates as t
      where t.workspace_id = find_template.workspace_id and t.channel = v_channel and t.name = v_given ->> 'name'
        and t.is_active and (v_channel <> 'whatsapp' or t.external_id is not null)
    ) as c
    where c.is_asked_for or c.language = 'en' or c.language_count = 1
    order by c.is_asked_for desc, char_length(c.language) desc, c.language
    limit 1;
    if not found and exists (
      select from public.message_templates as t
      where t.workspace_id = find_template.workspace_id and t.channel = v_channel and t.name = v_given ->> 'name'
        and t.is_active and (v_channel <> 'whatsapp' or t.external_id is not null)
    ) then
      v_prepared.flaw_field := 'template.language';
      v_prepared.flaw := case
        when v_language is null then 'the template is written in several languages, and none was named'
        else 'the template is not written in this language, nor in en'
      end;
      return v_prepared;
    end if;
  end if;

  v_prepared.flaw := case
    when v_stored.id is null then 'there is no active template of the channel by this name or id'
    when v_stored.channel <> v_channel then 'the template is for another channel: ' || v_stored.channel
    when not v_stored.is_active then 'the template is not active'
    when v_channel = 'whatsapp' and v_stored.external_id is null
      then 'the template has no provider''s id: WhatsApp sends approved ones only'
  end;
  if v_prepared.flaw is not null then
    return v_prepared;
  end if;
  return private.prepare_template(v_stored);
end;
$$;
comment on function private.find_template(uuid, text, jsonb) is
  'The template that a message of this channel names: {"template_id"}, {"name", "language"}, or for WhatsApp {"external_id", "language"}.';
revoke execute on function private.find_template(uuid, text, jsonb) from public, anon, authenticated;

create function private.without_variables(template jsonb)
returns jsonb language plpgsql immutable set search_path = ''
as $$
begin
  return case jsonb_typeof(without_variables.template)
    when 'object' then without_variables.template - 'variables'
    else without_variables.template
  end;
end;
$$;
comment on function private.without_variables(jsonb) is
  'How a message names its template: the same for all that differ by what is filled in.';
revoke execute on function private.without_variables(jsonb) from public, anon, authenticated;

create function private.render_template(workspace_id uuid, channel text, template jsonb)
returns private.template_choice language plpgsql stable set search_path = ''
as $$
begin
  return private.fill_template(
    private.find_template(render_template.workspace_id, render_template.channel, render_template.template),
    render_template.template -> 'variables'
  );
end;
$$;
comment on function private.render_template(uuid, text, jsonb) is
  'What one message says by the template it names. Many by the same are find_template once and fill_template for each.';
revoke execute on function private.render_template(uuid, text, jsonb) from public, anon, authenticated;

create or replace function private.choose_template(workspace_id uuid, template jsonb)
returns private.template_choice language plpgsql stable set search_path = ''
as $$
begin
  return private.render_template(choose_template.workspace_id, 'whatsapp', choose_template.template);
end;
$$;

create function private.find_template_flaw(template_id uuid, variable_names text[])
returns table (error_code text, error_field text, error_message text)
language plpgsql stable set search_path = ''
as $$
declare
  v_template public.message_templates;
  v_prepared private.prepared_template;
  v_given text[] := array_remove(coalesce(find_template_flaw.variable_names, '{}'), null);
begin
  select * into v_template from public.message_templates as t where t.id = find_template_flaw.template_id;
  v_prepared := private.find_template(
    v_template.workspace_id, v_template.channel, jsonb_build_object('template_id', find_template_flaw.template_id)
  );
  if v_prepared.flaw is not null then
    return query select 'template_invalid', v_prepared.flaw_field, v_prepared.flaw;
    return;
  end if;
  return query
  select 'template_invalid', 'template.variables.' || f.name, f.flaw
  from (
    select 1 as rank, v.position, v.name, 'the template needs the variable ' || v.name as flaw
    from unnest(v_prepared.names, v_prepared.keys, v_prepared.are_required)
      with ordinality as v (name, key, is_required, position)
    where v.is_required and v.name <> all (v_given) and v.key <> all (v_given)
    union all
    select 2, g.position, left(g.name, 100), 'the template has no such variable'
    from unnest(v_given) with ordinality as g (name, position)
    where g.name <> all (v_prepared.names || v_prepared.keys)
  ) as f
  order by f.rank, f.position
  limit 1;
end;
$$;
comment on function private.find_template_flaw(uuid, text[]) is
  'Why a template cannot be filled in with variables of these names, whatever their values; no row when it can.';
revoke execute on function private.find_template_flaw(uuid, text[]) from public, anon, authenticated;
