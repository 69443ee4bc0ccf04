-- A tool call as its handlers see it, what an agent may see, and whom a call's arguments mean.

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
