-- Usage is counted per batch: reserved when queued, settled when the provider took it, released when it did not.
alter table public.usage_counters
  add column is_platform boolean not null default false,
  add column reserved_cost numeric not null default 0,
  add column settled_cost numeric not null default 0,
  drop constraint usage_counters_pkey,
  add primary key (workspace_id, month, channel, is_platform),
  add constraint usage_counters_costs_are_amounts check (
    least(reserved_cost, settled_cost) >= 0 and greatest(reserved_cost, settled_cost) < 'Infinity'
  );
comment on table public.usage_counters is
  'How much of a channel a workspace used in a month. What went through the operator''s connections counts for its plan.';
comment on column public.usage_counters.is_platform is 'Through the operator''s connections; else through its own, which no plan caps.';
comment on column public.usage_counters.reserved_cost is 'What those on their way are taken to cost, in USD.';
comment on column public.usage_counters.settled_cost is 'What those taken are taken to cost, in USD.';

alter table public.workspaces
  add column monthly_spend_cap numeric,
  add constraint workspaces_spend_cap_is_an_amount check (monthly_spend_cap >= 0 and monthly_spend_cap < 'Infinity');
comment on column public.workspaces.monthly_spend_cap is
  'What all its messages of a month (UTC) may cost, in USD by our estimate. Null: no cap.';
grant update (monthly_spend_cap) on public.workspaces to authenticated;

-- What a message costs, as far as anybody said: providers do not publish it in a form we could read.
create table public.connection_rates (
  connection_id uuid not null references public.connections (id) on delete cascade,
  channel text not null,
  workspace_id uuid references public.workspaces (id) on delete cascade,
  price numeric not null,
  primary key (connection_id, channel),
  constraint connection_rates_channel_is_known check (channel in ('sms', 'whatsapp', 'email')),
  constraint connection_rates_price_is_an_amount check (price >= 0 and price < 'Infinity')
);
comment on table public.connection_rates is 'What a connection''s provider charges, where somebody wrote it down.';
comment on column public.connection_rates.workspace_id is 'That of the connection.';
comment on column public.connection_rates.price is 'USD per segment of sms, per message elsewhere.';
create index connection_rates_workspace_id_idx on public.connection_rates (workspace_id, connection_id);
alter table public.connection_rates enable row level security;
revoke all on public.connection_rates from anon, authenticated, service_role;
grant select, insert (connection_id, channel, price), update (price), delete on public.connection_rates to authenticated;
grant select on public.connection_rates to service_role;
create policy connection_rates_select_member on public.connection_rates
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and connection_id = any (array(select private.my_connection_ids()))
  );
create policy connection_rates_insert_admin on public.connection_rates
  for insert to authenticated
  with check (
    workspace_id = any (array(select private.my_admin_workspace_ids()))
    and connection_id = any (array(select private.my_connection_ids()))
  );
create policy connection_rates_update_admin on public.connection_rates
  for update to authenticated
  using (
    workspace_id = any (array(select private.my_admin_workspace_ids()))
    and connection_id = any (array(select private.my_connection_ids()))
  )
  with check (
    workspace_id = any (array(select private.my_admin_workspace_ids()))
    and connection_id = any (array(select private.my_connection_ids()))
  );
create policy connection_rates_delete_admin on public.connection_rates
  for delete to authenticated
  using (
    workspace_id = any (array(select private.my_admin_workspace_ids()))
    and connection_id = any (array(select private.my_connection_ids()))
  );
create trigger connection_rates_follow_connection before insert or update of connection_id on public.connection_rates
  for each row execute function private.follow_connection_workspace();
create trigger connection_rates_keep_workspace before update of workspace_id on public.connection_rates
  for each row execute function private.refuse_workspace_change();

create function private.default_rate(channel text)
returns numeric language sql immutable set search_path = ''
as $$
  select case default_rate.channel when 'sms' then 0.01 when 'whatsapp' then 0.02 else 0.001 end;
