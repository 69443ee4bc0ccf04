-- The lines before senders and connections: who of those that wait may go about now.

-- Counted anew each time, so that a lease that ends makes room without anybody saying so.
create function private.count_in_hand(connection_ids uuid[])
returns table (connection_id uuid, job_count integer) language plpgsql stable set search_path = ''
as $$
begin
  return query
  select u.connection_id, count(*)::integer
  from private.outbound_leases as l
  cross join lateral unnest(l.jobs) as u
  where l.step = 'send' and u.connection_id = any (count_in_hand.connection_ids)
  group by u.connection_id;
end;
$$;
comment on function private.count_in_hand(uuid[]) is 'How many messages dispatchers hold per connection.';
revoke execute on function private.count_in_hand(uuid[]) from public, anon, authenticated;

-- Not the last word: what it lets go is measured again when it is taken, under the clock's lock. Clocks are not
-- locked here, since a claim that held one and waited for another could wait in a circle.
create function private.let_go(job_limit integer)
returns uuid[] language plpgsql set search_path = ''
as $$
declare
  c_line_limit constant integer := 200;
begin
  if not exists (select from private.sender_clocks as c where c.wakes_at <= now()) then
    return '{}';
  end if;
  return array(
    select j.message_id
    from (
      select
        c.sender_id, k.id is not null as is_connection,
        case
          -- Whoever waits for what is gone is told so, or goes another way.
          when k.id is null and p.status is distinct from 'active' then let_go.job_limit
          when k.id is null then 1 + floor(
            private.pace_of(f.channel, p.messages_per_second)
              * extract(epoch from now() - greatest(c.next_at, now() - private.pace_burst()))
          )
          when k.max_concurrent is null then let_go.job_limit
          else k.max_concurrent - coalesce((select h.job_count from private.count_in_hand(array[k.id]) as h), 0)
        end - (
          select count(*) from private.outbound_jobs as r where r.waits_for = c.sender_id and r.turn is not null
        ) as room
      from (
        select s.* from private.sender_clocks as s where s.wakes_at <= now() order by s.wakes_at limit c_line_limit
      ) as c
      cross join lateral (
        select j.channel from private.outbound_jobs as j
        where j.waits_for = c.sender_id and j.turn is null and j.due_at = 'infinity'
        order by j.place
        limit 1
      ) as f
      left join public.phone_numbers as p on p.id = c.sender_id
      left join public.connections as k on k.id = c.sender_id
    ) as w
    cross join lateral (
      select j.message_id, j.place from private.outbound_jobs as j
      where j.waits_for = w.sender_id and j.turn is null and j.due_at = 'infinity'
      order by j.place
      limit least(greatest(w.room, 0), let_go.job_limit)
      for update skip locked
    ) as j
    -- Those whose sender let them go were first at their connection, too.
    order by w.is_connection, w.sender_id, j.place
    limit let_go.job_limit
  );
end;
$$;
comment on function private.let_go(integer) is
  'Locks the first of those that wait for a sender or a connection, as many as may go about now.';
revoke execute on function private.let_go(integer) from public, anon, authenticated;

-- What was canceled leaves a line without a word to its clock.
create function private.forget_empty_lines()
returns void language plpgsql set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  if not exists (select from private.sender_clocks as c where c.wakes_at <= now()) then
    return;
  end if;
  v_ids := array(
    select c.sender_id from private.sender_clocks as c
    where c.wakes_at <= now() and not exists (select from private.outbound_jobs as j where j.waits_for = c.sender_id)
    limit 100
    for no key update skip locked
  );
  -- Asked again: before the lock was there, somebody may have joined.
  update private.sender_clocks as c
  set wakes_at = null
  where c.sender_id = any (v_ids) and not exists (select from private.outbound_jobs as j where j.waits_for = c.sender_id);
end;
$$;
comment on function private.forget_empty_lines() is 'Stops looking after lines in which nobody stands. Last in a claim: it locks clocks.';
revoke execute on function private.forget_empty_lines() from public, anon, authenticated;
