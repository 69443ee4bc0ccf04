-- How a voice call is begun: written down before the provider is asked, so that nobody is called twice.

-- Definer: nobody holds a write grant on conversations and calls.
create function private.start_call(workspace_id uuid, call jsonb, provider_names text[])
returns table (
  call_id uuid, conversation_id uuid, status text, connection_id uuid, provider text, from_address text,
  to_address text, is_duplicate boolean, error_code text, error_message text
)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_workspace_id uuid := start_call.workspace_id;
  v_call jsonb := start_call.call;
  v_to text := v_call ->> 'to_address';
  v_text text := v_call ->> 'text';
  v_language text := coalesce(v_call ->> 'language', 'en-US');
  v_key text := v_call ->> 'idempotency_key';
  v_fingerprint bytea := case when v_key is not null then sha256(convert_to((v_call - 'idempotency_key')::text, 'UTF8')) end;
  v_is_restricted boolean := v_workspace_id = any (array(select private.my_restricted_workspace_ids()));
  v_known public.calls;
  v_number record;
  v_contact_id uuid;
  v_thread public.conversations;
  v_conversation_id uuid;
  v_id uuid;
begin
  if coalesce(auth.jwt() ->> 'role', '') <> 'service_role'
    and not coalesce(v_workspace_id = any (array(select private.my_workspace_ids())), false)
  then
    perform private.fail(404, 'not_found', 'Cannot find the workspace', 'workspace_id');
  end if;
  if char_length(v_key) not between 1 and 255 then
    perform private.fail(422, 'idempotency_key_invalid', 'Cannot call: the idempotency key needs 1 to 255 characters', 'idempotency_key');
  end if;
  -- One at a time under one key: a second dial would be a second call.
  perform pg_advisory_xact_lock(hashtextextended(v_workspace_id || '/call/' || v_key, 0));
  select * into v_known from public.calls as c
  where c.workspace_id = v_workspace_id and c.idempotency_key = v_key;
  if found then
    if v_known.idempotency_fingerprint <> v_fingerprint then
      perform private.fail(409, 'idempotency_key_reused', 'Cannot call: the key belongs to another call', 'idempotency_key');
    end if;
    -- Whoever was to ask the provider is gone, and nobody knows how far they came.
    if v_known.created_at < now() - interval '2 minutes' then
      perform private.doubt_call(v_known.id);
    end if;
    return query
    select c.id, c.conversation_id, c.status, c.connection_id, null::text, c.from_address, c.to_address, true,
      c.error_code, c.error_message
    from public.calls as c where c.id = v_known.id;
    return;
  end if;

  if (v_to ~ '^\+[1-9][0-9]{4,14}$') is not true then
    perform private.fail(422, 'invalid_recipient', 'Cannot call: the recipient is not an E.164 number', 'to');
  end if;
  if (v_text ~ '\S' and char_length(v_text) <= 4000) is not true then
    perform private.fail(422, 'message_empty', 'Cannot call: there is no text of up to 4000 characters to speak', 'text');
  end if;
  if v_language !~ '^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$' then
    perform private.fail(400, 'invalid_request', 'Cannot call: the language is not a tag such as en-US', 'language');
  end if;
  if exists (
    select from public.opt_outs as o
    where o.workspace_id = v_workspace_id and o.kind = 'phone' and o.address = v_to and o.ended_at is null
  ) then
    perform private.fail(422, 'recipient_opted_out', 'Cannot call: the recipient has opted out', 'to');
  end if;

  select c.contact_id into v_contact_id
  from private.find_or_create_contacts(v_workspace_id, 'phone', array[v_to]) as c;
  select * into v_thread from public.conversations as t
  where t.workspace_id = v_workspace_id and t.contact_id = v_contact_id and t.channel = 'call';
  if found and v_is_restricted and v_thread.id <> all (array(select private.my_assigned_conversation_ids())) then
    perform private.fail(
      403, 'conversation_not_assigned', 'Cannot call: the calls with this contact are not assigned to you', 'to'
    );
  end if;

  -- The number asked for; else the one that the calls run on; else the default; else any that can.
  select p.id, p.phone_number, p.connection_id, c.provider into v_number
  from public.phone_numbers as p
  join public.connections as c on c.id = p.connection_id
  where p.workspace_id = v_workspace_id and p.status = 'active' and (p.capabilities ->> 'voice')::boolean
    and c.status <> 'inactive'
    and (c.owner_user_id is null or c.owner_user_id = auth.uid())
    and (
      not v_is_restricted or p.id = v_thread.phone_number_id or p.id = any (array(select private.my_phone_number_ids()))
    )
    and (v_call ->> 'phone_number_id' is null or p.id = private.as_uuid(v_call ->> 'phone_number_id'))
    and (v_call ->> 'from_address' is null or p.phone_number = v_call ->> 'from_address')
  order by
    (c.provider = any (start_call.provider_names)) desc, (p.id = v_thread.phone_number_id) desc nulls last,
    p.is_default desc, p.created_at, p.phone_number
  limit 1;
  if not found then
    if v_call ->> 'phone_number_id' is not null or v_call ->> 'from_address' is not null then
      perform private.fail(404, 'sender_not_found', 'Cannot call: the sender is not an active number of the workspace that can call', 'from');
    end if;
    perform private.fail(
      422, 'no_sender', 'Cannot call: no active number of the workspace can call', 'from',
      'Connect an account with a number that has the voice capability'
    );
  end if;
  if v_number.provider <> all (start_call.provider_names) then
    perform private.fail(
      422, 'unsupported', 'Cannot call: no calls can be started through ' || v_number.provider, 'from',
      'Use a number of another provider'
    );
  end if;
  if v_number.phone_number = v_to then
    perform private.fail(422, 'invalid_recipient', 'Cannot call: sender and recipient are the same', 'to');
  end if;

  select t.conversation_id into strict v_conversation_id
  from private.touch_conversations(
    v_workspace_id, 'call', array[v_contact_id], array[v_to], array[v_number.id], array[v_text], false,
    case when v_is_restricted then auth.uid() end
  ) as t;
  insert into public.calls (
    workspace_id, conversation_id, direction, status, from_address, to_address, phone_number_id, connection_id,
    started_by, spoken_text, language, idempotency_key, idempotency_fingerprint
  )
  values (
    v_workspace_id, v_conversation_id, 'outbound', 'queued', v_number.phone_number, v_to, v_number.id,
    v_number.connection_id, auth.uid(), v_text, v_language, v_key, v_fingerprint
  )
  returning id into v_id;
  return query
  select v_id, v_conversation_id, 'queued'::text, v_number.connection_id::uuid, v_number.provider::text,
    v_number.phone_number::text, v_to, false, null::text, null::text;
