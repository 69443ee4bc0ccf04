-- What a person lets an agent do through a connection. Only functions write.
create table public.agent_integration_permissions (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null,
  agent_id uuid not null,
  connection_id uuid not null,
  allowed_scopes text[] not null,
  is_active boolean not null default true,
  expires_at timestamptz,
  granted_by uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint agent_integration_permissions_agent_of_workspace
    foreign key (workspace_id, agent_id) references public.agents (workspace_id, id) on delete cascade,
  constraint agent_integration_permissions_connection_of_workspace
    foreign key (workspace_id, connection_id) references public.connections (workspace_id, id) on delete cascade,
  constraint agent_integration_permissions_scopes_are_named
    check (cardinality(allowed_scopes) > 0 and array_position(allowed_scopes, null) is null),
  constraint agent_integration_permissions_granted_once unique (agent_id, connection_id)
);
comment on table public.agent_integration_permissions is 'What a person lets an agent do through a connection.';
comment on column public.agent_integration_permissions.allowed_scopes is
  'Scopes of the provider, such as sms. Never empty: what is not named is not allowed.';
comment on column public.agent_integration_permissions.is_active is 'False once it was taken back.';
comment on column public.agent_integration_permissions.expires_at is 'Null: until it is taken back.';
create index agent_integration_permissions_agent_idx on public.agent_integration_permissions (workspace_id, agent_id);
create index agent_integration_permissions_connection_idx
  on public.agent_integration_permissions (workspace_id, connection_id);
create index agent_integration_permissions_granted_by_idx on public.agent_integration_permissions (granted_by);

alter table public.agent_integration_permissions enable row level security;
revoke all on public.agent_integration_permissions from anon, authenticated, service_role;
grant select on public.agent_integration_permissions to authenticated, service_role;
create policy agent_integration_permissions_select_member on public.agent_integration_permissions
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and connection_id = any (array(select private.my_connection_ids()))
  );
create trigger agent_integration_permissions_set_updated_at before update on public.agent_integration_permissions
  for each row execute function public.update_updated_at_column();
create trigger agent_integration_permissions_keep_workspace
  before update of workspace_id on public.agent_integration_permissions
  for each row execute function private.refuse_workspace_change();
