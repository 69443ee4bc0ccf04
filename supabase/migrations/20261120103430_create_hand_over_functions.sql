-- How a member hands a conversation to an agent, and takes it over.

create function private.hold_my_conversation(conversation_id uuid)
returns public.conversations language plpgsql set search_path = ''
as $$
declare
  v_conversation public.conversations;
begin
  select * into v_conversation from public.conversations as t
  where t.id = hold_my_conversation.conversation_id
    and t.workspace_id = any (array(select private.my_workspace_ids()))
    and (
      t.workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or t.id = any (array(select private.my_assigned_conversation_ids()))
    )
  for no key update;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the conversation', 'conversation_id');
  end if;
  return v_conversation;
end;
$$;
comment on function private.hold_my_conversation(uuid) is 'A conversation that the caller sees, locked; refuses with 404.';
revoke execute on function private.hold_my_conversation(uuid) from public, anon, authenticated;

-- Definer: nobody may write taken_over_at but by these two.
create function private.hand_to_agent(conversation_id uuid, agent_id uuid)
returns public.conversations language plpgsql security definer set search_path = ''
as $$
declare
  v_conversation public.conversations := private.hold_my_conversation(hand_to_agent.conversation_id);
  v_is_active boolean;
begin
  select a.is_active into v_is_active from public.agents as a
  where a.workspace_id = v_conversation.workspace_id and a.id = hand_to_agent.agent_id;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the agent', 'agent_id');
  elsif not v_is_active then
    perform private.fail(
      403, 'agent_inactive', 'Cannot hand the conversation over: the agent is not active', 'agent_id',
      'Switch the agent on, or name another'
    );
  end if;
  update public.conversations as t
  set agent_id = hand_to_agent.agent_id, taken_over_at = null
  where t.id = v_conversation.id
  returning t.* into v_conversation;
  return v_conversation;
end;
$$;
comment on function private.hand_to_agent(uuid, uuid) is 'Does the work of public.hand_to_agent.';
revoke execute on function private.hand_to_agent(uuid, uuid) from public, anon;
grant execute on function private.hand_to_agent(uuid, uuid) to authenticated;

create function public.hand_to_agent(conversation_id uuid, agent_id uuid)
returns public.conversations language sql set search_path = ''
as $$
  select private.hand_to_agent(hand_to_agent.conversation_id, hand_to_agent.agent_id);
$$;
comment on function public.hand_to_agent(uuid, uuid) is
  'Hands a conversation to an agent, which is offered what nobody has answered yet and every message from then on. Members who see the conversation. Errors: 403 agent_inactive, 404.';
revoke execute on function public.hand_to_agent(uuid, uuid) from public, anon;
grant execute on function public.hand_to_agent(uuid, uuid) to authenticated;

-- Definer: as above.
create function private.take_over(conversation_id uuid)
returns public.conversations language plpgsql security definer set search_path = ''
as $$
declare
  v_conversation public.conversations := private.hold_my_conversation(take_over.conversation_id);
begin
  update public.conversations as t
  set taken_over_at = coalesce(t.taken_over_at, now())
  where t.id = v_conversation.id
  returning t.* into v_conversation;
  return v_conversation;
end;
$$;
comment on function private.take_over(uuid) is 'Does the work of public.take_over.';
revoke execute on function private.take_over(uuid) from public, anon;
grant execute on function private.take_over(uuid) to authenticated;

create function public.take_over(conversation_id uuid)
returns public.conversations language sql set search_path = ''
as $$
  select private.take_over(take_over.conversation_id);
$$;
comment on function public.take_over(uuid) is
  'Takes a conversation over from its agent: from now on no agent is offered anything in it, nor may write in it. Again it changes nothing. Members who see the conversation. Errors: 404.';
revoke execute on function public.take_over(uuid) from public, anon;
grant execute on function public.take_over(uuid) to authenticated;
