-- Usage by day is counted again from the messages and calls, a day at a time for all workspaces.

-- A row per block range instead of per message: what a day brought stands together.
create index conversation_messages_created_at_idx on public.conversation_messages using brin (created_at)
  with (pages_per_range = 32, autosummarize = on);
create index message_attempts_started_at_idx on public.message_attempts using brin (started_at)
  with (pages_per_range = 32, autosummarize = on);
create index calls_created_at_idx on public.calls using brin (created_at) with (pages_per_range = 32, autosummarize = on);
create index usage_daily_day_idx on public.usage_daily (day);

comment on column public.usage_daily.provider is 'The one it went through or came from; unknown where nobody can tell any more.';
comment on column public.usage_daily.sent_count is 'Handed over on that day, and taken by the provider; calls started.';
comment on column public.usage_daily.delivered_count is 'Of those handed over on that day, delivered or read; calls answered.';
comment on column public.usage_daily.failed_count is
  'Of those handed over on that day, failed or undelivered. What never got that far is not counted.';
comment on column public.usage_daily.received_count is 'Received on that day.';
comment on column public.usage_daily.segment_count is 'Parts of those sent, as the provider counts them, else as we do; for call the begun minutes.';
comment on column public.usage_daily.cost is 'What the provider charged, in cost_currency (ISO 4217); our estimate in USD where it does not say.';

create table private.usage_days (
  day date primary key,
  counted_at timestamptz not null
);
comment on table private.usage_days is 'Which days were counted, and when last.';
alter table private.usage_days enable row level security;
revoke all on private.usage_days from public, anon, authenticated, service_role;

create function private.measure_usage_day(day date)
returns setof public.usage_daily language plpgsql stable set search_path = ''
-- Planned for the day at hand: how much it brought decides.
set plan_cache_mode = force_custom_plan
as $$
declare
  v_from timestamptz := measure_usage_day.day::timestamp at time zone 'UTC';
  v_until timestamptz := (measure_usage_day.day + 1)::timestamp at time zone 'UTC';
begin
  return query
  with counted as (
    -- A message belongs to the attempt that was taken, else to its last one.
    select
      m.workspace_id, t.channel, c.provider, m.phone_number_id, m.email_sender_id, m.agent_id, m.campaign_id,
      (a.outcome is not distinct from 'accepted')::integer as sent_count,
      (a.outcome is not distinct from 'accepted' and m.status in ('delivered', 'read'))::integer as delivered_count,
      (m.status in ('failed', 'undelivered'))::integer as failed_count,
      0 as received_count,
      case when a.outcome = 'accepted' then coalesce(a.segment_count, m.segment_count) else 0 end as segment_count,
      case when a.outcome = 'accepted' then coalesce(a.price, m.estimated_cost) else 0 end as cost,
      case when a.outcome = 'accepted' then a.price_currency end as cost_currency
    from public.message_attempts as a
    join public.conversation_messages as m on m.id = a.message_id
    join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
    left join public.connections as c on c.id = a.connection_id
    where a.started_at >= v_from and a.started_at < v_until
      and (
        a.outcome is not distinct from 'accepted'
        or not exists (
          select from public.message_attempts as k
          where k.message_id = a.message_id and (k.outcome = 'accepted' or k.attempt_number > a.attempt_number)
        )
      )
    union all
    select
      m.workspace_id, t.channel, c.provider, m.phone_number_id, m.email_sender_id, null, null, 0, 0, 0, 1, 0, 0, null
    from public.conversation_messages as m
    join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
    left join public.phone_numbers as p on p.id = m.phone_number_id
    left join public.email_senders as e on e.id = m.email_sender_id
    left join public.connections as c on c.id = coalesce(p.connection_id, e.connection_id)
    where m.created_at >= v_from and m.created_at < v_until and m.direction = 'inbound'
    union all
    select
      l.workspace_id, 'call', c.provider, l.phone_number_id, null, l.agent_id, null,
      (l.direction = 'outbound')::integer,
      (l.direction = 'outbound' and l.answered_at is not null)::integer,
      (l.direction = 'outbound' and l.status in ('busy', 'no_answer', 'failed'))::integer,
      (l.direction = 'inbound')::integer,
      coalesce(ceil(l.duration_seconds / 60.0), 0)::integer,
      coalesce(l.price, 0), l.price_currency
    from public.calls as l
    left join public.connections as c on c.id = l.connection_id
    where l.created_at >= v_from and l.created_at < v_until
  )
  select
    null::bigint, n.workspace_id, measure_usage_day.day, n.channel, coalesce(n.provider, 'unknown'),
    n.phone_number_id, n.email_sender_id, n.agent_id, n.campaign_id,
    sum(n.sent_count)::integer, sum(n.delivered_count)::integer, sum(n.failed_count)::integer,
    sum(n.received_count)::integer, sum(n.segment_count)::integer, sum(n.cost), coalesce(n.cost_currency, 'USD')
  from counted as n
  join public.workspaces as w on w.id = n.workspace_id and w.deleted_at is null
  group by
    n.workspace_id, n.channel, coalesce(n.provider, 'unknown'), n.phone_number_id, n.email_sender_id, n.agent_id,
    n.campaign_id, coalesce(n.cost_currency, 'USD');
