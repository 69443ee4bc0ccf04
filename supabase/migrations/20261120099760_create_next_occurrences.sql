-- How a message that recurs comes again: a copy of it waits for the next time.

create type private.next_occurrence as (
  message_id uuid, next_message_id uuid, occurrence integer, local_at timestamp, due_at timestamptz
);
comment on type private.next_occurrence is 'A message that recurs, and the one that follows it.';

create function private.find_next_occurrence(schedule public.message_schedules, channel text, address text)
returns private.next_occurrence language plpgsql stable set search_path = ''
as $$
declare
  v_schedule public.message_schedules := find_next_occurrence.schedule;
  v_zones text[] := private.zones_of_clock(v_schedule.workspace_id, find_next_occurrence.address, v_schedule.time_zone);
  v_next private.next_occurrence;
begin
  v_next.message_id := v_schedule.message_id;
  v_next.occurrence := v_schedule.occurrence;
  v_next.local_at := v_schedule.local_at;
  -- What was missed while nothing could be sent is not made up for, and counts.
  loop
    v_next.occurrence := v_next.occurrence + 1;
    v_next.local_at := private.next_local_time(v_schedule.recurrence, v_schedule.month_day, v_next.local_at);
    if v_next.local_at is null or v_next.occurrence > (v_schedule.recurrence ->> 'count')::integer then
      return null;
    end if;
    v_next.due_at := private.latest_instant(v_next.local_at, v_zones);
    exit when v_next.due_at > now();
  end loop;
  if v_schedule.respects_quiet_hours then
    v_next.due_at := coalesce(
      private.quiet_until(
        v_schedule.workspace_id, find_next_occurrence.channel, find_next_occurrence.address, v_next.due_at
      ),
      v_next.due_at
    );
  end if;
  v_next.next_message_id := private.time_ordered_uuid();
  return v_next;
end;
$$;
comment on function private.find_next_occurrence(public.message_schedules, text, text) is
  'The occurrence that follows a message and is still to come; null when that message was the last.';
revoke execute on function private.find_next_occurrence(public.message_schedules, text, text)
  from public, anon, authenticated;

create function private.copy_occurrences(occurrences private.next_occurrence[])
returns void language plpgsql set search_path = ''
as $$
begin
  -- Whole rows, so that a message that comes again is the same in every column but these.
  insert into public.conversation_messages
  select r.*
  from unnest(copy_occurrences.occurrences) as o
  join public.conversation_messages as m on m.id = o.message_id
  cross join lateral jsonb_populate_record(m, jsonb_build_object(
    'id', o.next_message_id, 'status', 'scheduled', 'scheduled_at', o.due_at, 'created_at', now(), 'sent_at', null,
    'delivered_at', null, 'read_at', null, 'idempotency_key', null, 'idempotency_fingerprint', null,
    'error_code', null, 'error_message', null
  )) as r;

  insert into public.message_media
  select r.*
  from unnest(copy_occurrences.occurrences) as o
  join public.message_media as d on d.message_id = o.message_id
  cross join lateral jsonb_populate_record(d, jsonb_build_object('message_id', o.next_message_id)) as r;

  insert into public.email_details
  select r.*
  from unnest(copy_occurrences.occurrences) as o
  join public.email_details as d on d.message_id = o.message_id
  join public.conversation_messages as m on m.id = o.message_id
  cross join lateral jsonb_populate_record(d, jsonb_build_object(
    'message_id', o.next_message_id,
    'internet_message_id', o.next_message_id || '@' || split_part(m.from_address, '@', 2),
    'reference_ids', private.reference_chain(d.reference_ids, d.internet_message_id)
  )) as r;

  insert into private.email_attachments
  select r.*
  from unnest(copy_occurrences.occurrences) as o
  join private.email_attachments as f on f.message_id = o.message_id
  cross join lateral jsonb_populate_record(f, jsonb_build_object('message_id', o.next_message_id)) as r;

  insert into public.template_details
  select r.*
  from unnest(copy_occurrences.occurrences) as o
  join public.template_details as d on d.message_id = o.message_id
  cross join lateral jsonb_populate_record(d, jsonb_build_object('message_id', o.next_message_id)) as r;

  insert into public.message_schedules
  select r.*
  from unnest(copy_occurrences.occurrences) as o
  join public.message_schedules as s on s.message_id = o.message_id
  cross join lateral jsonb_populate_record(s, jsonb_build_object(
    'message_id', o.next_message_id, 'occurrence', o.occurrence, 'local_at', o.local_at
  )) as r;

  insert into private.outbound_jobs (message_id, workspace_id, channel, message_class, due_at)
  select m.id, m.workspace_id, t.channel, m.message_class, o.due_at
  from unnest(copy_occurrences.occurrences) as o
  join public.conversation_messages as m on m.id = o.next_message_id
  join public.conversations as t on t.id = m.conversation_id;
end;
$$;
comment on function private.copy_occurrences(private.next_occurrence[]) is
  'Stores each next occurrence as a scheduled message of its own, with whatever the message before it has, and queues it.';
revoke execute on function private.copy_occurrences(private.next_occurrence[]) from public, anon, authenticated;

create function private.schedule_next_occurrences(message_ids uuid[])
returns table (message_id uuid, next_message_id uuid, due_at timestamptz)
language plpgsql set search_path = ''
as $$
declare
  v_occurrences private.next_occurrence[];
begin
  -- Whoever asks for the same series at the same time waits here, and then finds what comes next.
  perform from public.message_schedules as s
  where s.message_id = any (schedule_next_occurrences.message_ids) and s.recurrence is not null
  order by s.message_id
  for update;
  if not found then
    return;
  end if;
  v_occurrences := array(
    select o
    from public.message_schedules as s
    join public.conversation_messages as m on m.id = s.message_id
    join public.conversations as t on t.id = s.conversation_id
    cross join lateral private.find_next_occurrence(s, t.channel, m.to_address) as o
    where s.message_id = any (schedule_next_occurrences.message_ids) and s.recurrence is not null
      -- A person who cancels one means what would have followed it, too.
      and (m.status <> 'canceled' or m.error_code is not null)
      and not exists (
        select from public.message_schedules as l where l.series_id = s.series_id and l.occurrence > s.occurrence
      )
      and not exists (
        select from public.opt_outs as x
        where x.workspace_id = s.workspace_id and x.kind = private.kind_of_address(m.to_address)
          and x.address = m.to_address and x.ended_at is null
      )
      -- An e-mail whose files are gone is not to come again without them.
      and not exists (
        select from public.email_details as d
        where d.message_id = s.message_id and jsonb_array_length(d.attachments) > (
          select count(*) from private.email_attachments as f where f.message_id = s.message_id
        )
      )
      and o.message_id is not null
  );
  perform private.copy_occurrences(v_occurrences);
  perform private.count_messages(array(select o.next_message_id from unnest(v_occurrences) as o), 1);
  return query select o.message_id, o.next_message_id, o.due_at from unnest(v_occurrences) as o;
end;
$$;
comment on function private.schedule_next_occurrences(uuid[]) is
  'Stores and queues what follows those of the messages that recur, each once, however often it is asked. Not after a person canceled, an opt-out, or the last one. To be asked while an e-mail''s attachments are still held.';
revoke execute on function private.schedule_next_occurrences(uuid[]) from public, anon, authenticated;
