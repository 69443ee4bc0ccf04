-- A sender: one e-mail address of one connection.
create table public.email_senders (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid references public.workspaces (id) on delete cascade,
  connection_id uuid not null references public.connections (id) on delete cascade,
  owner_user_id uuid,
  provider text not null references public.service_providers (name),
  email_address text not null,
  display_name text,
  external_id text,
  agent_id uuid,
  is_default boolean not null default false,
  status text not null default 'pending',
  metadata jsonb not null default '{}',
  last_verified_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint email_senders_email_is_an_address
    check (email_address ~ '^[^\s@]+@[^\s@]+$' and email_address = lower(email_address) and char_length(email_address) <= 254),
  constraint email_senders_display_name_has_length check (char_length(display_name) between 1 and 100),
  constraint email_senders_metadata_is_an_object check (jsonb_typeof(metadata) = 'object'),
  constraint email_senders_status_is_known check (status in ('active', 'pending', 'inactive', 'error')),
  constraint email_senders_active_is_verified check (status <> 'active' or last_verified_at is not null),
  constraint email_senders_default_is_active check (not is_default or status = 'active'),
  constraint email_senders_default_is_shared check (not is_default or (workspace_id is not null and owner_user_id is null)),
  constraint email_senders_agent_of_workspace
    foreign key (workspace_id, agent_id) references public.agents (workspace_id, id) on delete set null (agent_id),
  constraint email_senders_agent_has_workspace check (agent_id is null or workspace_id is not null),
  constraint email_senders_id_in_connection unique (connection_id, id),
  constraint email_senders_listed_once unique (connection_id, email_address)
);
comment on table public.email_senders is 'A sender: one e-mail address of one connection.';
comment on column public.email_senders.workspace_id is 'The workspace of the connection; null for the operator''s addresses.';
comment on column public.email_senders.owner_user_id is 'The owner of the connection, who alone sees the addresses of a personal one.';
comment on column public.email_senders.email_address is 'Lower case.';
comment on column public.email_senders.display_name is 'The name that recipients see.';
comment on column public.email_senders.external_id is 'The provider''s id of the sender or its domain, where it has one.';
comment on column public.email_senders.status is
  'active: confirmed by the provider''s API; pending: being verified; inactive: not used; error: the provider refused it.';
create index email_senders_agent_id_idx on public.email_senders (workspace_id, agent_id);
create index email_senders_provider_idx on public.email_senders (provider);
create unique index email_senders_default_once_idx on public.email_senders (workspace_id) where is_default;

alter table public.email_senders enable row level security;
revoke all on public.email_senders from anon, authenticated, service_role;
grant select, update (display_name, agent_id) on public.email_senders to authenticated;
grant select on public.email_senders to service_role;
create policy email_senders_select_member on public.email_senders
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (owner_user_id is null or owner_user_id = (select auth.uid()))
  );
create policy email_senders_update_admin_or_owner on public.email_senders
  for update to authenticated
  using (
    (owner_user_id is null and workspace_id = any (array(select private.my_admin_workspace_ids())))
    or (owner_user_id = (select auth.uid()) and workspace_id = any (array(select private.my_workspace_ids())))
  )
  with check (
    (owner_user_id is null and workspace_id = any (array(select private.my_admin_workspace_ids())))
    or (owner_user_id = (select auth.uid()) and workspace_id = any (array(select private.my_workspace_ids())))
  );
create trigger email_senders_set_updated_at before update on public.email_senders
  for each row execute function public.update_updated_at_column();
create trigger email_senders_keep_workspace before update on public.email_senders
  for each row execute function private.refuse_workspace_change();
create trigger email_senders_follow_connection before insert or update of connection_id, provider, owner_user_id
  on public.email_senders
  for each row execute function private.follow_connection();
