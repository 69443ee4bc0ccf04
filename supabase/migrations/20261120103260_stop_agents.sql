-- The kill switch: an agent that is switched off sends nothing any more, not even what waits already.

create function private.take_back_messages(message_ids uuid[], reason text)
returns void language plpgsql set search_path = ''
as $$
begin
  delete from private.outbound_jobs as j where j.message_id = any (take_back_messages.message_ids);
  delete from private.email_attachments as f where f.message_id = any (take_back_messages.message_ids);
  update public.conversation_messages as m
  set status = 'canceled', error_code = take_back_messages.reason
  where m.id = any (take_back_messages.message_ids);
  perform private.count_messages(take_back_messages.message_ids, -1);
end;
$$;
comment on function private.take_back_messages(uuid[], text) is
  'Cancels waiting messages whose jobs the caller has locked, with the error code that says why. Last, since it locks counters, after which nobody locks anything else.';
revoke execute on function private.take_back_messages(uuid[], text) from public, anon, authenticated;

create function private.stop_agent_work(agent_id uuid)
returns void language plpgsql set search_path = ''
as $$
declare
  v_agent_id uuid := stop_agent_work.agent_id;
  v_workspace_id uuid;
  v_message_ids uuid[];
begin
  -- Whoever is sending for it ends first, and is seen then.
  perform private.lock_agent(v_agent_id);
  select a.workspace_id into strict v_workspace_id from public.agents as a where a.id = v_agent_id;
  -- After those who send for it, who answer offers; before messages, as they do it.
  perform private.cancel_offers(
    array(
      select o.id from public.agent_offers as o
      where o.workspace_id = v_workspace_id and o.agent_id = v_agent_id and o.state in ('pending', 'delivered')
      -- Whoever works on one finds the agent switched off: end_old_offers takes back what they leave.
      for update skip locked
    ),
    'agent_inactive'
  );
  v_message_ids := array(
    select m.id
    from public.conversation_messages as m
    join private.outbound_jobs as j on j.message_id = m.id
    where m.workspace_id = v_workspace_id and m.agent_id = v_agent_id and m.status in ('scheduled', 'queued')
    order by m.id
    for update of j
  );
  -- Whoever holds one of these is about to ask whether the agent is active.
  update public.agent_tool_calls as c
  set status = 'refused', error_code = 'agent_inactive', error_message = 'the agent was switched off', finished_at = now()
  where c.id = any (array(
    select w.id from public.agent_tool_calls as w
    where w.workspace_id = v_workspace_id and w.agent_id = v_agent_id and w.status = 'awaiting_approval'
    for update skip locked
  ));
  update public.agent_approvals as p set status = 'expired'
  where p.id = any (array(
    select w.id from public.agent_approvals as w
    where w.workspace_id = v_workspace_id and w.agent_id = v_agent_id and w.status = 'pending'
    for update skip locked
  ));
  perform private.take_back_messages(v_message_ids, 'agent_inactive');
end;
$$;
comment on function private.stop_agent_work(uuid) is
  'Takes back what an agent has waiting: offers, messages that no dispatcher has taken, and what it asked people for.';
revoke execute on function private.stop_agent_work(uuid) from public, anon, authenticated;

-- Definer: whoever switches an agent off holds no write grant on messages and jobs.
create function private.heed_kill_switch()
returns trigger language plpgsql security definer set search_path = ''
as $$
begin
  perform private.stop_agent_work(new.id);
  perform private.write_audit(new.workspace_id, auth.uid(), 'agent.stopped', 'agent', new.id::text);
  return new;
end;
$$;
comment on function private.heed_kill_switch() is 'Trigger: an agent that is switched off takes back what it has waiting.';
revoke execute on function private.heed_kill_switch() from public, anon, authenticated;
create trigger agents_heed_kill_switch after update of is_active on public.agents
  for each row when (old.is_active and not new.is_active) execute function private.heed_kill_switch();

-- Definer: whether somebody is an admin is asked of functions that nobody may call.
create function private.stop_agent(agent_id uuid)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_workspace_id uuid;
begin
  select a.workspace_id into v_workspace_id from public.agents as a
  where a.id = stop_agent.agent_id and a.workspace_id = any (array(select private.my_workspace_ids()));
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the agent', 'agent_id');
  end if;
  perform private.require_admin(auth.uid(), v_workspace_id, 'stop an agent');
  update public.agents as a set is_active = false where a.id = stop_agent.agent_id and a.is_active;
end;
$$;
comment on function private.stop_agent(uuid) is 'Does the work of public.stop_agent.';
revoke execute on function private.stop_agent(uuid) from public, anon;
grant execute on function private.stop_agent(uuid) to authenticated;

create function public.stop_agent(agent_id uuid)
returns void language sql set search_path = ''
as $$
  select private.stop_agent(stop_agent.agent_id);
$$;
comment on function public.stop_agent(uuid) is
  'Switches an agent off at once: no tool works any more, what it has waiting is canceled. The same as setting agents.is_active to false. Owners and admins. Errors: 403, 404.';
revoke execute on function public.stop_agent(uuid) from public, anon;
grant execute on function public.stop_agent(uuid) to authenticated;
