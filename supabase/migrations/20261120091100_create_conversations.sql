-- One thread with one contact on one channel.
create table public.conversations (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  contact_id uuid not null,
  channel text not null,
  contact_address text not null,
  phone_number_id uuid references public.phone_numbers (id) deferrable initially deferred,
  status text not null default 'active',
  subject text,
  snippet text not null default '',
  is_unread boolean not null default false,
  is_starred boolean not null default false,
  assigned_to uuid,
  labels text[] not null default '{}',
  tags text[] not null default '{}',
  last_message_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint conversations_contact_of_workspace
    foreign key (workspace_id, contact_id) references public.contacts (workspace_id, id) on delete cascade,
  constraint conversations_assignee_of_workspace
    foreign key (workspace_id, assigned_to) references public.workspace_members (workspace_id, user_id)
    on delete set null (assigned_to),
  constraint conversations_channel_is_known
    check (channel in ('sms', 'whatsapp', 'email', 'call', 'live_chat', 'social')),
  constraint conversations_status_is_known check (status in ('active', 'archived', 'closed', 'spam')),
  constraint conversations_subject_has_length check (char_length(subject) between 1 and 998),
  constraint conversations_id_in_workspace unique (workspace_id, id)
);
comment on table public.conversations is 'One thread with one contact on one channel. MMS is sms with media.';
comment on column public.conversations.contact_address is 'The contact''s address that was last used in this thread.';
comment on column public.conversations.phone_number_id is 'Our sender that was last used in this thread; replies go from it.';
comment on column public.conversations.snippet is 'Beginning of the latest message.';
-- A text thread is found again by its contact; e-mail has many threads with one contact.
create unique index conversations_text_thread_once_idx on public.conversations (workspace_id, contact_id, channel)
  where channel in ('sms', 'whatsapp');
create index conversations_workspace_id_idx on public.conversations (workspace_id, last_message_at desc);
create index conversations_contact_id_idx on public.conversations (workspace_id, contact_id);
create index conversations_assigned_to_idx on public.conversations (workspace_id, assigned_to);
create index conversations_phone_number_id_idx on public.conversations (phone_number_id);

alter table public.conversations enable row level security;
revoke all on public.conversations from anon, authenticated, service_role;
grant select, update (status, subject, is_unread, is_starred, assigned_to, labels, tags)
  on public.conversations to authenticated;
grant select on public.conversations to service_role;
create policy conversations_select_member on public.conversations
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create policy conversations_update_member on public.conversations
  for update to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())))
  with check (workspace_id = any (array(select private.my_workspace_ids())));
create trigger conversations_set_updated_at before update on public.conversations
  for each row execute function public.update_updated_at_column();
create trigger conversations_keep_workspace before update of workspace_id on public.conversations
  for each row execute function private.refuse_workspace_change();
