-- What a message says about when it is to be sent.

create type private.schedule_reading as (
  due_at timestamptz,
  is_kept boolean,
  "unless" text[],
  recurrence jsonb,
  time_zone text,
  local_at timestamp,
  month_day smallint,
  respects_quiet_hours boolean,
  flaw_code text,
  flaw_field text,
  flaw text
);
comment on type private.schedule_reading is
  'When a message is due (null: at once), what its row of message_schedules says (is_kept: it needs one), or what is wrong.';

create function private.find_schedule_flaw(channel text, given jsonb)
returns table (field text, flaw text) language plpgsql stable set search_path = ''
as $$
declare
  v_given jsonb := find_schedule_flaw.given;
  v_at text := v_given ->> 'scheduled_at';
begin
  return query
  select c.field, c.flaw from (values
    (
      v_given ? 'time_zone' and (
        jsonb_typeof(v_given -> 'time_zone') <> 'string'
        or (v_given ->> 'time_zone' <> 'recipient' and not private.is_timezone(v_given ->> 'time_zone'))
      ),
      'time_zone', 'the time zone is neither recipient nor one such as America/Chicago'
    ),
    (
      v_given ? 'time_zone' and v_at is null,
      'time_zone', 'without scheduled_at the time zone says nothing'
    ),
    (
      v_given ? 'time_zone' and v_at is not null and (
        v_at !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?$'
        or not pg_input_is_valid(v_at, 'timestamp')
      ),
      'scheduled_at', 'with time_zone the time is a local one without offset, such as 2026-12-01T09:00:00'
    ),
    (
      not v_given ? 'time_zone' and v_at is not null and (
        v_at !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})$'
        or not pg_input_is_valid(v_at, 'timestamptz')
      ),
      'scheduled_at', 'the time is not one with an offset, such as 2026-12-01T09:00:00-05:00'
    ),
    (
      v_given ? 'quiet_hours' and coalesce(v_given ->> 'quiet_hours', '') not in ('respect', 'ignore'),
      'quiet_hours', 'quiet hours are either to respect or to ignore'
    ),
    (
      v_given ->> 'quiet_hours' = 'respect' and find_schedule_flaw.channel not in ('sms', 'whatsapp', 'call'),
      'quiet_hours', 'only phones have quiet hours'
    ),
    (
      v_given ? 'unless' and (
        jsonb_typeof(v_given -> 'unless') <> 'array'
        or jsonb_path_exists(v_given, '$.unless[*] ? (@ <> "replied" && @ <> "conversation_closed" || @.type() <> "string")')
      ),
      'unless', 'the conditions are not a list of replied and conversation_closed'
    ),
    (
      v_given ? 'unless' and v_given -> 'unless' <> '[]' and v_at is null
        and v_given ->> 'quiet_hours' is distinct from 'respect',
      'unless', 'a message that is sent at once waits for nothing: say when with scheduled_at'
    ),
    (
      v_given ? 'recurrence' and v_at is null,
      'recurrence', 'it counts from scheduled_at, which is missing'
    )
  ) as c (is_wrong, field, flaw)
  where c.is_wrong
  union all
  select f.field, f.flaw from private.find_recurrence_flaw(v_given -> 'recurrence') as f
  where v_given ? 'recurrence'
  limit 1;
end;
$$;
comment on function private.find_schedule_flaw(text, jsonb) is
  'What is malformed in what a message says about when it is to be sent; no row when nothing is.';
revoke execute on function private.find_schedule_flaw(text, jsonb) from public, anon, authenticated;

create function private.read_schedule(
  workspace_id uuid,
  channel text,
  address text,
  message jsonb,
  earliest_at timestamptz default now() - interval '1 minute'
)
returns private.schedule_reading language plpgsql stable set search_path = ''
as $$
declare
  v_given jsonb := jsonb_strip_nulls(jsonb_build_object(
    'scheduled_at', read_schedule.message -> 'scheduled_at',
    'time_zone', read_schedule.message -> 'time_zone',
    'unless', read_schedule.message -> 'unless',
    'recurrence', read_schedule.message -> 'recurrence',
    'quiet_hours', read_schedule.message -> 'quiet_hours'
  ));
  v_reading private.schedule_reading;
  v_weekdays text[];
  v_zones text[];
  v_at timestamptz;
