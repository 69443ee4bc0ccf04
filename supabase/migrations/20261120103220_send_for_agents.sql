-- How an agent's tools send: to a contact or conversation, through what it was granted, by the way everybody sends.

create type private.tool_outcome as (
  state text,
  result jsonb,
  error_code text,
  error_field text,
  error_message text,
  hint text,
  conversation_id uuid,
  ask jsonb
);
comment on type private.tool_outcome is
  'What became of a tool call: succeeded (result), awaiting_approval (error_field is the reason, error_message what it is about), refused or failed (error_*), or ask (a provider).';

-- A tool call as its handlers see it: who acts, with what, through which connections.
create type private.tool_run as (
  caller private.agent_caller,
  guardrails public.agent_guardrails,
  tool_call_id uuid,
  family text,
  provider text,
  connection_ids uuid[],
  arguments jsonb,
  idempotency_key text,
  approval_id uuid
);
comment on type private.tool_run is
  'A permitted tool call: connection_ids are those that the tool may use, of its provider where it has one.';

create function private.succeed(result jsonb, conversation_id uuid default null)
returns private.tool_outcome language sql immutable set search_path = ''
as $$
  select ('succeeded', succeed.result, null, null, null, null, succeed.conversation_id, null)::private.tool_outcome;
$$;
comment on function private.succeed(jsonb, uuid) is 'The outcome of a tool that did what it was asked to.';
revoke execute on function private.succeed(jsonb, uuid) from public, anon, authenticated;

create function private.refuse(code text, field text, message text, hint text default null)
returns private.tool_outcome language sql immutable set search_path = ''
as $$
  select ('refused', null, refuse.code, refuse.field, refuse.message, refuse.hint, null, null)::private.tool_outcome;
$$;
comment on function private.refuse(text, text, text, text) is 'The outcome of a tool that did nothing, and why.';
revoke execute on function private.refuse(text, text, text, text) from public, anon, authenticated;

create function private.history_sender_ids(caller private.agent_caller)
returns uuid[] language plpgsql stable set search_path = ''
as $$
declare
  v_connection_ids uuid[] := array(
    select c.connection_id from private.agent_connections(history_sender_ids.caller) as c where 'history' = any (c.scopes)
  );
begin
  return array(
    select p.id from public.phone_numbers as p where p.connection_id = any (v_connection_ids)
    union all
    select e.id from public.email_senders as e where e.connection_id = any (v_connection_ids)
  );
end;
$$;
comment on function private.history_sender_ids(private.agent_caller) is
  'The numbers and e-mail addresses whose history an agent was granted.';
revoke execute on function private.history_sender_ids(private.agent_caller) from public, anon, authenticated;

create function private.agent_sees(run private.tool_run, conversation_id uuid)
returns boolean language plpgsql stable set search_path = ''
as $$
declare
  v_caller private.agent_caller := (agent_sees.run).caller;
  v_guardrails public.agent_guardrails := (agent_sees.run).guardrails;
begin
  return exists (
    select from public.conversations as t
    left join public.phone_numbers as p on p.id = t.phone_number_id
    left join public.email_senders as e on e.id = t.email_sender_id
    where t.workspace_id = v_caller.workspace_id and t.id = agent_sees.conversation_id
      and t.channel = any (v_guardrails.allowed_channels)
      and (
        t.agent_id = v_caller.agent_id
        or coalesce(p.connection_id, e.connection_id) = any (array(
          select c.connection_id from private.agent_connections(v_caller) as c where 'history' = any (c.scopes)
        ))
      )
      and private.is_agents_contact(v_guardrails, t.contact_id)
  );
end;
$$;
comment on function private.agent_sees(private.tool_run, uuid) is
  'Whether an agent may read a conversation: in its hands, or on a sender whose history it was granted; of contacts and channels it may reach.';
revoke execute on function private.agent_sees(private.tool_run, uuid) from public, anon, authenticated;

create type private.tool_recipient as (
  contact_id uuid,
  conversation_id uuid,
  address text,
  channel text
);
comment on type private.tool_recipient is 'Whom a tool is to reach, and how; conversation_id where one was named.';

create function private.find_tool_recipient(run private.tool_run, channel text)
returns private.tool_recipient language plpgsql stable set search_path = ''
as $$
declare
  v_run private.tool_run := find_tool_recipient.run;
  v_workspace_id uuid := (v_run.caller).workspace_id;
  v_arguments jsonb := v_run.arguments;
  v_found private.tool_recipient;
  v_thread public.conversations;
