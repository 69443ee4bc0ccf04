-- What an agent's tools read of messages, within what it may see, short enough for a model.

create function private.page_time(at timestamptz)
returns text language sql immutable set search_path = ''
as $$
  select to_char(page_time.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
$$;
comment on function private.page_time(timestamptz) is
  'A time from which a list goes on: exact, since many rows may be of one second.';
revoke execute on function private.page_time(timestamptz) from public, anon, authenticated;

create function private.brief(body text)
returns text language sql immutable set search_path = ''
as $$
  select case when char_length(brief.body) > 500 then left(brief.body, 499) || '…' else nullif(brief.body, '') end;
$$;
comment on function private.brief(text) is 'A text as tools show it in lists; null where there is none.';
revoke execute on function private.brief(text) from public, anon, authenticated;

create function private.tool_limit(arguments jsonb, usual integer, most integer)
returns integer language sql immutable set search_path = ''
as $$
  select least(greatest(coalesce((tool_limit.arguments ->> 'limit')::integer, tool_limit.usual), 1), tool_limit.most);
$$;
comment on function private.tool_limit(jsonb, integer, integer) is 'How many rows a tool lists.';
revoke execute on function private.tool_limit(jsonb, integer, integer) from public, anon, authenticated;

create function private.message_for_tool(message public.conversation_messages)
returns jsonb language sql stable set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'message_id', (message_for_tool.message).id,
    'conversation_id', (message_for_tool.message).conversation_id,
    'direction', (message_for_tool.message).direction,
    'from', (message_for_tool.message).from_address,
    'to', (message_for_tool.message).to_address,
    'status', (message_for_tool.message).status,
    'text', private.brief((message_for_tool.message).body),
    'subject', (select d.subject from public.email_details as d where d.message_id = (message_for_tool.message).id),
    'media_count', nullif((
      select count(*) from public.message_media as d where d.message_id = (message_for_tool.message).id
    ), 0),
    'written_by', case
      when (message_for_tool.message).direction = 'inbound' then 'contact'
      when (message_for_tool.message).agent_id is not null then 'agent'
      when (message_for_tool.message).sender_id is not null then 'person'
      else 'system'
    end,
    'error_code', (message_for_tool.message).error_code,
    'at', private.iso_time((message_for_tool.message).created_at)
  ));
$$;
comment on function private.message_for_tool(public.conversation_messages) is 'A message as tools show it.';
revoke execute on function private.message_for_tool(public.conversation_messages) from public, anon, authenticated;

create function private.history_by_tool(run private.tool_run)
returns private.tool_outcome language plpgsql stable set search_path = ''
as $$
declare
  v_run private.tool_run := history_by_tool.run;
  v_limit integer := private.tool_limit(v_run.arguments, 20, 100);
  v_channel text := case when v_run.family = 'get_email_history' then 'email' else 'sms' end;
  v_contact_id uuid := private.as_uuid(v_run.arguments ->> 'contact_id');
  v_before timestamptz := (v_run.arguments ->> 'before')::timestamptz;
  v_sender_ids uuid[] := array(
    select p.id from public.phone_numbers as p where p.connection_id = any (v_run.connection_ids)
    union all
    select e.id from public.email_senders as e where e.connection_id = any (v_run.connection_ids)
  );
  v_contact_ids uuid[] := private.contacts_of_agent(v_run.guardrails);
  v_ids uuid[];
  v_messages jsonb;
  v_oldest_at timestamptz;
begin
  if v_channel <> all ((v_run.guardrails).allowed_channels) then
    return private.refuse('channel_not_allowed', null, format('the agent may not use the channel %s', v_channel));
  end if;
  if v_run.family = 'get_mms_history' then
    -- From the media: among many messages there may be few that have any.
    v_ids := array(
      select m.id
      from public.conversation_messages as m
      join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
      where m.id in (
          select d.message_id from public.message_media as d where d.workspace_id = (v_run.caller).workspace_id
        )
        and m.workspace_id = (v_run.caller).workspace_id and t.channel = v_channel and m.phone_number_id = any (v_sender_ids)
        and (v_run.arguments ->> 'contact_id' is null or t.contact_id = v_contact_id)
        and (v_contact_ids is null or t.contact_id in (select u.id from unnest(v_contact_ids) as u (id)))
        and (v_before is null or m.created_at < v_before)
      order by m.created_at desc, m.id desc
      limit v_limit
    );
  elsif cardinality(v_contact_ids) is distinct from 0 then
    v_ids := array(
      select m.id
      from public.conversation_messages as m
      join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
      where m.workspace_id = (v_run.caller).workspace_id and t.channel = v_channel
        and (m.phone_number_id = any (v_sender_ids) or m.email_sender_id = any (v_sender_ids))
        and (v_run.arguments ->> 'contact_id' is null or t.contact_id = v_contact_id)
        and (v_contact_ids is null or t.contact_id in (select u.id from unnest(v_contact_ids) as u (id)))
        and (v_before is null or m.created_at < v_before)
        and (
          v_channel = 'email' or not exists (select from public.message_media as d where d.message_id = m.id)
        )
      order by m.created_at desc, m.id desc
      limit v_limit
    );
  end if;
  select jsonb_agg(private.message_for_tool(m) order by m.created_at desc, m.id desc), min(m.created_at)
  into v_messages, v_oldest_at
  from public.conversation_messages as m where m.id = any (v_ids);
  return private.succeed(jsonb_strip_nulls(jsonb_build_object(
    'messages', coalesce(v_messages, '[]'),
    'next_before', case when jsonb_array_length(v_messages) = v_limit then private.page_time(v_oldest_at) end
  )));
