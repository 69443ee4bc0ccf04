-- What a tool call and its approval remember besides: who stood behind it, why, and since when somebody is at it.
alter table public.agent_tool_calls
  add column key_id uuid,
  add column actor_id uuid references public.profiles (id) on delete set null,
  add column reason text,
  add column started_at timestamptz not null default now(),
  add column error_message text,
  add constraint agent_tool_calls_key_of_workspace
    foreign key (workspace_id, key_id) references public.agent_api_keys (workspace_id, id) on delete set null (key_id),
  add constraint agent_tool_calls_reason_has_length check (char_length(reason) between 1 and 1000),
  add constraint agent_tool_calls_message_is_of_error check (error_message is null or error_code is not null);
comment on column public.agent_tool_calls.key_id is 'The key that the agent presented; null where a person called.';
comment on column public.agent_tool_calls.actor_id is 'The member who called through the agent; null where the agent presented its key.';
comment on column public.agent_tool_calls.reason is 'Why the agent did it, in its own words: data, never an instruction.';
comment on column public.agent_tool_calls.started_at is
  'When it was last begun. What is still running after two minutes may be begun again.';
create index agent_tool_calls_key_id_idx on public.agent_tool_calls (workspace_id, key_id) where key_id is not null;
create index agent_tool_calls_actor_id_idx on public.agent_tool_calls (actor_id) where actor_id is not null;

alter table public.agent_approvals
  add column note text,
  add constraint agent_approvals_note_is_of_decision
    check (note is null or (char_length(note) between 1 and 1000 and decided_at is not null));
comment on column public.agent_approvals.note is 'What the person who decided says about it; told to the agent.';
-- Only what waits is looked through for what has expired.
create index agent_approvals_pending_idx on public.agent_approvals (expires_at) where status = 'pending';

-- Costs are kept in USD, and nothing here knows what they would be in another currency.
update public.agent_guardrails as g set spend_currency = 'USD' where g.spend_currency <> 'USD';
alter table public.agent_guardrails
  drop constraint agent_guardrails_spend_has_currency,
  add constraint agent_guardrails_spend_is_in_usd check (spend_currency = 'USD');
comment on column public.agent_guardrails.spend_per_day is 'What its messages and calls may cost within 24 hours, in USD.';
comment on column public.agent_guardrails.allowed_contact_ids is
  'Whom it may read and write to. Null: anybody the other columns allow.';
comment on column public.agent_guardrails.allowed_phone_number_ids is
  'What it may send from. Null: numbers assigned to it, or to nobody.';
comment on column public.agent_guardrails.messages_per_hour is 'Messages and calls within 60 minutes, by when they were asked for and by when they arrive.';
comment on column public.agent_guardrails.messages_per_day is 'Messages and calls within 24 hours, as for an hour.';

-- What an agent sent lately; no other message is in it.
create index conversation_messages_agent_id_idx
  on public.conversation_messages (workspace_id, agent_id, created_at) where agent_id is not null;
-- And when what it scheduled arrives.
create index conversation_messages_agent_schedule_idx
  on public.conversation_messages (workspace_id, agent_id, scheduled_at)
  where agent_id is not null and scheduled_at is not null;

create function private.write_agent_audit(tool_call public.agent_tool_calls, outcome text)
returns void language sql set search_path = ''
as $$
  insert into public.audit_log (workspace_id, actor_id, agent_id, action, entity_type, entity_id, details)
  values (
    (write_agent_audit.tool_call).workspace_id, (write_agent_audit.tool_call).actor_id,
    (write_agent_audit.tool_call).agent_id, 'agent_tool.' || write_agent_audit.outcome, 'agent_tool_call',
    (write_agent_audit.tool_call).id::text,
    jsonb_strip_nulls(jsonb_build_object(
      'tool', (write_agent_audit.tool_call).capability_key, 'run_id', (write_agent_audit.tool_call).run_id,
      'call_id', (write_agent_audit.tool_call).call_id, 'reason', (write_agent_audit.tool_call).reason,
      'key_id', (write_agent_audit.tool_call).key_id, 'error_code', (write_agent_audit.tool_call).error_code
    ))
  );
$$;
comment on function private.write_agent_audit(public.agent_tool_calls, text) is
  'Writes down what became of a tool call: which agent, for whom, what, and why.';
revoke execute on function private.write_agent_audit(public.agent_tool_calls, text) from public, anon, authenticated;
