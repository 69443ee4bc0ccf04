-- A counter is new once a month: whoever counts asks first, instead of inserting what is there.
create or replace function private.count_usage(changes private.usage_change[])
returns void language plpgsql set search_path = ''
as $$
begin
  if cardinality(count_usage.changes) is not distinct from 0 then
    return;
  end if;
  if exists (
    select from unnest(count_usage.changes) as c
    where not exists (
      select from public.usage_counters as u
      where u.workspace_id = c.workspace_id and u.month = c.month and u.channel = c.channel
        and u.is_platform = c.is_platform
    )
  ) then
    insert into public.usage_counters (workspace_id, month, channel, is_platform)
    select distinct c.workspace_id, c.month, c.channel, c.is_platform
    from unnest(count_usage.changes) as c
    order by c.workspace_id, c.month, c.channel, c.is_platform
    on conflict on constraint usage_counters_pkey do nothing;
  end if;

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
