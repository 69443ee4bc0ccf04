-- Whether Postgres knows a time zone, without reading every zone there is from disk.

-- Immutable for the reason it always was: a zone name, once known, stays known.
create or replace function private.is_timezone(name text)
returns boolean language plpgsql immutable set search_path = ''
as $$
begin
  -- Without a digit and with a slash it can be neither a POSIX rule nor an abbreviation.
  if is_timezone.name ~ '^[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_-]+){1,2}$' then
    begin
      perform timestamptz 'epoch' at time zone is_timezone.name;
      return true;
    exception when invalid_parameter_value then
      return false;
    end;
  end if;
  return is_timezone.name = 'UTC'
    or exists (select from pg_catalog.pg_timezone_names as z where z.name = is_timezone.name);
end;
$$;