$$;
comment on function private.default_rate(text) is
  'What a segment of sms, or a message elsewhere, is taken to cost in USD where no rate is written down: rather too much than too little.';
revoke execute on function private.default_rate(text) from public, anon, authenticated;

-- A change of what a workspace used; an array of them is counted in one statement.
create type private.usage_change as (
  workspace_id uuid,
  month date,
  channel text,
  is_platform boolean,
  reserved_count integer,
  settled_count integer,
  reserved_cost numeric,
  settled_cost numeric
);
comment on type private.usage_change is 'What is to be added to a usage counter.';

create function private.count_usage(changes private.usage_change[])
returns void language plpgsql set search_path = ''
as $$
begin
  if cardinality(count_usage.changes) is not distinct from 0 then
    return;
  end if;
  insert into public.usage_counters (workspace_id, month, channel, is_platform)
  select distinct c.workspace_id, c.month, c.channel, c.is_platform
  from unnest(count_usage.changes) as c
  order by c.workspace_id, c.month, c.channel, c.is_platform
  on conflict on constraint usage_counters_pkey do nothing;

  with changed as materialized (
    select
      c.workspace_id, c.month, c.channel, c.is_platform, sum(c.reserved_count) as reserved_count,
      sum(c.settled_count) as settled_count, sum(c.reserved_cost) as reserved_cost, sum(c.settled_cost) as settled_cost
    from unnest(count_usage.changes) as c
    group by c.workspace_id, c.month, c.channel, c.is_platform
  ),
  -- In one order everywhere, so that two batches never wait in a circle.
  locked as materialized (
    select u.workspace_id, u.month, u.channel, u.is_platform
    from public.usage_counters as u
    join changed as c using (workspace_id, month, channel, is_platform)
    order by u.workspace_id, u.month, u.channel, u.is_platform
    for no key update of u
  )
  update public.usage_counters as u
  set
    -- Never below nothing: a drift must not keep outcomes from being recorded. recount_usage mends it.
    reserved_count = greatest(u.reserved_count + c.reserved_count, 0),
    settled_count = greatest(u.settled_count + c.settled_count, 0),
    reserved_cost = greatest(u.reserved_cost + c.reserved_cost, 0),
    settled_cost = greatest(u.settled_cost + c.settled_cost, 0),
    updated_at = now()
  from changed as c
  join locked as l using (workspace_id, month, channel, is_platform)
  where u.workspace_id = c.workspace_id and u.month = c.month and u.channel = c.channel
    and u.is_platform = c.is_platform;
end;
$$;
comment on function private.count_usage(private.usage_change[]) is 'Adds to usage counters. Last in a transaction: the rows stay locked.';
revoke execute on function private.count_usage(private.usage_change[]) from public, anon, authenticated;

create function private.lock_usage(workspace_ids uuid[])
returns void language plpgsql set search_path = ''
as $$
begin
  perform from public.usage_counters as u
  where u.workspace_id = any (lock_usage.workspace_ids)
  order by u.workspace_id, u.month, u.channel, u.is_platform
  for no key update;
end;
$$;
comment on function private.lock_usage(uuid[]) is
  'For whoever counts several times in a transaction: all counters at once, so that two never wait in a circle.';
revoke execute on function private.lock_usage(uuid[]) from public, anon, authenticated;

create function private.count_messages(message_ids uuid[], reserved integer)
returns void language plpgsql set search_path = ''
as $$
begin
  perform private.count_usage(array(
    select (
      m.workspace_id, private.month_of(m.created_at), t.channel, m.is_platform, count_messages.reserved * count(*), 0,
      count_messages.reserved * sum(m.estimated_cost), 0
    )::private.usage_change
    from public.conversation_messages as m
    join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
    where m.id = any (count_messages.message_ids) and t.channel in ('sms', 'whatsapp', 'email')
    group by m.workspace_id, private.month_of(m.created_at), t.channel, m.is_platform
  ));
end;
$$;
comment on function private.count_messages(uuid[], integer) is 'Reserves for messages (1), or gives back what was reserved (-1).';
revoke execute on function private.count_messages(uuid[], integer) from public, anon, authenticated;