end;
$$;
comment on function private.start_call(uuid, jsonb, text[]) is 'Does the work of public.start_call.';
revoke execute on function private.start_call(uuid, jsonb, text[]) from public, anon;
grant execute on function private.start_call(uuid, jsonb, text[]) to authenticated, service_role;

create function public.start_call(workspace_id uuid, call jsonb, provider_names text[])
returns table (
  call_id uuid, conversation_id uuid, status text, connection_id uuid, provider text, from_address text,
  to_address text, is_duplicate boolean, error_code text, error_message text
)
language sql set search_path = ''
as $$
  select * from private.start_call(start_call.workspace_id, start_call.call, start_call.provider_names);
$$;
comment on function public.start_call(uuid, jsonb, text[]) is
  'Writes down a call that the messages function starts after it: to_address (E.164), text, language, from_address or phone_number_id, idempotency_key. Members. Errors: 400, 403, 404, 409, 422.';
revoke execute on function public.start_call(uuid, jsonb, text[]) from public, anon;
grant execute on function public.start_call(uuid, jsonb, text[]) to authenticated, service_role;

create function private.doubt_call(call_id uuid)
returns void language sql set search_path = ''
as $$
  update public.calls as c
  set
    status = 'failed', ended_at = now(), error_code = 'outcome_unknown',
    error_message = 'The provider never said whether it took the call'
  where c.id = doubt_call.call_id and c.status = 'queued' and c.external_id is null;
$$;
comment on function private.doubt_call(uuid) is
  'Ends a call of which nobody knows whether it was made. A report of the provider''s mends it; nothing makes it again.';
revoke execute on function private.doubt_call(uuid) from public, anon, authenticated;

-- Definer: service_role holds no write grant on calls.
create function public.record_call_start(call_id uuid, outcome text, report jsonb)
returns setof public.calls language plpgsql security definer set search_path = ''
as $$
begin
  case record_call_start.outcome
    when 'accepted' then
      perform private.move_call(record_call_start.call_id, record_call_start.report);
    when 'rejected' then
      perform private.move_call(c.id, record_call_start.report || '{"status": "failed"}')
      from public.calls as c
      where c.id = record_call_start.call_id and c.external_id is null;
    else
      perform private.doubt_call(record_call_start.call_id);
  end case;
  return query select * from public.calls as c where c.id = record_call_start.call_id;
end;
$$;
comment on function public.record_call_start(uuid, text, jsonb) is
  'Writes down what came of asking the provider for a call: accepted, rejected or unknown. A report that came first stands. For service_role.';
revoke execute on function public.record_call_start(uuid, text, jsonb) from public, anon, authenticated;
grant execute on function public.record_call_start(uuid, text, jsonb) to service_role;
