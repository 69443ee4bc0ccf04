-- The clocks look where the work now is.
create or replace function private.call_dispatch_when_due()
returns void language plpgsql security definer set search_path = ''
as $$
begin
  if exists (select from private.outbound_jobs as j where j.turn is not null)
    or exists (select from private.outbound_jobs as j where j.turn is null and j.due_at <= now())
    or exists (select from private.outbound_leases as l where l.ends_at <= now())
  then
    perform private.call_function('dispatch');
  end if;
  -- An unknown outcome is asked about soon, not with the slow clock's other work.
  if exists (select from private.look_ups as k where k.due_at <= now()) then
    perform private.call_function('maintenance');
  end if;
end;
$$;
