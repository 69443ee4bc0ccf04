-- How people change a message that no dispatcher has taken yet.

create function private.refuse_flaw(code text, field text, flaw text)
returns void language plpgsql set search_path = ''
as $$
begin
  perform private.fail(
    case
      when refuse_flaw.code = 'invalid_request' then 400
      when refuse_flaw.code like '%not_found' then 404
      when refuse_flaw.code like '%not_assigned' then 403
      else 422
    end,
    refuse_flaw.code, 'Cannot edit the message: ' || refuse_flaw.flaw, refuse_flaw.field
  );
end;
$$;
comment on function private.refuse_flaw(text, text, text) is 'Refuses an edit with what enqueueing would refuse it with.';
revoke execute on function private.refuse_flaw(text, text, text) from public, anon, authenticated;

create function private.edit_words(message public.conversation_messages, changes jsonb)
returns void language plpgsql set search_path = ''
as $$
declare
  v_message public.conversation_messages := edit_words.message;
  v_changes jsonb := edit_words.changes;
  v_channel text := (select t.channel from public.conversations as t where t.id = v_message.conversation_id);
  v_draft jsonb;
  v_whole private.outbound_draft;
begin
  if exists (select from public.template_details as d where d.message_id = v_message.id) then
    perform private.refuse_flaw(
      'template_invalid', (select min(k.name) from jsonb_object_keys(v_changes) as k (name)), 'its words are its template''s'
    );
  end if;
  v_draft := jsonb_build_object(
    'channel', v_channel, 'conversation_id', v_message.conversation_id, 'from_address', v_message.from_address,
    'body', v_message.body
  );
  if v_channel = 'email' then
    v_draft := v_draft || (
      select jsonb_build_object('subject', d.subject, 'html', d.html)
      from public.email_details as d where d.message_id = v_message.id
    );
  else
    v_draft := v_draft || jsonb_build_object(
      'media_urls', array(
        select d.url from public.message_media as d
        where d.message_id = v_message.id and d.url is not null order by d.position
      ),
      'media', array(
        select jsonb_build_object('path', d.storage_path) from public.message_media as d
        where d.message_id = v_message.id and d.storage_path is not null order by d.position
      )
    );
  end if;
  -- What enqueueing would say to the whole of it.
  select * into v_whole
  from private.read_outbound_drafts(v_message.workspace_id, jsonb_build_array(v_draft || v_changes), false) as d;
  if v_whole.error_code is not null then
    perform private.refuse_flaw(v_whole.error_code, v_whole.error_field, v_whole.error_message);
  end if;

  -- Who changes the words answers for them.
  update public.conversation_messages as m
  set
    body = coalesce(v_changes ->> 'body', m.body),
    segment_count = v_whole.segment_count,
    estimated_cost = v_whole.cost,
    sender_id = coalesce(auth.uid(), m.sender_id),
    agent_id = case when auth.uid() is null then m.agent_id end
  where m.id = v_message.id;
  update public.email_details as d
  set subject = coalesce(v_changes ->> 'subject', d.subject), html = coalesce(v_changes ->> 'html', d.html)
  where d.message_id = v_message.id and v_changes ?| '{subject,html}';
  if v_changes ?| '{media_urls,media}' then
    delete from public.message_media as d where d.message_id = v_message.id;
    insert into public.message_media (message_id, position, workspace_id, conversation_id, url, storage_path)
    select
      v_message.id, u.position, v_message.workspace_id, v_message.conversation_id,
      case when starts_with(u.medium, 'https://') then u.medium end,
      case when not starts_with(u.medium, 'https://') then u.medium end
    from unnest(v_whole.media_urls) with ordinality as u (medium, position);
  end if;
  update public.conversations as t
  set snippet = private.snippet_of(v_changes ->> 'body')
  where t.id = v_message.conversation_id and v_changes ? 'body' and t.snippet = private.snippet_of(v_message.body);
  perform private.count_usage(array[(
    v_message.workspace_id, private.month_of(v_message.created_at), v_channel, v_message.is_platform, 0, 0,
    v_whole.cost - v_message.estimated_cost, 0
  )::private.usage_change]);
end;
$$;
comment on function private.edit_words(public.conversation_messages, jsonb) is
  'Changes what a held message says, if enqueueing would take it so.';
revoke execute on function private.edit_words(public.conversation_messages, jsonb) from public, anon, authenticated;

create function private.edit_schedule(message public.conversation_messages, changes jsonb)
returns void language plpgsql set search_path = ''
as $$
declare
  v_message public.conversation_messages := edit_schedule.message;
  v_channel text := (select t.channel from public.conversations as t where t.id = v_message.conversation_id);
  v_schedule public.message_schedules;
  v_job private.outbound_jobs;
  v_given jsonb;
  v_reading private.schedule_reading;
