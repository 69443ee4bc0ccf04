-- What agents did, and what waits for a person's word. Only functions write.
create table public.agent_tool_calls (
  id uuid primary key default private.time_ordered_uuid(),
  workspace_id uuid not null,
  agent_id uuid not null,
  run_id text not null,
  call_id text not null,
  capability_key text not null,
  arguments jsonb not null,
  arguments_hash bytea not null,
  status text not null default 'running',
  result jsonb,
  error_code text,
  conversation_id uuid,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint agent_tool_calls_agent_of_workspace
    foreign key (workspace_id, agent_id) references public.agents (workspace_id, id) on delete cascade,
  constraint agent_tool_calls_conversation_of_workspace
    foreign key (workspace_id, conversation_id) references public.conversations (workspace_id, id)
    on delete set null (conversation_id),
  constraint agent_tool_calls_ids_have_length
    check (char_length(run_id) between 1 and 255 and char_length(call_id) between 1 and 255),
  constraint agent_tool_calls_hash_is_sha256 check (octet_length(arguments_hash) = 32),
  constraint agent_tool_calls_status_is_known
    check (status in ('running', 'awaiting_approval', 'succeeded', 'failed', 'refused')),
  constraint agent_tool_calls_finished_when_final
    check ((finished_at is not null) = (status in ('succeeded', 'failed', 'refused'))),
  constraint agent_tool_calls_arguments_are_an_object check (jsonb_typeof(arguments) = 'object'),
  constraint agent_tool_calls_unfinished_has_no_outcome
    check (status in ('succeeded', 'failed', 'refused') or num_nonnulls(result, error_code) = 0),
  constraint agent_tool_calls_succeeded_has_result check (status <> 'succeeded' or result is not null),
  constraint agent_tool_calls_failure_says_why check (status not in ('failed', 'refused') or error_code is not null),
  constraint agent_tool_calls_id_in_workspace unique (workspace_id, id),
  constraint agent_tool_calls_made_once unique (agent_id, run_id, call_id, arguments_hash)
);
comment on table public.agent_tool_calls is 'One tool that an agent called: the same call again gets the same result.';
comment on column public.agent_tool_calls.run_id is 'The agent''s own name of its run.';
comment on column public.agent_tool_calls.call_id is 'The model''s id of the call within the run.';
comment on column public.agent_tool_calls.arguments_hash is 'SHA-256 of the arguments in canonical form.';
comment on column public.agent_tool_calls.conversation_id is 'The conversation it touched.';
create index agent_tool_calls_workspace_id_idx on public.agent_tool_calls (workspace_id, created_at desc);
create index agent_tool_calls_agent_id_idx on public.agent_tool_calls (workspace_id, agent_id);
create index agent_tool_calls_conversation_id_idx on public.agent_tool_calls (workspace_id, conversation_id)
  where conversation_id is not null;

alter table public.agent_tool_calls enable row level security;
revoke all on public.agent_tool_calls from anon, authenticated, service_role;
grant select on public.agent_tool_calls to authenticated, service_role;
create policy agent_tool_calls_select_admin on public.agent_tool_calls
  for select to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger agent_tool_calls_keep_workspace before update of workspace_id on public.agent_tool_calls
  for each row execute function private.refuse_workspace_change();

create table public.agent_approvals (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null,
  agent_id uuid not null,
  tool_call_id uuid not null,
  conversation_id uuid,
  reason text not null,
  summary text not null,
  status text not null default 'pending',
  decided_by uuid references public.profiles (id) on delete set null,
  decided_at timestamptz,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '1 day',
  constraint agent_approvals_agent_of_workspace
    foreign key (workspace_id, agent_id) references public.agents (workspace_id, id) on delete cascade,
  constraint agent_approvals_call_of_workspace
    foreign key (workspace_id, tool_call_id) references public.agent_tool_calls (workspace_id, id) on delete cascade,
  constraint agent_approvals_conversation_of_workspace
    foreign key (workspace_id, conversation_id) references public.conversations (workspace_id, id)
    on delete set null (conversation_id),
  constraint agent_approvals_reason_is_known
    check (reason in ('first_contact', 'destructive', 'near_duplicate', 'over_limit')),
  constraint agent_approvals_summary_has_length check (char_length(summary) between 1 and 2000),
  constraint agent_approvals_status_is_known check (status in ('pending', 'approved', 'refused', 'expired')),
  constraint agent_approvals_decided_when_final check ((decided_at is not null) = (status in ('approved', 'refused'))),
  constraint agent_approvals_decider_has_decided check (decided_by is null or decided_at is not null),
  constraint agent_approvals_expire_later check (expires_at > created_at),
  constraint agent_approvals_asked_once unique (tool_call_id)
);
comment on table public.agent_approvals is 'A tool call that waits for a person''s word.';
comment on column public.agent_approvals.reason is 'Which line it would cross.';
comment on column public.agent_approvals.summary is 'What the agent wants to do, in words for a person.';
create index agent_approvals_workspace_id_idx on public.agent_approvals (workspace_id, created_at desc);
create index agent_approvals_agent_id_idx on public.agent_approvals (workspace_id, agent_id);
create index agent_approvals_tool_call_id_idx on public.agent_approvals (workspace_id, tool_call_id);
create index agent_approvals_conversation_id_idx on public.agent_approvals (workspace_id, conversation_id)
  where conversation_id is not null;
create index agent_approvals_decided_by_idx on public.agent_approvals (decided_by);

alter table public.agent_approvals enable row level security;
revoke all on public.agent_approvals from anon, authenticated, service_role;
grant select on public.agent_approvals to authenticated, service_role;
create policy agent_approvals_select_member on public.agent_approvals
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or conversation_id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create trigger agent_approvals_keep_workspace before update of workspace_id on public.agent_approvals
  for each row execute function private.refuse_workspace_change();
