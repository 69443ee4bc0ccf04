-- Pacing: what a sender, and a connection, may do at once.

-- Beside the pace a sender may run ahead this far: providers buffer that much, and pauses even out.
create function private.pace_burst()
returns interval language sql immutable set search_path = ''
as $$
  select interval '5 seconds';
$$;
comment on function private.pace_burst() is 'How much of its pace a sender may use at once after a pause.';
revoke execute on function private.pace_burst() from public, anon, authenticated;

create function private.pace_jobs(jobs private.due_job[])
returns private.due_job[] language plpgsql set search_path = ''
as $$
declare
  v_today date := (now() at time zone 'UTC')::date;
  v_jobs private.due_job[];
begin
  insert into private.sender_clocks (sender_id, next_at, tail_at, day)
  select distinct j.sender_id, now() - private.pace_burst(), now(), v_today
  from unnest(pace_jobs.jobs) as j
  where j.pace is not null
  order by j.sender_id
  on conflict (sender_id) do nothing;
  -- In one order everywhere, so that two claims never wait in a circle.
  perform from private.sender_clocks as c
  where c.sender_id = any (array(select j.sender_id from unnest(pace_jobs.jobs) as j where j.pace is not null))
  order by c.sender_id
  for no key update;

  with paced as materialized (
    select
      j.message_id, j.turn, j.sender_id, j.is_slotted, j.segment_count, j.pace,
      greatest(c.next_at, now() - private.pace_burst()) as starts_at,
      greatest(c.tail_at, now()) as tail_at,
      j.daily_limit - case when c.day = v_today then c.day_count else 0 end as left_today,
      sum(j.segment_count) over earlier as segments_so_far,
      coalesce(sum(j.segment_count) over (earlier rows between unbounded preceding and 1 preceding), 0) as segments_before
    from unnest(pace_jobs.jobs) as j
    join private.sender_clocks as c on c.sender_id = j.sender_id
    where j.pace is not null and j.trouble is null and j.due_at is null
    window earlier as (partition by j.sender_id order by j.turn, j.message_id)
  ),
  placed as materialized (
    select p.*,
      p.starts_at + make_interval(secs => p.segments_before / p.pace) as leaves_at,
      coalesce(p.segments_so_far > p.left_today, false) as is_beyond_day
    from paced as p
  ),
  -- Whoever has to wait gets a place of its own behind those that wait already; once.
  waiting as materialized (
    select p.message_id, p.sender_id, p.is_slotted, p.leaves_at,
      p.tail_at + make_interval(
        secs => sum(case when p.is_slotted then 0 else p.segment_count / p.pace end)
          over (partition by p.sender_id order by p.turn, p.message_id)
      ) as slot_at,
      p.is_beyond_day
    from placed as p
    where p.leaves_at > now() or p.is_beyond_day
  ),
  moved as (
    update private.sender_clocks as c
    set
      next_at = case when m.sent_segments > 0 then m.next_at else c.next_at end,
      tail_at = greatest(c.tail_at, coalesce(m.slot_at, c.tail_at)),
      day = v_today,
      day_count = m.sent_segments + case when c.day = v_today then c.day_count else 0 end
    from (
      select
        p.sender_id,
        min(p.starts_at) + make_interval(
          secs => coalesce(sum(p.segment_count / p.pace) filter (where w.message_id is null), 0)
        ) as next_at,
        coalesce(sum(p.segment_count) filter (where w.message_id is null), 0) as sent_segments,
        max(w.slot_at) filter (where not w.is_beyond_day) as slot_at
      from placed as p
      left join waiting as w on w.message_id = p.message_id
      group by p.sender_id
    ) as m
    where c.sender_id = m.sender_id
  )
  select array_agg(
    (
      j.message_id, j.workspace_id, j.conversation_id, j.channel, j.message_class, j.attempt_number, j.failure_count,
      j.turn, j.is_slotted or (w.message_id is not null and not w.is_beyond_day), j.is_platform, j.is_sender_fixed,
      j.segment_count, j.sender_id, j.pace, j.daily_limit, j.connection_id, j.max_concurrent, j.provider, j.from_address,
      j.to_address, j.body, j.month, j.cost, j.trouble,
      coalesce(
        j.due_at,
        case
          when w.is_beyond_day then (v_today + 1)::timestamp at time zone 'UTC'
          when w.is_slotted then w.leaves_at
          else w.slot_at
        end
      )
    )::private.due_job
  )
  into v_jobs
  from unnest(pace_jobs.jobs) as j
  left join waiting as w on w.message_id = j.message_id;
  return v_jobs;
end;
$$;
comment on function private.pace_jobs(private.due_job[]) is
  'Lets through what the senders'' paces and daily caps allow now; the rest gets a time at which to come back.';
revoke execute on function private.pace_jobs(private.due_job[]) from public, anon, authenticated;

create function private.limit_connections(jobs private.due_job[])
returns private.due_job[] language plpgsql set search_path = ''
as $$
declare
  v_jobs private.due_job[];
