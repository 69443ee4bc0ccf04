-- One voice call of a conversation, in or out. Members read; only functions write.
create table public.calls (
  id uuid primary key default private.time_ordered_uuid(),
  workspace_id uuid not null,
  conversation_id uuid not null,
  direction text not null,
  status text not null,
  from_address text not null,
  to_address text not null,
  phone_number_id uuid references public.phone_numbers (id) deferrable initially deferred,
  connection_id uuid,
  external_id text,
  started_by uuid references public.profiles (id) on delete set null,
  agent_id uuid,
  spoken_text text,
  language text,
  idempotency_key text,
  idempotency_fingerprint bytea,
  error_code text,
  error_message text,
  duration_seconds integer,
  price numeric,
  price_currency text,
  created_at timestamptz not null default now(),
  answered_at timestamptz,
  ended_at timestamptz,
  constraint calls_conversation_of_workspace
    foreign key (workspace_id, conversation_id) references public.conversations (workspace_id, id) on delete cascade,
  constraint calls_connection_of_workspace
    foreign key (workspace_id, connection_id) references public.connections (workspace_id, id) on delete set null (connection_id),
  constraint calls_agent_of_workspace
    foreign key (workspace_id, agent_id) references public.agents (workspace_id, id) on delete set null (agent_id),
  constraint calls_direction_is_known check (direction in ('inbound', 'outbound')),
  constraint calls_status_is_known check (status in (
    'queued', 'ringing', 'in_progress', 'completed', 'busy', 'no_answer', 'failed', 'canceled'
  )),
  constraint calls_ended_when_final
    check ((ended_at is not null) = (status in ('completed', 'busy', 'no_answer', 'failed', 'canceled'))),
  constraint calls_in_progress_is_answered check (status <> 'in_progress' or answered_at is not null),
  constraint calls_unanswered_has_no_answer check (status not in ('queued', 'ringing', 'busy', 'no_answer') or answered_at is null),
  constraint calls_failure_says_why check (status <> 'failed' or error_code is not null),
  constraint calls_duration_is_of_answered
    check (duration_seconds is null or (duration_seconds >= 0 and num_nulls(answered_at, ended_at) = 0)),
  constraint calls_end_after_answer check (ended_at >= answered_at),
  constraint calls_started_by_one check (started_by is null or agent_id is null),
  constraint calls_inbound_is_of_nobody check (direction = 'outbound' or (started_by is null and agent_id is null)),
  constraint calls_inbound_says_nothing
    check (direction = 'outbound' or num_nonnulls(spoken_text, idempotency_key) = 0),
  constraint calls_text_has_length check (char_length(spoken_text) between 1 and 4000),
  constraint calls_text_has_language check ((spoken_text is null) = (language is null)),
  constraint calls_language_is_a_tag check (language ~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
  constraint calls_key_has_length check (char_length(idempotency_key) between 1 and 255),
  constraint calls_key_has_fingerprint check (
    (idempotency_key is null) = (idempotency_fingerprint is null) and octet_length(idempotency_fingerprint) = 32
  ),
  constraint calls_price_is_an_amount check (price >= 0 and price < 'Infinity'),
  constraint calls_price_has_currency
    check ((price is null) = (price_currency is null) and price_currency ~ '^[A-Z]{3}$')
);
comment on table public.calls is 'One voice call of a conversation.';
comment on column public.calls.external_id is 'The provider''s id of the call.';
comment on column public.calls.started_by is 'The person who called; null for the contact and for an agent.';
comment on column public.calls.agent_id is 'The agent that called.';
comment on column public.calls.spoken_text is 'What the person hears who answers; null where a person speaks.';
comment on column public.calls.language is 'The language that spoken_text is spoken in: BCP 47.';
comment on column public.calls.idempotency_key is 'Chosen by the caller; a second call with it is the first one again.';
comment on column public.calls.idempotency_fingerprint is 'SHA-256 of the request that brought the key: another request may not use it.';
comment on column public.calls.duration_seconds is 'From the answer to the end, as the provider bills it.';
comment on column public.calls.price is 'What the provider charged, in price_currency (ISO 4217); null until it says so.';
create index calls_conversation_id_idx on public.calls (workspace_id, conversation_id, created_at desc);
create index calls_workspace_id_idx on public.calls (workspace_id, created_at desc);
create unique index calls_told_once_idx on public.calls (connection_id, external_id) where external_id is not null;
create unique index calls_idempotency_key_idx on public.calls (workspace_id, idempotency_key) where idempotency_key is not null;
create index calls_connection_id_idx on public.calls (workspace_id, connection_id);
create index calls_phone_number_id_idx on public.calls (phone_number_id);
create index calls_started_by_idx on public.calls (started_by);
create index calls_agent_id_idx on public.calls (workspace_id, agent_id) where agent_id is not null;

alter table public.calls enable row level security;
revoke all on public.calls from anon, authenticated, service_role;
grant select on public.calls to authenticated, service_role;
create policy calls_select_member on public.calls
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or conversation_id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create trigger calls_keep_workspace before update of workspace_id on public.calls
  for each row execute function private.refuse_workspace_change();
