-- How an agent's tools send: through what it was granted, by the way everybody sends.

create function private.usable_for(run private.tool_run, scope text)
returns uuid[] language sql stable set search_path = ''
as $$
  select array(
    select c.connection_id from private.agent_connections((usable_for.run).caller) as c
    where c.connection_id = any ((usable_for.run).connection_ids) and usable_for.scope = any (c.scopes)
  );
$$;
comment on function private.usable_for(private.tool_run, text) is 'Of the connections that a tool may use, those granted with this scope.';
revoke execute on function private.usable_for(private.tool_run, text) from public, anon, authenticated;

create function private.agent_sender_ids(agent_id uuid, connection_ids uuid[])
returns uuid[] language plpgsql stable set search_path = ''
as $$
begin
  return array(
    select p.id from public.phone_numbers as p
    where p.connection_id = any (agent_sender_ids.connection_ids) and p.status = 'active'
      and private.agent_may_send_from(agent_sender_ids.agent_id, p.id, null)
    union all
    select e.id from public.email_senders as e
    where e.connection_id = any (agent_sender_ids.connection_ids) and e.status = 'active'
      and private.agent_may_send_from(agent_sender_ids.agent_id, null, e.id)
  );
end;
$$;
comment on function private.agent_sender_ids(uuid, uuid[]) is
  'The numbers and e-mail addresses of these connections that an agent may send from.';
revoke execute on function private.agent_sender_ids(uuid, uuid[]) from public, anon, authenticated;

create function private.send_by_tool(run private.tool_run)
returns private.tool_outcome language plpgsql set search_path = ''
as $$
declare
  v_run private.tool_run := send_by_tool.run;
  v_arguments jsonb := v_run.arguments;
  v_channel text := case v_run.family
    when 'send_sms' then 'sms' when 'send_mms' then 'sms' when 'send_whatsapp' then 'whatsapp' when 'send_email' then 'email'
    else v_arguments ->> 'channel'
  end;
  v_recipient private.tool_recipient := private.find_tool_recipient(v_run, v_channel);
  v_scope text := case
    when v_recipient.channel = 'sms' and jsonb_array_length(coalesce(v_arguments -> 'media_urls', '[]')) > 0 then 'mms'
    else v_recipient.channel
  end;
  v_message jsonb;
  v_connection_ids uuid[] := private.usable_for(v_run, v_scope);
  v_sender_ids uuid[] := private.agent_sender_ids((v_run.caller).agent_id, v_connection_ids);
  v_due_at timestamptz;
  v_quiet_until timestamptz;
  v_queued record;