begin
  -- One claim at a time per connection: what the others hold counts.
  insert into private.sender_clocks (sender_id, next_at, tail_at, day)
  select distinct j.connection_id, now(), now(), (now() at time zone 'UTC')::date
  from unnest(limit_connections.jobs) as j
  where j.max_concurrent is not null
  order by j.connection_id
  on conflict (sender_id) do nothing;
  perform from private.sender_clocks as c
  where c.sender_id = any (array(
    select j.connection_id from unnest(limit_connections.jobs) as j where j.max_concurrent is not null
  ))
  order by c.sender_id
  for no key update;

  with in_hand as materialized (
    select u.connection_id, count(*) as job_count
    from private.outbound_leases as l
    cross join lateral unnest(l.jobs) as u
    where l.step = 'send'
    group by u.connection_id
  )
  select array_agg(
    case
      when r.place + coalesce(h.job_count, 0) <= (r.job).max_concurrent
        or (r.job).max_concurrent is null or (r.job).trouble is not null or (r.job).due_at is not null
        then r.job
      else jsonb_populate_record(r.job, jsonb_build_object('due_at', now() + interval '1 second'))
    end
  )
  into v_jobs
  from (
    select j as job, count(*) filter (where j.trouble is null and j.due_at is null)
      over (partition by j.connection_id order by j.turn, j.message_id) as place
    from unnest(limit_connections.jobs) as j
  ) as r
  left join in_hand as h on h.connection_id = (r.job).connection_id;
  return v_jobs;
end;
$$;
comment on function private.limit_connections(private.due_job[]) is
  'Lets through as many as each connection may have in hand; the rest comes back a second later.';
revoke execute on function private.limit_connections(private.due_job[]) from public, anon, authenticated;

create type private.sender_demand as (
  sender_id uuid,
  connection_id uuid,
  pace double precision,
  daily_limit integer,
  max_concurrent smallint,
  job_count integer,
  segment_count integer
);
comment on type private.sender_demand is 'What a batch wants of one sender and its connection.';

-- The same as the two functions above where nothing has to wait, which is mostly so: one pass over the jobs.
create function private.admit_jobs(jobs private.due_job[])
returns boolean language plpgsql set search_path = ''
as $$
declare
  v_today date := (now() at time zone 'UTC')::date;
  v_from timestamptz := now() - private.pace_burst();
  v_demands private.sender_demand[];
  v_is_clear boolean;
  v_ids uuid[];
begin
  select array_agg(d.demand), bool_and(d.is_clear) into v_demands, v_is_clear
  from (
    select
      (
        j.sender_id, j.connection_id, j.pace, j.daily_limit, j.max_concurrent, count(*), sum(j.segment_count)
      )::private.sender_demand as demand,
      bool_and(j.trouble is null) as is_clear
    from unnest(admit_jobs.jobs) as j
    group by j.sender_id, j.connection_id, j.pace, j.daily_limit, j.max_concurrent
  ) as d;
  if not v_is_clear then
    return false;
  end if;

  -- Connections before senders, each in one order everywhere, so that two claims never wait in a circle.
  v_ids := array(
    select distinct d.connection_id from unnest(v_demands) as d where d.max_concurrent is not null order by d.connection_id
  );
  perform from private.sender_clocks as c where c.sender_id = any (v_ids) order by c.sender_id for no key update;
  if (select count(*) from private.sender_clocks as c where c.sender_id = any (v_ids)) < cardinality(v_ids)
    or exists (
      select
      from (
        select d.connection_id, sum(d.job_count) as job_count, min(d.max_concurrent) as max_concurrent
        from unnest(v_demands) as d
        where d.max_concurrent is not null
        group by d.connection_id
      ) as w
      where w.job_count + (
        select count(*)
        from private.outbound_leases as l
        cross join lateral unnest(l.jobs) as u
        where l.step = 'send' and u.connection_id = w.connection_id
      ) > w.max_concurrent
    )
  then
    return false;
  end if;

  v_ids := array(select distinct d.sender_id from unnest(v_demands) as d where d.pace is not null order by d.sender_id);
  perform from private.sender_clocks as c where c.sender_id = any (v_ids) order by c.sender_id for no key update;
  if (select count(*) from private.sender_clocks as c where c.sender_id = any (v_ids)) < cardinality(v_ids)
    or exists (
      select
      from (
        select d.sender_id, sum(d.segment_count / d.pace) as seconds, sum(d.segment_count) as segment_count,
          min(d.daily_limit) as daily_limit
        from unnest(v_demands) as d
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
    from unnest(v_demands) as d
    where d.pace is not null
    group by d.sender_id
  ) as w
  where c.sender_id = w.sender_id;
  return true;
end;
$$;
comment on function private.admit_jobs(private.due_job[]) is
  'Lets a whole batch through, and moves the clocks, if nothing of it is in trouble or has to wait; false, with nothing done, if not.';
revoke execute on function private.admit_jobs(private.due_job[]) from public, anon, authenticated;
