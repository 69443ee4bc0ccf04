-- Who answers in a conversation: an agent, until a person takes over, until it is handed over again.

alter table public.conversations add column taken_over_at timestamptz;
comment on column public.conversations.agent_id is
  'The agent that answers in it, until a person takes over. A new conversation on an agent''s sender is that agent''s.';
comment on column public.conversations.taken_over_at is
  'Since when people answer in it and no agent may: one was asked to take over, wrote in it, was assigned to it, or took the agent away. Null: nobody did since it was last handed over.';

create function private.is_taken_over(conversation_id uuid)
returns boolean language plpgsql stable set search_path = ''
as $$
begin
  return exists (
    select from public.conversations as t
    where t.id = is_taken_over.conversation_id and t.taken_over_at is not null
  );
end;
$$;
comment on function private.is_taken_over(uuid) is 'Whether people have taken a conversation over, so that no agent may write in it.';
revoke execute on function private.is_taken_over(uuid) from public, anon, authenticated;

create function private.follow_sender_agent()
returns trigger language plpgsql set search_path = ''
as $$
begin
  if new.email_sender_id is null then
    select a.id into new.agent_id
    from public.phone_numbers as p
    join public.agents as a on a.id = p.agent_id and a.is_active
    where p.id = new.phone_number_id and p.workspace_id = new.workspace_id;
  else
    select a.id into new.agent_id
    from public.email_senders as e
    join public.agents as a on a.id = e.agent_id and a.is_active
    where e.id = new.email_sender_id and e.workspace_id = new.workspace_id;
  end if;
  return new;
end;
$$;
comment on function private.follow_sender_agent() is
  'Trigger: a conversation that begins on a sender of an active agent is that agent''s.';
revoke execute on function private.follow_sender_agent() from public, anon, authenticated;
create trigger conversations_follow_sender_agent before insert on public.conversations
  for each row when (new.agent_id is null and num_nonnulls(new.phone_number_id, new.email_sender_id) > 0)
  execute function private.follow_sender_agent();

create function private.keep_hand_over()
returns trigger language plpgsql set search_path = ''
as $$
begin
  if new.agent_id is distinct from old.agent_id then
    if exists (select from public.agents as a where a.id = new.agent_id and not a.is_active) then
      perform private.fail(
        403, 'agent_inactive', 'Cannot hand the conversation over: the agent is not active', 'agent_id',
        'Switch the agent on, or name another'
      );
    end if;
    -- Whoever takes the agent away answers from then on.
    new.taken_over_at := case when new.agent_id is null then coalesce(old.taken_over_at, now()) end;
  elsif new.assigned_to is not null and new.assigned_to is distinct from old.assigned_to and new.agent_id is not null then
    new.taken_over_at := coalesce(new.taken_over_at, now());
  end if;
  return new;
end;
$$;
comment on function private.keep_hand_over() is
  'Trigger: another agent begins anew; to take the agent away, or to assign the conversation to a person, is to take over.';
revoke execute on function private.keep_hand_over() from public, anon, authenticated;
create trigger conversations_keep_hand_over before update of agent_id, assigned_to on public.conversations
  for each row execute function private.keep_hand_over();

-- The person who writes at this moment: what comes again by itself, or was brought in, takes nothing over.
create function private.take_over_by_writing()
returns trigger language plpgsql set search_path = ''
as $$
begin
  if new.sender_id = auth.uid() then
    update public.conversations as t
    set taken_over_at = now()
    where t.workspace_id = new.workspace_id and t.id = new.conversation_id
      and t.agent_id is not null and t.taken_over_at is null;
  end if;
  return null;
end;
$$;
comment on function private.take_over_by_writing() is
  'Trigger: a person who writes in an agent''s conversation takes over. Campaigns and codes are not written in it.';
revoke execute on function private.take_over_by_writing() from public, anon, authenticated;
create trigger conversation_messages_take_over after insert on public.conversation_messages
  for each row
  when (new.direction = 'outbound' and new.sender_id is not null and new.message_class = 'conversation')
  execute function private.take_over_by_writing();

-- Whoever sends has locked the conversation by now: nobody takes over between this and the message.
create function private.refuse_when_taken_over()
returns trigger language plpgsql set search_path = ''
as $$
begin
  if private.is_taken_over(new.conversation_id) then
    perform private.fail(
      409, 'conversation_taken_over', 'Cannot send: a person has taken the conversation over', 'conversation_id',
      'Leave it to the person; it is yours again once it is handed over again'
    );
  end if;
  return new;
end;
$$;
comment on function private.refuse_when_taken_over() is
  'Trigger: an agent writes nothing in a conversation that a person has taken over, whichever way it comes.';
revoke execute on function private.refuse_when_taken_over() from public, anon, authenticated;
create trigger conversation_messages_refuse_taken_over before insert on public.conversation_messages
  for each row when (new.direction = 'outbound' and new.agent_id is not null)
  execute function private.refuse_when_taken_over();
