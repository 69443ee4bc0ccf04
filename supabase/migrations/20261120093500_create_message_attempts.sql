-- One hand-over of one message to one provider, written before the provider is called.
create table public.message_attempts (
  message_id uuid not null references public.conversation_messages (id) on delete cascade,
  attempt_number smallint not null,
  workspace_id uuid not null,
  conversation_id uuid not null,
  connection_id uuid not null,
  outcome text,
  external_id text,
  error_code text,
  error_message text,
  provider_code text,
  segment_count smallint,
  price numeric,
  price_currency text,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (message_id, attempt_number),
  constraint message_attempts_outcome_is_known check (outcome in ('accepted', 'rejected', 'unknown')),
  constraint message_attempts_finished_with_outcome check ((outcome is null) = (finished_at is null)),
  constraint message_attempts_accepted_has_external_id check (outcome is distinct from 'accepted' or external_id is not null),
  constraint message_attempts_rejected_says_why check (outcome is distinct from 'rejected' or error_code is not null),
  constraint message_attempts_number_is_positive check (attempt_number > 0),
  constraint message_attempts_segment_count_is_positive check (segment_count > 0),
  constraint message_attempts_price_is_an_amount check (price >= 0 and price < 'Infinity'),
  constraint message_attempts_price_has_currency
    check ((price is null) = (price_currency is null) and price_currency ~ '^[A-Z]{3}$')
);
comment on table public.message_attempts is 'One hand-over of one message to one provider.';
comment on column public.message_attempts.attempt_number is 'From 1, in the order of the hand-overs.';
comment on column public.message_attempts.conversation_id is 'That of the message: it decides who may see the attempt.';
comment on column public.message_attempts.connection_id is
  'The connection it went through. No foreign key: its check would lock one row for every message of a batch.';
comment on column public.message_attempts.outcome is
  'Null while under way; accepted; rejected: provably not taken; unknown: to be settled by a receipt or a look-up.';
comment on column public.message_attempts.external_id is
  'The provider''s id of the message. Receipts name the attempt instead, so that no index has to be kept on it.';
comment on column public.message_attempts.provider_code is 'The provider''s own error code.';
comment on column public.message_attempts.segment_count is 'Parts that the provider sent it in, and bills.';
comment on column public.message_attempts.price is
  'What the provider charged, in price_currency (ISO 4217); null until it says so.';
-- A message is never sent twice: at most one attempt may have been accepted.
create unique index message_attempts_accepted_once_idx on public.message_attempts (message_id, outcome)
  where outcome = 'accepted';

alter table public.message_attempts enable row level security;
revoke all on public.message_attempts from anon, authenticated, service_role;
grant select on public.message_attempts to authenticated, service_role;
create policy message_attempts_select_member on public.message_attempts
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or conversation_id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create trigger message_attempts_keep_workspace before update of workspace_id on public.message_attempts
  for each row execute function private.refuse_workspace_change();