begin
  select * into v_schedule from public.message_schedules as s where s.message_id = v_message.id;
  -- Only what recurs has a time zone that nobody has to have named.
  v_given := jsonb_build_object(
    'scheduled_at', case
      when v_schedule.local_at is not null then to_char(v_schedule.local_at, 'YYYY-MM-DD"T"HH24:MI:SS.US')
      else to_char(v_message.scheduled_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    end,
    'time_zone', v_schedule.time_zone,
    'unless', v_schedule."unless",
    'recurrence', v_schedule.recurrence,
    'quiet_hours', case
      when v_channel = 'email' then null
      when v_schedule.respects_quiet_hours then 'respect'
      else 'ignore'
    end,
    -- Read from the whole row: only some messages are of a class.
    'message_class', to_jsonb(v_message) -> 'message_class'
  );
  -- Nothing is left to wait for.
  if edit_schedule.changes -> 'scheduled_at' = 'null' then
    v_given := v_given - 'time_zone' - 'unless' - 'recurrence';
  end if;
  v_given := v_given || edit_schedule.changes;
  -- Another kind of time needs no zone, unless what recurs hangs on it.
  if v_given ->> 'scheduled_at' ~ '(Z|[+-][0-9]{2}:?[0-9]{2})$' and v_given ->> 'recurrence' is null
    and not edit_schedule.changes ? 'time_zone'
  then
    v_given := v_given - 'time_zone';
  end if;
  v_reading := private.read_schedule(
    v_message.workspace_id, v_channel, v_message.to_address, v_given,
    -- What waited for the end of quiet hours may be past its time: only a new time has to be one to come.
    case
      when edit_schedule.changes ? 'scheduled_at' then now() - interval '1 minute'
      else '-infinity'
    end
  );
  if v_reading.flaw_code is not null then
    perform private.refuse_flaw(v_reading.flaw_code, v_reading.flaw_field, v_reading.flaw);
  end if;

  delete from public.message_schedules as s where s.message_id = v_message.id;
  perform private.store_schedules(array[v_message.id], array[v_reading]);
  update public.message_schedules as s
  set series_id = v_schedule.series_id, occurrence = v_schedule.occurrence
  where s.message_id = v_message.id and s.recurrence is not null and v_schedule.recurrence is not null;
  -- Sent at once, it is due now: the next promotion takes it.
  update public.conversation_messages as m
  set status = 'scheduled', scheduled_at = coalesce(v_reading.due_at, now())
  where m.id = v_message.id;
  -- Another job with whatever the first one had, yet without a turn: it waits for its time.
  delete from private.outbound_jobs as j where j.message_id = v_message.id returning * into v_job;
  insert into private.outbound_jobs
  select r.*
  from jsonb_populate_record(v_job, jsonb_build_object('due_at', coalesce(v_reading.due_at, now()), 'turn', null)) as r;
end;
$$;
comment on function private.edit_schedule(public.conversation_messages, jsonb) is
  'Changes when a held message is to be sent, and under which conditions: what is not given stays, null takes it away.';
revoke execute on function private.edit_schedule(public.conversation_messages, jsonb) from public, anon, authenticated;

-- Definer: nobody holds a write grant on messages or jobs.
create function private.edit_message(message_id uuid, changes jsonb)
returns public.conversation_messages language plpgsql security definer set search_path = ''
as $$
declare
  c_words constant text[] := array['body', 'subject', 'html', 'media_urls', 'media'];
  c_schedule constant text[] := array['scheduled_at', 'time_zone', 'unless', 'recurrence', 'quiet_hours'];
  v_changes jsonb := edit_message.changes;
  v_message public.conversation_messages;
  v_field text;
begin
  if jsonb_typeof(v_changes) is distinct from 'object' or v_changes = '{}' then
    perform private.fail(
      400, 'invalid_request', 'Cannot edit the message: no change is given', 'changes',
      'Send an object of the fields to change'
    );
  end if;
  select k.name into v_field from jsonb_object_keys(v_changes) as k (name)
  where k.name <> all (c_words || c_schedule)
    or (k.name = any (c_words) and jsonb_typeof(v_changes -> k.name) = 'null')
  limit 1;
  if found then
    perform private.fail(
      400, 'invalid_request', 'Cannot edit the message: a field is not one that can be changed so', left(v_field, 100),
      'Change ' || array_to_string(c_words || c_schedule, ', ')
    );
  end if;
  v_message := private.hold_waiting_message(edit_message.message_id, 'edit');

  if v_changes ?| c_words then
    perform private.edit_words(v_message, v_changes - c_schedule);
  end if;
  if v_changes ?| c_schedule then
    perform private.edit_schedule(v_message, v_changes - c_words);
  end if;
  perform private.write_audit(
    v_message.workspace_id, auth.uid(), 'message.edited', 'message', v_message.id::text,
    jsonb_build_object('fields', array(select jsonb_object_keys(v_changes)))
  );
  select * into v_message from public.conversation_messages as m where m.id = edit_message.message_id;
  return v_message;
end;
$$;
comment on function private.edit_message(uuid, jsonb) is 'Does the work of public.edit_message.';
revoke execute on function private.edit_message(uuid, jsonb) from public, anon;
grant execute on function private.edit_message(uuid, jsonb) to authenticated, service_role;

create function public.edit_message(message_id uuid, changes jsonb)
returns public.conversation_messages language sql set search_path = ''
as $$
  select private.edit_message(edit_message.message_id, edit_message.changes);
$$;
comment on function public.edit_message(uuid, jsonb) is
  'Changes a message that is scheduled, or queued and not yet taken by a dispatcher: body, subject, html, media_urls, and scheduled_at, time_zone, unless, recurrence, quiet_hours, where null takes away. Whoever sees the conversation. Errors: 400, 404, 409 already_handed_over, already_canceled, and those of enqueue_messages.';
revoke execute on function public.edit_message(uuid, jsonb) from public, anon;
grant execute on function public.edit_message(uuid, jsonb) to authenticated, service_role;
