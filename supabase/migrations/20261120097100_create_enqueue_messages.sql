-- The one way in for every outbound message: check, thread, store and queue, in one transaction.

create type private.outbound_draft as (
  index integer,
  message_id uuid,
  contact_id uuid,
  contact_address text,
  phone_number_id uuid,
  from_address text,
  body text,
  media_urls text[],
  idempotency_key text,
  fingerprint bytea,
  first_message_id uuid,
  error_code text,
  error_field text,
  error_message text
);
comment on type private.outbound_draft is 'A message on its way into the queue, or why it may not go there.';

create function private.as_uuid(value text)
returns uuid language sql immutable set search_path = ''
as $$
  select case
    when as_uuid.value ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then as_uuid.value::uuid
  end;
$$;
comment on function private.as_uuid(text) is 'The UUID that a text spells; null when it spells none.';
revoke execute on function private.as_uuid(text) from public, anon, authenticated;

create function private.read_outbound_drafts(workspace_id uuid, messages jsonb)
returns setof private.outbound_draft language sql set search_path = ''
as $$
  -- Field by field, so that one malformed message is refused alone.
  with input as materialized (
    select
      (e.index - 1)::integer as index,
      case when e.message ? 'conversation_id' then private.as_uuid(e.message ->> 'conversation_id') end
        as conversation_id,
      case when e.message ? 'phone_number_id' then private.as_uuid(e.message ->> 'phone_number_id') end
        as phone_number_id,
      e.message ->> 'to_address' as to_address,
      e.message ->> 'from_address' as from_address,
      coalesce(e.message ->> 'body', '') as body,
      case
        when jsonb_typeof(e.message -> 'media_urls') = 'array'
          then array(select u.url from jsonb_array_elements_text(e.message -> 'media_urls') as u (url))
        else '{}'
      end as media_urls,
      e.message ->> 'idempotency_key' as idempotency_key,
      case
        when jsonb_typeof(e.message) = 'object' and e.message ->> 'idempotency_key' is not null
          then sha256(convert_to((e.message - 'idempotency_key')::text, 'UTF8'))
      end as fingerprint,
      jsonb_typeof(e.message) <> 'object' as is_no_object,
      e.message ->> 'conversation_id' is not null as names_conversation,
      e.message ->> 'phone_number_id' is not null as names_sender_id,
      coalesce(jsonb_typeof(e.message -> 'media_urls') not in ('array', 'null'), false) as is_media_no_list
    from jsonb_array_elements(read_outbound_drafts.messages) with ordinality as e (message, index)
  ),
  -- Whoever sees only what is assigned also writes only there, and from there.
  caller as materialized (
    select read_outbound_drafts.workspace_id = any (array(select private.my_restricted_workspace_ids())) as is_restricted
  ),
  senders as materialized (
    select p.id, p.phone_number, p.is_default, p.created_at,
      not l.is_restricted or p.id = any (array(select private.my_phone_number_ids())) as is_free_to_use,
      coalesce((p.capabilities ->> 'mms')::boolean, false) as can_mms
    from public.phone_numbers as p
    join public.connections as c on c.id = p.connection_id
    cross join caller as l
    where p.workspace_id = read_outbound_drafts.workspace_id
      and p.status = 'active'
      and (p.capabilities ->> 'sms')::boolean
      and c.status <> 'inactive'
      and (c.owner_user_id is null or c.owner_user_id = (select auth.uid()))
  ),
  resolved as (
    select
      i.*,
      t.id is not null as is_reply,
      coalesce(t.contact_id, a.contact_id) as contact_id,
      coalesce(t.contact_address, i.to_address) as contact_address,
      s.id as sender_id,
      s.phone_number as sender_address,
      m.id as first_message_id,
      l.is_restricted and k.id is not null and k.id <> all (array(select private.my_assigned_conversation_ids()))
        as is_of_colleague
    from input as i
    cross join caller as l
    left join public.conversations as t
      on t.id = i.conversation_id and t.workspace_id = read_outbound_drafts.workspace_id and t.channel = 'sms'
      and (not l.is_restricted or t.id = any (array(select private.my_assigned_conversation_ids())))
    left join public.contact_addresses as a
      on a.workspace_id = read_outbound_drafts.workspace_id and a.kind = 'phone' and a.address = i.to_address
    left join public.conversations as k
      on k.workspace_id = read_outbound_drafts.workspace_id and k.channel = 'sms'
      and k.contact_id = coalesce(t.contact_id, a.contact_id)
    left join public.conversation_messages as m
      on m.workspace_id = read_outbound_drafts.workspace_id and m.idempotency_key = i.idempotency_key
    -- The sender asked for; else the one the thread runs on; else the default; else any that can.
    left join lateral (
      select c.id, c.phone_number from senders as c
      where (cardinality(i.media_urls) = 0 or c.can_mms)
        and (c.is_free_to_use or c.id = k.phone_number_id)
        and (not i.names_sender_id or c.id = i.phone_number_id)
        and (i.from_address is null or c.phone_number = i.from_address)
      order by (c.id = k.phone_number_id) desc nulls last, c.is_default desc, c.created_at, c.phone_number
      limit 1
    ) as s on true
  )
  select
    r.index, private.time_ordered_uuid(), r.contact_id, r.contact_address, r.sender_id, r.sender_address, r.body,
    r.media_urls, r.idempotency_key, r.fingerprint, r.first_message_id, f.error_code, f.error_field, f.error_message
  from resolved as r
  left join lateral (
    select * from (values
      (r.is_no_object, 'invalid_request', 'messages', 'it is not an object'),
      (r.is_media_no_list, 'invalid_request', 'media_urls', 'the media URLs are not a list'),
      (
        r.names_conversation and not r.is_reply,
        'conversation_not_found', 'conversation_id', 'there is no such text conversation'
      ),
      (r.contact_address is null, 'recipient_missing', 'to', 'it names neither a recipient nor a conversation'),
      (r.contact_address !~ '^\+[1-9][0-9]{4,14}$', 'invalid_recipient', 'to', 'the recipient is not an E.164 number'),
      (
        r.is_of_colleague,
        'conversation_not_assigned', 'to', 'the conversation with this contact is not assigned to you'
      ),
      (
        exists (
          select from public.opt_outs as o
          where o.workspace_id = read_outbound_drafts.workspace_id and o.kind = 'phone'
            and o.address = r.contact_address and o.ended_at is null
        ),
        'recipient_opted_out', 'to', 'the recipient has opted out'
      ),
      (r.body !~ '\S' and cardinality(r.media_urls) = 0, 'message_empty', 'body', 'it has neither text nor media'),
      (char_length(r.body) > 1600, 'message_too_long', 'body', 'the text is longer than 1600 characters'),
      (cardinality(r.media_urls) > 10, 'too_many_media', 'media_urls', 'it has more than 10 media'),
      (
        exists (
          select from unnest(r.media_urls) as u (url)
          where (u.url ~ '^https://[^/\s]+\S*$' and char_length(u.url) <= 2048) is not true
        ),
        'media_url_invalid', 'media_urls', 'a media URL is not https or longer than 2048 characters'
      ),
      (
        char_length(r.idempotency_key) not between 1 and 255,
        'idempotency_key_invalid', 'idempotency_key', 'the idempotency key needs 1 to 255 characters'
      ),
      (
        r.sender_id is null and (r.names_sender_id or r.from_address is not null),
        'sender_not_found', 'from', 'the sender is not an active number of the workspace that can send this'
      ),
      (r.sender_id is null, 'no_sender', 'from', 'no active number of the workspace can send this'),
      (r.sender_address = r.contact_address, 'invalid_recipient', 'to', 'sender and recipient are the same')
    ) as c (is_refused, error_code, error_field, error_message)
    -- What was sent before stays sent, whatever has become of its sender since.
    where c.is_refused and r.first_message_id is null
    limit 1
  ) as f on true;