begin
  if num_nonnulls(v_arguments ->> 'contact_id', v_arguments ->> 'conversation_id', v_arguments ->> 'to') <> 1 then
    perform private.fail(
      422, 'invalid_arguments', 'the recipient is not named by one of contact_id, conversation_id and to', 'contact_id',
      'Give exactly one of contact_id, conversation_id and to'
    );
  end if;
  v_found.channel := find_tool_recipient.channel;

  if v_arguments ->> 'conversation_id' is not null then
    select * into v_thread from public.conversations as t
    where t.workspace_id = v_workspace_id and t.id = private.as_uuid(v_arguments ->> 'conversation_id');
    -- One that the agent may write in, were it through what it has no history of.
    if not found or not (
      private.agent_sees(v_run, v_thread.id)
      or exists (
        select
        where coalesce(
          (select p.connection_id from public.phone_numbers as p where p.id = v_thread.phone_number_id),
          (select e.connection_id from public.email_senders as e where e.id = v_thread.email_sender_id)
        ) = any (v_run.connection_ids)
      )
    ) then
      perform private.fail(
        404, 'conversation_not_found', 'there is no such conversation that the agent may write in', 'conversation_id',
        'Use an id that list_conversations or an incoming message gave'
      );
    end if;
    v_found.channel := coalesce(v_found.channel, v_thread.channel);
    if v_found.channel <> v_thread.channel and not (v_found.channel = 'call' and v_thread.channel in ('sms', 'whatsapp')) then
      perform private.fail(
        422, 'invalid_arguments', format('the conversation is on the channel %s', v_thread.channel), 'conversation_id',
        'Name the contact_id in its place, or use a tool of that channel'
      );
    end if;
    v_found.contact_id := v_thread.contact_id;
    v_found.conversation_id := v_thread.id;
    v_found.address := v_thread.contact_address;
    return v_found;
  end if;

  if v_arguments ->> 'to' is not null then
    if not (v_run.guardrails).may_reach_new_contacts then
      perform private.fail(
        403, 'new_contact_not_allowed', 'the agent may not write to a bare number or address', 'to',
        'Find the person with find_contact and give contact_id; reaching new people is for an admin to allow'
      );
    end if;
    v_found.address := v_arguments ->> 'to';
    v_found.channel := coalesce(v_found.channel, case when strpos(v_found.address, '@') > 0 then 'email' else 'sms' end);
    select k.contact_id into v_found.contact_id from public.contact_addresses as k
    where k.workspace_id = v_workspace_id
      and k.kind = case when v_found.channel = 'email' then 'email' else 'phone' end and k.address = v_found.address;
    return v_found;
  end if;

  select c.id into v_found.contact_id from public.contacts as c
  where c.workspace_id = v_workspace_id and c.id = private.as_uuid(v_arguments ->> 'contact_id');
  if not found then
    perform private.fail(
      404, 'contact_not_found', 'there is no such contact', 'contact_id', 'Look the person up with find_contact'
    );
  end if;
  -- Where they last talked; else by what address is known.
  if v_found.channel is null then
    select t.channel into v_found.channel from public.conversations as t
    where t.workspace_id = v_workspace_id and t.contact_id = v_found.contact_id
      and t.channel in ('sms', 'whatsapp', 'email') and t.channel = any ((v_run.guardrails).allowed_channels)
    order by t.last_message_at desc nulls last
    limit 1;
  end if;
  select k.address, coalesce(v_found.channel, case k.kind when 'email' then 'email' else 'sms' end)
  into v_found.address, v_found.channel
  from public.contact_addresses as k
  left join public.conversations as t
    on t.workspace_id = k.workspace_id and t.contact_id = k.contact_id and t.channel = v_found.channel
    and t.contact_address = k.address
  where k.workspace_id = v_workspace_id and k.contact_id = v_found.contact_id
    and k.kind = case
      when v_found.channel is null then k.kind when v_found.channel = 'email' then 'email' else 'phone'
    end
  order by k.kind desc, t.last_message_at desc nulls last, k.created_at, k.address
  limit 1;
  if v_found.address is null then
    perform private.fail(
      422, 'recipient_missing', format('the contact has no address for %s', coalesce(v_found.channel, 'any channel')),
      'contact_id', 'Use another channel, or ask a person for the address'
    );
  end if;
  return v_found;
end;
$$;
comment on function private.find_tool_recipient(private.tool_run, text) is
  'Whom a tool''s arguments mean, on a channel where the tool has one. Errors: 403, 404, 422.';
revoke execute on function private.find_tool_recipient(private.tool_run, text) from public, anon, authenticated;

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

create function private.cancel_by_tool(run private.tool_run)
returns private.tool_outcome language plpgsql set search_path = ''
as $$
declare
  v_run private.tool_run := cancel_by_tool.run;
  v_message public.conversation_messages;
begin
  select m.* into v_message
  from public.conversation_messages as m
  join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
  where m.workspace_id = (v_run.caller).workspace_id and m.id = private.as_uuid(v_run.arguments ->> 'message_id')
    and m.direction = 'outbound'
    and (
      m.agent_id = (v_run.caller).agent_id
      or (
        t.agent_id = (v_run.caller).agent_id and m.message_class = 'conversation' and not private.is_taken_over(t.id)
      )
    );
  if not found then
    return private.refuse(
      'message_not_found', 'message_id', 'there is no such message of the agent''s',
      'Only what the agent sent, or what waits in a conversation in its hands, can be canceled'
    );
  end if;
  perform private.cancel_message(v_message.id);
  return private.succeed(
    jsonb_build_object('message_id', v_message.id, 'conversation_id', v_message.conversation_id, 'status', 'canceled'),
    v_message.conversation_id
  );
