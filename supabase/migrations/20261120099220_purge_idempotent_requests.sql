-- Removes what idempotency keys are remembered for once they are free again.

create function private.purge_idempotent_requests(row_limit integer)
returns integer language plpgsql set search_path = ''
as $$
declare
  v_removed integer;
begin
  delete from private.idempotent_requests as r
  where r.id = any (array(
    select e.id from private.idempotent_requests as e
    where e.expires_at <= now()
    order by e.expires_at
    limit purge_idempotent_requests.row_limit
    for update skip locked
  ));
  get diagnostics v_removed = row_count;
  return v_removed;
end;
$$;
comment on function private.purge_idempotent_requests(integer) is
  'Removes up to so many requests whose idempotency keys are free again; returns how many it were.';
revoke execute on function private.purge_idempotent_requests(integer) from public, anon, authenticated;

-- Definer: service_role holds no grant on the table.
create function public.purge_idempotent_requests(row_limit integer default 5000)
returns integer language sql security definer set search_path = ''
as $$
  select private.purge_idempotent_requests(purge_idempotent_requests.row_limit);
$$;
comment on function public.purge_idempotent_requests(integer) is
  'Removes up to so many requests whose idempotency keys are free again, where no schedule of the database does. For service_role.';
revoke execute on function public.purge_idempotent_requests(integer) from public, anon, authenticated;
grant execute on function public.purge_idempotent_requests(integer) to service_role;

create function private.schedule_idempotency_purge()
returns boolean language plpgsql set search_path = ''
as $$
begin
  if to_regprocedure('cron.schedule(text,text,text)') is null then
    return false;
  end if;
  perform cron.schedule(
    'switchboard-purge-idempotency', '* * * * *', 'select private.purge_idempotent_requests(5000)'
  );
  return true;
end;
$$;
comment on function private.schedule_idempotency_purge() is
  'Schedules the purge of idempotency keys every minute; false where pg_cron is missing. Safe to repeat.';
revoke execute on function private.schedule_idempotency_purge() from public, anon, authenticated;

select private.schedule_idempotency_purge();
