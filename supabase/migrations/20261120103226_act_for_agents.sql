-- How an agent takes a message back, and how it calls.

create function private.cancel_by_tool(run private.tool_run)
returns private.tool_outcome language plpgsql set search_path = ''
as $$
declare
  v_run private.tool_run := cancel_by_tool.run;
  v_message public.conversation_messages;
begin
  select m.* into v_message
  from public.conversation_messages as m
  join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
  where m.workspace_id = (v_run.caller).workspace_id and m.id = private.as_uuid(v_run.arguments ->> 'message_id')
    and m.direction = 'outbound'
    and (
      m.agent_id = (v_run.caller).agent_id
      or (
        t.agent_id = (v_run.caller).agent_id and m.message_class = 'conversation' and not private.is_taken_over(t.id)
      )
    );
  if not found then
    return private.refuse(
      'message_not_found', 'message_id', 'there is no such message of the agent''s',
      'Only what the agent sent, or what waits in a conversation in its hands, can be canceled'
    );
  end if;
  perform private.cancel_message(v_message.id);
  return private.succeed(
    jsonb_build_object('message_id', v_message.id, 'conversation_id', v_message.conversation_id, 'status', 'canceled'),
    v_message.conversation_id
  );
end;
$$;
comment on function private.cancel_by_tool(private.tool_run) is 'Takes back a message that the agent sent, or that waits in a conversation in its hands.';
revoke execute on function private.cancel_by_tool(private.tool_run) from public, anon, authenticated;

create function private.call_by_tool(run private.tool_run)
returns private.tool_outcome language plpgsql set search_path = ''
as $$
declare
  v_run private.tool_run := call_by_tool.run;
  v_recipient private.tool_recipient := private.find_tool_recipient(v_run, 'call');
  v_number record;
  v_breach record;
  v_call record;
begin
  select p.id, p.phone_number into v_number
  from public.phone_numbers as p
  where p.workspace_id = (v_run.caller).workspace_id and p.status = 'active' and (p.capabilities ->> 'voice')::boolean
    and p.connection_id = any (private.usable_for(v_run, 'voice'))
    and private.agent_may_send_from((v_run.caller).agent_id, p.id, null)
    and (v_run.arguments ->> 'from' is null or p.phone_number = v_run.arguments ->> 'from')
  order by p.is_default desc, p.created_at, p.phone_number
  limit 1;
  if not found then
    return private.refuse(
      'sender_not_allowed', 'from', 'the agent has no such number that can call',
      'Leave from out, or ask an admin to assign a number with voice'
    );
  end if;
  -- A call that was begun is not judged again: a second look at it is all that a retry gets.
  if not exists (
    select from public.calls as l
    where l.workspace_id = (v_run.caller).workspace_id and l.idempotency_key = v_run.idempotency_key
  ) then
    perform private.lock_agent((v_run.caller).agent_id);
    perform private.lock_recipient((v_run.caller).workspace_id, v_recipient.address);
    select b.* into v_breach
    from private.find_guardrail_breach(
      (
        (v_run.caller).workspace_id, (v_run.caller).agent_id, 'call', v_recipient.contact_id, v_recipient.address,
        v_recipient.conversation_id, v_run.arguments ->> 'body', '{}', private.default_call_rate(), null, v_run.approval_id
      )::private.agent_action, 0, 0
    ) as b;
    if found and v_breach.error_code = 'approval_needed' then
      return (
        'awaiting_approval', null, null, v_breach.error_field,
        private.describe_action(v_recipient, v_run.arguments ->> 'body', null), null, v_recipient.conversation_id, null
      )::private.tool_outcome;
    elsif found then
      return private.refuse(v_breach.error_code, v_breach.error_field, v_breach.error_message);
    end if;
  end if;

  select * into strict v_call
  from private.start_call(
    (v_run.caller).workspace_id,
    jsonb_build_object(
      'to_address', v_recipient.address, 'text', v_run.arguments ->> 'body', 'phone_number_id', v_number.id,
      'idempotency_key', v_run.idempotency_key
    ),
    array(
      select p.name from public.integration_capabilities as c join public.service_providers as p on p.id = c.integration_id
      where c.family = 'start_call'
    )
  ) as c;
  if v_call.is_duplicate and v_call.status = 'queued'
    and exists (select from public.calls as l where l.id = v_call.call_id and l.external_id is null)
  then
    return ('running', null, null, null, null, null, v_call.conversation_id, null)::private.tool_outcome;
  elsif v_call.is_duplicate then
    return private.call_outcome(v_call.call_id);
  end if;
  update public.calls as l
  set agent_id = (v_run.caller).agent_id, started_by = null
  where l.id = v_call.call_id;
  return (
    'ask', null, null, null, null, null, v_call.conversation_id, jsonb_build_object(
      'family', v_run.family, 'connection_id', v_call.connection_id, 'provider', v_call.provider,
      'workspace_id', (v_run.caller).workspace_id, 'arguments', v_run.arguments, 'call', to_jsonb(v_call)
    )
  )::private.tool_outcome;
end;
$$;
comment on function private.call_by_tool(private.tool_run) is
  'Writes down a call of an agent''s, which whoever executes the tool then asks the provider for: once, however often the tool is called.';
revoke execute on function private.call_by_tool(private.tool_run) from public, anon, authenticated;

create function private.call_outcome(call_id uuid)
returns private.tool_outcome language plpgsql stable set search_path = ''
as $$
declare
  v_call public.calls;
begin
  select * into strict v_call from public.calls as l where l.id = call_outcome.call_id;
  if v_call.status = 'failed' then
    return (
      'failed', null, v_call.error_code, null, coalesce(v_call.error_message, 'the call could not be made'), null,
      v_call.conversation_id, null
    )::private.tool_outcome;
  end if;
  return private.succeed(
    jsonb_build_object(
      'call_id', v_call.id, 'conversation_id', v_call.conversation_id, 'status', v_call.status, 'from', v_call.from_address,
      'to', v_call.to_address
    ),
    v_call.conversation_id
  );
end;
$$;
comment on function private.call_outcome(uuid) is 'What a tool answers for a call that was begun before.';
revoke execute on function private.call_outcome(uuid) from public, anon, authenticated;
