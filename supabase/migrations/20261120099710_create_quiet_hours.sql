-- When a workspace leaves people alone, by their own clock. Admins write; without a row the defaults hold.
create table public.quiet_hours (
  workspace_id uuid primary key references public.workspaces (id) on delete cascade,
  -- 47 CFR 64.1200(c)(1): no solicitation before 8:00 or after 21:00, the called party's time.
  starts_at time not null default '21:00',
  ends_at time not null default '08:00',
  updated_at timestamptz not null default now(),
  constraint quiet_hours_leave_time_to_send check (starts_at <> ends_at),
  constraint quiet_hours_are_times_of_day check (starts_at < '24:00' and ends_at < '24:00')
);
comment on table public.quiet_hours is
  'The hours in which messages that respect them wait. Without a row: 21:00 to 08:00.';
comment on column public.quiet_hours.starts_at is 'First quiet time of day, on the recipient''s clock.';
comment on column public.quiet_hours.ends_at is
  'First time of day at which messages leave again; before starts_at when the hours span midnight.';

alter table public.quiet_hours enable row level security;
revoke all on public.quiet_hours from anon, authenticated, service_role;
grant select, insert (workspace_id, starts_at, ends_at), update (starts_at, ends_at), delete
  on public.quiet_hours to authenticated;
grant select on public.quiet_hours to service_role;
create policy quiet_hours_select_member on public.quiet_hours
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create policy quiet_hours_insert_admin on public.quiet_hours
  for insert to authenticated
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create policy quiet_hours_update_admin on public.quiet_hours
  for update to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())))
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create policy quiet_hours_delete_admin on public.quiet_hours
  for delete to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger quiet_hours_set_updated_at before update on public.quiet_hours
  for each row execute function public.update_updated_at_column();
create trigger quiet_hours_keep_workspace before update of workspace_id on public.quiet_hours
  for each row execute function private.refuse_workspace_change();

create function private.is_quiet(time_of_day time, starts_at time, ends_at time)
returns boolean language sql immutable set search_path = ''
as $$
  select case
    when is_quiet.starts_at < is_quiet.ends_at
      then is_quiet.time_of_day >= is_quiet.starts_at and is_quiet.time_of_day < is_quiet.ends_at
    else is_quiet.time_of_day >= is_quiet.starts_at or is_quiet.time_of_day < is_quiet.ends_at
  end;
$$;
comment on function private.is_quiet(time, time, time) is
  'Whether a time of day lies in quiet hours, which may span midnight.';
revoke execute on function private.is_quiet(time, time, time) from public, anon, authenticated;

create function private.quiet_end(time_zones text[], starts_at time, ends_at time, at timestamptz)
returns timestamptz language plpgsql immutable set search_path = ''
-- The same plan serves few zones and many: planned anew, it would cost more than it finds.
set plan_cache_mode = force_generic_plan
as $$
begin
  return (
    with zones as materialized (
      select distinct z.name from unnest(quiet_end.time_zones) as z (name)
    ),
    -- It grows quieter nowhere but at these times.
    candidates as (
      select quiet_end.at as at
      union
      select (
        l.at::date + quiet_end.ends_at
        + case when l.at::time >= quiet_end.ends_at then interval '1 day' else interval '0' end
      ) at time zone z.name
      from zones as z
      cross join lateral (select quiet_end.at at time zone z.name as at) as l
    )
    select nullif(c.at, quiet_end.at)
    from candidates as c
    order by (
      select count(*) from zones as z
      where private.is_quiet((c.at at time zone z.name)::time, quiet_end.starts_at, quiet_end.ends_at)
    ), c.at
    limit 1
  );
end;
$$;
comment on function private.quiet_end(text[], time, time, timestamptz) is
  'The first time within a day at which it is quiet in none of the zones, or, where they lie too far apart for that, in as few as possible; null when that is now.';
revoke execute on function private.quiet_end(text[], time, time, timestamptz) from public, anon, authenticated;

