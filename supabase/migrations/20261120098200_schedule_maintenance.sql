-- The slow clock: what has to be looked at again although nobody asks, where pg_cron and pg_net exist.

-- Definer: cron runs it, and only its owner may read what is asked about.
create function private.call_maintenance_when_due()
returns void language plpgsql security definer set search_path = ''
as $$
begin
  if exists (select from public.number_orders as o where o.due_at <= now())
    or exists (select from private.connections_to_verify(1))
  then
    perform private.call_function('maintenance');
  end if;
end;
$$;
comment on function private.call_maintenance_when_due() is
  'Wakes the maintenance if an order of a number is due, or numbers have to be verified again.';
revoke execute on function private.call_maintenance_when_due() from public, anon, authenticated;

create function private.schedule_maintenance()
returns boolean language plpgsql set search_path = ''
as $$
begin
  if to_regprocedure('cron.schedule(text,text,text)') is null
    or to_regprocedure('net.http_post(text,jsonb,jsonb,jsonb,integer)') is null
  then
    return false;
  end if;
  perform cron.schedule('switchboard-maintenance', '* * * * *', 'select private.call_maintenance_when_due()');
  return true;
end;
$$;
comment on function private.schedule_maintenance() is
  'Schedules the maintenance every minute; false where pg_cron or pg_net is missing. Safe to repeat.';
revoke execute on function private.schedule_maintenance() from public, anon, authenticated;

select private.schedule_maintenance();
