-- What a claim took and may not go yet: by its sender's pace and day, or by its connection's room.

create type private.sender_demand as (
  sender_id uuid,
  connection_id uuid,
  pace double precision,
  daily_limit integer,
  max_concurrent smallint,
  job_count integer,
  segment_count integer,
  is_clear boolean
);
comment on type private.sender_demand is
  'What a batch wants of one sender and its connection. is_clear: none of its jobs is in trouble.';

create function private.measure_demand(jobs private.due_job[])
returns private.sender_demand[] language plpgsql set search_path = ''
as $$
begin
  return array(
    select (
      j.sender_id, j.connection_id, j.pace, j.daily_limit, j.max_concurrent, count(*), sum(j.segment_count),
      bool_and(j.trouble is null)
    )::private.sender_demand
    from unnest(measure_demand.jobs) as j
    group by j.sender_id, j.connection_id, j.pace, j.daily_limit, j.max_concurrent
  );
end;
$$;
comment on function private.measure_demand(private.due_job[]) is 'What a batch wants of each sender and its connection.';
revoke execute on function private.measure_demand(private.due_job[]) from public, anon, authenticated;

-- The first time a claim waits for all clocks that it needs, in one order; later, holding some, it waits for none.
create function private.lock_clocks(demands private.sender_demand[], may_wait boolean)
returns uuid[] language plpgsql set search_path = ''
as $$
begin
  if lock_clocks.may_wait then
    return array(
      select c.sender_id from private.sender_clocks as c
      where c.sender_id = any (array(
        select d.sender_id from unnest(lock_clocks.demands) as d where d.pace is not null
        union
        select d.connection_id from unnest(lock_clocks.demands) as d where d.max_concurrent is not null
      ))
      order by c.sender_id
      for no key update
    );
  end if;
  return array(
    select c.sender_id from private.sender_clocks as c
    where c.sender_id = any (array(
      select d.sender_id from unnest(lock_clocks.demands) as d where d.pace is not null
      union
      select d.connection_id from unnest(lock_clocks.demands) as d where d.max_concurrent is not null
    ))
    order by c.sender_id
    for no key update skip locked
  );
end;
$$;
comment on function private.lock_clocks(private.sender_demand[], boolean) is
  'Locks the clocks of senders and connections, and says of which it could.';
revoke execute on function private.lock_clocks(private.sender_demand[], boolean) from public, anon, authenticated;

-- Mostly nothing has to wait: then one look at what each sender is wanted for does.
create function private.admit_jobs(demands private.sender_demand[], clock_ids uuid[])
returns boolean language plpgsql set search_path = ''
as $$
declare
  v_today date := (now() at time zone 'UTC')::date;
  v_from timestamptz := now() - private.pace_burst();
begin
  if exists (
      select from unnest(admit_jobs.demands) as d
      where not d.is_clear or (d.pace is not null and d.sender_id <> all (admit_jobs.clock_ids))
        or (d.max_concurrent is not null and d.connection_id <> all (admit_jobs.clock_ids))
    )
    or exists (
      select from private.sender_clocks as c where c.sender_id = any (admit_jobs.clock_ids) and c.wakes_at is not null
    )
    or exists (
      select
      from (
        select d.connection_id, sum(d.job_count) as job_count, min(d.max_concurrent) as max_concurrent
        from unnest(admit_jobs.demands) as d
        where d.max_concurrent is not null
        group by d.connection_id
      ) as w
      left join private.count_in_hand(admit_jobs.clock_ids) as h on h.connection_id = w.connection_id
      where w.job_count + coalesce(h.job_count, 0) > w.max_concurrent
    )
    or exists (
      select
      from (
        select d.sender_id, sum(d.segment_count / d.pace) as seconds, sum(d.segment_count) as segment_count,
          min(d.daily_limit) as daily_limit
        from unnest(admit_jobs.demands) as d
        where d.pace is not null
        group by d.sender_id
      ) as w
      join private.sender_clocks as c on c.sender_id = w.sender_id
      where greatest(c.next_at, v_from) + make_interval(secs => w.seconds) > now()
        or w.segment_count + case when c.day = v_today then c.day_count else 0 end > w.daily_limit
    )
  then
    return false;
  end if;
  update private.sender_clocks as c
  set
    next_at = greatest(c.next_at, v_from) + make_interval(secs => w.seconds),
    day = v_today,
    day_count = w.segment_count + case when c.day = v_today then c.day_count else 0 end
  from (
    select d.sender_id, sum(d.segment_count / d.pace) as seconds, sum(d.segment_count) as segment_count
    from unnest(admit_jobs.demands) as d
    where d.pace is not null
    group by d.sender_id
  ) as w
  where c.sender_id = w.sender_id;
  return true;
