-- The media that an outbound message asks for, each looked at before it is stored.

create function private.find_stored_media_flaw(workspace_id uuid, path text)
returns text language plpgsql stable set search_path = ''
as $$
begin
  if private.is_media_path(find_stored_media_flaw.path, find_stored_media_flaw.workspace_id) is not true then
    return 'it is no path such as ' || find_stored_media_flaw.workspace_id || '/picture.png';
  end if;
  -- A statement of its own: where there is no Storage, the next one cannot even be parsed.
  if to_regclass('storage.objects') is null then
    return 'this project has no Storage';
  end if;
  if not exists (
    select from storage.objects as o
    where o.bucket_id = 'message-media' and o.name = find_stored_media_flaw.path
      -- Whoever sees only what is assigned could read another's file by sending it to themselves.
      and (
        find_stored_media_flaw.workspace_id <> all (array(select private.my_restricted_workspace_ids()))
        or o.owner_id = (select auth.uid())::text
        or exists (
          select from public.message_media as d
          where d.workspace_id = find_stored_media_flaw.workspace_id and d.storage_path = o.name
            and d.conversation_id = any (array(select private.my_assigned_conversation_ids()))
        )
      )
  ) then
    return 'there is no such file in the bucket message-media';
  end if;
  return null;
end;
$$;
comment on function private.find_stored_media_flaw(uuid, text) is
  'Why a message may not take this file of our storage along; null when it may.';
revoke execute on function private.find_stored_media_flaw(uuid, text) from public, anon, authenticated;

create function private.read_media(workspace_id uuid, message jsonb)
returns table (media text[], error_code text, error_field text, error_message text)
language plpgsql stable rows 1 set search_path = ''
as $$
#variable_conflict use_column
declare
  v_urls jsonb := coalesce(nullif(read_media.message -> 'media_urls', 'null'), '[]');
  v_files jsonb := coalesce(nullif(read_media.message -> 'media', 'null'), '[]');
  v_media text[] := private.text_list(v_urls);
  v_item record;
begin
  if jsonb_typeof(v_urls) <> 'array' then
    return query select v_media, 'invalid_request', 'media_urls', 'the media URLs are not a list';
    return;
  elsif jsonb_typeof(v_files) <> 'array' then
    return query select v_media, 'invalid_request', 'media', 'the media are not a list';
    return;
  end if;

  v_media := v_media || array(
    select e.file ->> 'path' from jsonb_array_elements(v_files) with ordinality as e (file, position)
    order by e.position
  );
  if cardinality(v_media) > 10 then
    return query
    select
      v_media, 'too_many_media', case when jsonb_array_length(v_urls) > 10 then 'media_urls' else 'media' end,
      'it has more than 10 media';
    return;
  end if;

  for v_item in
    select 'media_urls.' || (u.position - 1) as field, 'media_url_invalid' as code, 'the media URL ' || u.flaw as flaw
    from (
      select e.position, case
        when jsonb_typeof(e.url) = 'string' then private.find_url_flaw(e.url #>> '{}') else 'is not text'
      end as flaw
      from jsonb_array_elements(v_urls) with ordinality as e (url, position)
    ) as u
    where u.flaw is not null
    union all
    select 'media.' || (f.position - 1) || '.path', f.code, f.flaw
    from (
      select
        e.position, 'media_not_found' as code,
        case
          when jsonb_typeof(e.file -> 'path') = 'string'
            then private.find_stored_media_flaw(read_media.workspace_id, e.file ->> 'path')
          else 'it is no object with the path of a stored file'
        end as flaw
      from jsonb_array_elements(v_files) with ordinality as e (file, position)
    ) as f
    where f.flaw is not null
    limit 1
  loop
    return query select v_media, v_item.code, v_item.field, v_item.flaw;
    return;
  end loop;
  return query select v_media, null::text, null::text, null::text;
end;
$$;
comment on function private.read_media(uuid, jsonb) is
  'The media of a message in their order, URLs before the paths of stored files, or why it may not take them along.';
revoke execute on function private.read_media(uuid, jsonb) from public, anon, authenticated;
