-- A medium is fetched from a URL, or is a file in our own private storage.

create function private.is_media_path(path text, workspace_id uuid)
returns boolean language sql immutable set search_path = ''
as $$
  select starts_with(is_media_path.path, is_media_path.workspace_id || '/')
    and is_media_path.path ~ '^[^/]+(/[A-Za-z0-9][A-Za-z0-9 ._()-]*)+$'
    and char_length(is_media_path.path) <= 512;
$$;
comment on function private.is_media_path(text, uuid) is
  'Whether this names a file in the folder of the workspace, in characters that mean the same in every URL.';
revoke execute on function private.is_media_path(text, uuid) from public, anon, authenticated;

alter table public.message_media
  alter column url drop not null,
  add column storage_path text,
  add constraint message_media_is_in_one_place check (num_nonnulls(url, storage_path) = 1),
  add constraint message_media_path_is_of_workspace check (private.is_media_path(storage_path, workspace_id));
comment on column public.message_media.url is
  'Where it can be fetched: the sender''s URL, or the provider''s for an inbound message. Null when it is stored here.';
comment on column public.message_media.storage_path is
  'Its name in the bucket message-media, <workspace_id>/<name>; null when it is elsewhere.';
create index message_media_storage_path_idx on public.message_media (workspace_id, storage_path)
  where storage_path is not null;
