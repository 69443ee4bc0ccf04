-- The one way an agent acts: asked for, permitted, held to its lines, done once, written down.

create type private.tool_answer as (
  tool_call_id uuid,
  state text,
  is_duplicate boolean,
  result jsonb,
  error_code text,
  error_field text,
  error_message text,
  hint text,
  ask jsonb
);
comment on type private.tool_answer is 'What execute-tool is told: private.tool_outcome, and which call it was.';

create function private.settle_tool_call(tool_call public.agent_tool_calls, outcome private.tool_outcome)
returns private.tool_answer language plpgsql set search_path = ''
as $$
declare
  v_call public.agent_tool_calls := settle_tool_call.tool_call;
  v_outcome private.tool_outcome := settle_tool_call.outcome;
  v_is_final boolean := v_outcome.state in ('succeeded', 'failed', 'refused');
  v_approval public.agent_approvals;
  v_is_read_only boolean;
begin
  update public.agent_tool_calls as c
  set
    status = case when v_outcome.state in ('ask', 'running') then 'running' else v_outcome.state end,
    result = v_outcome.result, error_code = v_outcome.error_code,
    error_message = case when v_outcome.error_code is not null then left(v_outcome.error_message, 1000) end,
    conversation_id = coalesce(v_outcome.conversation_id, c.conversation_id),
    started_at = case when v_outcome.state = 'ask' then now() else c.started_at end,
    finished_at = case when v_is_final then now() end
  where c.id = v_call.id
  returning c.* into strict v_call;

  if v_outcome.state = 'awaiting_approval' then
    insert into public.agent_approvals (workspace_id, agent_id, tool_call_id, conversation_id, reason, summary)
    values (
      v_call.workspace_id, v_call.agent_id, v_call.id, v_call.conversation_id, v_outcome.error_field,
      v_outcome.error_message
    )
    -- Asked for once more after a refusal of another kind, it is looked at once more.
    on conflict on constraint agent_approvals_asked_once do update
    set
      reason = excluded.reason, summary = excluded.summary, status = 'pending', decided_by = null, decided_at = null,
      note = null, created_at = now(), expires_at = now() + interval '1 day'
    returning * into v_approval;
    v_outcome.result := private.approval_for_tool(v_approval);
    v_outcome.error_field := null;
    v_outcome.error_message := null;
  end if;
  select c.is_read_only into v_is_read_only from public.integration_capabilities as c
  where c.capability_key = v_call.capability_key;
  if v_outcome.state in ('refused', 'failed', 'awaiting_approval') or (v_is_final and v_is_read_only is not true) then
    perform private.write_agent_audit(v_call, v_outcome.state);
  end if;
  return (
    v_call.id, v_outcome.state, false, v_outcome.result, v_outcome.error_code, v_outcome.error_field,
    v_outcome.error_message, v_outcome.hint, v_outcome.ask
  )::private.tool_answer;
end;
$$;
comment on function private.settle_tool_call(public.agent_tool_calls, private.tool_outcome) is
  'Writes down what became of a tool call, asks a person where it has to, and audits what changed something or was refused.';
revoke execute on function private.settle_tool_call(public.agent_tool_calls, private.tool_outcome)
  from public, anon, authenticated;

create function private.approval_for_tool(approval public.agent_approvals)
returns jsonb language sql immutable set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'approval_id', (approval_for_tool.approval).id, 'reason', (approval_for_tool.approval).reason,
    'expires_at', private.iso_time((approval_for_tool.approval).expires_at)
  ));
$$;
comment on function private.approval_for_tool(public.agent_approvals) is 'An approval as the agent that waits for it sees it.';
revoke execute on function private.approval_for_tool(public.agent_approvals) from public, anon, authenticated;

create function private.begin_tool_call(caller private.agent_caller, call jsonb)
returns public.agent_tool_calls language plpgsql set search_path = ''
as $$
declare
  v_caller private.agent_caller := begin_tool_call.caller;
  v_call jsonb := begin_tool_call.call;
  v_arguments jsonb := coalesce(nullif(v_call -> 'arguments', 'null'), '{}');
  v_begun public.agent_tool_calls;
  v_field text;
