-- How a dispatcher takes work: in fair order, at the pace of the senders, by a route that works. For service_role.

drop function public.claim_outbound_jobs(integer, integer);

-- Whoever sends reserves within the limits; what recurs reserves its next occurrence by itself, and is held to them here.
create function private.fail_beyond_limits(message_ids uuid[])
returns table (message_id uuid, error_code text)
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  v_message record;
  v_error_code text;
begin
  for v_message in
    select m.id, m.workspace_id, m.is_platform, m.estimated_cost, t.channel, private.month_of(m.created_at) as month
    from public.message_schedules as s
    join public.conversation_messages as m on m.id = s.message_id
    join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
    where s.message_id = any (fail_beyond_limits.message_ids) and s.occurrence > 1
    order by m.workspace_id, m.id
  loop
    if not private.try_lock_limits(v_message.workspace_id) then
      return query select v_message.id, null::text;
      continue;
    end if;
    v_error_code := private.limit_reached(
      v_message.workspace_id, v_message.month, v_message.channel, v_message.is_platform, 1, v_message.estimated_cost, true
    );
    if v_error_code is not null then
      perform private.fail_messages(array[(
        v_message.id, v_error_code, 'Not sent: ' || private.limit_message(v_error_code), true
      )::private.message_end]);
      return query select v_message.id, v_error_code;
    end if;
  end loop;
end;
$$;
comment on function private.fail_beyond_limits(uuid[]) is
  'Ends those of due messages that came again by themselves and go beyond the plan or the spend cap. They are dead letters: a higher limit lets them go. Without a code: to be asked again in a moment.';
revoke execute on function private.fail_beyond_limits(uuid[]) from public, anon, authenticated;

create function private.heed_schedules(jobs private.due_job[])
returns private.due_job[] language plpgsql set search_path = ''
as $$
declare
  v_jobs private.due_job[];
begin
  -- Asked last of all, so that a reply of a moment ago still counts.
  with asked as materialized (
    select j.message_id, j.workspace_id, j.to_address, j.message_class, j.channel
    from unnest(heed_schedules.jobs) as j
    where j.trouble = 'scheduled'
  ),
  decided as materialized (
    select d.message_id, d.verdict, d.reason, d.due_at
    from private.decide_due_messages(array(select a.message_id from asked as a)) as d
  ),
  bulk as materialized (
    select
      array_agg(a.message_id order by a.message_id) as message_ids,
      array_agg(a.workspace_id order by a.message_id) as workspace_ids,
      array_agg(a.to_address order by a.message_id) as addresses
    from asked as a
    where a.message_class = 'campaign' and a.channel <> 'email'
      and not exists (select from decided as d where d.message_id = a.message_id)
  ),
  beyond as materialized (
    select f.message_id, f.error_code
    from private.fail_beyond_limits(array(select d.message_id from decided as d where d.verdict = 'send')) as f
  ),
  told (message_id, verdict, reason, due_at) as materialized (
    select
      d.message_id,
      case when b.error_code is not null then 'cancel' when b.message_id is not null then 'postpone' else d.verdict end,
      coalesce(b.error_code, d.reason),
      case when b.message_id is not null then now() + interval '1 second' else d.due_at end
    from decided as d
    left join beyond as b on b.message_id = d.message_id
    union all
    select b.message_ids[q.position], 'postpone', null, q.quiet_until
    from bulk as b
    cross join lateral private.quiet_ends(b.workspace_ids, b.addresses, now()) as q
    where b.message_ids is not null and q.quiet_until is not null
  )
  select array_agg(
    -- Column by column: by way of jsonb it would cost as much as all the rest.
    case when j.trouble = 'scheduled' then (
      j.message_id, j.workspace_id, j.conversation_id, j.channel, j.message_class, j.attempt_number, j.failure_count,
      j.turn, j.waits_for, j.place, j.is_platform, j.is_sender_fixed, j.segment_count, j.sender_id, j.pace, j.daily_limit,
      j.connection_id, j.max_concurrent, j.provider, j.from_address, j.to_address, j.body, j.month, j.cost,
      case t.verdict when 'cancel' then t.reason end,
      case t.verdict when 'postpone' then t.due_at end
    )::private.due_job else j end
  )
  into v_jobs
  from unnest(heed_schedules.jobs) as j
  left join told as t on t.message_id = j.message_id;

  -- What goes, and what its conditions keep, is followed by the next of its series.
  perform private.schedule_next_occurrences(array(
    select j.message_id from unnest(heed_schedules.jobs) as j
    where j.trouble = 'scheduled'
      and not exists (select from unnest(v_jobs) as k where k.message_id = j.message_id and k.due_at is not null)
  ));
  return v_jobs;
