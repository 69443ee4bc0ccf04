-- How offers leave for the agents' webhooks: claimed, posted, recorded; what fails comes again, for a day. For service_role.

create function private.offer_payload(offer public.agent_offers)
returns jsonb language plpgsql stable set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'type', 'message.received',
      'timestamp', to_char(m.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
      'data', jsonb_strip_nulls(jsonb_build_object(
        'workspace_id', m.workspace_id,
        'agent_id', (offer_payload.offer).agent_id,
        'conversation_id', t.id,
        'contact_id', t.contact_id,
        'message_id', m.id,
        'channel', t.channel,
        'from', m.from_address,
        'to', m.to_address,
        'subject', (select d.subject from public.email_details as d where d.message_id = m.id),
        'text', left(m.body, 4000),
        'is_shortened', case when char_length(m.body) > 4000 then true end,
        'media_count', (
          select nullif(count(*), 0) from public.message_media as u where u.message_id = m.id
        ),
        'may_ask_to_opt_out', (
          select true from public.conversation_flags as f where f.message_id = m.id and f.resolution is null
        )
      ))
    )
    from public.conversation_messages as m
    join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
    where m.id = (offer_payload.offer).message_id
  );
end;
$$;
comment on function private.offer_payload(public.agent_offers) is
  'What the agent is told of an offer, the same each time: the message, and what other tools are asked with for the rest.';
revoke execute on function private.offer_payload(public.agent_offers) from public, anon, authenticated;

create function private.end_old_offers()
returns integer language plpgsql set search_path = ''
as $$
declare
  v_count integer;
begin
  update public.agent_offers as o
  set
    state = 'failed', next_attempt_at = null,
    last_error = coalesce(o.last_error, 'The agent did not ask for it within a day')
  where o.id = any (array(
    select w.id from public.agent_offers as w
    where w.state = 'pending' and w.created_at < now() - interval '1 day' and w.next_attempt_at <= now()
    order by w.id
    limit 500
    for update skip locked
  ));
  get diagnostics v_count = row_count;
  perform private.cancel_offers(
    array(
      select o.id from public.agent_offers as o
      join public.agents as a on a.id = o.agent_id and not a.is_active
      where o.state = 'pending'
      limit 500
      for update of o skip locked
    ),
    'agent_inactive'
  );
  return v_count;
end;
$$;
comment on function private.end_old_offers() is
  'Ends offers that nobody took for a day, and returns how many; and what was on its way when its agent was switched off.';
revoke execute on function private.end_old_offers() from public, anon, authenticated;

-- The count is the token: whoever was too slow finds another one, and records nothing.
create function private.lease_offers(offer_ids uuid[], lease_seconds integer)
returns setof public.agent_offers language plpgsql set search_path = ''
as $$
declare
  -- Asked just before they go: a stop of a moment ago still counts.
  v_opted_out_ids constant uuid[] := array(
    select o.id from public.agent_offers as o
    join public.conversation_messages as m on m.id = o.message_id
    where o.id = any (lease_offers.offer_ids) and private.has_opted_out(o.workspace_id, m.from_address)
  );
begin
  perform private.cancel_offers(v_opted_out_ids, 'recipient_opted_out');
  return query
  update public.agent_offers as o
  set
    attempt_count = o.attempt_count + 1,
    next_attempt_at = now() + make_interval(secs => lease_offers.lease_seconds)
  where o.id = any (lease_offers.offer_ids) and o.state = 'pending'
  returning o.*;
end;
$$;
comment on function private.lease_offers(uuid[], integer) is
  'Starts an attempt for each of the offers, which the caller holds; none is taken again before the lease ends. To whom nothing may be sent is not answered, either.';
revoke execute on function private.lease_offers(uuid[], integer) from public, anon, authenticated;

