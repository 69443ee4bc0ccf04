-- What was done in a workspace, by whom. Admins read; only functions write.
create table public.audit_log (
  id bigint generated always as identity primary key,
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  actor_id uuid,
  agent_id uuid,
  action text not null,
  entity_type text not null,
  entity_id text not null,
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  constraint audit_log_details_are_an_object check (jsonb_typeof(details) = 'object'),
  constraint audit_log_action_is_named check (action ~ '^[a-z_]+\.[a-z_]+$')
);
comment on table public.audit_log is 'What was done in a workspace, by whom. Never holds a secret.';
comment on column public.audit_log.actor_id is 'The person who did it; null when the system did.';
comment on column public.audit_log.agent_id is 'The agent that did it. No foreign key to either: the log outlives them.';
comment on column public.audit_log.action is 'Object and verb, such as connection.connected.';
comment on column public.audit_log.entity_id is 'Id of the row that was acted on.';
create index audit_log_workspace_id_idx on public.audit_log (workspace_id, created_at desc);

alter table public.audit_log enable row level security;
revoke all on public.audit_log from anon, authenticated, service_role;
grant select on public.audit_log to authenticated, service_role;
create policy audit_log_select_admin on public.audit_log
  for select to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger audit_log_keep_workspace before update of workspace_id on public.audit_log
  for each row execute function private.refuse_workspace_change();