end;
$$;
comment on function private.heed_schedules(private.due_job[]) is
  'Asks of scheduled messages and campaigns whether they may leave now: quiet hours have them wait, conditions take them back.';
revoke execute on function private.heed_schedules(private.due_job[]) from public, anon, authenticated;

create function private.cancel_due_messages(message_ids uuid[], reasons text[])
returns void language plpgsql set search_path = ''
as $$
begin
  if cardinality(cancel_due_messages.message_ids) = 0 then
    return;
  end if;
  update public.conversation_messages as m
  set status = 'canceled', error_code = u.reason
  from unnest(cancel_due_messages.message_ids, cancel_due_messages.reasons) as u (message_id, reason)
  where m.id = u.message_id;
  delete from private.email_attachments as f where f.message_id = any (cancel_due_messages.message_ids);
  perform private.count_messages(cancel_due_messages.message_ids, -1);
end;
$$;
comment on function private.cancel_due_messages(uuid[], text[]) is 'Takes back messages that their conditions keep, with the reason.';
revoke execute on function private.cancel_due_messages(uuid[], text[]) from public, anon, authenticated;

create function private.set_aside(jobs private.due_job[], clock_ids uuid[])
returns private.due_job[] language plpgsql set search_path = ''
as $$
declare
  c_taken_back constant text[] :=
    '{recipient_replied,conversation_closed,agent_inactive,conversation_taken_over}';
  v_jobs private.due_job[] := set_aside.jobs;
  v_held private.held_job[];
begin
  if exists (select from unnest(v_jobs) as j where j.trouble is not null) then
    perform private.lock_usage(array(
      select j.workspace_id from unnest(v_jobs) as j
      where j.trouble <> 'scheduled'
        -- What is only asked about quiet hours is neither canceled nor followed by another.
        or exists (
          select from public.message_schedules as s
          where s.message_id = j.message_id and (s.recurrence is not null or s."unless" <> '{}')
        )
    ));
    v_jobs := private.resolve_trouble(private.heed_schedules(v_jobs));
  end if;
  v_held := private.hold_back(v_jobs, set_aside.clock_ids);

  update private.outbound_jobs as j
  set turn = null, due_at = 'infinity', waits_for = h.line_id, place = h.place
  from unnest(v_held) as h
  where h.line_id is not null and j.message_id = h.message_id;
  update private.outbound_jobs as j
  set turn = null, due_at = b.due_at, waits_for = b.waits_for, place = b.place
  from unnest(v_jobs) as b
  where b.due_at is not null and j.message_id = b.message_id;
  delete from private.outbound_jobs as j
  where j.message_id = any (array(
    select b.message_id from unnest(v_jobs) as b where b.trouble is not null and b.due_at is null
  ));
  perform private.cancel_due_messages(
    array(select j.message_id from unnest(v_jobs) as j where j.trouble = any (c_taken_back)),
    array(select j.trouble from unnest(v_jobs) as j where j.trouble = any (c_taken_back))
  );
  perform private.fail_messages(array(
    select (
      j.message_id,
      case j.trouble when 'sender_taken' then 'no_sender' else j.trouble end,
      case j.trouble
        when 'recipient_opted_out' then 'The recipient opted out before the message left'
        when 'expired' then 'It could not leave while it was of use'
        when 'sender_taken' then 'Another workspace talks to this recipient over the operator''s number'
        else 'The sender was disconnected before the message left'
      end,
      j.trouble not in ('recipient_opted_out', 'expired')
    )::private.message_end
    from unnest(v_jobs) as j
    where j.trouble <> all (c_taken_back) and j.due_at is null
  ));
  return array(
    select j from unnest(v_jobs) as j
    where j.trouble is null and j.due_at is null
      and j.message_id <> all (array(select h.message_id from unnest(v_held) as h))
    order by j.turn
  );
end;
$$;
comment on function private.set_aside(private.due_job[], uuid[]) is
  'Of the jobs that were taken those that go now. The others wait until they may, take another way, or end.';
