-- One message, inbound or outbound, and its media. Members read; only functions write.
create table public.conversation_messages (
  id uuid primary key default private.time_ordered_uuid(),
  workspace_id uuid not null,
  conversation_id uuid not null,
  direction text not null,
  status text not null,
  body text not null default '',
  sender_id uuid references public.profiles (id) on delete set null,
  agent_id uuid,
  from_address text not null,
  to_address text not null,
  phone_number_id uuid,
  email_sender_id uuid,
  external_id text,
  idempotency_key text,
  idempotency_fingerprint bytea,
  error_code text,
  error_message text,
  created_at timestamptz not null default now(),
  scheduled_at timestamptz,
  sent_at timestamptz,
  delivered_at timestamptz,
  read_at timestamptz,
  constraint conversation_messages_conversation_of_workspace
    foreign key (workspace_id, conversation_id) references public.conversations (workspace_id, id) on delete cascade,
  constraint conversation_messages_direction_is_known check (direction in ('inbound', 'outbound')),
  constraint conversation_messages_status_is_known check (status in (
    'scheduled', 'queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'undelivered', 'canceled', 'received'
  )),
  constraint conversation_messages_received_when_inbound check ((direction = 'inbound') = (status = 'received')),
  constraint conversation_messages_inbound_names_its_source check ((direction = 'inbound') = (external_id is not null) and external_id <> ''),
  constraint conversation_messages_scheduled_has_time check (status <> 'scheduled' or scheduled_at is not null),
  constraint conversation_messages_written_by_one check (sender_id is null or agent_id is null),
  constraint conversation_messages_inbound_is_of_nobody
    check (direction = 'outbound' or num_nonnulls(sender_id, agent_id, scheduled_at) = 0),
  constraint conversation_messages_one_sender check (phone_number_id is null or email_sender_id is null),
  constraint conversation_messages_key_is_of_outbound
    check (idempotency_key is null or (direction = 'outbound' and char_length(idempotency_key) between 1 and 255)),
  constraint conversation_messages_key_has_fingerprint check (
    (idempotency_key is null) = (idempotency_fingerprint is null) and octet_length(idempotency_fingerprint) = 32
  ),
  constraint conversation_messages_failure_says_why
    check (status not in ('failed', 'undelivered') or error_code is not null)
) with (fillfactor = 70);
comment on table public.conversation_messages is 'One message of a conversation, inbound or outbound.';
comment on column public.conversation_messages.status is
  'Outbound: scheduled, queued (in our queue or the provider''s), sending (on its way, or handed over with an unknown outcome), sent, delivered, read; or ended in failed, undelivered, canceled. Inbound: received.';
comment on column public.conversation_messages.sender_id is 'The person who wrote it; null for the contact, an agent and the system.';
comment on column public.conversation_messages.agent_id is
  'The agent that wrote it. No foreign key to it or to the sender: their checks would cost every message.';
comment on column public.conversation_messages.scheduled_at is 'When it is to be sent; null: at once.';
comment on column public.conversation_messages.external_id is
  'The provider''s id of an inbound message. The ids of an outbound one are on its attempts.';
comment on column public.conversation_messages.idempotency_key is 'Chosen by the caller; a second message with it is the first one again.';
comment on column public.conversation_messages.idempotency_fingerprint is 'SHA-256 of the request that brought the key: another request may not use it.';
-- Neither status nor any time but created_at is indexed, so that a receipt is a heap-only update.
create index conversation_messages_conversation_id_idx
  on public.conversation_messages (workspace_id, conversation_id, created_at desc);
create index conversation_messages_workspace_id_idx on public.conversation_messages (workspace_id, created_at desc);
create unique index conversation_messages_received_once_idx
  on public.conversation_messages (conversation_id, external_id) where external_id is not null;
create unique index conversation_messages_idempotency_key_idx
  on public.conversation_messages (workspace_id, idempotency_key) where idempotency_key is not null;
create index conversation_messages_sender_id_idx on public.conversation_messages (sender_id) where sender_id is not null;

alter table public.conversation_messages enable row level security;
revoke all on public.conversation_messages from anon, authenticated, service_role;
grant select on public.conversation_messages to authenticated, service_role;
create policy conversation_messages_select_member on public.conversation_messages
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or conversation_id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create trigger conversation_messages_keep_workspace before update of workspace_id on public.conversation_messages
  for each row execute function private.refuse_workspace_change();

create table public.message_media (
  message_id uuid not null references public.conversation_messages (id) on delete cascade,
  position smallint not null,
  workspace_id uuid not null,
  conversation_id uuid not null,
  url text not null,
  content_type text,
  primary key (message_id, position),
  constraint message_media_position_is_positive check (position > 0),
  constraint message_media_url_is_https check (url ~ '^https://' and char_length(url) <= 2048)
);
comment on table public.message_media is 'One attachment of a message.';
comment on column public.message_media.position is 'Order within the message, from 1.';
comment on column public.message_media.conversation_id is 'That of the message: it decides who may see the medium.';
comment on column public.message_media.url is 'Where it can be fetched: the sender''s URL, or the provider''s for an inbound message.';
create index message_media_conversation_id_idx on public.message_media (workspace_id, conversation_id);

alter table public.message_media enable row level security;
revoke all on public.message_media from anon, authenticated, service_role;
grant select on public.message_media to authenticated, service_role;
create policy message_media_select_member on public.message_media
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or conversation_id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create trigger message_media_keep_workspace before update of workspace_id on public.message_media
  for each row execute function private.refuse_workspace_change();
