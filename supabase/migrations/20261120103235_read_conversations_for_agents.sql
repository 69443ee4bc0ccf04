-- What an agent's tools read of contacts and conversations.

create function private.find_contact_by_tool(run private.tool_run)
returns private.tool_outcome language plpgsql stable set search_path = ''
as $$
declare
  v_run private.tool_run := find_contact_by_tool.run;
  v_workspace_id uuid := (v_run.caller).workspace_id;
  v_query text := lower(trim(v_run.arguments ->> 'query'));
  v_digits text := regexp_replace(v_query, '[^0-9]', '', 'g');
  v_pattern text := '%' || replace(replace(replace(v_query, '\', '\\'), '%', '\%'), '_', '\_') || '%';
  v_contact_ids uuid[] := private.contacts_of_agent(v_run.guardrails);
  v_contacts jsonb;
begin
  if (char_length(v_query) >= 2) is not true then
    return private.refuse(
      'invalid_arguments', 'query', 'the query has fewer than two characters', 'Give a name, a phone number or an e-mail address'
    );
  end if;
  select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
    'contact_id', f.id,
    'name', f.display_name,
    'labels', nullif(to_jsonb(f.labels), '[]'),
    'addresses', (
      select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'kind', k.kind, 'address', k.address,
        'is_opted_out', case when exists (
          select from public.opt_outs as o
          where o.workspace_id = v_workspace_id and o.kind = k.kind and o.address = k.address and o.ended_at is null
        ) then true end
      )) order by k.created_at)
      from public.contact_addresses as k
      where k.workspace_id = v_workspace_id and k.contact_id = f.id
    ),
    'conversations', (
      select jsonb_agg(jsonb_build_object('conversation_id', t.id, 'channel', t.channel) order by t.last_message_at desc nulls last)
      from public.conversations as t
      where t.workspace_id = v_workspace_id and t.contact_id = f.id and private.agent_sees(v_run, t.id)
    )
  )) order by f.display_name, f.id)
  into v_contacts
  from (
    select c.* from public.contacts as c
    where c.workspace_id = v_workspace_id
      and (v_contact_ids is null or c.id in (select u.id from unnest(v_contact_ids) as u (id)))
      and (
        c.display_name ilike v_pattern
        or c.id in (
          select k.contact_id from public.contact_addresses as k
          where k.workspace_id = v_workspace_id
            and (k.address = v_query or (char_length(v_digits) >= 7 and k.kind = 'phone' and k.address like '%' || v_digits))
        )
      )
    order by c.display_name, c.id
    limit private.tool_limit(v_run.arguments, 5, 20)
  ) as f;
  return private.succeed(jsonb_build_object('contacts', coalesce(v_contacts, '[]')));
end;
$$;
comment on function private.find_contact_by_tool(private.tool_run) is
  'Contacts by part of a name, by an e-mail address, or by a phone number without regard to how it is written.';
revoke execute on function private.find_contact_by_tool(private.tool_run) from public, anon, authenticated;

create function private.list_conversations_by_tool(run private.tool_run)
returns private.tool_outcome language plpgsql stable set search_path = ''
as $$
declare
  v_run private.tool_run := list_conversations_by_tool.run;
  v_arguments jsonb := v_run.arguments;
  v_limit integer := private.tool_limit(v_arguments, 10, 20);
  v_before timestamptz := (v_arguments ->> 'before')::timestamptz;
  v_contact_id uuid := private.as_uuid(v_arguments ->> 'contact_id');
  v_sender_ids uuid[] := private.history_sender_ids((v_run.caller));
  v_contact_ids uuid[] := private.contacts_of_agent(v_run.guardrails);
  v_conversations jsonb;
  v_oldest_at timestamptz;