revoke execute on function private.set_aside(private.due_job[], uuid[]) from public, anon, authenticated;

-- Definer: service_role holds no grant on private.
create function public.claim_outbound_jobs(claim_limit integer default 100, lease_seconds integer default 60)
returns table (
  lease_token uuid, message_id uuid, attempt_number smallint, connection_id uuid, provider text, channel text,
  from_address text, to_address text, body text, media_urls text[]
)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_lease_token uuid := gen_random_uuid();
  v_taken private.outbound_jobs[];
  v_turn bigint;
  v_jobs private.due_job[];
  v_demands private.sender_demand[];
  v_going private.due_job[];
  v_leased private.leased_job[];
  v_ids uuid[];
  v_clock_ids uuid[];
  v_may_wait boolean := true;
  v_is_lease_over boolean;
  v_is_job_due boolean;
  v_is_line_due boolean;
begin
  if (claim_outbound_jobs.claim_limit between 1 and 1000) is not true then
    perform private.fail(400, 'invalid_request', 'Cannot claim jobs: the limit is not 1 to 1000', 'claim_limit');
  end if;
  if (claim_outbound_jobs.lease_seconds between 10 and 900) is not true then
    perform private.fail(400, 'invalid_request', 'Cannot claim jobs: the lease is not 10 to 900 s', 'lease_seconds');
  end if;
  -- Mostly none of it is there: to ask for all at once is a statement instead of a dozen.
  select
    exists (select from private.outbound_leases as l where l.ends_at <= now()),
    exists (select from private.outbound_jobs as j where j.turn is null and j.due_at <= now()),
    exists (select from private.sender_clocks as c where c.wakes_at <= now())
  into v_is_lease_over, v_is_job_due, v_is_line_due;
  if v_is_lease_over then
    perform private.end_expired_leases();
  end if;
  if v_is_job_due or v_is_line_due then
    perform private.ready_jobs(1000);
  end if;

  -- What has to wait steps aside, until there is something that may go.
  loop
    -- A statement of its own: joined, the limiting subquery may run again and take far more.
    v_taken := array(
      select j from private.outbound_jobs as j
      where j.turn is not null
      order by j.turn
      limit claim_outbound_jobs.claim_limit
      for update skip locked
    );
    if cardinality(v_taken) = 0 then
      perform private.forget_empty_lines();
      return;
    end if;
    v_turn := (v_taken[cardinality(v_taken)]).turn;
    perform setval('private.turn_being_served', v_turn) from private.turn_being_served as s where s.last_value < v_turn;

    v_jobs := array(
      -- Few senders carry a batch: what is to be known of each is read once.
      with told as materialized (
        select
          t.message_id, t.workspace_id, t.channel, t.message_class, t.attempt_count, t.failure_count, t.turn, t.waits_for,
          t.place, m.conversation_id, m.agent_id, m.is_platform, m.is_sender_fixed, m.segment_count, m.from_address, m.to_address,
          m.body, m.created_at, m.scheduled_at, m.estimated_cost, coalesce(m.phone_number_id, m.email_sender_id) as sender_id
        from unnest(v_taken) as t
        join public.conversation_messages as m on m.id = t.message_id
      ),
      senders as materialized (
        select
          s.channel, s.sender_id, p.id is not null as is_number, private.pace_of(s.channel, p.messages_per_second) as pace,
          p.daily_limit, c.id as connection_id, c.max_concurrent, c.provider,
          coalesce(p.status, e.status) is distinct from 'active' or c.status = 'inactive' as is_inactive,
          case
            when h.state <> 'closed' then 'connection_open'
            when h.paused_until > now() then 'connection_paused'
          end as trouble
        from (select distinct k.channel, k.sender_id from told as k) as s
        left join public.phone_numbers as p on p.id = s.sender_id
        left join public.email_senders as e on s.channel = 'email' and e.id = s.sender_id
        left join public.connections as c on c.id = coalesce(p.connection_id, e.connection_id)
        left join public.connection_health as h on h.connection_id = c.id
        where p.id is not null or e.id is not null
      )
      select (
        k.message_id, k.workspace_id, k.conversation_id, k.channel, k.message_class, (k.attempt_count + 1)::smallint,
        k.failure_count, k.turn, k.waits_for, k.place, k.is_platform, k.is_sender_fixed, k.segment_count, s.sender_id,
        s.pace, s.daily_limit, s.connection_id, s.max_concurrent, s.provider, k.from_address, k.to_address, k.body,
        date_trunc('month', k.created_at at time zone 'UTC')::date, k.estimated_cost,
        case
          when k.message_class <> 'opt_out_confirmation' and case
            when k.channel <> 'email' then exists (
              select from public.opt_outs as o
              where o.workspace_id = k.workspace_id and o.kind = 'phone' and o.address = k.to_address
                and o.ended_at is null
            )
            else exists (
              select from public.email_details as d
              join public.opt_outs as o on o.address = any (array[k.to_address] || d.cc || d.bcc)
              where d.message_id = k.message_id and o.workspace_id = k.workspace_id and o.kind = 'email'
                and o.ended_at is null
            )
          end then 'recipient_opted_out'
          -- 47 CFR 64.1200(a)(12): within five minutes, or it is one text too many.
          when k.message_class = 'opt_out_confirmation' and k.created_at < now() - interval '5 minutes' then 'expired'
          -- What was in hand when its agent was stopped comes back to here.
          when k.agent_id is not null and private.agent_obstacle(k.agent_id, k.conversation_id) is not null
            then private.agent_obstacle(k.agent_id, k.conversation_id)
          when s.is_inactive is not false then 'sender_inactive'
          when k.is_platform and s.is_number
            and not private.is_own_platform_thread(k.workspace_id, s.sender_id, k.to_address) then 'sender_taken'
          when s.trouble is not null then s.trouble
          when k.scheduled_at is not null or k.message_class = 'campaign' then 'scheduled'
        end,
        null
      )::private.due_job
      from told as k
      left join senders as s on s.channel = k.channel and s.sender_id = k.sender_id
    );
    v_demands := private.measure_demand(v_jobs);
    -- Before anything that another claim could wait for is held.
    v_clock_ids := private.lock_clocks(v_demands, v_may_wait);
    v_going := case
      when private.admit_jobs(v_demands, v_clock_ids) then v_jobs
      else private.set_aside(v_jobs, v_clock_ids)
    end;
    exit when cardinality(v_going) > 0;
    v_may_wait := false;
    -- What is left in its turn is another claim's to decide: it is at the sender.
    if clock_timestamp() > now() + interval '2 seconds' or exists (
      select from private.outbound_jobs as j
      where j.message_id = any (array(select t.message_id from unnest(v_taken) as t)) and j.turn is not null
    ) then
      return;
    end if;
  end loop;

  select
    array_agg(j.message_id),
    array_agg((
      j.message_id, j.attempt_number, j.failure_count, j.workspace_id, j.conversation_id, j.connection_id, j.channel,
      j.message_class, j.is_platform, j.month, j.cost
    )::private.leased_job)
  into v_ids, v_leased
  from unnest(v_going) as j;
  delete from private.outbound_jobs as j where j.message_id = any (v_ids);
  insert into public.message_attempts (workspace_id, conversation_id, message_id, connection_id, attempt_number)
  select j.workspace_id, j.conversation_id, j.message_id, j.connection_id, j.attempt_number
  from unnest(v_leased) as j;
  insert into private.outbound_leases (token, step, ends_at, jobs)
  values (v_lease_token, 'send', now() + make_interval(secs => claim_outbound_jobs.lease_seconds), v_leased);
  if v_is_line_due then
    perform private.forget_empty_lines();
  end if;

  -- Asked first: a batch of texts is not to pay for what only some messages have.
  if not exists (select from public.message_media as d where d.message_id = any (v_ids)) then
    return query
    select
      v_lease_token, j.message_id, j.attempt_number, j.connection_id, j.provider, j.channel, j.from_address, j.to_address,
      j.body, '{}'::text[]
    from unnest(v_going) as j
    order by j.turn, j.message_id;
    return;
  end if;
  return query
  with media as materialized (
    select d.message_id, array_agg(coalesce(d.url, d.storage_path) order by d.position) as urls
    from public.message_media as d
    where d.message_id = any (v_ids)
    group by d.message_id
  )
  select
    v_lease_token, j.message_id, j.attempt_number, j.connection_id, j.provider, j.channel, j.from_address, j.to_address,
    j.body, coalesce(d.urls, '{}')
  from unnest(v_going) as j
  left join media as d on d.message_id = j.message_id
  order by j.turn, j.message_id;