$$;
comment on function private.read_outbound_drafts(uuid, jsonb) is
  'What each message would be: its sender, recipient and contact, or why it is refused.';
revoke execute on function private.read_outbound_drafts(uuid, jsonb) from public, anon, authenticated;

-- Definer: nobody holds a write grant on conversations, messages or jobs.
create function private.enqueue_messages(workspace_id uuid, messages jsonb)
returns table (
  index integer, message_id uuid, conversation_id uuid, status text, is_duplicate boolean,
  error_code text, error_field text, error_message text
)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_workspace_id uuid := enqueue_messages.workspace_id;
  v_drafts private.outbound_draft[];
begin
  if coalesce(auth.jwt() ->> 'role', '') <> 'service_role'
    and not coalesce(v_workspace_id = any (array(select private.my_workspace_ids())), false)
  then
    perform private.fail(404, 'not_found', 'Cannot find the workspace', 'workspace_id');
  end if;
  if jsonb_typeof(enqueue_messages.messages) is distinct from 'array' then
    perform private.fail(400, 'invalid_request', 'Cannot queue messages: not a list', 'messages');
  end if;

  v_drafts := array(select d from private.read_outbound_drafts(v_workspace_id, enqueue_messages.messages) as d);
  perform private.thread_and_queue(v_workspace_id, v_drafts);

  -- A second statement, so that it sees a message that someone else stored under the same key meanwhile.
  return query
  select
    d.index,
    m.id,
    m.conversation_id,
    m.status,
    m.id <> d.message_id,
    e.error_code, e.error_field, 'Cannot queue the message: ' || e.error_message
  from unnest(v_drafts) as d
  left join public.conversation_messages as k
    on k.workspace_id = v_workspace_id and k.idempotency_key = d.idempotency_key
  cross join lateral (
    select d.error_code, d.error_field, d.error_message where d.error_code is not null
    union all
    select 'idempotency_key_reused', 'idempotency_key', 'the key belongs to another message'
    where k.idempotency_fingerprint <> d.fingerprint
    union all
    select null, null, null
    limit 1
  ) as e
  left join public.conversation_messages as m on m.id = coalesce(k.id, d.message_id) and e.error_code is null
  order by d.index;
