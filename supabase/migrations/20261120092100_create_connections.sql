-- One provider account that somebody connected. The secrets are in Vault; `private` holds the references.
create table public.connections (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid references public.workspaces (id) on delete cascade,
  owner_user_id uuid,
  provider text not null references public.service_providers (name),
  external_account_id text not null,
  display_name text not null,
  status text not null default 'active',
  settings jsonb not null default '{}',
  priority smallint not null default 100,
  weight smallint not null default 1,
  last_verified_at timestamptz,
  last_error text,
  created_by uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint connections_status_is_known check (status in ('active', 'inactive', 'error')),
  constraint connections_error_says_why check (status <> 'error' or last_error is not null),
  constraint connections_user_owned_has_workspace check (owner_user_id is null or workspace_id is not null),
  constraint connections_weight_is_positive check (weight > 0),
  constraint connections_account_is_named check (char_length(external_account_id) between 1 and 255),
  constraint connections_settings_are_an_object check (jsonb_typeof(settings) = 'object'),
  constraint connections_display_name_has_length check (char_length(display_name) between 1 and 100),
  constraint connections_id_in_workspace unique (workspace_id, id),
  constraint connections_account_is_connected_once
    unique nulls not distinct (workspace_id, owner_user_id, provider, external_account_id)
);
comment on table public.connections is 'One provider account that somebody connected. Holds no secret and no reference to one.';
comment on column public.connections.workspace_id is 'Null for the operator''s own (platform) connections.';
comment on column public.connections.owner_user_id is 'Null when it is the workspace''s; else the person it is private to, who is a member as long as it is not inactive. No foreign key: it stays the person''s, whatever becomes of the account.';
comment on column public.connections.external_account_id is 'The provider''s name for the account, such as a Twilio Account SID.';
comment on column public.connections.status is 'active; inactive: disconnected, its secrets are gone; error: the provider refuses it.';
comment on column public.connections.priority is 'Lower is tried first.';
comment on column public.connections.weight is 'Share among connections of the same priority.';
comment on column public.connections.last_error is 'Why the provider refused it when last asked.';
create index connections_provider_idx on public.connections (provider);
create index connections_owner_user_id_idx on public.connections (owner_user_id);
create index connections_created_by_idx on public.connections (created_by);

alter table public.connections enable row level security;
revoke all on public.connections from anon, authenticated, service_role;
grant select, update (display_name, priority, weight) on public.connections to authenticated;
grant select on public.connections to service_role;
create policy connections_select_member on public.connections
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (owner_user_id is null or owner_user_id = (select auth.uid()))
  );
create policy connections_update_admin_or_owner on public.connections
  for update to authenticated
  using (
    (owner_user_id is null and workspace_id = any (array(select private.my_admin_workspace_ids())))
    or (owner_user_id = (select auth.uid()) and workspace_id = any (array(select private.my_workspace_ids())))
  )
  with check (
    (owner_user_id is null and workspace_id = any (array(select private.my_admin_workspace_ids())))
    or (owner_user_id = (select auth.uid()) and workspace_id = any (array(select private.my_workspace_ids())))
  );
create trigger connections_set_updated_at before update on public.connections
  for each row execute function public.update_updated_at_column();

-- Definer: policies of other tables ask for it, and would apply the policies of connections for each.
create function private.my_connection_ids()
returns setof uuid language plpgsql stable parallel safe rows 10 security definer set search_path = ''
as $$
begin
  return query
  select c.id from public.connections as c
  where c.workspace_id = any (array(select private.my_workspace_ids()))
    and (c.owner_user_id is null or c.owner_user_id = auth.uid());
end;
$$;
comment on function private.my_connection_ids() is 'The connections that the caller may know of.';
revoke execute on function private.my_connection_ids() from public, anon;
grant execute on function private.my_connection_ids() to authenticated, service_role;

-- Definer: as above.
create function private.my_shared_connection_ids()
returns setof uuid language plpgsql stable parallel safe rows 10 security definer set search_path = ''
as $$
begin
  return query
  select c.id from public.connections as c
  where c.workspace_id = any (array(select private.my_workspace_ids())) and c.owner_user_id is null;
end;
$$;
comment on function private.my_shared_connection_ids() is 'The connections that the caller''s workspaces own themselves.';
revoke execute on function private.my_shared_connection_ids() from public, anon;
grant execute on function private.my_shared_connection_ids() to authenticated, service_role;

-- What hangs on a connection takes its workspace, provider and owner from it, whatever the insert says.
create function private.follow_connection()
returns trigger language plpgsql set search_path = ''
as $$
begin
  select c.workspace_id, c.provider, c.owner_user_id
  into new.workspace_id, new.provider, new.owner_user_id
  from public.connections as c where c.id = new.connection_id;
  return new;
end;
$$;
comment on function private.follow_connection() is
  'Trigger: a sender belongs where its connection belongs. A connection never changes its workspace, provider or owner.';
revoke execute on function private.follow_connection() from public, anon, authenticated;

create function private.keep_connection_identity()
returns trigger language plpgsql set search_path = ''
as $$
begin
  if (new.workspace_id, new.provider, new.owner_user_id) is distinct from (old.workspace_id, old.provider, old.owner_user_id) then
    perform private.fail(
      422, 'workspace_is_fixed', 'Cannot give a connection another workspace, provider or owner', 'workspace_id'
    );
  end if;
  return new;
end;
$$;
comment on function private.keep_connection_identity() is
  'Trigger: a connection keeps its workspace, provider and owner, whoever writes it.';
revoke execute on function private.keep_connection_identity() from public, anon, authenticated;
create trigger connections_keep_identity before update on public.connections
  for each row execute function private.keep_connection_identity();

-- No cascade: a connection whose secrets are still in Vault must be disconnected first.
create table private.connection_credentials (
  connection_id uuid primary key references public.connections (id) on delete restrict,
  current_secret_id uuid not null,
  current_set_at timestamptz not null default now(),
  webhook_secret_id uuid not null,
  webhook_token_hash bytea not null unique,
  constraint connection_credentials_token_hash_is_sha256 check (octet_length(webhook_token_hash) = 32)
);
comment on table private.connection_credentials is 'Where in Vault the secrets of a connection are.';
comment on column private.connection_credentials.current_secret_id is 'Vault secret: the credential fields as a JSON object.';
comment on column private.connection_credentials.webhook_secret_id is
  'Vault secret: JSON with the token of the webhook URL, the key that verifies signatures, and after a rotation the key before it and when that one ends.';
comment on column private.connection_credentials.webhook_token_hash is 'SHA-256 of the token in the webhook URL.';
alter table private.connection_credentials enable row level security;
revoke all on private.connection_credentials from public, anon, authenticated, service_role;

create table private.credential_access_log (
  id bigint generated always as identity primary key,
  connection_id uuid not null,
  actor text not null,
  reason text not null,
  batch_id uuid,
  read_at timestamptz not null default now()
);
comment on table private.credential_access_log is 'Every read of a credential: who, which connection, why, for which batch.';
comment on column private.credential_access_log.connection_id is 'No foreign key: the log outlives the connection.';
create index credential_access_log_connection_id_idx on private.credential_access_log (connection_id, read_at desc);
alter table private.credential_access_log enable row level security;
revoke all on private.credential_access_log from public, anon, authenticated, service_role;
