-- How verified webhooks come in: stored first, acted on once, and replayable. For service_role.

-- Definer: service_role holds no write grant on these tables.
create function public.ingest_webhooks(webhooks jsonb)
returns table (webhook_index integer, event_id uuid, state text)
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
    case when t.is_connected then coalesce(a.state, 'duplicate') else 'disconnected' end
  from jsonb_to_recordset(v_told) as t (webhook_index integer, is_connected boolean, position bigint)
  left join unnest(v_events) as e on e.received_at = now() + make_interval(secs => t.position / 1e6)
  left join applied as a on a.event_id = e.id
  order by t.position;
end;
$$;
comment on function public.ingest_webhooks(jsonb) is
  'Stores and applies what verified webhooks said, each of connection_id, events and body. A row per event: processed, duplicate, quarantined, failed, or disconnected. For service_role.';
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

-- Definer: as above.
create function public.replay_webhook_events(event_ids uuid[])
returns table (event_id uuid, state text)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  select a.event_id, a.state
  from private.apply_webhook_events(array(
    select e from public.webhook_events as e
    where e.id = any (replay_webhook_events.event_ids) and e.state in ('quarantined', 'failed')
    order by e.id
    for update
  )) as a;
end;
$$;
comment on function public.replay_webhook_events(uuid[]) is
  'Acts again on events that were quarantined or failed. For service_role.';
revoke execute on function public.replay_webhook_events(uuid[]) from public, anon, authenticated;
grant execute on function public.replay_webhook_events(uuid[]) to service_role;

-- Definer: as above.
create function public.count_webhook_refusal(provider text, reason text, connection_id uuid default null)
returns void language sql security definer set search_path = ''
as $$
  insert into private.webhook_refusals as r (provider, connection_id, reason, hour, refusal_count)
  values (
    count_webhook_refusal.provider, count_webhook_refusal.connection_id, count_webhook_refusal.reason,
    date_trunc('hour', now()), 1
  )
  on conflict on constraint webhook_refusals_counted_once do update
  set refusal_count = r.refusal_count + 1;
$$;
comment on function public.count_webhook_refusal(text, text, uuid) is
  'Counts a webhook request that was refused. For service_role.';
revoke execute on function public.count_webhook_refusal(text, text, uuid) from public, anon, authenticated;
grant execute on function public.count_webhook_refusal(text, text, uuid) to service_role;