create function private.month_of(at timestamptz)
returns date language sql immutable set search_path = ''
as $$
  select date_trunc('month', month_of.at at time zone 'UTC')::date;
$$;
comment on function private.month_of(timestamptz) is 'First day of the month (UTC) that a time counts for.';
revoke execute on function private.month_of(timestamptz) from public, anon, authenticated;

-- Before any counter, as enqueueing does it.
create function private.lock_limits(workspace_ids uuid[])
returns void language plpgsql set search_path = ''
as $$
declare
  v_workspace_id uuid;
begin
  for v_workspace_id in select distinct u.id from unnest(lock_limits.workspace_ids) as u (id) order by u.id loop
    perform pg_advisory_xact_lock(hashtextextended('usage ' || v_workspace_id, 0));
  end loop;
end;
$$;
comment on function private.lock_limits(uuid[]) is
  'Until the transaction ends, nobody else reserves within the limits of these workspaces.';
revoke execute on function private.lock_limits(uuid[]) from public, anon, authenticated;

create function private.try_lock_limits(workspace_id uuid)
returns boolean language plpgsql set search_path = ''
as $$
begin
  return pg_try_advisory_xact_lock(hashtextextended('usage ' || try_lock_limits.workspace_id, 0));
end;
$$;
comment on function private.try_lock_limits(uuid) is 'The same for whoever has locked counters already, and must not wait; false while somebody reserves.';
revoke execute on function private.try_lock_limits(uuid) from public, anon, authenticated;

-- Asked by whatever reserves more than enqueueing did: a retry, an edit, a detour, an occurrence. Holds until the
-- transaction ends.
create function private.limit_reached(
  workspace_id uuid,
  month date,
  channel text,
  is_platform boolean,
  message_count integer,
  cost numeric,
  is_reserved boolean default false
)
returns text language plpgsql set search_path = ''
as $$
declare
  v_workspace record;
  v_limit public.plan_limits;
  v_used record;
begin
  select w.plan_id, w.monthly_spend_cap into v_workspace
  from public.workspaces as w where w.id = limit_reached.workspace_id;
  select * into v_limit from public.plan_limits as l
  where l.plan_id = v_workspace.plan_id and l.channel = limit_reached.channel;
  if limit_reached.is_platform and limit_reached.message_count > 0 and v_limit.plan_id is null then
    return 'plan_limit_reached';
  end if;
  if (limit_reached.cost <= 0 or v_workspace.monthly_spend_cap is null)
    and (limit_reached.message_count <= 0 or not limit_reached.is_platform or v_limit.monthly_limit is null)
  then
    return null;
  end if;

  perform private.lock_limits(array[limit_reached.workspace_id]);
  select
    coalesce(sum(u.reserved_count + u.settled_count) filter (where u.is_platform and u.channel = limit_reached.channel), 0)
      - case when limit_reached.is_reserved then limit_reached.message_count else 0 end as message_count,
    coalesce(sum(u.reserved_cost + u.settled_cost), 0)
      - case when limit_reached.is_reserved then limit_reached.cost else 0 end as cost
  into v_used
  from public.usage_counters as u
  where u.workspace_id = limit_reached.workspace_id and u.month = limit_reached.month;
  return case
    when limit_reached.is_platform and limit_reached.message_count > 0
      and v_used.message_count + limit_reached.message_count > v_limit.monthly_limit then 'plan_limit_reached'
    when limit_reached.cost > 0 and v_used.cost + limit_reached.cost > v_workspace.monthly_spend_cap then 'spend_cap_reached'
  end;
end;
$$;
comment on function private.limit_reached(uuid, date, text, boolean, integer, numeric, boolean) is
  'plan_limit_reached or spend_cap_reached where so much more, or as much as is reserved already, goes beyond it; null where there is room.';
revoke execute on function private.limit_reached(uuid, date, text, boolean, integer, numeric, boolean)
  from public, anon, authenticated;

