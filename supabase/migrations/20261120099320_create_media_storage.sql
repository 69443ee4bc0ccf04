-- The private bucket of the media that members upload, where there is Storage. Each workspace has a
-- folder, named by its id.

create function private.folder_of(path text)
returns uuid language sql immutable set search_path = ''
as $$
  select case
    when folder_of.path ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/' then left(folder_of.path, 36)::uuid
  end;
$$;
comment on function private.folder_of(text) is 'The workspace in whose folder a stored file is; null when it is in none.';
revoke execute on function private.folder_of(text) from public, anon;
grant execute on function private.folder_of(text) to authenticated, service_role;

create function private.create_media_storage()
returns boolean language plpgsql set search_path = ''
as $$
begin
  if to_regclass('storage.buckets') is null or to_regclass('storage.objects') is null then
    return false;
  end if;
  -- No SVG and no HTML: a signed URL opened in a browser would run what is in them.
  insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
  values (
    'message-media', 'message-media', false, 5 * 1024 * 1024,
    '{
      image/jpeg,image/png,image/gif,image/webp,audio/mpeg,audio/mp4,audio/ogg,audio/aac,audio/amr,audio/wav,
      video/mp4,video/3gpp,video/quicktime,application/pdf,text/plain,text/vcard,text/csv,text/calendar
    }'
  )
  on conflict (id) do update
  set
    public = excluded.public, file_size_limit = excluded.file_size_limit,
    allowed_mime_types = excluded.allowed_mime_types;

  drop policy if exists message_media_files_select_member on storage.objects;
  create policy message_media_files_select_member on storage.objects
    for select to authenticated
    using (
      bucket_id = 'message-media'
      and private.folder_of(name) = any (array(select w.id from private.my_workspace_ids() as w (id)))
      and (
        private.folder_of(name) <> all (array(select r.id from private.my_restricted_workspace_ids() as r (id)))
        or owner_id = (select auth.uid())::text
        -- Under the caller's own rights: what is in a conversation that they see.
        or exists (
          select from public.message_media as d
          where d.workspace_id = private.folder_of(objects.name) and d.storage_path = objects.name
        )
      )
    );
  drop policy if exists message_media_files_insert_member on storage.objects;
  create policy message_media_files_insert_member on storage.objects
    for insert to authenticated
    with check (
      bucket_id = 'message-media'
      and private.folder_of(name) = any (array(select w.id from private.my_workspace_ids() as w (id)))
    );
  drop policy if exists message_media_files_delete_member on storage.objects;
  create policy message_media_files_delete_member on storage.objects
    for delete to authenticated
    using (
      bucket_id = 'message-media'
      and private.folder_of(name) = any (array(select w.id from private.my_workspace_ids() as w (id)))
      and (
        private.folder_of(name) <> all (array(select r.id from private.my_restricted_workspace_ids() as r (id)))
        or owner_id = (select auth.uid())::text
      )
    );
  return true;
exception
  when insufficient_privilege then
    raise warning 'Cannot create the bucket message-media: %', sqlerrm;
    return false;
end;
$$;
comment on function private.create_media_storage() is
  'Creates the bucket message-media and who may do what in it; false where there is no Storage. Safe to repeat.';
revoke execute on function private.create_media_storage() from public, anon, authenticated;

select private.create_media_storage();
