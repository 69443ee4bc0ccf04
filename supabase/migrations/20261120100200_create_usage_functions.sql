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
  -- Nothing is queued or recorded meanwhile: both end with these rows.
  lock table public.usage_counters in share row exclusive mode;
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