end;
$$;
comment on function private.cancel_by_tool(private.tool_run) is 'Takes back a message that the agent sent, or that waits in a conversation in its hands.';
revoke execute on function private.cancel_by_tool(private.tool_run) from public, anon, authenticated;

create function private.call_by_tool(run private.tool_run)
returns private.tool_outcome language plpgsql set search_path = ''
as $$
declare
  v_run private.tool_run := call_by_tool.run;
  v_recipient private.tool_recipient := private.find_tool_recipient(v_run, 'call');
  v_number record;
  v_breach record;
  v_call record;
begin
  select p.id, p.phone_number into v_number
  from public.phone_numbers as p
  where p.workspace_id = (v_run.caller).workspace_id and p.status = 'active' and (p.capabilities ->> 'voice')::boolean
    and p.connection_id = any (private.usable_for(v_run, 'voice'))
    and private.agent_may_send_from((v_run.caller).agent_id, p.id, null)
    and (v_run.arguments ->> 'from' is null or p.phone_number = v_run.arguments ->> 'from')
  order by p.is_default desc, p.created_at, p.phone_number
  limit 1;
  if not found then
    return private.refuse(
      'sender_not_allowed', 'from', 'the agent has no such number that can call',
      'Leave from out, or ask an admin to assign a number with voice'
    );
  end if;
  -- A call that was begun is not judged again: a second look at it is all that a retry gets.
  if not exists (
    select from public.calls as l
    where l.workspace_id = (v_run.caller).workspace_id and l.idempotency_key = v_run.idempotency_key
  ) then
    perform private.lock_agent((v_run.caller).agent_id);
    perform private.lock_recipient((v_run.caller).workspace_id, v_recipient.address);
    select b.* into v_breach
    from private.find_guardrail_breach(
      (
        (v_run.caller).workspace_id, (v_run.caller).agent_id, 'call', v_recipient.contact_id, v_recipient.address,
        v_recipient.conversation_id, v_run.arguments ->> 'body', '{}', private.default_call_rate(), null, v_run.approval_id
      )::private.agent_action, 0, 0
    ) as b;
    if found and v_breach.error_code = 'approval_needed' then
      return (
        'awaiting_approval', null, null, v_breach.error_field,
        private.describe_action(v_recipient, v_run.arguments ->> 'body', null), null, v_recipient.conversation_id, null
      )::private.tool_outcome;
    elsif found then
      return private.refuse(v_breach.error_code, v_breach.error_field, v_breach.error_message);
    end if;
  end if;

  select * into strict v_call
  from private.start_call(
    (v_run.caller).workspace_id,
    jsonb_build_object(
      'to_address', v_recipient.address, 'text', v_run.arguments ->> 'body', 'phone_number_id', v_number.id,
      'idempotency_key', v_run.idempotency_key
    ),
    array(
      select p.name from public.integration_capabilities as c join public.service_providers as p on p.id = c.integration_id
      where c.family = 'start_call'
    )
  ) as c;
  if v_call.is_duplicate and v_call.status = 'queued'
    and exists (select from public.calls as l where l.id = v_call.call_id and l.external_id is null)
  then
    return ('running', null, null, null, null, null, v_call.conversation_id, null)::private.tool_outcome;
  elsif v_call.is_duplicate then
    return private.call_outcome(v_call.call_id);
  end if;
  update public.calls as l
  set agent_id = (v_run.caller).agent_id, started_by = null
  where l.id = v_call.call_id;
  return (
    'ask', null, null, null, null, null, v_call.conversation_id, jsonb_build_object(
      'family', v_run.family, 'connection_id', v_call.connection_id, 'provider', v_call.provider,
      'workspace_id', (v_run.caller).workspace_id, 'arguments', v_run.arguments, 'call', to_jsonb(v_call)
    )
  )::private.tool_outcome;
end;
$$;
comment on function private.call_by_tool(private.tool_run) is
  'Writes down a call of an agent''s, which whoever executes the tool then asks the provider for: once, however often the tool is called.';
revoke execute on function private.call_by_tool(private.tool_run) from public, anon, authenticated;

create function private.call_outcome(call_id uuid)
returns private.tool_outcome language plpgsql stable set search_path = ''
as $$
declare
  v_call public.calls;
begin
  select * into strict v_call from public.calls as l where l.id = call_outcome.call_id;
  if v_call.status = 'failed' then
    return (
      'failed', null, v_call.error_code, null, coalesce(v_call.error_message, 'the call could not be made'), null,
      v_call.conversation_id, null
    )::private.tool_outcome;
  end if;
  return private.succeed(
    jsonb_build_object(
      'call_id', v_call.id, 'conversation_id', v_call.conversation_id, 'status', v_call.status, 'from', v_call.from_address,
      'to', v_call.to_address
    ),
    v_call.conversation_id
  );
end;
$$;
comment on function private.call_outcome(uuid) is 'What a tool answers for a call that was begun before.';
revoke execute on function private.call_outcome(uuid) from public, anon, authenticated;