create function private.limit_message(error_code text)
returns text language sql immutable set search_path = ''
as $$
  select case limit_message.error_code
    when 'plan_limit_reached' then 'the plan includes no more of this channel this month'
    else 'the workspace''s spend cap for this month is reached'
  end;
$$;
comment on function private.limit_message(text) is 'What a limit that is reached says to people.';
revoke execute on function private.limit_message(text) from public, anon, authenticated;

create function private.refuse_at_limit(error_code text, action text)
returns void language plpgsql set search_path = ''
as $$
begin
  if refuse_at_limit.error_code is null then
    return;
  end if;
  perform private.fail(
    402, refuse_at_limit.error_code,
    format('Cannot %s: %s', refuse_at_limit.action, private.limit_message(refuse_at_limit.error_code)), 'workspace_id',
    case refuse_at_limit.error_code
      when 'plan_limit_reached' then 'Use a connection of your own, or ask the operator for a larger plan'
      else 'Ask an owner or admin to raise workspaces.monthly_spend_cap'
    end
  );
end;
$$;
comment on function private.refuse_at_limit(text, text) is 'Refuses what a person asked for where limit_reached says so: 402.';
revoke execute on function private.refuse_at_limit(text, text) from public, anon, authenticated;

-- What the messages themselves say: each is on its way, was taken, or counts for nothing.
create function private.measure_usage(workspace_id uuid)
returns setof private.usage_change language sql stable set search_path = ''
as $$
  select
    m.workspace_id, private.month_of(m.created_at), t.channel, m.is_platform,
    count(*) filter (where a.message_id is null)::integer,
    count(*) filter (where a.message_id is not null)::integer,
    coalesce(sum(m.estimated_cost) filter (where a.message_id is null), 0),
    coalesce(
      sum(case a.price_currency when 'USD' then a.price else m.estimated_cost end) filter (where a.message_id is not null), 0
    )
  from public.conversation_messages as m
  join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
  left join public.message_attempts as a on a.message_id = m.id and a.outcome = 'accepted'
  where m.workspace_id = measure_usage.workspace_id and m.direction = 'outbound'
    and t.channel in ('sms', 'whatsapp', 'email')
    and (a.message_id is not null or m.status in ('scheduled', 'queued', 'sending'))
  group by m.workspace_id, private.month_of(m.created_at), t.channel, m.is_platform;
$$;
comment on function private.measure_usage(uuid) is 'What the usage counters of a workspace would be, counted from its messages.';
revoke execute on function private.measure_usage(uuid) from public, anon, authenticated;

create function private.recount_usage(workspace_id uuid)
returns void language plpgsql set search_path = ''
as $$
begin
  -- Nothing is queued or recorded meanwhile: both end with these rows. Who has locked some to write them is waited for.
  lock table public.usage_counters in exclusive mode;
  insert into public.usage_counters as u (
    workspace_id, month, channel, is_platform, reserved_count, settled_count, reserved_cost, settled_cost
  )
  select c.workspace_id, c.month, c.channel, c.is_platform, c.reserved_count, c.settled_count, c.reserved_cost, c.settled_cost
  from private.measure_usage(recount_usage.workspace_id) as c
  on conflict on constraint usage_counters_pkey do update
  set
    reserved_count = excluded.reserved_count, settled_count = excluded.settled_count,
    reserved_cost = excluded.reserved_cost, settled_cost = excluded.settled_cost, updated_at = now();
  update public.usage_counters as u
  set reserved_count = 0, settled_count = 0, reserved_cost = 0, settled_cost = 0, updated_at = now()
  where u.workspace_id = recount_usage.workspace_id and u.channel <> 'call'
    and not exists (
      select from private.measure_usage(recount_usage.workspace_id) as c
      where c.month = u.month and c.channel = u.channel and c.is_platform = u.is_platform
    );
end;
$$;
comment on function private.recount_usage(uuid) is 'Writes the usage counters of a workspace anew from its messages.';
revoke execute on function private.recount_usage(uuid) from public, anon, authenticated;

select private.recount_usage(w.id) from public.workspaces as w;
