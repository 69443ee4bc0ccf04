-- One thread with one contact on one channel.
create table public.conversations (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  contact_id uuid not null,
  channel text not null,
  contact_address text not null,
  phone_number_id uuid references public.phone_numbers (id) deferrable initially deferred,
  email_sender_id uuid references public.email_senders (id) deferrable initially deferred,
  status text not null default 'active',
  subject text,
  snippet text not null default '',
  is_unread boolean not null default false,
  is_starred boolean not null default false,
  assigned_to uuid,
  team_channel_id uuid,
  agent_id uuid,
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
  constraint conversations_team_channel_of_workspace
    foreign key (workspace_id, team_channel_id) references public.team_channels (workspace_id, id)
    on delete set null (team_channel_id),
  constraint conversations_agent_of_workspace
    foreign key (workspace_id, agent_id) references public.agents (workspace_id, id) on delete set null (agent_id),
  constraint conversations_channel_is_known
    check (channel in ('sms', 'whatsapp', 'email', 'call', 'live_chat', 'social')),
  constraint conversations_status_is_known check (status in ('active', 'archived', 'closed', 'spam')),
  constraint conversations_one_sender check (phone_number_id is null or email_sender_id is null),
  constraint conversations_lists_are_whole
    check (array_position(labels, null) is null and array_position(tags, null) is null),
  constraint conversations_subject_has_length check (char_length(subject) between 1 and 998),
  constraint conversations_id_in_workspace unique (workspace_id, id)
);
comment on table public.conversations is 'One thread with one contact on one channel. MMS is sms with media.';
comment on column public.conversations.contact_address is 'The contact''s address that was last used in this thread.';
comment on column public.conversations.phone_number_id is 'Our sender that was last used in this thread; replies go from it.';
comment on column public.conversations.email_sender_id is 'The same for e-mail.';
comment on column public.conversations.assigned_to is 'The member who takes care of it.';
comment on column public.conversations.team_channel_id is 'The team channel whose members take care of it.';
comment on column public.conversations.agent_id is 'The agent that answers in it, until a person takes over.';
comment on column public.conversations.snippet is 'Beginning of the latest message.';
-- Texts and calls with a contact are one thread each; e-mail has many threads with one contact.
create unique index conversations_thread_once_idx on public.conversations (workspace_id, contact_id, channel)
  where channel in ('sms', 'whatsapp', 'call');
create index conversations_workspace_id_idx on public.conversations (workspace_id, last_message_at desc);
create index conversations_contact_id_idx on public.conversations (workspace_id, contact_id);
-- Partial, lest it be the smallest index, by which a whole workspace is read and sorted.
create index conversations_assigned_to_idx on public.conversations (workspace_id, assigned_to)
  where assigned_to is not null;
create index conversations_team_channel_id_idx on public.conversations (workspace_id, team_channel_id)
  where team_channel_id is not null;
create index conversations_agent_id_idx on public.conversations (workspace_id, agent_id) where agent_id is not null;
create index conversations_phone_number_id_idx on public.conversations (phone_number_id);
create index conversations_email_sender_id_idx on public.conversations (email_sender_id) where email_sender_id is not null;

-- Definer: policies of messages, media, attempts and calls ask for it, and would apply this table's for each row.
create function private.my_assigned_conversation_ids()
returns setof uuid language plpgsql stable parallel safe rows 100 security definer set search_path = ''
-- The same plan serves everybody: planned anew for each list of ids, it would cost more than it finds.
set plan_cache_mode = force_generic_plan
as $$
declare
  v_user_id uuid := auth.uid();
  v_workspace_ids uuid[] := array(select private.my_restricted_workspace_ids());
begin
  return query
  select t.id from public.conversations as t
  where t.workspace_id = any (v_workspace_ids) and t.assigned_to = v_user_id
  union all
  select t.id from public.conversations as t
  where t.workspace_id = any (v_workspace_ids) and t.team_channel_id = any (array(
    select m.team_channel_id from public.team_channel_members as m
    where m.workspace_id = any (v_workspace_ids) and m.user_id = v_user_id
  ))
  union all
  select t.id from public.conversations as t
  where t.workspace_id = any (v_workspace_ids) and t.phone_number_id = any (array(
    select a.phone_number_id from public.phone_number_assignments as a
    where a.workspace_id = any (v_workspace_ids) and a.user_id = v_user_id
  ));
end;
$$;
comment on function private.my_assigned_conversation_ids() is
  'The conversations of restricted workspaces that are assigned to the caller, to a team channel of the caller''s, or run on a number of the caller''s.';
revoke execute on function private.my_assigned_conversation_ids() from public, anon;
grant execute on function private.my_assigned_conversation_ids() to authenticated, service_role;

alter table public.conversations enable row level security;
revoke all on public.conversations from anon, authenticated, service_role;
grant select, update (status, subject, is_unread, is_starred, assigned_to, team_channel_id, agent_id, labels, tags)
  on public.conversations to authenticated;
grant select on public.conversations to service_role;
create policy conversations_select_member on public.conversations
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create policy conversations_update_member on public.conversations
  for update to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or id = any (array(select private.my_assigned_conversation_ids()))
    )
  )
  with check (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create trigger conversations_set_updated_at before update on public.conversations
  for each row execute function public.update_updated_at_column();
create trigger conversations_keep_workspace before update of workspace_id on public.conversations
  for each row execute function private.refuse_workspace_change();
