-- How people take back a message that no dispatcher has taken yet.

create function private.hold_waiting_message(message_id uuid, action text)
returns public.conversation_messages language plpgsql set search_path = ''
as $$
declare
  v_message public.conversation_messages;
begin
  select * into v_message from public.conversation_messages as m
  where m.id = hold_waiting_message.message_id and m.direction = 'outbound'
    and (
      coalesce(auth.jwt() ->> 'role', '') = 'service_role'
      or (
        m.workspace_id = any (array(select private.my_workspace_ids()))
        and (
          m.workspace_id <> all (array(select private.my_restricted_workspace_ids()))
          or m.conversation_id = any (array(select private.my_assigned_conversation_ids()))
        )
      )
    );
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find a message of yours to send by this id', 'message_id');
  end if;

  -- The job is the lock: a claim takes it away, so that one which is not there is not ours any more.
  perform from private.outbound_jobs as j
  where j.message_id = hold_waiting_message.message_id
  for update;
  if found then
    select * into v_message from public.conversation_messages as m
    where m.id = hold_waiting_message.message_id and m.status in ('scheduled', 'queued')
    for update;
  end if;
  if not found then
    if exists (
      select from public.conversation_messages as m
      where m.id = hold_waiting_message.message_id and m.status = 'canceled'
    ) then
      perform private.fail(
        409, 'already_canceled', format('Cannot %s the message: it is canceled', hold_waiting_message.action), 'message_id'
      );
    end if;
    perform private.fail(
      409, 'already_handed_over',
      format('Cannot %s the message: it no longer waits', hold_waiting_message.action), 'message_id',
      'Only a message that is scheduled, or queued and not yet taken, can be changed'
    );
  end if;
  return v_message;
end;
$$;
comment on function private.hold_waiting_message(uuid, text) is
  'The message, if the caller sees it and it still waits, locked against every dispatcher until the transaction ends. Refuses with 404 and 409.';
revoke execute on function private.hold_waiting_message(uuid, text) from public, anon, authenticated;

-- Definer: nobody holds a write grant on messages or jobs.
create function private.cancel_message(message_id uuid)
returns public.conversation_messages language plpgsql security definer set search_path = ''
as $$
declare
  v_message public.conversation_messages := private.hold_waiting_message(cancel_message.message_id, 'cancel');
  v_canceled_ids uuid[] := array[v_message.id];
begin
  -- The next of its series waits already when this one was due: it goes, too.
  v_canceled_ids := v_canceled_ids || array(
    select j.message_id
    from private.outbound_jobs as j
    join public.message_schedules as l on l.message_id = j.message_id
    join public.message_schedules as s on s.series_id = l.series_id and s.occurrence < l.occurrence
    join public.conversation_messages as m on m.id = l.message_id and m.status = 'scheduled'
    where s.message_id = v_message.id
    for update of j
  );
  delete from private.outbound_jobs as j where j.message_id = any (v_canceled_ids);
  delete from private.email_attachments as f where f.message_id = any (v_canceled_ids);
  update public.conversation_messages as m set status = 'canceled' where m.id = any (v_canceled_ids);
  perform private.count_messages(v_canceled_ids, -1);
  perform private.write_audit(
    v_message.workspace_id, auth.uid(), 'message.canceled', 'message', v_message.id::text
  );
  v_message.status := 'canceled';
  return v_message;
end;
$$;
comment on function private.cancel_message(uuid) is 'Does the work of public.cancel_message.';
revoke execute on function private.cancel_message(uuid) from public, anon;
grant execute on function private.cancel_message(uuid) to authenticated, service_role;

create function public.cancel_message(message_id uuid)
returns public.conversation_messages language sql set search_path = ''
as $$
  select private.cancel_message(cancel_message.message_id);
$$;
comment on function public.cancel_message(uuid) is
  'Takes back a message that is scheduled, or queued and not yet taken by a dispatcher, and ends its recurrence. Whoever sees the conversation. Errors: 404, 409 already_handed_over, already_canceled.';
revoke execute on function public.cancel_message(uuid) from public, anon;
grant execute on function public.cancel_message(uuid) to authenticated, service_role;