begin
  if read_schedule.message ->> 'message_class' = 'campaign' and not v_given ? 'quiet_hours'
    and read_schedule.channel in ('sms', 'whatsapp', 'call')
  then
    v_given := v_given || '{"quiet_hours": "respect"}';
  end if;
  v_reading.flaw_code := 'schedule_invalid';
  select f.field, f.flaw into v_reading.flaw_field, v_reading.flaw
  from private.find_schedule_flaw(read_schedule.channel, v_given) as f;
  if found then
    return v_reading;
  end if;

  v_reading."unless" := array(
    select distinct u.condition from unnest(private.text_list(v_given -> 'unless')) as u (condition) order by u.condition
  );
  v_reading.respects_quiet_hours := coalesce(v_given ->> 'quiet_hours' = 'respect', false);
  v_reading.recurrence := v_given -> 'recurrence';
  v_reading.time_zone := v_given ->> 'time_zone';
  if v_reading.time_zone is null and v_reading.recurrence is not null then
    -- What recurs keeps its wall time, so it has to hang on some wall.
    select w.timezone into v_reading.time_zone from public.workspaces as w where w.id = read_schedule.workspace_id;
    v_reading.local_at := (v_given ->> 'scheduled_at')::timestamptz at time zone v_reading.time_zone;
  elsif v_reading.time_zone is not null then
    v_reading.local_at := (v_given ->> 'scheduled_at')::timestamp;
  end if;

  if v_reading.time_zone is null then
    v_at := (v_given ->> 'scheduled_at')::timestamptz;
  else
    v_weekdays := private.text_list(v_reading.recurrence -> 'weekdays');
    -- The first occurrence is the first day that counts.
    while cardinality(v_weekdays) > 0
      and trim(to_char(v_reading.local_at, 'day')) <> all (v_weekdays)
    loop
      v_reading.local_at := v_reading.local_at + interval '1 day';
    end loop;
    v_at := private.latest_instant(
      v_reading.local_at, private.zones_of_clock(read_schedule.workspace_id, read_schedule.address, v_reading.time_zone)
    );
  end if;
  if v_reading.recurrence ->> 'every' = 'month' then
    v_reading.month_day := extract(day from v_reading.local_at);
  end if;

  select c.field, c.flaw into v_reading.flaw_field, v_reading.flaw
  from (values
    (v_at < read_schedule.earliest_at, 'scheduled_at', 'the time is in the past'),
    (v_at > now() + interval '1 year', 'scheduled_at', 'the time is more than a year ahead'),
    (
      v_reading.local_at::date > (v_reading.recurrence ->> 'until')::date,
      'recurrence.until', 'it would end before it begins'
    )
  ) as c (is_wrong, field, flaw)
  where c.is_wrong
  limit 1;
  if found then
    return v_reading;
  end if;

  v_reading.flaw_code := null;
  v_reading.is_kept := v_reading."unless" <> '{}' or v_reading.time_zone is not null or v_reading.respects_quiet_hours;
  v_reading.due_at := greatest(v_at, now());
  if v_reading.respects_quiet_hours then
    v_reading.due_at := coalesce(
      private.quiet_until(read_schedule.workspace_id, read_schedule.channel, read_schedule.address, v_reading.due_at),
      v_reading.due_at
    );
  end if;
  -- What recurs or has conditions passes through the same door as all that waits, were it for a moment only.
  if v_reading.due_at <= now() and v_reading.recurrence is null and v_reading."unless" = '{}' then
    v_reading.due_at := null;
    v_reading.is_kept := false;
  end if;
  return v_reading;
end;
$$;
comment on function private.read_schedule(uuid, text, text, jsonb, timestamptz) is
  'When a message is due, by its scheduled_at, time_zone, unless, recurrence and quiet_hours (respected by default where message_class is campaign); or what is wrong with them. A due_at, were it now, means that the message waits for its promotion.';
revoke execute on function private.read_schedule(uuid, text, text, jsonb, timestamptz) from public, anon, authenticated;

create function private.store_schedules(message_ids uuid[], readings private.schedule_reading[])
returns void language plpgsql set search_path = ''
as $$
begin
  insert into public.message_schedules (
    message_id, workspace_id, conversation_id, series_id, "unless", recurrence, time_zone, local_at, month_day,
    respects_quiet_hours
  )
  select
    m.id, m.workspace_id, m.conversation_id, m.id, r."unless", r.recurrence, r.time_zone, r.local_at, r.month_day,
    r.respects_quiet_hours
  from unnest(store_schedules.message_ids) with ordinality as u (message_id, position)
  cross join lateral (select (store_schedules.readings[u.position]).*) as r
  join public.conversation_messages as m on m.id = u.message_id
  where r.is_kept;
end;
$$;
comment on function private.store_schedules(uuid[], private.schedule_reading[]) is
  'Keeps, of messages that were stored, what their schedules say beside the time; a message that is not there is left out.';
revoke execute on function private.store_schedules(uuid[], private.schedule_reading[]) from public, anon, authenticated;
