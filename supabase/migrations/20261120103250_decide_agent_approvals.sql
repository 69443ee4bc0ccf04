-- How a person says yes or no to what an agent wants to do, and how an agent is stopped.

create function private.caller_of_call(tool_call public.agent_tool_calls)
returns private.agent_caller language plpgsql set search_path = ''
as $$
declare
  v_call public.agent_tool_calls := caller_of_call.tool_call;
  v_caller private.agent_caller;
begin
  if v_call.actor_id is not null then
    return private.read_agent_caller(jsonb_build_object('agent_id', v_call.agent_id, 'actor_id', v_call.actor_id));
  end if;
  -- A key that was replaced meanwhile asked in its time, as long as the one in its place is good.
  with recursive chain as (
    select k.* from public.agent_api_keys as k where k.workspace_id = v_call.workspace_id and k.id = v_call.key_id
    union all
    select k.* from chain as c
    join public.agent_api_keys as k on k.workspace_id = c.workspace_id and k.id = c.replaced_by
  )
  select k.workspace_id, k.agent_id, k.id, null, k.allowed_scopes, a.is_active into v_caller
  from chain as k
  join public.agents as a on a.id = k.agent_id
  where k.id = v_call.key_id and not exists (
    select from chain as c
    where case
      when c.replaced_by is null then c.revoked_at is not null or c.expires_at <= now()
      -- A rotation without overlap ends a key, too. One that was revoked asks for nothing any more.
      else c.revoked_at <> c.expires_at
    end
  );
  return v_caller;
end;
$$;
comment on function private.caller_of_call(public.agent_tool_calls) is
  'Who made a tool call, with the rights they have now; null where the key is revoked or the person gone.';
revoke execute on function private.caller_of_call(public.agent_tool_calls) from public, anon, authenticated;

create function private.run_approved_call(approval public.agent_approvals)
returns private.tool_answer language plpgsql set search_path = ''
as $$
declare
  v_call public.agent_tool_calls;
  v_caller private.agent_caller;
  v_claims text := current_setting('request.jwt.claims', true);
  v_answer private.tool_answer;
begin
  select * into strict v_call from public.agent_tool_calls as c where c.id = run_approved_call.approval.tool_call_id for update;
  if v_call.status not in ('awaiting_approval', 'running')
    or (v_call.status = 'running' and v_call.started_at > now() - interval '2 minutes')
  then
    v_answer := (
      v_call.id, v_call.status, true, v_call.result, v_call.error_code, null, v_call.error_message, null, null
    )::private.tool_answer;
    return v_answer;
  end if;
  begin
    v_caller := private.caller_of_call(v_call);
  exception when sqlstate 'PT403' or sqlstate 'PT404' then
    v_caller := null;
  end;
  if v_caller.agent_id is null then
    return private.settle_tool_call(v_call, private.refuse(
      'tool_not_allowed', null, 'whoever asked for it may not act as the agent any more'
    ));
  end if;
  -- Sent as the agent, not as the person who approves: where that person may write says nothing about it.
  perform set_config('request.jwt.claims', '{"role": "service_role"}', true);
  v_answer := private.settle_tool_call(v_call, private.permit_tool(v_caller, v_call, run_approved_call.approval.id));
  perform set_config('request.jwt.claims', coalesce(v_claims, ''), true);
  return v_answer;
end;
$$;
comment on function private.run_approved_call(public.agent_approvals) is
  'Does what was approved, if the agent may do it now; what was done already is not done again.';
revoke execute on function private.run_approved_call(public.agent_approvals) from public, anon, authenticated;

-- Definer: nobody holds a write grant on approvals and tool calls.
create function private.decide_agent_approval(approval_id uuid, decision text, note text)
returns private.tool_answer language plpgsql security definer set search_path = ''
as $$
declare
  v_approval public.agent_approvals;
  v_call public.agent_tool_calls;
  v_is_asking boolean;
begin
  if (decide_agent_approval.decision in ('approve', 'refuse')) is not true then
    perform private.fail(
      400, 'invalid_request', 'Cannot decide: the decision is neither approve nor refuse', 'decision'
    );
  end if;
  if char_length(decide_agent_approval.note) not between 1 and 1000 then
    perform private.fail(400, 'invalid_request', 'Cannot decide: the note has not 1 to 1000 characters', 'note');
  end if;
  select p.* into v_approval from public.agent_approvals as p
  where p.id = decide_agent_approval.approval_id and p.workspace_id = any (array(select private.my_workspace_ids()))
    and (
      p.workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or p.conversation_id = any (array(select private.my_assigned_conversation_ids()))
    );
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the approval', 'approval_id');
  end if;
  -- The call before its approval, and both before the agent, as whoever executes tools does it.
  select * into strict v_call from public.agent_tool_calls as c where c.id = v_approval.tool_call_id for update;
  select * into strict v_approval from public.agent_approvals as p where p.id = v_approval.id for update;
  if v_approval.status = 'pending' and v_approval.expires_at <= now() then
    perform private.fail(
      409, 'approval_expired', 'Cannot decide: nobody decided in time', 'approval_id', 'The agent can ask again'
    );
  elsif v_approval.status <> 'pending' then
    perform private.fail(
      409, 'conflict', format('Cannot decide: it is %s already', v_approval.status), 'approval_id'
    );
  end if;
  update public.agent_approvals as p
  set
    status = case decide_agent_approval.decision when 'approve' then 'approved' else 'refused' end,
    decided_by = auth.uid(), decided_at = now(), note = decide_agent_approval.note
  where p.id = v_approval.id
  returning p.* into v_approval;
  insert into public.audit_log (workspace_id, actor_id, agent_id, action, entity_type, entity_id, details)
  values (
    v_approval.workspace_id, auth.uid(), v_approval.agent_id, 'agent_approval.' || v_approval.status, 'agent_approval',
    v_approval.id::text, jsonb_build_object('reason', v_approval.reason, 'tool', v_call.capability_key)
  );
  if v_approval.status = 'refused' then
    return private.settle_tool_call(v_call, private.refuse(
      'approval_refused', null, 'a person has refused it' || coalesce(': ' || v_approval.note, ''),
      'Do not try it again in other words; ask the person what they want'
    ));
  end if;
  -- What a provider has to be asked for is begun by who asks it: run_approved_tool.
  select c.family = 'start_call' into v_is_asking from public.integration_capabilities as c
  where c.capability_key = v_call.capability_key;
  if v_is_asking then
    return (
      v_call.id, 'awaiting_approval', false, private.approval_for_tool(v_approval), null, null, null, null, null
    )::private.tool_answer;
  end if;
  return private.run_approved_call(v_approval);