create function private.due_offers(agent public.agents, offer_limit integer)
returns setof public.agent_offers language plpgsql set search_path = '' rows 10
as $$
begin
  return query
  select o.* from public.agent_offers as o
  where o.agent_id = (due_offers.agent).id and o.state = 'pending' and o.next_attempt_at <= now()
    and o.created_at > now() - interval '1 day'
    -- One conversation, one order: what came later waits until the agent has what came before.
    and not exists (
      select from public.agent_offers as e
      where e.workspace_id = o.workspace_id and e.conversation_id = o.conversation_id and e.agent_id = o.agent_id
        and e.state = 'pending' and (e.created_at, e.id) < (o.created_at, o.id)
    )
  order by o.next_attempt_at, o.created_at, o.id
  limit due_offers.offer_limit
  for update of o skip locked;
end;
$$;
comment on function private.due_offers(public.agents, integer) is
  'The offers that an agent is to get now, the oldest of each conversation, locked.';
revoke execute on function private.due_offers(public.agents, integer) from public, anon, authenticated;

create function private.posted_agents()
returns setof public.agents language plpgsql stable set search_path = ''
as $$
begin
  return query
  select a.* from public.agents as a
  join public.workspaces as w on w.id = a.workspace_id and w.deleted_at is null
  where a.webhook_url is not null and a.webhook_disabled_at is null and a.is_active
    and exists (
      select from public.agent_offers as o
      where o.agent_id = a.id and o.state = 'pending' and o.next_attempt_at <= now()
    )
    and exists (select from private.agent_webhook_secrets as s where s.agent_id = a.id);
end;
$$;
comment on function private.posted_agents() is 'The agents whose webhooks have something to hear now.';
revoke execute on function private.posted_agents() from public, anon, authenticated;

-- Definer: service_role holds no write grant on offers.
create function public.claim_agent_offers(claim_limit integer default 50, lease_seconds integer default 60)
returns table (offer_id uuid, attempt_number smallint, agent_id uuid, webhook_url text, payload jsonb)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_ids uuid[];
begin
  if (claim_agent_offers.claim_limit between 1 and 1000) is not true then
    perform private.fail(400, 'invalid_request', 'Cannot claim offers: the limit is not 1 to 1000', 'claim_limit');
  end if;
  if (claim_agent_offers.lease_seconds between 10 and 900) is not true then
    perform private.fail(400, 'invalid_request', 'Cannot claim offers: the lease is not 10 to 900 s', 'lease_seconds');
  end if;
  perform private.end_old_offers();
  -- A few of each agent: one that is slow to answer keeps no other waiting.
  v_ids := array(
    select o.id
    from private.posted_agents() as a
    cross join lateral private.due_offers(a, 10) as o
    order by o.next_attempt_at, o.created_at, o.id
    limit claim_agent_offers.claim_limit
  );
  return query
  select o.id, o.attempt_count, o.agent_id, a.webhook_url, private.offer_payload(o)
  from private.lease_offers(v_ids, claim_agent_offers.lease_seconds) as o
  join public.agents as a on a.id = o.agent_id
  order by o.created_at, o.id;
end;
$$;
comment on function public.claim_agent_offers(integer, integer) is
  'Takes up to claim_limit offers that are due at an agent''s webhook, one of a conversation at a time. What is not recorded is due again when the lease ends. For service_role.';
revoke execute on function public.claim_agent_offers(integer, integer) from public, anon, authenticated;
grant execute on function public.claim_agent_offers(integer, integer) to service_role;

create function private.offer_delay(attempt_count integer)
returns interval language sql volatile set search_path = ''
as $$
  -- A fifth more or less, so that those which failed together do not come back together.
  select make_interval(secs => least(5 * 3.0 ^ (offer_delay.attempt_count - 1), 10800) * (0.8 + 0.4 * random()));
$$;
comment on function private.offer_delay(integer) is
  'How long an offer waits after an attempt that failed: about 5 s, 15 s, 45 s and so on, up to three hours.';
