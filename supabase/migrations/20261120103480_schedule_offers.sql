-- Offers that failed, or that nobody was woken for, go out by the schedule, where pg_cron and pg_net exist.

-- Definer: cron runs it, and only its owner may read what is asked about.
create function private.call_offers_when_due()
returns void language plpgsql security definer set search_path = ''
as $$
begin
  perform private.end_old_offers();
  if exists (select from private.posted_agents()) then
    perform private.call_function('maintenance/offers');
  end if;
end;
$$;
comment on function private.call_offers_when_due() is 'Has offers posted if one is due at an agent''s webhook, and ends what nobody took for a day.';
revoke execute on function private.call_offers_when_due() from public, anon, authenticated;

create function private.schedule_offers()
returns boolean language plpgsql set search_path = ''
as $$
begin
  if to_regprocedure('cron.schedule(text,text,text)') is null
    or to_regprocedure('net.http_post(text,jsonb,jsonb,jsonb,integer)') is null
  then
    return false;
  end if;
  perform cron.schedule('switchboard-offers', '5 seconds', 'select private.call_offers_when_due()');
  return true;
end;
$$;
comment on function private.schedule_offers() is
  'Schedules the posting of offers every 5 seconds; false where pg_cron or pg_net is missing. Safe to repeat.';
revoke execute on function private.schedule_offers() from public, anon, authenticated;

select private.schedule_offers();
