-- A contact's own time zone, and which zones a recipient may be in.
alter table public.contacts
  add column time_zone text,
  -- Asked for null first: the zone is looked up only where there is one.
  add constraint contacts_time_zone_is_known check (time_zone is null or private.is_timezone(time_zone));
comment on column public.contacts.time_zone is
  'IANA time zone, such as America/Chicago. Null: told from the region of the phone number.';
grant insert (time_zone), update (time_zone) on public.contacts to authenticated;

create function private.recipient_time_zones(workspace_ids uuid[], addresses text[])
returns table ("position" bigint, time_zones text[], is_known boolean)
language plpgsql stable set search_path = ''
-- The same plan serves a single address and a batch: planned anew, it would cost more than it finds.
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  select
    u.position,
    coalesce(case when c.time_zone is not null then array[c.time_zone] end, nullif(n.time_zones, '{}'), array[w.timezone]),
    coalesce(c.time_zone is not null or cardinality(n.time_zones) > 0, false)
  from unnest(recipient_time_zones.workspace_ids, recipient_time_zones.addresses)
    with ordinality as u (workspace_id, address, position)
  join public.workspaces as w on w.id = u.workspace_id
  -- `limit 1` keeps each address an index probe of its own.
  left join lateral (
    select o.time_zone from public.contact_addresses as k
    join public.contacts as o on o.workspace_id = k.workspace_id and o.id = k.contact_id
    where k.workspace_id = u.workspace_id and k.kind = private.kind_of_address(u.address) and k.address = u.address
      and o.time_zone is not null
    limit 1
  ) as c on true
  left join lateral (
    select private.time_zones_of(u.address) as time_zones
    where c.time_zone is null and private.kind_of_address(u.address) = 'phone'
  ) as n on true;
end;
$$;
comment on function private.recipient_time_zones(uuid[], text[]) is
  'The zones that each address of a workspace may be in: the contact''s own, else those of the number''s region; else the workspace''s, which is then only a guess (is_known false).';
revoke execute on function private.recipient_time_zones(uuid[], text[]) from public, anon, authenticated;

create function private.latest_instant(local_at timestamp, time_zones text[])
returns timestamptz language sql immutable set search_path = ''
as $$
  select max(latest_instant.local_at at time zone z.name) from unnest(latest_instant.time_zones) as z (name);
$$;
comment on function private.latest_instant(timestamp, text[]) is
  'When a wall clock has shown a time in each of the zones. A time that the clock skips comes an hour later, one that it shows twice the second time.';
revoke execute on function private.latest_instant(timestamp, text[]) from public, anon, authenticated;

create function private.zones_of_clock(workspace_id uuid, address text, time_zone text)
returns text[] language plpgsql stable set search_path = ''
as $$
begin
  if zones_of_clock.time_zone <> 'recipient' then
    return array[zones_of_clock.time_zone];
  end if;
  return (
    select r.time_zones
    from private.recipient_time_zones(array[zones_of_clock.workspace_id], array[zones_of_clock.address]) as r
  );
end;
$$;
comment on function private.zones_of_clock(uuid, text, text) is
  'The zones whose clocks are meant: the one that is named, or those that the recipient may be in.';
revoke execute on function private.zones_of_clock(uuid, text, text) from public, anon, authenticated;
