-- The schedule that finds due messages when nobody has just sent one, where pg_cron and pg_net exist.

create function private.call_function(name text)
returns void language plpgsql set search_path = ''
as $$
declare
  v_url text;
  v_secret_key text;
begin
  select s.decrypted_secret into v_url from vault.decrypted_secrets as s where s.name = 'switchboard_url';
  select s.decrypted_secret into v_secret_key from vault.decrypted_secrets as s where s.name = 'switchboard_secret_key';
  if v_url is null or v_secret_key is null then
    raise warning 'Cannot call %: the Vault secrets switchboard_url and switchboard_secret_key are not set', call_function.name;
    return;
  end if;
  perform net.http_post(
    url := v_url || '/functions/v1/' || call_function.name,
    body := '{}'::jsonb,
    params := '{}'::jsonb,
    headers := jsonb_build_object('content-type', 'application/json', 'apikey', v_secret_key),
    timeout_milliseconds := 30000
  );
end;
$$;
comment on function private.call_function(text) is
  'Calls an edge function of this project without waiting for it. Needs the Vault secrets switchboard_url and switchboard_secret_key.';
revoke execute on function private.call_function(text) from public, anon, authenticated;

-- Definer: cron runs it, and only its owner may read Vault and the jobs.
create function private.call_dispatch_when_due()
returns void language plpgsql security definer set search_path = ''
as $$
begin
  if exists (select from private.outbound_jobs as j where j.due_at <= now())
    or exists (select from private.outbound_leases as l where l.ends_at <= now())
  then
    perform private.call_function('dispatch');
  end if;
end;
$$;
comment on function private.call_dispatch_when_due() is 'Wakes the dispatcher if a job is due or a lease has ended.';
revoke execute on function private.call_dispatch_when_due() from public, anon, authenticated;

create function private.schedule_dispatch()
returns boolean language plpgsql set search_path = ''
as $$
begin
  if to_regprocedure('cron.schedule(text,text,text)') is null
    or to_regprocedure('net.http_post(text,jsonb,jsonb,jsonb,integer)') is null
  then
    return false;
  end if;
  perform cron.schedule('switchboard-dispatch', '5 seconds', 'select private.call_dispatch_when_due()');
  perform cron.schedule('switchboard-purge', '* * * * *', 'select private.purge_deleted_workspaces(5000)');
  perform cron.schedule(
    'switchboard-cron-history', '17 3 * * *',
    'delete from cron.job_run_details where end_time < now() - interval ''1 day'''
  );
  return true;
end;
$$;
comment on function private.schedule_dispatch() is
  'Schedules the dispatcher every 5 seconds; false where pg_cron or pg_net is missing. Safe to repeat.';
revoke execute on function private.schedule_dispatch() from public, anon, authenticated;

do $$
begin
  if exists (select from pg_available_extensions where name = 'pg_cron')
    and exists (select from pg_available_extensions where name = 'pg_net')
  then
    create extension if not exists pg_cron;
    create extension if not exists pg_net with schema extensions;
  end if;
  perform private.schedule_dispatch();
end;
$$;
