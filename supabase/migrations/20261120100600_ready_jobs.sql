-- Jobs whose time has come are queued again, and what a dead dispatcher held is looked up.

create type private.due_job as (
  message_id uuid,
  workspace_id uuid,
  conversation_id uuid,
  channel text,
  message_class text,
  attempt_number smallint,
  failure_count smallint,
  turn bigint,
  waits_for uuid,
  place bigint,
  is_platform boolean,
  is_sender_fixed boolean,
  segment_count smallint,
  sender_id uuid,
  pace double precision,
  daily_limit integer,
  connection_id uuid,
  max_concurrent smallint,
  provider text,
  from_address text,
  to_address text,
  body text,
  month date,
  cost numeric,
  trouble text,
  due_at timestamptz
);
comment on type private.due_job is
  'A job that a dispatcher would take. trouble: why it cannot go now by its route; due_at: it goes back until then.';

-- What was in flight when a lease ended is unknown, not lost: it is looked up, never resent blindly.
create or replace function private.end_expired_leases()
returns void language plpgsql set search_path = ''
as $$
declare
  v_message_ids uuid[];
begin
  with ended as (
    delete from private.outbound_leases as l
    where l.token = any (array(
      select e.token from private.outbound_leases as e where e.ends_at <= now() for update skip locked
    ))
    returning l.jobs
  )
  select array_agg(u.message_id) into v_message_ids
  from ended as e
  cross join lateral unnest(e.jobs) as u;
  if v_message_ids is null then
    return;
  end if;

  -- In the order in which receipts and recorders lock them.
  perform from public.message_attempts as a
  where a.message_id = any (v_message_ids) and a.outcome is null
  order by a.message_id, a.attempt_number
  for update;
  update public.message_attempts as a
  set outcome = 'unknown', finished_at = now(), error_code = 'lease_expired',
    error_message = 'The dispatcher stopped before it recorded the outcome'
  where a.message_id = any (v_message_ids) and a.outcome is null;
  insert into private.look_ups (message_id, workspace_id, attempt_number)
  select distinct on (a.message_id) a.message_id, a.workspace_id, a.attempt_number
  from public.message_attempts as a
  where a.message_id = any (v_message_ids)
    and not exists (
      select from public.message_attempts as k where k.message_id = a.message_id and k.outcome = 'accepted'
    )
  order by a.message_id, a.attempt_number desc
  on conflict (message_id) do nothing;
  update public.conversation_messages as m
  set status = 'sending'
  where m.id = any (v_message_ids) and m.status = 'queued'
    and exists (select from private.look_ups as k where k.message_id = m.id);
end;
$$;

create function private.give_turns(message_ids uuid[])
returns void language plpgsql set search_path = ''
as $$
begin
  with ready as materialized (
    select j.message_id, j.workspace_id, j.message_class, u.position
    from unnest(give_turns.message_ids) with ordinality as u (message_id, position)
    join private.outbound_jobs as j on j.message_id = u.message_id
  ),
  first_turns as materialized (
    select r.workspace_id, r.message_class,
      private.take_turns(r.workspace_id, r.message_class, count(*)::integer) as turn
    from ready as r
    group by r.workspace_id, r.message_class
    order by r.workspace_id, r.message_class
  )
  update private.outbound_jobs as j
  set turn = t.turn
  from (
    select r.message_id,
      f.turn + private.turn_length(r.message_class)
        * (row_number() over (partition by r.workspace_id, r.message_class order by r.position) - 1) as turn
    from ready as r
    join first_turns as f using (workspace_id, message_class)
  ) as t
  where j.message_id = t.message_id;
end;
$$;
comment on function private.give_turns(uuid[]) is
  'Queues jobs that waited, in this order, each behind what its workspace has queued already: a crowd holds nobody else up.';
revoke execute on function private.give_turns(uuid[]) from public, anon, authenticated;

-- Those that waited longest first. Of a crowd that is due, however, nobody is to wait for the end: then every
-- workspace and class that is not among them has some of its own, too.
create function private.find_due_jobs(job_limit integer)
returns uuid[] language plpgsql set search_path = ''
as $$
declare
  c_share constant integer := 20;
  v_due uuid[];
  v_found text[];
begin
  v_due := array(
    select j.message_id from private.outbound_jobs as j
    where j.turn is null and j.due_at <= now()
    order by j.due_at
    limit find_due_jobs.job_limit
    for update skip locked
  );
  if cardinality(v_due) < find_due_jobs.job_limit then
    return v_due;
  end if;
  v_found := array(
    select distinct j.workspace_id || j.message_class from private.outbound_jobs as j where j.message_id = any (v_due)
  );
  return v_due || array(
    -- From flow to flow by the index: a crowd of any size is one step.
    with recursive flows as (
      (
        select j.workspace_id, j.message_class from private.outbound_jobs as j
        where j.turn is null
        order by j.workspace_id, j.message_class
        limit 1
      )
      union all
      select n.workspace_id, n.message_class
      from flows as f
      cross join lateral (
        select j.workspace_id, j.message_class from private.outbound_jobs as j
        where j.turn is null and (j.workspace_id, j.message_class) > (f.workspace_id, f.message_class)
        order by j.workspace_id, j.message_class
        limit 1
      ) as n
    )
    select d.message_id
    from flows as f
    cross join lateral (
      select j.message_id from private.outbound_jobs as j
      where j.turn is null and j.workspace_id = f.workspace_id and j.message_class = f.message_class
        and j.due_at <= now()
      order by j.due_at
      limit c_share
      for update skip locked
    ) as d
    where f.workspace_id || f.message_class <> all (v_found)
  );
end;
$$;
comment on function private.find_due_jobs(integer) is
  'Locks jobs whose time has come: job_limit of them, and beyond it a few of whoever would have to wait for a crowd.';
revoke execute on function private.find_due_jobs(integer) from public, anon, authenticated;

create function private.ready_jobs(job_limit integer)
returns void language plpgsql set search_path = ''
as $$
declare
  v_due uuid[] := private.find_due_jobs(ready_jobs.job_limit);
  v_let_go uuid[] := private.let_go(ready_jobs.job_limit);
begin
  if cardinality(v_due) + cardinality(v_let_go) = 0 then
    return;
  end if;
  perform private.give_turns(v_due || v_let_go);
  update public.conversation_messages as m
  set status = 'queued'
  where m.id = any (v_due) and m.status = 'scheduled';
end;
$$;
comment on function private.ready_jobs(integer) is
  'Queues jobs whose time has come, and those that the lines before senders and connections let go.';
revoke execute on function private.ready_jobs(integer) from public, anon, authenticated;
