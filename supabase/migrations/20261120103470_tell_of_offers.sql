-- Whoever takes a webhook hears whether a message is to be posted to an agent now, and need not wait for the schedule.

-- Volatile: the statement that asks is the one that made the offer.
create function private.has_posted_offer(event_id uuid)
returns boolean language plpgsql set search_path = ''
as $$
begin
  return exists (
    select from public.webhook_events as e
    join public.agent_offers as o on o.message_id = e.message_id and o.state = 'pending'
    join public.agents as a on a.id = o.agent_id and a.webhook_url is not null and a.webhook_disabled_at is null
    where e.id = has_posted_offer.event_id
  );
end;
$$;
comment on function private.has_posted_offer(uuid) is
  'Whether the message of a webhook event is offered to an agent that has a webhook.';
revoke execute on function private.has_posted_offer(uuid) from public, anon, authenticated;

drop function public.ingest_webhook(uuid, jsonb, text);
drop function public.ingest_webhooks(jsonb);

-- Definer: service_role holds no write grant on these tables.
create function public.ingest_webhooks(webhooks jsonb)
returns table (webhook_index integer, event_id uuid, state text, is_offered boolean)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_told jsonb;
  v_events public.webhook_events[];
begin
  with told as materialized (
    select
      (w.position - 1)::integer as webhook_index, w.value ->> 'body' as body, e.value as event,
      c.id as connection_id, c.workspace_id, row_number() over (order by w.position, e.position) as position
    from jsonb_array_elements(ingest_webhooks.webhooks) with ordinality as w (value, position)
    cross join lateral jsonb_array_elements(w.value -> 'events') with ordinality as e (value, position)
    left join public.connections as c
      on c.id = (w.value ->> 'connection_id')::uuid and c.status <> 'inactive'
  ),
  stored as (
    insert into public.webhook_events as s (
      workspace_id, connection_id, kind, external_id, status, event, body, received_at
    )
    select
      t.workspace_id, t.connection_id, t.event ->> 'kind', t.event ->> 'externalId',
      coalesce(t.event ->> 'status', ''), t.event, t.body,
      -- A microsecond apart, which keeps their order and tells them from one another.
      now() + make_interval(secs => t.position / 1e6)
    from told as t
    where t.connection_id is not null
    order by t.connection_id, t.event ->> 'externalId', t.event ->> 'kind', t.event ->> 'status', t.position
    on conflict on constraint webhook_events_told_once do nothing
    returning s as event
  )
  select
    (select array_agg(s.event) from stored as s),
    (select jsonb_agg(jsonb_build_object(
      'webhook_index', t.webhook_index, 'is_connected', t.connection_id is not null, 'position', t.position
    )) from told as t)
  into v_events, v_told;

  return query
  with applied as materialized (
    select a.event_id, a.state from private.apply_webhook_events(v_events) as a
  )
  select
    t.webhook_index,
    e.id,
    case when t.is_connected then coalesce(a.state, 'duplicate') else 'disconnected' end,
    a.state = 'processed' and e.kind = 'message' and private.has_posted_offer(e.id)
  from jsonb_to_recordset(v_told) as t (webhook_index integer, is_connected boolean, position bigint)
  left join unnest(v_events) as e on e.received_at = now() + make_interval(secs => t.position / 1e6)
  left join applied as a on a.event_id = e.id
  order by t.position;
end;
$$;
comment on function public.ingest_webhooks(jsonb) is
  'Stores and applies what verified webhooks said, each of connection_id, events and body. A row per event: processed, duplicate, quarantined, failed, or disconnected; is_offered: its message is to be posted to an agent now. For service_role.';
revoke execute on function public.ingest_webhooks(jsonb) from public, anon, authenticated;
grant execute on function public.ingest_webhooks(jsonb) to service_role;

create function public.ingest_webhook(connection_id uuid, events jsonb, body text)
returns table (event_id uuid, state text) language sql set search_path = ''
as $$
  select i.event_id, i.state
  from public.ingest_webhooks(jsonb_build_array(jsonb_build_object(
    'connection_id', ingest_webhook.connection_id, 'events', ingest_webhook.events, 'body', ingest_webhook.body
  ))) as i;
$$;
comment on function public.ingest_webhook(uuid, jsonb, text) is 'The same for one webhook. For service_role.';
revoke execute on function public.ingest_webhook(uuid, jsonb, text) from public, anon, authenticated;
grant execute on function public.ingest_webhook(uuid, jsonb, text) to service_role;