create function private.quiet_ends(workspace_ids uuid[], addresses text[], at timestamptz)
returns table ("position" bigint, quiet_until timestamptz)
language plpgsql stable set search_path = ''
-- The same plan serves a single address and a batch: planned anew, it would cost more than it finds.
set plan_cache_mode = force_generic_plan
as $$
begin
  return query
  with recipients as materialized (
    select r.position, r.time_zones, h.starts_at, h.ends_at
    from private.recipient_time_zones(quiet_ends.workspace_ids, quiet_ends.addresses) as r
    cross join lateral (
      select quiet_ends.workspace_ids[r.position] as workspace_id, quiet_ends.addresses[r.position] as address
    ) as u
    left join public.quiet_hours as q on q.workspace_id = u.workspace_id
    cross join lateral (
      select coalesce(q.starts_at, '21:00') as starts_at, coalesce(q.ends_at, '08:00') as ends_at
    ) as s
    -- From an unknown region: two hours more at both ends, yet never more than half of the open time.
    cross join lateral (
      select case
        when r.is_known then interval '0'
        else least(
          interval '2 hours',
          (
            s.starts_at - s.ends_at
            + case when s.starts_at < s.ends_at then interval '24 hours' else interval '0' end
          ) / 4
        )
      end as length
    ) as m
    cross join lateral (
      select s.starts_at - m.length as starts_at, s.ends_at + m.length as ends_at
    ) as h
    where private.kind_of_address(u.address) = 'phone'
  ),
  -- Few kinds of recipients, however many there are.
  kinds as materialized (
    select k.*, private.quiet_end(k.time_zones, k.starts_at, k.ends_at, quiet_ends.at) as quiet_until
    from (select distinct r.time_zones, r.starts_at, r.ends_at from recipients as r) as k
  )
  select r.position, k.quiet_until
  from recipients as r
  join kinds as k
    on k.time_zones = r.time_zones and k.starts_at = r.starts_at and k.ends_at = r.ends_at;
end;
$$;
comment on function private.quiet_ends(uuid[], text[], timestamptz) is
  'When the quiet hours of each phone number end, if they hold; an e-mail address has none, and no row. Of a number from an unknown region only the workspace''s zone is known: the hours are then longer at both ends.';
revoke execute on function private.quiet_ends(uuid[], text[], timestamptz) from public, anon, authenticated;

create function private.quiet_until_many(workspace_id uuid, addresses text[], at timestamptz)
returns table (address text, quiet_until timestamptz)
language sql stable set search_path = ''
as $$
  select u.address, q.quiet_until
  from (
    select array_agg(quiet_until_many.workspace_id order by a.address) as workspace_ids,
      array_agg(a.address order by a.address) as addresses
    from (select distinct d.address from unnest(quiet_until_many.addresses) as d (address)) as a
  ) as l
  cross join lateral unnest(l.addresses) with ordinality as u (address, position)
  left join private.quiet_ends(l.workspace_ids, l.addresses, quiet_until_many.at) as q on q.position = u.position;
$$;
comment on function private.quiet_until_many(uuid, text[], timestamptz) is
  'For each address, once, when its quiet hours end; null where a message may leave at that time.';
revoke execute on function private.quiet_until_many(uuid, text[], timestamptz) from public, anon, authenticated;

create function private.quiet_until(workspace_id uuid, channel text, address text, at timestamptz)
returns timestamptz language plpgsql stable set search_path = ''
as $$
begin
  if quiet_until.channel not in ('sms', 'whatsapp', 'call') then
    return null;
  end if;
  return (
    select q.quiet_until
    from private.quiet_ends(array[quiet_until.workspace_id], array[quiet_until.address], quiet_until.at) as q
  );
end;
$$;
comment on function private.quiet_until(uuid, text, text, timestamptz) is
  'When the quiet hours of a recipient end; null when a message may leave at that time by every clock that the recipient may have, and for channels that wake nobody.';
revoke execute on function private.quiet_until(uuid, text, text, timestamptz) from public, anon, authenticated;