begin
  select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
    'conversation_id', f.id,
    'contact_id', f.contact_id,
    'contact_name', (
      select c.display_name from public.contacts as c where c.workspace_id = f.workspace_id and c.id = f.contact_id
    ),
    'contact_address', f.contact_address,
    'channel', f.channel,
    'status', f.status,
    'subject', f.subject,
    'is_unread', f.is_unread,
    'is_yours', case when f.agent_id = (v_run.caller).agent_id then true end,
    'latest', nullif(f.snippet, ''),
    'last_message_at', private.iso_time(f.last_message_at)
  )) order by f.last_message_at desc nulls last, f.id), min(f.last_message_at)
  into v_conversations, v_oldest_at
  from (
    -- Each as private.agent_sees judges it.
    select t.* from public.conversations as t
    where t.workspace_id = (v_run.caller).workspace_id and t.channel = any ((v_run.guardrails).allowed_channels)
      and (
        t.agent_id = (v_run.caller).agent_id
        or t.phone_number_id = any (v_sender_ids) or t.email_sender_id = any (v_sender_ids)
      )
      and (v_contact_ids is null or t.contact_id in (select u.id from unnest(v_contact_ids) as u (id)))
      and (v_arguments ->> 'contact_id' is null or t.contact_id = v_contact_id)
      and (v_arguments ->> 'channel' is null or t.channel = v_arguments ->> 'channel')
      and (v_arguments ->> 'status' is null or t.status = v_arguments ->> 'status')
      and (v_arguments ->> 'is_unread' is null or t.is_unread = (v_arguments ->> 'is_unread')::boolean)
      and (v_before is null or t.last_message_at < v_before)
    order by t.last_message_at desc nulls last, t.id
    limit v_limit
  ) as f;
  return private.succeed(jsonb_strip_nulls(jsonb_build_object(
    'conversations', coalesce(v_conversations, '[]'),
    'next_before', case when jsonb_array_length(v_conversations) = v_limit then private.page_time(v_oldest_at) end
  )));
end;
$$;
comment on function private.list_conversations_by_tool(private.tool_run) is 'Conversations that the agent may read, newest first.';
revoke execute on function private.list_conversations_by_tool(private.tool_run) from public, anon, authenticated;

create function private.read_conversation_by_tool(run private.tool_run)
returns private.tool_outcome language plpgsql stable set search_path = ''
as $$
declare
  v_run private.tool_run := read_conversation_by_tool.run;
  v_limit integer := private.tool_limit(v_run.arguments, 20, 50);
  v_before timestamptz := (v_run.arguments ->> 'before')::timestamptz;
  v_thread public.conversations;
  v_sender_ids uuid[] := private.history_sender_ids((v_run.caller));
  v_messages jsonb;
  v_oldest_at timestamptz;
begin
  select t.* into v_thread from public.conversations as t
  where t.workspace_id = (v_run.caller).workspace_id and t.id = private.as_uuid(v_run.arguments ->> 'conversation_id')
    and private.agent_sees(v_run, t.id);
  if not found then
    return private.refuse(
      'conversation_not_found', 'conversation_id', 'there is no such conversation that the agent may read',
      'Use an id that list_conversations or an incoming message gave'
    );
  end if;
  select jsonb_agg(private.message_for_tool(h) - 'conversation_id' order by h.created_at, h.id), min(h.created_at)
  into v_messages, v_oldest_at
  from (
    select m.* from public.conversation_messages as m
    where m.workspace_id = v_thread.workspace_id and m.conversation_id = v_thread.id
      and (v_before is null or m.created_at < v_before)
      -- A thread moves from number to number, and what went over another's is not the agent's to read.
      and (
        (v_run.caller).agent_id in (v_thread.agent_id, m.agent_id)
        or m.phone_number_id = any (v_sender_ids) or m.email_sender_id = any (v_sender_ids)
      )
    order by m.created_at desc, m.id desc
    limit v_limit
  ) as h;
  return private.succeed(
    jsonb_strip_nulls(jsonb_build_object(
      'conversation_id', v_thread.id,
      'contact_id', v_thread.contact_id,
      'contact_address', v_thread.contact_address,
      'channel', v_thread.channel,
      'status', v_thread.status,
      'is_yours', case when v_thread.agent_id = (v_run.caller).agent_id then true end,
      'is_taken_over', case when private.is_taken_over(v_thread.id) then true end,
      'is_opted_out', case when exists (
        select from public.opt_outs as o
        where o.workspace_id = v_thread.workspace_id and o.address = v_thread.contact_address and o.ended_at is null
          and o.kind = case when v_thread.channel = 'email' then 'email' else 'phone' end
      ) then true end,
      'messages', coalesce(v_messages, '[]'),
      'next_before', case when jsonb_array_length(v_messages) = v_limit then private.page_time(v_oldest_at) end
    )),
    v_thread.id
  );
end;
$$;
comment on function private.read_conversation_by_tool(private.tool_run) is
  'The latest messages of one conversation, oldest first; next_before lists those before them.';
revoke execute on function private.read_conversation_by_tool(private.tool_run) from public, anon, authenticated;