end;
$$;
comment on function private.decide_agent_approval(uuid, text, text) is 'Does the work of public.decide_agent_approval.';
revoke execute on function private.decide_agent_approval(uuid, text, text) from public, anon;
grant execute on function private.decide_agent_approval(uuid, text, text) to authenticated;

create function public.decide_agent_approval(approval_id uuid, decision text, note text default null)
returns private.tool_answer language sql set search_path = ''
as $$
  select private.decide_agent_approval(
    decide_agent_approval.approval_id, decide_agent_approval.decision, decide_agent_approval.note
  );
$$;
comment on function public.decide_agent_approval(uuid, text, text) is
  'Says approve or refuse to what an agent wants to do. What is approved is done at once, if the agent may still do it; a call begins with run_approved_tool or the agent''s next try. Whoever sees the approval. Errors: 400, 404, 409.';
revoke execute on function public.decide_agent_approval(uuid, text, text) from public, anon;
grant execute on function public.decide_agent_approval(uuid, text, text) to authenticated;

-- Definer: nobody holds a write grant on tool calls.
create function public.run_approved_tool(approval_id uuid)
returns setof private.tool_answer language plpgsql security definer set search_path = ''
as $$
declare
  v_approval public.agent_approvals;
begin
  select * into v_approval from public.agent_approvals as p
  where p.id = run_approved_tool.approval_id and p.status = 'approved';
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find an approval that was given', 'approval_id');
  end if;
  return next private.run_approved_call(v_approval);
end;
$$;
comment on function public.run_approved_tool(uuid) is
  'Begins what was approved and needs a provider: state ask. What was done already is not done again. Errors: 404. For service_role.';
revoke execute on function public.run_approved_tool(uuid) from public, anon, authenticated;
grant execute on function public.run_approved_tool(uuid) to service_role;

create function private.expire_agent_approvals(row_limit integer)
returns integer language plpgsql set search_path = ''
as $$
declare
  v_expired integer;
begin
  with calls as materialized (
    -- The call before its approval, as whoever decides does it.
    select c.id, p.id as approval_id
    from public.agent_approvals as p
    join public.agent_tool_calls as c on c.id = p.tool_call_id
    where p.status = 'pending' and p.expires_at <= now()
    order by p.expires_at
    limit expire_agent_approvals.row_limit
    for update of c skip locked
  ),
  expired as (
    update public.agent_approvals as p set status = 'expired'
    where p.id = any (array(select c.approval_id from calls as c)) and p.status = 'pending'
    returning p.tool_call_id
  ),
  ended as (
    update public.agent_tool_calls as c
    set
      status = 'refused', error_code = 'approval_expired', error_message = 'nobody decided in time', finished_at = now()
    where c.id = any (array(select e.tool_call_id from expired as e)) and c.status = 'awaiting_approval'
    returning c.id
  )
  select count(*) into v_expired from ended;
  return v_expired;
end;
$$;
comment on function private.expire_agent_approvals(integer) is
  'Ends up to so many approvals that nobody decided in time; the agent may ask again.';
revoke execute on function private.expire_agent_approvals(integer) from public, anon, authenticated;

-- Definer: service_role holds no write grant on approvals.
create function public.expire_agent_approvals(row_limit integer default 1000)
returns integer language sql security definer set search_path = ''
as $$
  select private.expire_agent_approvals(expire_agent_approvals.row_limit);
$$;
comment on function public.expire_agent_approvals(integer) is
  'Ends up to so many approvals that nobody decided in time. For service_role.';
revoke execute on function public.expire_agent_approvals(integer) from public, anon, authenticated;
grant execute on function public.expire_agent_approvals(integer) to service_role;

create function private.schedule_approval_expiry()
returns boolean language plpgsql set search_path = ''
as $$
begin
  if to_regprocedure('cron.schedule(text,text,text)') is null then
    return false;
  end if;
  perform cron.schedule('switchboard-expire-approvals', '* * * * *', 'select private.expire_agent_approvals(1000)');
  return true;
end;
$$;
comment on function private.schedule_approval_expiry() is
  'Schedules the end of undecided approvals every minute; false where pg_cron is missing. Safe to repeat.';
revoke execute on function private.schedule_approval_expiry() from public, anon, authenticated;

select private.schedule_approval_expiry();
