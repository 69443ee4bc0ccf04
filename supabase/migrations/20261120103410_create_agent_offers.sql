-- An inbound message that an agent is to answer. Members read; only functions write.
create table public.agent_offers (
  id uuid primary key default private.time_ordered_uuid(),
  workspace_id uuid not null,
  agent_id uuid not null,
  conversation_id uuid not null,
  message_id uuid not null references public.conversation_messages (id) on delete cascade,
  state text not null default 'pending',
  attempt_count smallint not null default 0,
  next_attempt_at timestamptz default now(),
  last_error text,
  cancel_reason text,
  created_at timestamptz not null default clock_timestamp(),
  delivered_at timestamptz,
  answered_at timestamptz,
  constraint agent_offers_agent_of_workspace
    foreign key (workspace_id, agent_id) references public.agents (workspace_id, id) on delete cascade,
  constraint agent_offers_conversation_of_workspace
    foreign key (workspace_id, conversation_id) references public.conversations (workspace_id, id) on delete cascade,
  constraint agent_offers_state_is_known check (state in ('pending', 'delivered', 'answered', 'canceled', 'failed')),
  constraint agent_offers_attempts_are_counted check (attempt_count >= 0),
  constraint agent_offers_next_attempt_when_pending check ((next_attempt_at is not null) = (state = 'pending')),
  constraint agent_offers_delivered_has_time check (state <> 'delivered' or delivered_at is not null),
  constraint agent_offers_answered_has_time check ((answered_at is not null) = (state = 'answered')),
  constraint agent_offers_canceled_says_why check ((cancel_reason is not null) = (state = 'canceled')),
  constraint agent_offers_cancel_reason_is_known
    check (cancel_reason in ('taken_over', 'handed_over', 'agent_inactive', 'recipient_opted_out')),
  constraint agent_offers_error_has_length check (char_length(last_error) between 1 and 500),
  constraint agent_offers_failure_says_why check (state <> 'failed' or last_error is not null)
);
comment on table public.agent_offers is 'An inbound message offered to the agent that answers in its conversation.';
comment on column public.agent_offers.id is 'What the agent knows it by, however often it comes: webhook-id of its webhook.';
comment on column public.agent_offers.state is
  'pending: the agent has not got it, as far as we know; delivered: it has; answered: it wrote in the conversation since; canceled: not its any more; failed: it could not be delivered within a day.';
comment on column public.agent_offers.created_at is 'By the clock: those of one transaction have an order, too.';
comment on column public.agent_offers.attempt_count is 'How often it was posted or polled.';
comment on column public.agent_offers.next_attempt_at is 'Not posted or polled again before this time.';
comment on column public.agent_offers.last_error is 'Why it was not delivered when it was last posted.';
comment on column public.agent_offers.cancel_reason is
  'taken_over: by a person; handed_over: to another agent; agent_inactive: switched off; recipient_opted_out: the contact is not to be written to.';
create unique index agent_offers_message_once_idx on public.agent_offers (message_id) where state <> 'canceled';
create index agent_offers_message_id_idx on public.agent_offers (message_id);
create index agent_offers_conversation_id_idx on public.agent_offers (workspace_id, conversation_id, created_at);
create index agent_offers_agent_id_idx on public.agent_offers (workspace_id, agent_id, created_at);
create index agent_offers_waiting_idx on public.agent_offers (created_at) where state = 'pending';
create index agent_offers_pending_idx on public.agent_offers (agent_id, next_attempt_at) where state = 'pending';

alter table public.agent_offers enable row level security;
revoke all on public.agent_offers from anon, authenticated, service_role;
grant select on public.agent_offers to authenticated, service_role;
create policy agent_offers_select_member on public.agent_offers
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or conversation_id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create trigger agent_offers_keep_workspace before update of workspace_id on public.agent_offers
  for each row execute function private.refuse_workspace_change();

do $$
begin
  if exists (select from pg_publication where pubname = 'supabase_realtime' and not puballtables) then
    alter publication supabase_realtime add table public.agent_offers;
  end if;
end;
$$;