end;
$$;
comment on function private.measure_usage_day(date) is 'What usage_daily would say of one day (UTC), counted from the messages and calls.';
revoke execute on function private.measure_usage_day(date) from public, anon, authenticated;

create function private.count_usage_day(day date)
returns void language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  v_rows public.usage_daily[];
begin
  -- Two at once would wait for each other's rows.
  perform pg_advisory_xact_lock(hashtextextended('usage_daily', 0));
  v_rows := array(select r from private.measure_usage_day(count_usage_day.day) as r);
  delete from public.usage_daily as d
  where d.day = count_usage_day.day and not exists (
    select from unnest(v_rows) as r
    where r.workspace_id = d.workspace_id and r.channel = d.channel and r.provider = d.provider
      and r.cost_currency = d.cost_currency
      and (r.phone_number_id, r.email_sender_id, r.agent_id, r.campaign_id)
        is not distinct from (d.phone_number_id, d.email_sender_id, d.agent_id, d.campaign_id)
  );
  insert into public.usage_daily as d (
    workspace_id, day, channel, provider, phone_number_id, email_sender_id, agent_id, campaign_id, sent_count,
    delivered_count, failed_count, received_count, segment_count, cost, cost_currency
  )
  select
    r.workspace_id, r.day, r.channel, r.provider, r.phone_number_id, r.email_sender_id, r.agent_id, r.campaign_id,
    r.sent_count, r.delivered_count, r.failed_count, r.received_count, r.segment_count, r.cost, r.cost_currency
  from unnest(v_rows) as r
  on conflict on constraint usage_daily_counted_once do update
  set
    sent_count = excluded.sent_count, delivered_count = excluded.delivered_count, failed_count = excluded.failed_count,
    received_count = excluded.received_count, segment_count = excluded.segment_count, cost = excluded.cost
  where (d.sent_count, d.delivered_count, d.failed_count, d.received_count, d.segment_count, d.cost)
    is distinct from (
      excluded.sent_count, excluded.delivered_count, excluded.failed_count, excluded.received_count, excluded.segment_count,
      excluded.cost
    );
  insert into private.usage_days as u (day, counted_at)
  values (count_usage_day.day, now())
  on conflict (day) do update set counted_at = excluded.counted_at;
end;
$$;
comment on function private.count_usage_day(date) is
  'Writes usage_daily of one day (UTC) anew for all workspaces, from the messages and calls. Safe to repeat.';
revoke execute on function private.count_usage_day(date) from public, anon, authenticated;

create function private.count_recent_usage()
returns integer language plpgsql set search_path = ''
as $$
declare
  v_today date := (now() at time zone 'UTC')::date;
  v_day date;
  v_count integer := 0;
begin
  if exists (select from private.usage_days as u where u.day = v_today and u.counted_at > now() - interval '50 minutes') then
    return 0;
  end if;
  -- Yesterday goes on being delivered; and nothing is left out after a standstill, as far as a month.
  for v_day in
    select d::date from generate_series(
      least(v_today - 1, greatest(coalesce((select max(u.day) from private.usage_days as u), v_today), v_today - 31)), v_today, interval '1 day'
    ) as d
  loop
    perform private.count_usage_day(v_day);
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;
comment on function private.count_recent_usage() is
  'Counts yesterday and today, and what was left out before, unless that was done within 50 minutes; returns how many days it counted.';
revoke execute on function private.count_recent_usage() from public, anon, authenticated;

-- Definer: service_role holds no write grant on the table.
create function public.count_recent_usage()
returns integer language sql security definer set search_path = ''
as $$
  select private.count_recent_usage();
$$;
comment on function public.count_recent_usage() is
  'Counts usage_daily of yesterday and today, about once an hour, where no schedule of the database does. For service_role.';
revoke execute on function public.count_recent_usage() from public, anon, authenticated;
grant execute on function public.count_recent_usage() to service_role;

create function private.schedule_usage_count()
returns boolean language plpgsql set search_path = ''
as $$
begin
  if to_regprocedure('cron.schedule(text,text,text)') is null then
    return false;
  end if;
  perform cron.schedule('switchboard-usage', '7 * * * *', 'select private.count_recent_usage()');
  return true;
end;
$$;
comment on function private.schedule_usage_count() is
  'Schedules the count of usage by day, hourly; false where pg_cron is missing. Safe to repeat.';
revoke execute on function private.schedule_usage_count() from public, anon, authenticated;

select private.schedule_usage_count();
