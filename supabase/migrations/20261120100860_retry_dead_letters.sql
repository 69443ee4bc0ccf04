-- What an admin does with a dead letter: send it after all, or let it go.

-- Definer: nobody holds a write grant on messages, dead letters or jobs.
create function private.retry_message(message_id uuid, may_send_twice boolean)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_letter public.dead_letters;
  v_message public.conversation_messages;
  v_channel text;
begin
  select * into v_letter from public.dead_letters as d
  where d.message_id = retry_message.message_id and d.workspace_id = any (array(select private.my_workspace_ids()))
  for update;
  if not found then
    perform private.fail(
      404, 'not_found', 'Cannot retry the message: it is no dead letter', 'message_id', 'Send a new message instead'
    );
  end if;
  perform private.require_admin(auth.uid(), v_letter.workspace_id, 'retry a message');
  if v_letter.error_code = 'outcome_unknown' and not retry_message.may_send_twice then
    perform private.fail(
      409, 'outcome_unknown', 'Cannot retry the message: nobody knows whether it was sent', 'may_send_twice',
      'Ask the contact, or set may_send_twice to true'
    );
  end if;
  select * into v_message from public.conversation_messages as m where m.id = v_letter.message_id for update;
  select t.channel into v_channel from public.conversations as t
  where t.workspace_id = v_message.workspace_id and t.id = v_message.conversation_id;

  update public.conversation_messages as m
  set status = 'queued', error_code = null, error_message = null
  where m.id = v_message.id;
  delete from public.dead_letters as d where d.message_id = v_letter.message_id;
  delete from private.look_ups as k where k.message_id = v_letter.message_id;
  insert into private.outbound_jobs (message_id, workspace_id, channel, message_class, attempt_count)
  select
    v_message.id, v_message.workspace_id, v_channel, v_message.message_class,
    coalesce((select max(a.attempt_number) from public.message_attempts as a where a.message_id = v_message.id), 0);
  perform private.write_audit(v_letter.workspace_id, auth.uid(), 'message.retried', 'message', v_letter.message_id::text);
  perform private.count_usage(array[(
    v_message.workspace_id, private.month_of(v_message.created_at), v_channel, v_message.is_platform, 1, 0,
    v_message.estimated_cost, 0
  )::private.usage_change]);
end;
$$;
comment on function private.retry_message(uuid, boolean) is 'Does the work of public.retry_message.';
revoke execute on function private.retry_message(uuid, boolean) from public, anon;
grant execute on function private.retry_message(uuid, boolean) to authenticated;

create function public.retry_message(message_id uuid, may_send_twice boolean default false)
returns void language sql set search_path = ''
as $$
  select private.retry_message(retry_message.message_id, retry_message.may_send_twice);
$$;
comment on function public.retry_message(uuid, boolean) is
  'Queues a dead letter again. One of unknown outcome needs may_send_twice. Owners and admins. Errors: 403, 404, 409.';
revoke execute on function public.retry_message(uuid, boolean) from public, anon;
grant execute on function public.retry_message(uuid, boolean) to authenticated;

-- Definer: as above.
create function private.cancel_dead_letter(message_id uuid)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_letter public.dead_letters;
begin
  select * into v_letter from public.dead_letters as d
  where d.message_id = cancel_dead_letter.message_id and d.workspace_id = any (array(select private.my_workspace_ids()))
  for update;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot cancel the message: it is no dead letter', 'message_id');
  end if;
  perform private.require_admin(auth.uid(), v_letter.workspace_id, 'cancel a failed message');
  -- Of unknown outcome it stays as it is: it may have been sent, and a receipt may still say so.
  update public.conversation_messages as m
  set status = 'canceled'
  where m.id = v_letter.message_id and v_letter.error_code <> 'outcome_unknown';
  delete from public.dead_letters as d where d.message_id = v_letter.message_id;
  delete from private.email_attachments as f where f.message_id = v_letter.message_id;
  perform private.write_audit(v_letter.workspace_id, auth.uid(), 'message.canceled', 'message', v_letter.message_id::text);
end;
$$;
comment on function private.cancel_dead_letter(uuid) is 'Does the work of public.cancel_dead_letter.';
revoke execute on function private.cancel_dead_letter(uuid) from public, anon;
grant execute on function private.cancel_dead_letter(uuid) to authenticated;

create function public.cancel_dead_letter(message_id uuid)
returns void language sql set search_path = ''
as $$
  select private.cancel_dead_letter(cancel_dead_letter.message_id);
$$;
comment on function public.cancel_dead_letter(uuid) is
  'Gives a dead letter up: the message is canceled, or stays failed where nobody knows whether it was sent. Owners and admins. Errors: 403, 404.';
revoke execute on function public.cancel_dead_letter(uuid) from public, anon;
grant execute on function public.cancel_dead_letter(uuid) to authenticated;
