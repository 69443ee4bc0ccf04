-- Whether an agent may do what it asks for, now, and the doing of it.

create function private.run_tool(run private.tool_run)
returns private.tool_outcome language plpgsql set search_path = ''
as $$
declare
  v_run private.tool_run := run_tool.run;
begin
  return case
    when v_run.family in ('send_sms', 'send_mms', 'send_whatsapp', 'send_email', 'send_message', 'schedule_message')
      then private.send_by_tool(v_run)
    when v_run.family = 'cancel_message' then private.cancel_by_tool(v_run)
    when v_run.family = 'start_call' then private.call_by_tool(v_run)
    when v_run.family in ('get_message_status', 'get_delivery_receipts') then private.message_status_by_tool(v_run)
    when v_run.family in ('get_sms_history', 'get_mms_history', 'get_email_history') then private.history_by_tool(v_run)
    when v_run.family = 'find_contact' then private.find_contact_by_tool(v_run)
    when v_run.family = 'list_conversations' then private.list_conversations_by_tool(v_run)
    when v_run.family = 'read_conversation' then private.read_conversation_by_tool(v_run)
    when v_run.family in ('get_balance', 'get_usage', 'search_numbers') then private.ask_by_tool(v_run)
    else private.refuse('tool_not_found', 'tool', 'there is no such tool')
  end;
end;
$$;
comment on function private.run_tool(private.tool_run) is 'Does what a permitted tool call asks for.';
revoke execute on function private.run_tool(private.tool_run) from public, anon, authenticated;

create function private.ask_by_tool(run private.tool_run)
returns private.tool_outcome language plpgsql stable set search_path = ''
as $$
declare
  v_run private.tool_run := ask_by_tool.run;
begin
  if cardinality(v_run.connection_ids) > 1 then
    return private.refuse(
      'invalid_arguments', 'connection_id', 'the agent has several such accounts, and none is named',
      'Name one: ' || (
        select string_agg(c.id || ' (' || c.display_name || ')', ', ' order by c.display_name, c.id)
        from public.connections as c where c.id = any (v_run.connection_ids)
      )
    );
  end if;
  return (
    'ask', null, null, null, null, null, null, jsonb_build_object(
      'family', v_run.family, 'connection_id', v_run.connection_ids[1], 'provider', v_run.provider,
      'workspace_id', (v_run.caller).workspace_id, 'arguments', v_run.arguments
    )
  )::private.tool_outcome;
end;
$$;
comment on function private.ask_by_tool(private.tool_run) is 'What only the provider can answer is asked of the one account that is meant.';
revoke execute on function private.ask_by_tool(private.tool_run) from public, anon, authenticated;

create function private.permit_tool(caller private.agent_caller, tool_call public.agent_tool_calls, approval_id uuid)
returns private.tool_outcome language plpgsql set search_path = ''
as $$
declare
  v_caller private.agent_caller := permit_tool.caller;
  v_call public.agent_tool_calls := permit_tool.tool_call;
  v_run private.tool_run;
  v_capability public.integration_capabilities;
  v_connection_id text := v_call.arguments ->> 'connection_id';
begin
  select * into v_capability from public.integration_capabilities as c where c.capability_key = v_call.capability_key;
  if not found then
    return private.refuse(
      'tool_not_found', 'tool', 'there is no such tool', 'Ask get-agent-tools which tools the agent has'
    );
  end if;
  if v_caller.is_active is not true then
    return private.refuse('agent_inactive', null, 'the agent is switched off', 'An admin can switch it on again');
  end if;
  v_run.caller := v_caller;
  v_run.tool_call_id := v_call.id;
  v_run.family := v_capability.family;
  -- What is null is left out, and means the same.
  v_run.arguments := jsonb_strip_nulls(v_call.arguments);
  v_run.idempotency_key := 'agent:' || encode(sha256(convert_to(
    v_call.agent_id || '/' || octet_length(v_call.run_id) || '/' || v_call.run_id || '/' || v_call.call_id, 'UTF8'
  ) || v_call.arguments_hash), 'hex');
  v_run.approval_id := permit_tool.approval_id;
  select g into strict v_run.guardrails from public.agent_guardrails as g where g.agent_id = v_caller.agent_id;
  select p.name into v_run.provider from public.service_providers as p where p.id = v_capability.integration_id;
  v_run.connection_ids := array(
    select t.connection_id from private.agent_tools(v_caller, v_capability.capability_key) as t
    where v_connection_id is null or t.connection_id = private.as_uuid(v_connection_id)
  );
  if cardinality(v_run.connection_ids) = 0 then
    if exists (
      select from private.agent_grants(v_caller) as g
      where g.obstacle = 'connections_unhealthy' and g.scopes && v_capability.sufficient_scopes
        and (v_run.provider is null or g.provider = v_run.provider)
        and (v_connection_id is null or g.connection_id = private.as_uuid(v_connection_id))
        and v_capability.capability_key <> all ((v_run.guardrails).denied_capability_keys)
    ) then
      return private.refuse(
        'connection_unavailable', case when v_connection_id is not null then 'connection_id' end,
        'the account that the tool works through cannot be used now', 'Try again later, or tell a person'
      );
    end if;
    return private.refuse(
      'tool_not_allowed', case when v_connection_id is not null then 'connection_id' end,
      'the agent was not granted this tool' || case when v_connection_id is not null then ' on this connection' else '' end,
      'Ask get-agent-tools which tools the agent has; a person grants more'
    );
  end if;
  return private.run_tool(v_run);
exception
  -- What was refused inside is undone, and told to the agent as any refusal is.
  when sqlstate 'PT400' or sqlstate 'PT402' or sqlstate 'PT403' or sqlstate 'PT404' or sqlstate 'PT409' or sqlstate 'PT422' then
    declare
      v_message text;
      v_detail text;
      v_hint text;
    begin
      get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail, v_hint = pg_exception_hint;
      return private.refuse(
        v_detail::jsonb ->> 'code', v_detail::jsonb ->> 'field',
        regexp_replace(v_message, '^Cannot [a-z ]+: ', ''), nullif(v_hint, '')
      );
    end;
end;
$$;
comment on function private.permit_tool(private.agent_caller, public.agent_tool_calls, uuid) is
  'Runs a tool call if the agent may, now; else says why not.';
revoke execute on function private.permit_tool(private.agent_caller, public.agent_tool_calls, uuid)
  from public, anon, authenticated;
