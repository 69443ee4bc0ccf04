-- When a message that recurs comes again.

create function private.weekday_number(name text)
returns integer language sql immutable set search_path = ''
as $$
  select array_position(
    array['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'], weekday_number.name
  );
$$;
comment on function private.weekday_number(text) is 'From 1 for monday to 7; null for another word.';
revoke execute on function private.weekday_number(text) from public, anon, authenticated;

create function private.find_recurrence_flaw(recurrence jsonb)
returns table (field text, flaw text) language plpgsql stable set search_path = ''
as $$
declare
  v_recurrence jsonb := find_recurrence_flaw.recurrence;
  v_key text;
begin
  if jsonb_typeof(v_recurrence) <> 'object' then
    return query select 'recurrence', 'the recurrence is not an object';
    return;
  end if;
  select k.name into v_key from jsonb_object_keys(v_recurrence) as k (name)
  where k.name not in ('every', 'interval', 'weekdays', 'until', 'count')
  limit 1;
  if found then
    return query select 'recurrence.' || left(v_key, 100), 'a recurrence has no such field';
    return;
  end if;
  return query
  select 'recurrence.' || c.field, c.flaw from (values
    (
      coalesce(v_recurrence ->> 'every', '') not in ('day', 'week', 'month'),
      'every', 'it recurs every day, week or month'
    ),
    (
      v_recurrence ? 'interval' and (
        jsonb_typeof(v_recurrence -> 'interval') <> 'number'
        or v_recurrence ->> 'interval' !~ '^([1-9][0-9]?|[12][0-9]{2}|3[0-5][0-9]|36[0-5])$'
      ),
      'interval', 'the interval is not a whole number from 1 to 365'
    ),
    (
      v_recurrence ? 'weekdays' and v_recurrence ->> 'every' is distinct from 'week',
      'weekdays', 'only what recurs every week has weekdays'
    ),
    (
      v_recurrence ? 'weekdays' and (
        jsonb_typeof(v_recurrence -> 'weekdays') <> 'array'
        or v_recurrence -> 'weekdays' = '[]'
        or exists (
          select from unnest(private.text_list(v_recurrence -> 'weekdays')) as w (name)
          where private.weekday_number(w.name) is null
        )
      ),
      'weekdays', 'the weekdays are not a list of words such as monday'
    ),
    (
      v_recurrence ? 'until' and (
        jsonb_typeof(v_recurrence -> 'until') <> 'string'
        or v_recurrence ->> 'until' !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
        or not pg_input_is_valid(v_recurrence ->> 'until', 'date')
      ),
      'until', 'the last day is not a date such as 2027-06-30'
    ),
    (
      v_recurrence ? 'count' and (
        jsonb_typeof(v_recurrence -> 'count') <> 'number' or v_recurrence ->> 'count' !~ '^[1-9][0-9]{0,2}$'
      ),
      'count', 'the count is not a whole number from 1 to 999'
    )
  ) as c (is_wrong, field, flaw)
  where c.is_wrong
  limit 1;
end;
$$;
comment on function private.find_recurrence_flaw(jsonb) is 'What is wrong with a recurrence; no row when nothing is.';
revoke execute on function private.find_recurrence_flaw(jsonb) from public, anon, authenticated;

create function private.next_local_time(recurrence jsonb, month_day smallint, local_at timestamp)
returns timestamp language plpgsql immutable set search_path = ''
as $$
declare
  v_at timestamp := next_local_time.local_at;
  v_interval integer := coalesce((next_local_time.recurrence ->> 'interval')::integer, 1);
  v_weekdays integer[];
  v_month timestamp;
begin
  if next_local_time.recurrence ->> 'every' = 'day' then
    v_at := v_at + make_interval(days => v_interval);
  elsif next_local_time.recurrence ->> 'every' = 'week' then
    v_weekdays := array(
      select private.weekday_number(w.name) as number
      from unnest(private.text_list(next_local_time.recurrence -> 'weekdays')) as w (name)
      order by number
    );
    if cardinality(v_weekdays) = 0 then
      v_at := v_at + make_interval(weeks => v_interval);
    else
      -- The next weekday of this week; else the first one of the next week that counts.
      v_at := v_at + make_interval(days => coalesce(
        (select min(w.number) from unnest(v_weekdays) as w (number) where w.number > extract(isodow from v_at)),
        v_weekdays[1] + 7 * v_interval
      ) - extract(isodow from v_at)::integer);
    end if;
  else
    v_month := date_trunc('month', v_at) + make_interval(months => v_interval);
    v_at := v_month + v_at::time + make_interval(days => least(
      next_local_time.month_day,
      extract(day from v_month + interval '1 month' - interval '1 day')::integer
    ) - 1);
  end if;
  return case when v_at::date <= coalesce((next_local_time.recurrence ->> 'until')::date, 'infinity') then v_at end;
end;
$$;
comment on function private.next_local_time(jsonb, smallint, timestamp) is
  'What the wall clock shows at the next occurrence; null when the one given was the last.';
revoke execute on function private.next_local_time(jsonb, smallint, timestamp) from public, anon, authenticated;