begin
  if v_recipient.channel <> all ((v_run.guardrails).allowed_channels) then
    return private.refuse(
      'channel_not_allowed', 'channel', format('the agent may not use the channel %s', v_recipient.channel)
    );
  end if;
  if cardinality(v_connection_ids) = 0 then
    return private.refuse(
      'tool_not_allowed', 'channel', format('the agent was not granted the scope %s on any connection of use', v_scope),
      'Use another channel, or ask an admin for the grant'
    );
  end if;
  if cardinality(v_sender_ids) = 0 then
    return private.refuse(
      'sender_not_allowed', 'from', 'no number or address of these accounts is meant for the agent',
      'An admin assigns one to the agent, or names it in allowed_phone_number_ids of its guardrails'
    );
  end if;
  v_message := jsonb_strip_nulls(jsonb_build_object(
    'channel', v_recipient.channel,
    'conversation_id', v_recipient.conversation_id,
    'to_address', case when v_recipient.conversation_id is null then v_recipient.address end,
    'from_address', v_arguments ->> 'from',
    'body', coalesce(v_arguments ->> 'body', v_arguments ->> 'text'),
    'subject', v_arguments ->> 'subject',
    'html', v_arguments ->> 'html',
    'media_urls', nullif(v_arguments -> 'media_urls', '[]'),
    'scheduled_at', v_arguments ->> 'scheduled_at',
    'time_zone', v_arguments ->> 'time_zone',
    'unless', nullif(v_arguments -> 'unless', '[]')
  ));
  if v_arguments ->> 'template' is not null then
    v_message := v_message || jsonb_build_object('template', jsonb_strip_nulls(jsonb_build_object(
      'name', v_arguments ->> 'template', 'language', v_arguments ->> 'template_language',
      'variables', coalesce((
        select jsonb_object_agg(v.variable ->> 'name', v.variable ->> 'value')
        from jsonb_array_elements(nullif(v_arguments -> 'template_variables', 'null')) as v (variable)
      ), '{}')
    )));
  end if;

  -- What would arrive at night waits for the morning.
  v_due_at := coalesce(
    (private.read_schedule((v_run.caller).workspace_id, v_recipient.channel, v_recipient.address, v_message)).due_at, now()
  );
  v_quiet_until := private.agent_quiet_until((v_run.caller).agent_id, v_recipient.address, v_due_at);
  if v_quiet_until is not null then
    v_message := v_message - 'time_zone' || jsonb_build_object('scheduled_at', private.iso_time(v_quiet_until));
  end if;

  select * into strict v_queued
  from private.queue_messages((v_run.caller).workspace_id, jsonb_build_array(v_message || jsonb_build_object(
    'idempotency_key', v_run.idempotency_key,
    'agent', jsonb_strip_nulls(jsonb_build_object(
      'agent_id', (v_run.caller).agent_id, 'approval_id', v_run.approval_id,
      'sender_ids', to_jsonb(v_sender_ids)
    ))
  )), true) as q;
  if v_queued.error_code = 'approval_needed' then
    return (
      'awaiting_approval', null, null, v_queued.error_field, private.describe_action(
        v_recipient, private.describe_message(v_message), v_message ->> 'scheduled_at'
      ), null, v_recipient.conversation_id, null
    )::private.tool_outcome;
  end if;
  if v_queued.error_code is not null then
    return private.refuse(
      v_queued.error_code, v_queued.error_field, replace(v_queued.error_message, 'Cannot queue the message: ', '')
    );
  end if;
  return private.succeed(
    (
      select jsonb_strip_nulls(jsonb_build_object(
        'message_id', m.id, 'conversation_id', m.conversation_id, 'status', m.status, 'channel', v_recipient.channel,
        'from', m.from_address, 'to', m.to_address, 'scheduled_at', private.iso_time(m.scheduled_at),
        'moved_for_quiet_hours', case when v_quiet_until is not null then true end
      ))
      from public.conversation_messages as m where m.id = v_queued.message_id
    ),
    v_queued.conversation_id
  );
end;
$$;
comment on function private.send_by_tool(private.tool_run) is
  'Queues what a tool of an agent''s is to send; what would arrive in its quiet hours is scheduled for their end.';
revoke execute on function private.send_by_tool(private.tool_run) from public, anon, authenticated;

create function private.describe_message(message jsonb)
returns text language sql immutable set search_path = ''
as $$
  select concat_ws(
    e'\n', describe_message.message ->> 'subject', describe_message.message ->> 'body',
    'Template ' || (describe_message.message #>> '{template,name}') || coalesce((
      select ': ' || string_agg(v.key || ' = ' || v.value, ', ' order by v.key)
      from jsonb_each_text(describe_message.message #> '{template,variables}') as v
    ), ''),
    'Media: ' || (
      select string_agg(u.url, ', ') from jsonb_array_elements_text(describe_message.message -> 'media_urls') as u (url)
    ),
    -- What most people will see of it.
    'HTML: ' || (describe_message.message ->> 'html')
  );
$$;
comment on function private.describe_message(jsonb) is 'All that a message says, for the person who decides.';
revoke execute on function private.describe_message(jsonb) from public, anon, authenticated;

create function private.describe_action(recipient private.tool_recipient, content text, scheduled_at text)
returns text language plpgsql immutable set search_path = ''
as $$
declare
  v_recipient private.tool_recipient := describe_action.recipient;
  v_text text := format(
    '%s to %s%s: %s',
    case v_recipient.channel when 'sms' then 'SMS' when 'whatsapp' then 'WhatsApp' when 'email' then 'E-mail' else 'Call' end,
    v_recipient.address, coalesce(' at ' || describe_action.scheduled_at, ''), describe_action.content
  );
begin
  if char_length(v_text) <= 2000 then
    return v_text;
  end if;
  -- Whoever decides is told that this is not the whole of it; admins read that in the tool call.
  return left(v_text, 1950) || format('… (%s more characters)', char_length(v_text) - 1950);
end;
$$;
comment on function private.describe_action(private.tool_recipient, text, text) is 'What an agent wants to do, for the person who decides.';
revoke execute on function private.describe_action(private.tool_recipient, text, text) from public, anon, authenticated;