begin
  select f.name into v_field
  from unnest('{run_id,call_id,tool}'::text[]) as f (name)
  where (jsonb_typeof(v_call -> f.name) = 'string' and char_length(v_call ->> f.name) between 1 and 255) is not true
  limit 1;
  if found then
    perform private.fail(400, 'invalid_request', 'Cannot execute the tool: not 1 to 255 characters', v_field);
  end if;
  if jsonb_typeof(v_arguments) <> 'object' then
    perform private.fail(400, 'invalid_request', 'Cannot execute the tool: the arguments are not an object', 'arguments');
  end if;
  insert into public.agent_tool_calls as c (
    workspace_id, agent_id, key_id, actor_id, run_id, call_id, capability_key, arguments, arguments_hash, reason
  )
  values (
    v_caller.workspace_id, v_caller.agent_id, v_caller.key_id, v_caller.actor_id, v_call ->> 'run_id',
    v_call ->> 'call_id', v_call ->> 'tool', v_arguments,
    -- jsonb has one form for the same content; null is left out, since it means the same.
    sha256(convert_to((v_call ->> 'tool') || jsonb_strip_nulls(v_arguments)::text, 'UTF8')),
    nullif(left(v_call ->> 'reason', 1000), '')
  )
  on conflict on constraint agent_tool_calls_made_once do nothing
  returning c.* into v_begun;
  return v_begun;
end;
$$;
comment on function private.begin_tool_call(private.agent_caller, jsonb) is
  'Writes a tool call down before anything is done; null where the same call was made before. Whoever makes it at the same time waits here.';
revoke execute on function private.begin_tool_call(private.agent_caller, jsonb) from public, anon, authenticated;

create function private.repeat_tool_call(caller private.agent_caller, call jsonb)
returns private.tool_answer language plpgsql set search_path = ''
as $$
declare
  v_caller private.agent_caller := repeat_tool_call.caller;
  v_call public.agent_tool_calls;
  v_approval public.agent_approvals;
  v_answer private.tool_answer;
begin
  select * into strict v_call from public.agent_tool_calls as c
  where c.agent_id = v_caller.agent_id and c.run_id = repeat_tool_call.call ->> 'run_id'
    and c.call_id = repeat_tool_call.call ->> 'call_id'
    and c.arguments_hash = sha256(convert_to(
      (repeat_tool_call.call ->> 'tool')
        || jsonb_strip_nulls(coalesce(nullif(repeat_tool_call.call -> 'arguments', 'null'), '{}'))::text,
      'UTF8'
    ))
  for update;
  v_answer.tool_call_id := v_call.id;
  v_answer.is_duplicate := true;
  if v_call.status = 'succeeded' then
    v_answer.state := 'succeeded';
    v_answer.result := v_call.result;
    return v_answer;
  end if;
  if v_call.status = 'running' and v_call.started_at > now() - interval '2 minutes' then
    v_answer.state := 'running';
    return v_answer;
  end if;
  select * into v_approval from public.agent_approvals as p where p.tool_call_id = v_call.id;
  if v_call.status = 'awaiting_approval' and v_approval.status = 'pending' and v_approval.expires_at > now() then
    v_answer.state := 'awaiting_approval';
    v_answer.result := private.approval_for_tool(v_approval);
    return v_answer;
  end if;
  if v_approval.status = 'refused' then
    v_answer.state := 'refused';
    v_answer.error_code := 'approval_refused';
    v_answer.error_message := 'a person has refused it' || coalesce(': ' || v_approval.note, '');
    v_answer.hint := 'Do not try it again in other words; ask the person what they want';
    return v_answer;
  end if;
  -- As malformed as it was.
  if nullif(repeat_tool_call.call -> 'flaw', 'null') is not null then
    v_answer.state := 'refused';
    v_answer.error_code := 'invalid_arguments';
    v_answer.error_field := repeat_tool_call.call #>> '{flaw,field}';
    v_answer.error_message := repeat_tool_call.call #>> '{flaw,message}';
    return v_answer;
  end if;
  -- Nothing was done yet: it is tried again, by whoever asks now.
  update public.agent_tool_calls as c
  set
    status = 'running', result = null, error_code = null, error_message = null, finished_at = null, started_at = now(),
    key_id = v_caller.key_id, actor_id = v_caller.actor_id
  where c.id = v_call.id
  returning c.* into v_call;
  v_answer := private.settle_tool_call(v_call, private.permit_tool(
    v_caller, v_call, case when v_approval.status = 'approved' then v_approval.id end
  ));
  return v_answer;
