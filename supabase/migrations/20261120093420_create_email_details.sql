-- What an e-mail has beside its text, apart from messages so that texts stay lean. Members read; only functions write.
create table public.email_details (
  message_id uuid primary key references public.conversation_messages (id) on delete cascade,
  workspace_id uuid not null,
  conversation_id uuid not null,
  subject text not null default '',
  html text not null default '',
  cc text[] not null default '{}',
  bcc text[] not null default '{}',
  reply_to text,
  headers jsonb not null default '{}',
  attachments jsonb not null default '[]',
  internet_message_id text,
  reference_ids text[] not null default '{}',
  constraint email_details_subject_has_length check (char_length(subject) <= 998),
  constraint email_details_headers_are_an_object check (jsonb_typeof(headers) = 'object'),
  constraint email_details_attachments_are_a_list check (jsonb_typeof(attachments) = 'array'),
  constraint email_details_message_id_is_said check (internet_message_id <> ''),
  constraint email_details_lists_are_whole check (
    array_position(cc, null) is null and array_position(bcc, null) is null
    and array_position(reference_ids, null) is null
  )
);
comment on table public.email_details is 'What an e-mail has beside its text.';
comment on column public.email_details.conversation_id is 'That of the message: it decides who may see the e-mail.';
comment on column public.email_details.reply_to is 'Where replies are to go, when not to the sender.';
comment on column public.email_details.headers is 'Further headers by name, as the sender of an outbound message gave them.';
comment on column public.email_details.attachments is
  'What was attached to an outbound message: a list of {"file_name", "content_type", "byte_count"}.';
comment on column public.email_details.internet_message_id is
  'What replies name it by, without angle brackets: the Message-ID of an inbound e-mail; of an outbound one an id of ours, which is the last of its References.';
comment on column public.email_details.reference_ids is 'The e-mails that it answers, oldest first.';
create index email_details_conversation_id_idx on public.email_details (workspace_id, conversation_id);
create index email_details_internet_message_id_idx on public.email_details (workspace_id, internet_message_id)
  where internet_message_id is not null;

alter table public.email_details enable row level security;
revoke all on public.email_details from anon, authenticated, service_role;
grant select on public.email_details to authenticated, service_role;
create policy email_details_select_member on public.email_details
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or conversation_id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create trigger email_details_keep_workspace before update of workspace_id on public.email_details
  for each row execute function private.refuse_workspace_change();

-- Removed once the message is settled: until then an attempt may need them again.
create table private.email_attachments (
  message_id uuid not null references public.conversation_messages (id) on delete cascade,
  position smallint not null,
  file_name text not null,
  content_type text not null,
  content bytea not null,
  content_id text,
  primary key (message_id, position),
  constraint email_attachments_position_is_positive check (position > 0)
);
comment on table private.email_attachments is 'A file that waits to be sent with an e-mail.';
comment on column private.email_attachments.content_id is 'Set where the HTML refers to it by cid:.';
alter table private.email_attachments enable row level security;
revoke all on private.email_attachments from public, anon, authenticated, service_role;
