-- Pacing: what a sender may do at once, and the clock that tells, with the line before it.

-- Beside the pace a sender may run ahead this far: providers buffer that much, and pauses even out.
create function private.pace_burst()
returns interval language sql immutable set search_path = ''
as $$
  select interval '5 seconds';
$$;
comment on function private.pace_burst() is 'How much of its pace a sender may use at once after a pause.';
revoke execute on function private.pace_burst() from public, anon, authenticated;

-- Within bounds, so that no number that somebody enters breaks a claim, in which all workspaces share.
create function private.pace_of(channel text, messages_per_second numeric)
returns double precision language sql immutable set search_path = ''
as $$
  select case pace_of.channel
    when 'sms' then least(greatest(pace_of.messages_per_second, 0.001), 100000)::double precision
    when 'whatsapp' then least(greatest(pace_of.messages_per_second, 80), 100000)::double precision
  end;
$$;
comment on function private.pace_of(text, numeric) is
  'Segments per second of a number on a channel; WhatsApp has a pace of its own, 80 at least. Null: no pace.';
revoke execute on function private.pace_of(text, numeric) from public, anon, authenticated;

-- Definer: whoever adds or changes a number holds no grant on private.
create function private.start_clock()
returns trigger language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.sender_clocks (sender_id, next_at)
  values (new.id, now() - private.pace_burst())
  on conflict (sender_id) do nothing;
  return null;
end;
$$;
comment on function private.start_clock() is 'Gives a number or a connection its clock, so that no claim has to.';
revoke execute on function private.start_clock() from public, anon, authenticated;
create trigger phone_numbers_have_a_clock after insert on public.phone_numbers
  for each row execute function private.start_clock();
create trigger connections_have_a_clock after insert on public.connections
  for each row execute function private.start_clock();
insert into private.sender_clocks (sender_id, next_at)
select p.id, now() - private.pace_burst() from public.phone_numbers as p
union all
select c.id, now() - private.pace_burst() from public.connections as c;

-- Definer: as above.
create function private.stop_clock()
returns trigger language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.sender_clocks as c
  where c.sender_id = old.id and not exists (select from private.outbound_jobs as j where j.waits_for = old.id);
  return null;
end;
$$;
comment on function private.stop_clock() is 'Takes the clock of a number or a connection that is gone away, once nobody waits for it.';
revoke execute on function private.stop_clock() from public, anon, authenticated;
create trigger phone_numbers_leave_no_clock after delete on public.phone_numbers
  for each row execute function private.stop_clock();
create trigger connections_leave_no_clock after delete on public.connections
  for each row execute function private.stop_clock();

-- Definer: as above.
create function private.follow_pace()
returns trigger language plpgsql security definer set search_path = ''
as $$
begin
  -- What was handed over and has not left yet leaves at the new pace, and the line is looked after at once.
  update private.sender_clocks as c
  set
    next_at = case
      when c.next_at > now() then now() + (c.next_at - now())
        * (private.pace_of('sms', old.messages_per_second) / private.pace_of('sms', new.messages_per_second))
      else c.next_at
    end,
    wakes_at = least(c.wakes_at, case when c.wakes_at is not null then now() end)
  where c.sender_id = new.id;
  return null;
end;
$$;
comment on function private.follow_pace() is
  'Lets those that wait for a number go by its new pace or daily limit, or learn that it is out of service.';
revoke execute on function private.follow_pace() from public, anon, authenticated;
create trigger phone_numbers_pace_is_followed after update of messages_per_second, daily_limit, status on public.phone_numbers
  for each row
  when (
    (old.messages_per_second, old.daily_limit, old.status)
      is distinct from (new.messages_per_second, new.daily_limit, new.status)
  )
  execute function private.follow_pace();
