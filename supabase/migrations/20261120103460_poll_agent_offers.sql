-- How an agent fetches its offers by itself: each stays out of sight for a while, and comes again unless it says done.

create function private.require_active_agent(caller jsonb, action text)
returns public.agents language plpgsql set search_path = ''
as $$
declare
  v_caller private.agent_caller := private.read_agent_caller(require_active_agent.caller);
  v_agent public.agents;
begin
  if not v_caller.is_active then
    perform private.fail(
      403, 'agent_inactive', format('Cannot %s: the agent is not active', require_active_agent.action), 'agent_id',
      'Stop here: a person switched the agent off'
    );
  end if;
  select * into strict v_agent from public.agents as a where a.id = v_caller.agent_id;
  return v_agent;
end;
$$;
comment on function private.require_active_agent(jsonb, text) is
  'The agent that a caller is, or acts as; refuses with 401, 403 or 404.';
revoke execute on function private.require_active_agent(jsonb, text) from public, anon, authenticated;

-- Definer: service_role holds no write grant on offers.
create function public.poll_agent_offers(caller jsonb, poll_limit integer default 10, visibility_seconds integer default 60)
returns table (offer_id uuid, attempt_number smallint, payload jsonb)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_agent public.agents := private.require_active_agent(poll_agent_offers.caller, 'fetch offers');
  v_ids uuid[];
begin
  if (poll_agent_offers.poll_limit between 1 and 100) is not true then
    perform private.fail(400, 'invalid_request', 'Cannot fetch offers: the limit is not 1 to 100', 'limit');
  end if;
  if (poll_agent_offers.visibility_seconds between 10 and 900) is not true then
    perform private.fail(
      400, 'invalid_request', 'Cannot fetch offers: they are not kept for 10 to 900 s', 'visibility_seconds'
    );
  end if;
  v_ids := array(select o.id from private.due_offers(v_agent, poll_agent_offers.poll_limit) as o);
  if cardinality(v_ids) = 0 then
    return;
  end if;
  return query
  select o.id, o.attempt_count, private.offer_payload(o)
  from private.lease_offers(v_ids, poll_agent_offers.visibility_seconds) as o
  order by o.created_at, o.id;
end;
$$;
comment on function public.poll_agent_offers(jsonb, integer, integer) is
  'What an agent is offered now, one of a conversation at a time. What it has not finished after visibility_seconds comes again. For service_role. Errors: 400, 401, 403 agent_inactive, 404.';
revoke execute on function public.poll_agent_offers(jsonb, integer, integer) from public, anon, authenticated;
grant execute on function public.poll_agent_offers(jsonb, integer, integer) to service_role;

-- Definer: as above.
create function public.finish_agent_offer(caller jsonb, offer_id uuid)
returns text language plpgsql security definer set search_path = ''
as $$
declare
  v_agent public.agents := private.require_active_agent(finish_agent_offer.caller, 'finish the offer');
  v_state text;
begin
  update public.agent_offers as o
  set state = 'delivered', delivered_at = now(), next_attempt_at = null, last_error = null
  where o.workspace_id = v_agent.workspace_id and o.agent_id = v_agent.id and o.id = finish_agent_offer.offer_id
    and o.state = 'pending';
  select o.state into v_state from public.agent_offers as o
  where o.workspace_id = v_agent.workspace_id and o.agent_id = v_agent.id and o.id = finish_agent_offer.offer_id;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the offer', 'offer_id');
  end if;
  return v_state;
end;
$$;
comment on function public.finish_agent_offer(jsonb, uuid) is
  'The agent has an offer, and it does not come again; its state then, which is canceled where a person was quicker. For service_role. Errors: 401, 403 agent_inactive, 404.';
revoke execute on function public.finish_agent_offer(jsonb, uuid) from public, anon, authenticated;
grant execute on function public.finish_agent_offer(jsonb, uuid) to service_role;