end;
$$;
comment on function private.admit_jobs(private.sender_demand[], uuid[]) is
  'Lets a whole batch through, and moves the clocks, if nothing of it is in trouble or has to wait; false, with nothing done, if not.';
revoke execute on function private.admit_jobs(private.sender_demand[], uuid[]) from public, anon, authenticated;

create type private.held_job as (message_id uuid, line_id uuid, place bigint);
comment on type private.held_job is
  'A job that cannot go now, and its place in the line of line_id; without one, another claim is at its sender or connection.';

create function private.hold_back(jobs private.due_job[], clock_ids uuid[])
returns private.held_job[] language plpgsql set search_path = ''
as $$
declare
  v_today date := (now() at time zone 'UTC')::date;
  v_jobs private.due_job[];
  v_held private.held_job[];
begin
  v_jobs := array(
    select j from unnest(hold_back.jobs) as j
    where j.trouble is null and j.due_at is null and (j.pace is not null or j.max_concurrent is not null)
  );
  if cardinality(v_jobs) = 0 then
    return '{}';
  end if;

  with wanted as materialized (
    select
      j.message_id, j.turn, j.workspace_id, j.message_class, j.waits_for, j.place, j.segment_count, j.daily_limit,
      j.max_concurrent, j.segment_count / j.pace as seconds, case when j.pace is not null then j.sender_id end as sender_id,
      case when j.max_concurrent is not null then j.connection_id end as connection_id
    from unnest(v_jobs) as j
  ),
  ours as materialized (
    select w.* from wanted as w
    where (w.sender_id is null or w.sender_id = any (hold_back.clock_ids))
      and (w.connection_id is null or w.connection_id = any (hold_back.clock_ids))
  ),
  -- Who stands in a line goes before whoever has just come, even when the line let it go and it is not here yet.
  clocks as materialized (
    select
      c.sender_id, c.served_place, c.wakes_at, greatest(c.next_at, now() - private.pace_burst()) as starts_at,
      case when c.day = v_today then c.day_count else 0 end as day_count,
      c.wakes_at is not null and exists (
        select from private.outbound_jobs as j
        where j.waits_for = c.sender_id and j.turn is null and j.due_at = 'infinity'
          and j.message_id <> all (array(select o.message_id from ours as o))
        union all
        select from private.outbound_jobs as j
        where j.waits_for = c.sender_id and j.turn is not null
          and j.message_id <> all (array(select o.message_id from ours as o))
      ) as has_line
    from private.sender_clocks as c
    where c.sender_id = any (hold_back.clock_ids)
  ),
  measured as materialized (
    select
      o.*, c.starts_at, c.day_count,
      not coalesce(o.waits_for = o.sender_id, false) and coalesce(c.has_line, false) as is_behind_line,
      coalesce(sum(o.seconds) over (earlier rows between unbounded preceding and 1 preceding), 0) as seconds_before,
      coalesce(sum(o.segment_count) over earlier, 0) + c.day_count as segments_of_day,
      row_number() over earlier as position
    from ours as o
    left join clocks as c on c.sender_id = o.sender_id
    window earlier as (
      partition by o.sender_id order by o.waits_for is not distinct from o.sender_id desc, o.place, o.turn, o.message_id
    )
  ),
  paced as materialized (
    select m.*,
      coalesce(m.is_behind_line or m.starts_at + make_interval(secs => m.seconds_before) > now(), false) as is_too_early,
      -- What alone is more than a day's share goes as the first of a day: else it would wait for ever.
      coalesce(m.segments_of_day > m.daily_limit and m.segments_of_day > m.segment_count, false) as is_beyond_day
    from measured as m
  ),
  placed as materialized (
    select p.*,
      row_number() over (partition by p.connection_id order by p.waits_for is null, p.turn, p.message_id) as connection_place
    from paced as p
    where not p.is_too_early and not p.is_beyond_day
      and (
        p.waits_for is not null
        or not coalesce((select c.has_line from clocks as c where c.sender_id = p.connection_id), false)
      )
  ),
  going as materialized (
    select p.message_id, p.sender_id, p.waits_for, p.place, p.segment_count, p.seconds
    from placed as p
    left join private.count_in_hand(hold_back.clock_ids) as h on h.connection_id = p.connection_id
    where p.connection_id is null or p.connection_place + coalesce(h.job_count, 0) <= p.max_concurrent
  ),
  held as materialized (
    select p.message_id, p.workspace_id, p.message_class, p.waits_for, p.place, p.turn, p.is_beyond_day, p.position,
      case
        when p.is_too_early or p.is_beyond_day or p.waits_for = p.sender_id then p.sender_id
        else p.connection_id
      end as line_id
    from paced as p
    where not exists (select from going as g where g.message_id = p.message_id)
  ),
  served as materialized (
    select g.waits_for as line_id, max(g.place) as place from going as g group by g.waits_for
  ),
  lined_up as materialized (
    select
      h.message_id, h.line_id, h.is_beyond_day, h.position,
      -- Behind those of its own workspace and class, as far as the length of its turn; fair as the queue itself.
      case when h.waits_for = h.line_id then h.place else
        greatest(c.served_place, s.place, (
          select max(j.place) from private.outbound_jobs as j
          where j.waits_for = h.line_id and j.workspace_id = h.workspace_id and j.message_class = h.message_class
        ))
        + private.turn_length(h.message_class) * row_number() over (
          partition by h.line_id, h.workspace_id, h.message_class, h.waits_for is not distinct from h.line_id
          order by h.turn, h.message_id
        )
      end as place
    from held as h
    join clocks as c on c.sender_id = h.line_id
    left join served as s on s.line_id = h.line_id
  ),
  moved as (
    update private.sender_clocks as c
    set
      next_at = coalesce(k.starts_at + make_interval(secs => g.seconds), c.next_at),
      day = v_today,
      day_count = k.day_count + coalesce(g.segment_count, 0),
      served_place = greatest(c.served_place, s.place),
      wakes_at = case
        when l.is_beyond_day then (v_today + 1)::timestamp at time zone 'UTC'
        when l.line_id is not null or k.has_line
          then greatest(coalesce(k.starts_at + make_interval(secs => g.seconds), c.next_at), now())
      end
    from clocks as k
    left join (
      select g.sender_id, sum(g.seconds) as seconds, sum(g.segment_count) as segment_count
      from going as g
      group by g.sender_id
    ) as g on g.sender_id = k.sender_id
    left join served as s on s.line_id = k.sender_id
    left join (
      select l.line_id, (array_agg(l.is_beyond_day order by l.position))[1] as is_beyond_day
      from lined_up as l
      group by l.line_id
    ) as l on l.line_id = k.sender_id
    where c.sender_id = k.sender_id
  )
  select array_agg(h.held) into v_held
  from (
    select (l.message_id, l.line_id, l.place)::private.held_job as held from lined_up as l
    union all
    select (w.message_id, null, null)::private.held_job from wanted as w
    where not exists (select from ours as o where o.message_id = w.message_id)
  ) as h;
  return coalesce(v_held, '{}');
end;
$$;
comment on function private.hold_back(private.due_job[], uuid[]) is
  'Moves the clocks by what may go now, and names those that have to wait. clock_ids: of whom the clocks are locked.';
revoke execute on function private.hold_back(private.due_job[], uuid[]) from public, anon, authenticated;
