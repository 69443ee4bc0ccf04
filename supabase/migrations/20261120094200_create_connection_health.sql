-- How a connection does, as the circuit breaker sees it. Only functions write.
create table public.connection_health (
  connection_id uuid primary key references public.connections (id) on delete cascade,
  workspace_id uuid references public.workspaces (id) on delete cascade,
  state text not null default 'closed',
  success_count integer not null default 0,
  failure_count integer not null default 0,
  window_started_at timestamptz not null default now(),
  opened_at timestamptz,
  probe_at timestamptz,
  last_success_at timestamptz,
  last_failure_at timestamptz,
  last_error_code text,
  updated_at timestamptz not null default now(),
  constraint connection_health_state_is_known check (state in ('closed', 'open', 'half_open')),
  constraint connection_health_counts_are_not_negative check (success_count >= 0 and failure_count >= 0),
  constraint connection_health_open_will_be_probed
    check ((state = 'closed') = (opened_at is null) and (state = 'closed') = (probe_at is null)),
  constraint connection_health_failure_says_why check (last_failure_at is null or last_error_code is not null)
) with (fillfactor = 50);
comment on table public.connection_health is 'How a connection does: whether messages may go through it.';
comment on column public.connection_health.workspace_id is 'That of the connection.';
comment on column public.connection_health.state is
  'closed: messages go through; open: none do until probe_at; half_open: one is on its way to see.';
comment on column public.connection_health.success_count is 'Since window_started_at.';
comment on column public.connection_health.failure_count is 'Since window_started_at: what the provider is to blame for.';
create index connection_health_workspace_id_idx on public.connection_health (workspace_id, connection_id);

alter table public.connection_health enable row level security;
revoke all on public.connection_health from anon, authenticated, service_role;
grant select on public.connection_health to authenticated, service_role;
create policy connection_health_select_member on public.connection_health
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and connection_id = any (array(select private.my_connection_ids()))
  );

create function private.follow_connection_workspace()
returns trigger language plpgsql set search_path = ''
as $$
begin
  select c.workspace_id into new.workspace_id from public.connections as c where c.id = new.connection_id;
  return new;
end;
$$;
comment on function private.follow_connection_workspace() is 'Trigger: what is said of a connection belongs to its workspace.';
revoke execute on function private.follow_connection_workspace() from public, anon, authenticated;
create trigger connection_health_follow_connection before insert or update of connection_id on public.connection_health
  for each row execute function private.follow_connection_workspace();
create trigger connection_health_keep_workspace before update of workspace_id on public.connection_health
  for each row execute function private.refuse_workspace_change();
