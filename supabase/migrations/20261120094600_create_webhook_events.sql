-- One thing a provider told us, stored before it is acted on.
create table public.webhook_events (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid,
  connection_id uuid not null references public.connections (id) on delete cascade,
  kind text not null,
  external_id text not null,
  status text not null default '',
  state text not null default 'received',
  reason text,
  event jsonb not null,
  body text not null,
  message_id uuid references public.conversation_messages (id) on delete set null,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  constraint webhook_events_kind_is_known check (kind in ('message', 'status', 'call', 'opt_out', 'number_order', 'unreadable')),
  constraint webhook_events_state_is_known check (state in ('received', 'processed', 'quarantined', 'failed')),
  constraint webhook_events_processed_has_time check ((state = 'processed') = (processed_at is not null)),
  constraint webhook_events_trouble_says_why check (state not in ('quarantined', 'failed') or reason is not null),
  constraint webhook_events_told_once unique (connection_id, external_id, kind, status)
);
comment on table public.webhook_events is 'One thing a provider told us. Verified before it is stored; can be replayed.';
comment on column public.webhook_events.workspace_id is
  'The workspace of the connection. No foreign key of its own: every event would lock the same row.';
comment on column public.webhook_events.kind is 'message: inbound; status: a receipt; call: what became of a call; opt_out: an address wants nothing more, or wants to hear again; number_order: what became of an order; unreadable: authentic, but not as documented.';
comment on column public.webhook_events.external_id is 'The provider''s id of the message, call or event; a hash of the body when unreadable.';
comment on column public.webhook_events.status is 'The reported status of a message or call, so that delivered is kept after sent; opted_out or opted_in.';
comment on column public.webhook_events.state is 'received, processed, quarantined (could not be routed) or failed (could not be applied).';
comment on column public.webhook_events.event is 'What the adapter read from the body, in common words.';
comment on column public.webhook_events.body is 'The body as received.';
create index webhook_events_workspace_id_idx on public.webhook_events (workspace_id, received_at desc);
create index webhook_events_message_id_idx on public.webhook_events (message_id) where message_id is not null;

alter table public.webhook_events enable row level security;
revoke all on public.webhook_events from anon, authenticated, service_role;
grant select on public.webhook_events to authenticated, service_role;
create policy webhook_events_select_admin on public.webhook_events
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_admin_workspace_ids()))
    and connection_id = any (array(select private.my_connection_ids()))
  );
create trigger webhook_events_keep_workspace before update of workspace_id on public.webhook_events
  for each row execute function private.refuse_workspace_change();

-- Requests refused before they were stored, counted by hour: nothing an attacker can fill a disk with.
create table private.webhook_refusals (
  provider text not null,
  connection_id uuid,
  reason text not null,
  hour timestamptz not null,
  refusal_count integer not null,
  constraint webhook_refusals_counted_once unique nulls not distinct (hour, provider, connection_id, reason),
  constraint webhook_refusals_are_counted check (refusal_count > 0),
  constraint webhook_refusals_reason_is_known check (reason in ('unknown_token', 'signature_invalid'))
);
comment on table private.webhook_refusals is 'How many webhook requests were refused, by hour and reason.';
alter table private.webhook_refusals enable row level security;
revoke all on private.webhook_refusals from public, anon, authenticated, service_role;