revoke execute on function private.offer_delay(integer) from public, anon, authenticated;

create function private.disable_agent_webhooks(outcomes jsonb)
returns void language plpgsql set search_path = ''
as $$
begin
  with gone as (
    select distinct o.agent_id, u.webhook_url, u.error
    from jsonb_to_recordset(disable_agent_webhooks.outcomes) as u (offer_id uuid, is_gone boolean, webhook_url text, error text)
    join public.agent_offers as o on o.id = u.offer_id
    where u.is_gone
  ),
  disabled as (
    update public.agents as a
    set webhook_disabled_at = now()
    where a.webhook_disabled_at is null and a.id = any (array(
      select l.id from public.agents as l
      -- Where somebody wrote another address meanwhile, that one is none the worse.
      join gone as g on g.agent_id = l.id and g.webhook_url = l.webhook_url
      order by l.id
      for no key update of l
    ))
    returning a.workspace_id, a.id
  )
  insert into public.audit_log (workspace_id, actor_id, action, entity_type, entity_id, details)
  select d.workspace_id, null, 'agent_webhook.disabled', 'agent', d.id::text, jsonb_build_object('reason', min(left(g.error, 500)))
  from disabled as d
  join gone as g on g.agent_id = d.id
  group by d.workspace_id, d.id;
end;
$$;
comment on function private.disable_agent_webhooks(jsonb) is
  'Posts nothing any more to the addresses that are gone, and writes it down.';
revoke execute on function private.disable_agent_webhooks(jsonb) from public, anon, authenticated;

-- Definer: as above.
create function public.record_agent_offers(outcomes jsonb)
returns integer language plpgsql security definer set search_path = ''
as $$
declare
  v_count integer;
begin
  -- Agents before their offers, as whoever switches one off locks them.
  perform private.disable_agent_webhooks(record_agent_offers.outcomes);
  update public.agent_offers as o
  set
    state = n.state,
    delivered_at = case when n.state = 'delivered' then now() end,
    next_attempt_at = case when n.state = 'pending' then n.next_attempt_at end,
    last_error = n.error
  from (
    select
      l.id, t.next_attempt_at,
      case when u.is_delivered then null else coalesce(left(nullif(u.error, ''), 500), 'No reason was told') end as error,
      case
        when u.is_delivered then 'delivered'
        when t.next_attempt_at > l.created_at + interval '1 day' then 'failed'
        else 'pending'
      end as state
    from jsonb_to_recordset(record_agent_offers.outcomes) as u (
      offer_id uuid, attempt_number smallint, is_delivered boolean, is_gone boolean, error text, retry_after_seconds integer
    )
    join (
      select w.* from public.agent_offers as w
      where w.id = any (array(
        select k.offer_id from jsonb_to_recordset(record_agent_offers.outcomes) as k (offer_id uuid)
      ))
      order by w.id
      for update
    ) as l on l.id = u.offer_id and l.state = 'pending'
    cross join lateral (
      select now() + case
        -- It is for whoever polls, at once.
        when u.is_gone then interval '0'
        else greatest(
          private.offer_delay(l.attempt_count), make_interval(secs => least(coalesce(u.retry_after_seconds, 0), 10800))
        )
      end as next_attempt_at
    ) as t
    -- That it arrived is true whoever says so, and however late; that it did not is known of the latest attempt alone.
    where u.is_delivered or l.attempt_count = u.attempt_number
  ) as n
  where o.id = n.id;
  get diagnostics v_count = row_count;
  return v_count;
end;
$$;
comment on function public.record_agent_offers(jsonb) is
  'Writes down what became of claimed offers, each with offer_id, attempt_number, is_delivered, and where it failed error, retry_after_seconds, is_gone with webhook_url; returns how many it moved. For service_role.';
revoke execute on function public.record_agent_offers(jsonb) from public, anon, authenticated;
grant execute on function public.record_agent_offers(jsonb) to service_role;