end;
$$;
comment on function private.enqueue_messages(uuid, jsonb) is 'Does the work of public.enqueue_messages.';
revoke execute on function private.enqueue_messages(uuid, jsonb) from public, anon;
grant execute on function private.enqueue_messages(uuid, jsonb) to authenticated, service_role;

create function private.thread_and_queue(workspace_id uuid, drafts private.outbound_draft[])
returns void language sql set search_path = ''
as $$
  -- Of two drafts under one key the first counts; the other is compared with it afterwards.
  with wanted as materialized (
    select distinct on (coalesce(d.idempotency_key, d.message_id::text)) d.*
    from unnest(thread_and_queue.drafts) as d
    where d.error_code is null and d.first_message_id is null
    order by coalesce(d.idempotency_key, d.message_id::text), d.index
  ),
  contacts as materialized (
    select c.address, c.contact_id
    from private.find_or_create_contacts(thread_and_queue.workspace_id, 'phone', array(
      select d.contact_address from wanted as d where d.contact_id is null
    )) as c
  ),
  accepted as materialized (
    select
      d.index, d.message_id, coalesce(d.contact_id, c.contact_id) as contact_id, d.contact_address,
      d.phone_number_id, d.from_address, d.body, d.media_urls, d.idempotency_key, d.fingerprint
    from wanted as d
    left join contacts as c on c.address = d.contact_address
  ),
  latest as (
    select distinct on (d.contact_id) d.contact_id, d.contact_address, d.phone_number_id, d.body
    from accepted as d
    order by d.contact_id, d.index desc
  ),
  threads as materialized (
    select t.contact_id, t.conversation_id
    from (
      select
        array_agg(l.contact_id) as contact_ids, array_agg(l.contact_address) as contact_addresses,
        array_agg(l.phone_number_id) as phone_number_ids, array_agg(l.body) as bodies
      from latest as l
    ) as a
    cross join lateral private.touch_conversations(
      thread_and_queue.workspace_id, 'sms', a.contact_ids, a.contact_addresses, a.phone_number_ids, a.bodies, false,
      -- What such a member begins, they go on seeing.
      case
        when thread_and_queue.workspace_id = any (array(select private.my_restricted_workspace_ids()))
          then (select auth.uid())
      end
    ) as t
  ),
  stored as (
    insert into public.conversation_messages as m (
      id, workspace_id, conversation_id, direction, status, body, sender_id, from_address, to_address,
      phone_number_id, idempotency_key, idempotency_fingerprint, created_at
    )
    select
      d.message_id, thread_and_queue.workspace_id, t.conversation_id, 'outbound', 'queued', d.body, (select auth.uid()),
      d.from_address, d.contact_address, d.phone_number_id, d.idempotency_key, d.fingerprint,
      -- A microsecond apart, so that a batch stays in its order.
      now() + make_interval(secs => d.index / 1e6)
    from accepted as d
    join threads as t on t.contact_id = d.contact_id
    -- In one order everywhere, so that two batches of the same keys never wait in a circle.
    order by d.idempotency_key, d.index
    on conflict (workspace_id, idempotency_key) where idempotency_key is not null do nothing
    returning m.id, m.conversation_id, m.created_at
  ),
  attached as (
    insert into public.message_media (message_id, position, workspace_id, conversation_id, url)
    select s.id, u.position, thread_and_queue.workspace_id, s.conversation_id, u.url
    from stored as s
    join accepted as d on d.message_id = s.id
    cross join lateral unnest(d.media_urls) with ordinality as u (url, position)
  )
  insert into private.outbound_jobs (message_id, workspace_id, due_at)
  select s.id, thread_and_queue.workspace_id, s.created_at - make_interval(secs => 0.01) from stored as s;
$$;
comment on function private.thread_and_queue(uuid, private.outbound_draft[]) is
  'Stores the drafts that were not refused in their threads and queues them.';
revoke execute on function private.thread_and_queue(uuid, private.outbound_draft[]) from public, anon, authenticated;

create function public.enqueue_messages(workspace_id uuid, messages jsonb)
returns table (
  index integer, message_id uuid, conversation_id uuid, status text, is_duplicate boolean,
  error_code text, error_field text, error_message text
)
language sql set search_path = ''
as $$
  select * from private.enqueue_messages(enqueue_messages.workspace_id, enqueue_messages.messages);
$$;
comment on function public.enqueue_messages(uuid, jsonb) is
  'Queues messages: each of to_address (E.164) or conversation_id, and body, media_urls, from_address or phone_number_id, idempotency_key. One row per message, with its error if it was refused. Errors of the whole: 404, 400.';
revoke execute on function public.enqueue_messages(uuid, jsonb) from public, anon;
grant execute on function public.enqueue_messages(uuid, jsonb) to authenticated, service_role;
