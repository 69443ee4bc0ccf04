-- A message waiting to be handed over. Lean and apart from messages; whoever takes a row removes it.
create table private.outbound_jobs (
  message_id uuid primary key references public.conversation_messages (id) on delete cascade,
  workspace_id uuid not null,
  channel text not null default 'sms',
  step text not null default 'send',
  due_at timestamptz not null default now(),
  attempt_count smallint not null default 0,
  constraint outbound_jobs_channel_is_known check (channel in ('sms', 'whatsapp', 'email')),
  constraint outbound_jobs_step_is_known check (step in ('send', 'look_up')),
  constraint outbound_jobs_attempts_are_counted check (attempt_count >= 0),
  constraint outbound_jobs_look_up_has_attempt check (step = 'send' or attempt_count > 0)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
comment on table private.outbound_jobs is 'A message waiting for a dispatcher. One that a dispatcher holds is in outbound_leases instead.';
comment on column private.outbound_jobs.channel is
  'That of the conversation, which a claim then need not look up for each message.';
comment on column private.outbound_jobs.step is 'send: hand it over; look_up: ask the provider what became of an unknown attempt.';
comment on column private.outbound_jobs.due_at is 'Not before this time.';
comment on column private.outbound_jobs.attempt_count is 'Hand-overs so far.';
create index outbound_jobs_due_at_idx on private.outbound_jobs (due_at);
alter table private.outbound_jobs enable row level security;
revoke all on private.outbound_jobs from public, anon, authenticated, service_role;

-- What one dispatcher holds, a row per batch: as long as it is here, only the holder may record.
create table private.outbound_leases (
  token uuid primary key,
  ends_at timestamptz not null,
  message_ids uuid[] not null,
  attempt_numbers smallint[] not null,
  constraint outbound_leases_hold_something check (
    cardinality(message_ids) > 0 and array_position(message_ids, null) is null
    and array_position(attempt_numbers, null) is null
  ),
  constraint outbound_leases_number_each_attempt check (cardinality(message_ids) = cardinality(attempt_numbers))
);
comment on table private.outbound_leases is 'The messages that a dispatcher took and has not recorded yet.';
comment on column private.outbound_leases.token is 'Fencing token: known to the holder alone.';
comment on column private.outbound_leases.attempt_numbers is 'The attempt that is under way, or looked up, for each of the messages.';
comment on column private.outbound_leases.ends_at is 'After this the messages are taken from the holder, and looked up.';
alter table private.outbound_leases enable row level security;
revoke all on private.outbound_leases from public, anon, authenticated, service_role;
