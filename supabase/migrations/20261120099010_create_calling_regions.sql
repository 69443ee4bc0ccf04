-- Where a phone number may be, as far as its first digits tell. Filled by migrations.
create table private.calling_regions (
  prefix text collate "C" primary key,
  country text,
  time_zones text[] not null,
  constraint calling_regions_prefix_is_of_digits check (prefix ~ '^[1-9][0-9]{0,8}$'),
  constraint calling_regions_country_is_a_code check (country ~ '^[A-Z]{2}$'),
  constraint calling_regions_time_zones_are_named check (
    cardinality(time_zones) > 0 and array_position(time_zones, null) is null
  )
);
comment on table private.calling_regions is
  'Countries and time zones by the first digits of E.164 numbers. The longest prefix of a number counts.';
comment on column private.calling_regions.prefix is 'Without the plus sign, at most nine digits.';
comment on column private.calling_regions.country is 'ISO 3166. Null: the digits do not tell.';
comment on column private.calling_regions.time_zones is
  'IANA names of all zones where such a number may be: several where an area code spans them, and for mobile numbers.';

alter table private.calling_regions enable row level security;
revoke all on private.calling_regions from anon, authenticated, service_role;

create function private.calling_prefixes(phone_number text)
returns text[] language plpgsql immutable strict parallel safe set search_path = ''
as $$
begin
  return case when calling_prefixes.phone_number like '+%' then array[
    substr(calling_prefixes.phone_number, 2, 1), substr(calling_prefixes.phone_number, 2, 2),
    substr(calling_prefixes.phone_number, 2, 3), substr(calling_prefixes.phone_number, 2, 4),
    substr(calling_prefixes.phone_number, 2, 5), substr(calling_prefixes.phone_number, 2, 6),
    substr(calling_prefixes.phone_number, 2, 7), substr(calling_prefixes.phone_number, 2, 8),
    substr(calling_prefixes.phone_number, 2, 9)
  ] end;
end;
$$;
comment on function private.calling_prefixes(text) is
  'Whatever prefix of an E.164 number private.calling_regions may have; null for anything else.';
revoke execute on function private.calling_prefixes(text) from public, anon, authenticated;

create function private.country_of(phone_number text)
returns text language plpgsql stable strict parallel safe set search_path = ''
as $$
begin
  return (
    select r.country from private.calling_regions as r
    where r.prefix = any (private.calling_prefixes(country_of.phone_number))
    order by r.prefix desc
    limit 1
  );
end;
$$;
comment on function private.country_of(text) is
  'The country (ISO 3166) of an E.164 number; null when its digits do not tell, or nobody knows.';
revoke execute on function private.country_of(text) from public, anon, authenticated;

create function private.time_zones_of(phone_number text)
returns text[] language plpgsql stable parallel safe set search_path = ''
as $$
begin
  return coalesce((
    select r.time_zones from private.calling_regions as r
    where r.prefix = any (private.calling_prefixes(time_zones_of.phone_number))
    order by r.prefix desc
    limit 1
  ), '{}');
end;
$$;
comment on function private.time_zones_of(text) is
  'All time zones (IANA) where an E.164 number may be; empty when nobody knows.';
revoke execute on function private.time_zones_of(text) from public, anon, authenticated;