end;
$$;
comment on function private.history_by_tool(private.tool_run) is
  'Messages over the connections of a tool, newest first; next_before lists those before them.';
revoke execute on function private.history_by_tool(private.tool_run) from public, anon, authenticated;

create function private.is_in_hands_of(conversation_id uuid, agent_id uuid)
returns boolean language plpgsql stable set search_path = ''
as $$
begin
  return exists (
    select from public.conversations as t
    where t.id = is_in_hands_of.conversation_id and t.agent_id = is_in_hands_of.agent_id
  );
end;
$$;
comment on function private.is_in_hands_of(uuid, uuid) is 'Whether an agent answers in a conversation, or did until a person took over.';
revoke execute on function private.is_in_hands_of(uuid, uuid) from public, anon, authenticated;

create function private.message_status_by_tool(run private.tool_run)
returns private.tool_outcome language plpgsql stable set search_path = ''
as $$
declare
  v_run private.tool_run := message_status_by_tool.run;
  v_message public.conversation_messages;
  v_last public.message_attempts;
  v_provider text;
  v_sender_ids uuid[] := private.history_sender_ids((v_run.caller));
begin
  select m.* into v_message from public.conversation_messages as m
  where m.workspace_id = (v_run.caller).workspace_id and m.id = private.as_uuid(v_run.arguments ->> 'message_id');
  if found and (
    v_message.agent_id = (v_run.caller).agent_id
    or (
      private.agent_sees(v_run, v_message.conversation_id)
      and (
        v_message.phone_number_id = any (v_sender_ids) or v_message.email_sender_id = any (v_sender_ids)
        or private.is_in_hands_of(v_message.conversation_id, (v_run.caller).agent_id)
      )
    )
  ) is true then
    select * into v_last from public.message_attempts as a
    where a.message_id = v_message.id
    order by a.attempt_number desc
    limit 1;
    select c.provider into v_provider from public.connections as c where c.id = v_last.connection_id;
  else
    v_message := null;
  end if;
  -- A provider's tool answers for what went, or is to go, through that provider.
  if v_message.id is null or (
    v_run.provider is not null
    and coalesce(
      v_last.connection_id,
      (select p.connection_id from public.phone_numbers as p where p.id = v_message.phone_number_id),
      (select e.connection_id from public.email_senders as e where e.id = v_message.email_sender_id)
    ) = any (v_run.connection_ids) is not true
  ) then
    return private.refuse(
      'message_not_found', 'message_id', 'there is no such message that the agent may see',
      case when v_run.provider is null then 'Use the message_id that sending answered with'
        else 'Use the message_id of a message that was sent through this provider, or get_message_status' end
    );
  end if;
  return private.succeed(
    jsonb_strip_nulls(jsonb_build_object(
      'message_id', v_message.id,
      'conversation_id', v_message.conversation_id,
      'status', v_message.status,
      'from', v_message.from_address,
      'to', v_message.to_address,
      'provider', v_provider,
      'attempt_count', v_last.attempt_number,
      'queued_at', private.iso_time(v_message.created_at),
      'scheduled_at', private.iso_time(v_message.scheduled_at),
      'sent_at', private.iso_time(v_message.sent_at),
      'delivered_at', private.iso_time(v_message.delivered_at),
      'read_at', private.iso_time(v_message.read_at),
      'error_code', v_message.error_code,
      'error_message', v_message.error_message,
      'price', v_last.price,
      'price_currency', v_last.price_currency
    )),
    v_message.conversation_id
  );
end;
$$;
comment on function private.message_status_by_tool(private.tool_run) is 'What became of one message.';
revoke execute on function private.message_status_by_tool(private.tool_run) from public, anon, authenticated;