end;
$$;
comment on function private.repeat_tool_call(private.agent_caller, jsonb) is
  'What a call made before is answered with: its first result, how its approval stands, or a new try where nothing was done.';
revoke execute on function private.repeat_tool_call(private.agent_caller, jsonb) from public, anon, authenticated;

-- Definer: nobody holds a write grant on tool calls, messages and approvals.
create function public.execute_agent_tool(caller jsonb, call jsonb)
returns setof private.tool_answer language plpgsql security definer set search_path = ''
as $$
declare
  v_caller private.agent_caller := private.read_agent_caller(execute_agent_tool.caller);
  v_call public.agent_tool_calls := private.begin_tool_call(v_caller, execute_agent_tool.call);
  v_flaw jsonb := nullif(execute_agent_tool.call -> 'flaw', 'null');
begin
  if v_call.id is null then
    return next private.repeat_tool_call(v_caller, execute_agent_tool.call);
  elsif v_flaw is not null then
    return next private.settle_tool_call(v_call, private.refuse(
      'invalid_arguments', v_flaw ->> 'field', v_flaw ->> 'message', v_flaw ->> 'hint'
    ));
  else
    return next private.settle_tool_call(v_call, private.permit_tool(v_caller, v_call, null));
  end if;
end;
$$;
comment on function public.execute_agent_tool(jsonb, jsonb) is
  'The one way an agent acts. caller: {"api_key"} or {"agent_id", "actor_id"}; call: tool, arguments, run_id, call_id, reason, and flaw ({"field", "message"}) where the arguments are malformed. The same call again is answered as the first was. State ask: the provider has to be asked, and finish_agent_tool told. Errors: 400, 401, 403, 404. For service_role.';
revoke execute on function public.execute_agent_tool(jsonb, jsonb) from public, anon, authenticated;
grant execute on function public.execute_agent_tool(jsonb, jsonb) to service_role;

-- Definer: as above.
create function public.finish_agent_tool(tool_call_id uuid, outcome jsonb)
returns setof private.tool_answer language plpgsql security definer set search_path = ''
as $$
declare
  v_call public.agent_tool_calls;
  v_error jsonb := nullif(finish_agent_tool.outcome -> 'error', 'null');
begin
  select * into v_call from public.agent_tool_calls as c where c.id = finish_agent_tool.tool_call_id for update;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the tool call', 'tool_call_id');
  end if;
  -- Whoever was slow changes nothing: somebody else has begun it again, and finished it.
  if v_call.status <> 'running' then
    return query select v_call.id, v_call.status, true, v_call.result, v_call.error_code, null::text, v_call.error_message,
      null::text, null::jsonb;
    return;
  end if;
  return next private.settle_tool_call(v_call, (
    case when v_error is null then 'succeeded' else 'failed' end,
    case when v_error is null then coalesce(finish_agent_tool.outcome -> 'result', '{}') end,
    case when v_error is not null then coalesce(v_error ->> 'code', 'internal') end,
    null, v_error ->> 'message', v_error ->> 'hint', null, null
  )::private.tool_outcome);
end;
$$;
comment on function public.finish_agent_tool(uuid, jsonb) is
  'Says what came of asking the provider: {"result": {...}} or {"error": {"code", "message", "hint"}}. What is finished already stays as it is. For service_role.';
revoke execute on function public.finish_agent_tool(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.finish_agent_tool(uuid, jsonb) to service_role;
