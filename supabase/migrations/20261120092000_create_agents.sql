-- The AI agents of a workspace, and the keys they come with. Admins manage them.
create table public.agents (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  name text not null,
  description text,
  is_active boolean not null default true,
  created_by uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint agents_name_has_length check (char_length(name) between 1 and 100),
  constraint agents_description_has_length check (char_length(description) between 1 and 2000),
  constraint agents_id_in_workspace unique (workspace_id, id)
);
comment on table public.agents is 'An AI agent of a workspace. It may do nothing until a person grants it something.';
comment on column public.agents.description is 'What it is for, as people see it.';
comment on column public.agents.is_active is 'The kill switch: false, and it may do nothing from the next call on.';
create index agents_created_by_idx on public.agents (created_by);

alter table public.agents enable row level security;
revoke all on public.agents from anon, authenticated, service_role;
grant select, insert (workspace_id, name, description), update (name, description, is_active)
  on public.agents to authenticated;
grant select on public.agents to service_role;
create policy agents_select_member on public.agents
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create policy agents_insert_admin on public.agents
  for insert to authenticated
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create policy agents_update_admin on public.agents
  for update to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())))
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger agents_set_updated_at before update on public.agents
  for each row execute function public.update_updated_at_column();
create trigger agents_keep_workspace before update of workspace_id on public.agents
  for each row execute function private.refuse_workspace_change();

create table public.agent_api_keys (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null,
  agent_id uuid not null,
  name text not null,
  key_prefix text not null,
  allowed_scopes text[] not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  last_used_at timestamptz,
  replaced_by uuid,
  created_by uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  constraint agent_api_keys_agent_of_workspace
    foreign key (workspace_id, agent_id) references public.agents (workspace_id, id) on delete cascade,
  constraint agent_api_keys_name_has_length check (char_length(name) between 1 and 100),
  constraint agent_api_keys_prefix_is_short check (key_prefix ~ '^sbk_[0-9a-f]{8}$'),
  constraint agent_api_keys_scopes_are_named
    check (cardinality(allowed_scopes) > 0 and array_position(allowed_scopes, null) is null),
  constraint agent_api_keys_expire_later check (expires_at > created_at),
  constraint agent_api_keys_id_in_workspace unique (workspace_id, id),
  constraint agent_api_keys_replaced_by_of_workspace
    foreign key (workspace_id, replaced_by) references public.agent_api_keys (workspace_id, id)
    on delete set null (replaced_by),
  constraint agent_api_keys_replaced_by_another check (replaced_by <> id)
);
comment on table public.agent_api_keys is 'A key that an agent presents. The key itself is shown once and kept nowhere.';
comment on column public.agent_api_keys.key_prefix is 'How the key begins, to tell one from another.';
comment on column public.agent_api_keys.allowed_scopes is 'The most that the key is good for, whatever the agent was granted.';
comment on column public.agent_api_keys.last_used_at is 'To the minute.';
comment on column public.agent_api_keys.replaced_by is 'The key that took over; this one works until expires_at.';
create index agent_api_keys_agent_id_idx on public.agent_api_keys (workspace_id, agent_id);
create index agent_api_keys_replaced_by_idx on public.agent_api_keys (workspace_id, replaced_by);
create index agent_api_keys_created_by_idx on public.agent_api_keys (created_by);

alter table public.agent_api_keys enable row level security;
revoke all on public.agent_api_keys from anon, authenticated, service_role;
grant select on public.agent_api_keys to authenticated, service_role;
create policy agent_api_keys_select_admin on public.agent_api_keys
  for select to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger agent_api_keys_keep_workspace before update of workspace_id on public.agent_api_keys
  for each row execute function private.refuse_workspace_change();

create table private.agent_api_key_hashes (
  key_id uuid primary key references public.agent_api_keys (id) on delete cascade,
  key_hash bytea not null unique,
  constraint agent_api_key_hashes_hash_is_sha256 check (octet_length(key_hash) = 32)
);
comment on table private.agent_api_key_hashes is 'SHA-256 of each key.';
alter table private.agent_api_key_hashes enable row level security;
revoke all on private.agent_api_key_hashes from public, anon, authenticated, service_role;
