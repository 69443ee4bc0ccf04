-- What an admin does with a dead letter: send it after all, or let it go.

create function private.hold_dead_letter(message_id uuid)
returns public.dead_letters language plpgsql set search_path = ''
as $$
declare
  v_letter public.dead_letters;
begin
  select * into v_letter from public.dead_letters as d
  where d.message_id = hold_dead_letter.message_id
    and (
      coalesce(auth.jwt() ->> 'role', '') = 'service_role'
      or (
        d.workspace_id = any (array(select private.my_workspace_ids()))
        and (
          d.workspace_id <> all (array(select private.my_restricted_workspace_ids()))
          or d.conversation_id = any (array(select private.my_assigned_conversation_ids()))
        )
      )
    )
  for update;
  return v_letter;
end;
$$;
comment on function private.hold_dead_letter(uuid) is
  'The dead letter, if the caller sees it, locked against whoever else would retry or cancel it; else null.';
revoke execute on function private.hold_dead_letter(uuid) from public, anon, authenticated;

-- Definer: nobody holds a write grant on messages, dead letters or jobs.
create function private.retry_message(message_id uuid, may_send_twice boolean)
returns public.conversation_messages language plpgsql security definer set search_path = ''
as $$
declare
  v_workspace_ids uuid[] := array(
    select d.workspace_id from public.dead_letters as d
    where d.message_id = retry_message.message_id and d.workspace_id = any (array(select private.my_workspace_ids()))
  );
  v_letter public.dead_letters;
  v_message public.conversation_messages;
  v_channel text;
begin
  -- In the order in which enqueueing and receipts lock them.
  perform private.lock_limits(v_workspace_ids);
  perform private.lock_usage(v_workspace_ids);
  v_letter := private.hold_dead_letter(retry_message.message_id);
  if v_letter.message_id is null then
    perform private.fail(
      404, 'not_found', 'Cannot retry the message: it is no dead letter', 'message_id', 'Send a new message instead'
    );
  end if;
  perform private.require_admin(auth.uid(), v_letter.workspace_id, 'retry a message');
  if v_letter.error_code = 'outcome_unknown' and retry_message.may_send_twice is not true then
    perform private.fail(
      409, 'outcome_unknown', 'Cannot retry the message: nobody knows whether it was sent', 'may_send_twice',
      'Ask the contact, or set may_send_twice to true'
    );
  end if;
  select * into v_message from public.conversation_messages as m where m.id = v_letter.message_id for update;
  select t.channel into v_channel from public.conversations as t
  where t.workspace_id = v_message.workspace_id and t.id = v_message.conversation_id;
  perform private.refuse_at_limit(
    private.limit_reached(
      v_message.workspace_id, private.month_of(v_message.created_at), v_channel, v_message.is_platform, 1,
      v_message.estimated_cost
    ),
    'retry the message'
  );

  update public.conversation_messages as m
  set status = 'queued', error_code = null, error_message = null
  where m.id = v_message.id
  returning * into v_message;
  delete from public.dead_letters as d where d.message_id = v_letter.message_id;
  delete from private.look_ups as k where k.message_id = v_letter.message_id;
  insert into private.outbound_jobs (message_id, workspace_id, channel, message_class, attempt_count)
  select
    v_message.id, v_message.workspace_id, v_channel, v_message.message_class,
    coalesce((select max(a.attempt_number) from public.message_attempts as a where a.message_id = v_message.id), 0);
  perform private.write_audit(v_letter.workspace_id, auth.uid(), 'message.retried', 'message', v_letter.message_id::text);
  perform private.count_messages(array[v_message.id], 1);
  return v_message;
end;
$$;
comment on function private.retry_message(uuid, boolean) is 'Does the work of public.retry_message.';
revoke execute on function private.retry_message(uuid, boolean) from public, anon;
grant execute on function private.retry_message(uuid, boolean) to authenticated;

create function public.retry_message(message_id uuid, may_send_twice boolean default false)
returns public.conversation_messages language sql set search_path = ''
as $$
  select private.retry_message(retry_message.message_id, retry_message.may_send_twice);
$$;
comment on function public.retry_message(uuid, boolean) is
  'Queues a dead letter again. One of unknown outcome needs may_send_twice. Owners and admins. Errors: 402, 403, 404, 409 outcome_unknown.';
revoke execute on function public.retry_message(uuid, boolean) from public, anon;
grant execute on function public.retry_message(uuid, boolean) to authenticated;

create function private.cancel_dead_letter(letter public.dead_letters)
returns public.conversation_messages language plpgsql set search_path = ''
as $$
declare
  v_letter public.dead_letters := cancel_dead_letter.letter;
  v_message public.conversation_messages;
begin
  if coalesce(auth.jwt() ->> 'role', '') <> 'service_role' then
    perform private.require_admin(auth.uid(), v_letter.workspace_id, 'cancel a failed message');
  end if;
  -- Of unknown outcome it stays as it is: it may have been sent, and a receipt may still say so.
  update public.conversation_messages as m
  set status = 'canceled'
  where m.id = v_letter.message_id and v_letter.error_code <> 'outcome_unknown';
  delete from public.dead_letters as d where d.message_id = v_letter.message_id;
  delete from private.email_attachments as f where f.message_id = v_letter.message_id;
  perform private.write_audit(v_letter.workspace_id, auth.uid(), 'message.canceled', 'message', v_letter.message_id::text);
  select * into v_message from public.conversation_messages as m where m.id = v_letter.message_id;
  return v_message;
end;
$$;
comment on function private.cancel_dead_letter(public.dead_letters) is
  'Gives a dead letter up: the message is canceled, or stays failed where nobody knows whether it was sent.';
revoke execute on function private.cancel_dead_letter(public.dead_letters) from public, anon, authenticated;

-- Definer: nobody holds a write grant on messages, dead letters or jobs.
create or replace function private.cancel_message(message_id uuid)
returns public.conversation_messages language plpgsql security definer set search_path = ''
as $$
declare
  v_letter public.dead_letters := private.hold_dead_letter(cancel_message.message_id);
  v_message public.conversation_messages;
  v_canceled_ids uuid[];
begin
  if v_letter.message_id is not null then
    return private.cancel_dead_letter(v_letter);
  end if;
  v_message := private.hold_waiting_message(cancel_message.message_id, 'cancel');
  -- The next of its series waits already when this one was due: it goes, too.
  v_canceled_ids := array[v_message.id] || array(
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

comment on function public.cancel_message(uuid) is
  'Takes back a message that is scheduled, or queued and not yet taken by a dispatcher, and ends its recurrence; whoever sees the conversation. Owners and admins also give up a dead letter: canceled, or still failed where nobody knows whether it was sent. Errors: 403, 404, 409 already_handed_over, already_canceled.';
