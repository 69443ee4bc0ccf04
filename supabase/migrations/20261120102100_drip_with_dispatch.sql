-- Campaigns drip into the queue whenever the dispatcher runs, and wake it.

-- Definer: service_role holds no grant on private.
create function public.drip_campaigns()
returns integer language plpgsql security definer set search_path = ''
as $$
begin
  return case when private.has_campaign_work() then private.drip_campaigns(1000) else 0 end;
end;
$$;
comment on function public.drip_campaigns() is
  'Queues what the running campaigns may have under way now; returns how many messages that is. For service_role.';
revoke execute on function public.drip_campaigns() from public, anon, authenticated;
grant execute on function public.drip_campaigns() to service_role;

create or replace function private.call_dispatch_when_due()
returns void language plpgsql security definer set search_path = ''
as $$
begin
  if exists (select from private.outbound_jobs as j where j.turn is not null)
    or exists (select from private.outbound_jobs as j where j.turn is null and j.due_at <= now())
    or exists (
      select from private.sender_clocks as c
      where c.wakes_at <= now()
        and exists (select from private.outbound_jobs as j where j.waits_for = c.sender_id and j.due_at = 'infinity')
    )
    or exists (select from private.outbound_leases as l where l.ends_at <= now())
    or private.has_campaign_work()
  then
    perform private.call_function('dispatch');
  end if;
  -- An unknown outcome is asked about soon, not with the slow clock's other work.
  if exists (select from private.look_ups as k where k.due_at <= now()) then
    perform private.call_function('maintenance');
  end if;
end;
$$;