end;
$$;
comment on function public.claim_outbound_jobs(integer, integer) is
  'Takes up to claim_limit ready jobs under one lease and starts an attempt for each. What may not go yet goes back until it may. For service_role.';
revoke execute on function public.claim_outbound_jobs(integer, integer) from public, anon, authenticated;
grant execute on function public.claim_outbound_jobs(integer, integer) to service_role;

-- Definer: as above.
create function public.claim_look_ups(claim_limit integer default 50, lease_seconds integer default 60)
returns table (
  lease_token uuid, message_id uuid, attempt_number smallint, attempt_started_at timestamptz, connection_id uuid,
  provider text, external_id text, channel text, from_address text, to_address text, body text
)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_lease_token uuid := gen_random_uuid();
  v_taken private.look_ups[];
begin
  if (claim_look_ups.claim_limit between 1 and 1000) is not true then
    perform private.fail(400, 'invalid_request', 'Cannot claim look-ups: the limit is not 1 to 1000', 'claim_limit');
  end if;
  if (claim_look_ups.lease_seconds between 10 and 900) is not true then
    perform private.fail(400, 'invalid_request', 'Cannot claim look-ups: the lease is not 10 to 900 s', 'lease_seconds');
  end if;
  perform private.end_expired_leases();

  v_taken := array(
    select k from private.look_ups as k
    where k.due_at <= now()
    order by k.due_at
    limit claim_look_ups.claim_limit
    for update skip locked
  );
  if cardinality(v_taken) = 0 then
    return;
  end if;
  delete from private.look_ups as k where k.message_id = any (array(select t.message_id from unnest(v_taken) as t));

  return query
  with asked as materialized (
    select
      t.message_id, t.attempt_number, a.started_at, a.connection_id, c.provider, a.external_id, g.channel,
      m.from_address, m.to_address, m.body, m.workspace_id, m.conversation_id, m.message_class, m.is_platform,
      m.created_at, m.estimated_cost
    from unnest(v_taken) as t
    join public.conversation_messages as m on m.id = t.message_id
    join public.conversations as g on g.workspace_id = m.workspace_id and g.id = m.conversation_id
    join public.message_attempts as a on a.message_id = t.message_id and a.attempt_number = t.attempt_number
    left join public.connections as c on c.id = a.connection_id
  ),
  leased as (
    insert into private.outbound_leases (token, step, ends_at, jobs)
    select
      v_lease_token, 'look_up', now() + make_interval(secs => claim_look_ups.lease_seconds),
      array_agg((
        k.message_id, k.attempt_number, k.attempt_number, k.workspace_id, k.conversation_id, k.connection_id, k.channel,
        k.message_class, k.is_platform, private.month_of(k.created_at), k.estimated_cost
      )::private.leased_job)
    from asked as k
    having count(*) > 0
  )
  select
    v_lease_token, k.message_id, k.attempt_number, k.started_at, k.connection_id, k.provider, k.external_id, k.channel,
    k.from_address, k.to_address, k.body
  from asked as k;
end;
$$;
comment on function public.claim_look_ups(integer, integer) is
  'Takes up to claim_limit attempts of unknown outcome, to ask their providers about. For service_role.';
revoke execute on function public.claim_look_ups(integer, integer) from public, anon, authenticated;
grant execute on function public.claim_look_ups(integer, integer) to service_role;

-- Definer: as above.
create function public.extend_lease(lease_token uuid, lease_seconds integer default 60)
returns boolean language plpgsql security definer set search_path = ''
as $$
begin
  if (extend_lease.lease_seconds between 10 and 900) is not true then
    perform private.fail(400, 'invalid_request', 'Cannot extend the lease: not by 10 to 900 s', 'lease_seconds');
  end if;
  update private.outbound_leases as l
  set ends_at = now() + make_interval(secs => extend_lease.lease_seconds)
  where l.token = extend_lease.lease_token and l.ends_at > now();
  return found;
end;
$$;
comment on function public.extend_lease(uuid, integer) is
  'Keeps a lease alive while its batch is under way; false when it was lost. For service_role.';
revoke execute on function public.extend_lease(uuid, integer) from public, anon, authenticated;
grant execute on function public.extend_lease(uuid, integer) to service_role;
