-- Calls are counted in minutes: one is reserved when a call starts, and what it took is settled when it ends.

create function private.usage_of_call(call public.calls)
returns private.usage_change language sql immutable set search_path = ''
as $$
  select (
    (usage_of_call.call).workspace_id, private.month_of((usage_of_call.call).created_at), 'call', false,
    ((usage_of_call.call).ended_at is null)::integer,
    coalesce(ceil((usage_of_call.call).duration_seconds / 60.0), 0),
    0,
    case
      -- Whatever is no amount is refused for what it is, not for what it would be counted as.
      when (usage_of_call.call).price_currency = 'USD' and (usage_of_call.call).price < 'Infinity'
        then (usage_of_call.call).price
      else 0
    end
  )::private.usage_change;
$$;
comment on function private.usage_of_call(public.calls) is
  'What an outbound call counts for, in begun minutes, and what its provider says it cost. Always through a connection of the workspace''s own.';
revoke execute on function private.usage_of_call(public.calls) from public, anon, authenticated;

-- Definer: whoever ends the transaction runs it, and nobody holds a write grant on the counters.
create function private.count_call()
returns trigger language plpgsql security definer set search_path = ''
as $$
declare
  v_before private.usage_change;
begin
  if tg_op = 'UPDATE' then
    v_before := private.usage_of_call(old);
    v_before.reserved_count := -v_before.reserved_count;
    v_before.settled_count := -v_before.settled_count;
    v_before.settled_cost := -v_before.settled_cost;
    perform private.count_usage(array[v_before, private.usage_of_call(new)]);
  else
    perform private.count_usage(array[private.usage_of_call(new)]);
  end if;
  return null;
end;
$$;
comment on function private.count_call() is 'Trigger: counts what became of an outbound call.';
revoke execute on function private.count_call() from public, anon, authenticated;

-- Deferred, since a counter stays locked until the transaction ends.
create constraint trigger calls_count_new after insert on public.calls
  deferrable initially deferred for each row
  when (new.direction = 'outbound') execute function private.count_call();
create constraint trigger calls_count_changed after update of ended_at, duration_seconds, price, price_currency on public.calls
  deferrable initially deferred for each row
  when (
    new.direction = 'outbound'
    and (old.ended_at is null, old.duration_seconds, old.price, old.price_currency)
      is distinct from (new.ended_at is null, new.duration_seconds, new.price, new.price_currency)
  ) execute function private.count_call();

-- Nobody knows what a call will cost: what is spent already decides.
create function private.hold_call_to_spend_cap()
returns trigger language plpgsql set search_path = ''
as $$
declare
  v_spend_cap numeric := (select w.monthly_spend_cap from public.workspaces as w where w.id = new.workspace_id);
begin
  if v_spend_cap <= (
    select coalesce(sum(u.reserved_cost + u.settled_cost), 0) from public.usage_counters as u
    where u.workspace_id = new.workspace_id and u.month = private.month_of(now())
  ) then
    perform private.refuse_at_limit('spend_cap_reached', 'call');
  end if;
  return new;
end;
$$;
comment on function private.hold_call_to_spend_cap() is 'Trigger: no call is started once the spend cap is reached.';
revoke execute on function private.hold_call_to_spend_cap() from public, anon, authenticated;
create trigger calls_hold_to_spend_cap before insert on public.calls
  for each row when (new.direction = 'outbound') execute function private.hold_call_to_spend_cap();

comment on column public.workspaces.monthly_spend_cap is
  'What all its messages of a month (UTC) may cost, in USD by our estimate; what calls cost counts, too, once it is told. Null: no cap.';
comment on column public.usage_counters.settled_count is 'Messages that the provider took; for call the begun minutes of calls that ended.';
comment on column public.usage_counters.reserved_count is 'Messages on their way, counted before they leave; for call a minute for each that has not ended.';

create or replace function private.measure_usage(workspace_id uuid)
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
  group by m.workspace_id, private.month_of(m.created_at), t.channel, m.is_platform
  union all
  select
    (u.usage).workspace_id, (u.usage).month, (u.usage).channel, (u.usage).is_platform,
    sum((u.usage).reserved_count)::integer, sum((u.usage).settled_count)::integer,
    sum((u.usage).reserved_cost), sum((u.usage).settled_cost)
  from (
    select private.usage_of_call(c) as usage from public.calls as c
    where c.workspace_id = measure_usage.workspace_id and c.direction = 'outbound'
    offset 0
  ) as u
  group by (u.usage).workspace_id, (u.usage).month, (u.usage).channel, (u.usage).is_platform;
$$;
comment on function private.measure_usage(uuid) is
  'What the usage counters of a workspace would be, counted from its messages and calls.';

create or replace function private.recount_usage(workspace_id uuid)
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
  where u.workspace_id = recount_usage.workspace_id
    and not exists (
      select from private.measure_usage(recount_usage.workspace_id) as c
      where c.month = u.month and c.channel = u.channel and c.is_platform = u.is_platform
    );
end;
$$;
comment on function private.recount_usage(uuid) is 'Writes the usage counters of a workspace anew from its messages and calls.';

select private.recount_usage(w.id) from public.workspaces as w;
