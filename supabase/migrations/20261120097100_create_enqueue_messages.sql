-- The one way in for every outbound message: check, thread, store and queue, in one transaction.

create function private.touch_email_conversations(drafts private.outbound_draft[])
returns void language plpgsql set search_path = ''
as $$
begin
  -- By contact, as texts and webhooks lock them.
  perform from public.conversations as t
  where t.id = any (array(
    select d.conversation_id from unnest(touch_email_conversations.drafts) as d where d.channel = 'email'
  ))
  order by t.contact_id, t.id
  for no key update;
  update public.conversations as t
  set
    email_sender_id = l.email_sender_id,
    snippet = private.snippet_of(l.body),
    last_message_at = now(),
    status = case when t.status = 'spam' then t.status else 'active' end
  from (
    select distinct on (d.conversation_id) d.conversation_id, d.email_sender_id, d.body
    from unnest(touch_email_conversations.drafts) as d
    where d.channel = 'email' and d.conversation_id is not null
    order by d.conversation_id, d.index desc
  ) as l
  where t.id = l.conversation_id;
end;
$$;
comment on function private.touch_email_conversations(private.outbound_draft[]) is
  'Puts the latest answer on top of each e-mail conversation.';
revoke execute on function private.touch_email_conversations(private.outbound_draft[]) from public, anon, authenticated;

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
returns void language plpgsql set search_path = ''
-- Planned for the batch at hand: a plan for ten messages takes minutes over ten thousand.
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  v_workspace_id uuid := thread_and_queue.workspace_id;
  v_drafts private.outbound_draft[];
  v_addresses text[] := '{}';
  v_contact_ids uuid[] := '{}';
  v_indexes integer[] := '{}';
  v_conversation_ids uuid[] := '{}';
  v_kind text;
  v_channel text;
  v_assignee_id uuid;
begin
  -- Of two drafts under one key the first counts; the other is compared with it afterwards.
  v_drafts := array(
    select d from (
      select distinct on (coalesce(u.idempotency_key, u.message_id::text)) u as d
      from unnest(thread_and_queue.drafts) as u
      where u.error_code is null and u.first_message_id is null
      order by coalesce(u.idempotency_key, u.message_id::text), u.index
    ) as w
  );
  if cardinality(v_drafts) = 0 then
    return;
  end if;
  -- What such a member begins, they go on seeing.
  if v_workspace_id = any (array(select private.my_restricted_workspace_ids())) then
    v_assignee_id := auth.uid();
  end if;

  -- Contacts before conversations, and channel by channel, as webhooks do it: two never wait in a circle.
  foreach v_kind in array array['phone', 'email'] loop
    select v_addresses || coalesce(array_agg(c.address), '{}'), v_contact_ids || coalesce(array_agg(c.contact_id), '{}')
    into v_addresses, v_contact_ids
    from private.find_or_create_contacts(v_workspace_id, v_kind, array(
      select d.contact_address from unnest(v_drafts) as d
      where d.contact_id is null and (d.channel = 'email') = (v_kind = 'email')
    )) as c;
  end loop;
  foreach v_channel in array array['sms', 'whatsapp'] loop
    with accepted as materialized (
      select d.index, coalesce(d.contact_id, c.contact_id) as contact_id, d.contact_address, d.phone_number_id, d.body
      from unnest(v_drafts) as d
      left join unnest(v_addresses, v_contact_ids) as c (address, contact_id) on c.address = d.contact_address
      where d.channel = v_channel
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
        v_workspace_id, v_channel, a.contact_ids, a.contact_addresses, a.phone_number_ids, a.bodies, false, v_assignee_id
      ) as t
    )
    select v_indexes || coalesce(array_agg(d.index), '{}'), v_conversation_ids || coalesce(array_agg(t.conversation_id), '{}')
    into v_indexes, v_conversation_ids
    from accepted as d
    join threads as t on t.contact_id = d.contact_id;
  end loop;
  perform private.touch_email_conversations(v_drafts);

  with accepted as materialized (
    select
      d.*,
      -- An e-mail that answers nothing begins a conversation, once it is stored.
      d.channel = 'email' and d.conversation_id is null as is_new_thread,
      case when d.channel = 'email' then coalesce(d.conversation_id, gen_random_uuid()) else t.conversation_id end as thread_id,
      coalesce(d.contact_id, c.contact_id) as known_contact_id
    from unnest(v_drafts) as d
    left join unnest(v_indexes, v_conversation_ids) as t (index, conversation_id) on t.index = d.index
    left join unnest(v_addresses, v_contact_ids) as c (address, contact_id)
      on d.channel = 'email' and c.address = d.contact_address
  ),
  stored as (
    insert into public.conversation_messages as m (
      id, workspace_id, conversation_id, direction, status, body, sender_id, from_address, to_address,
      phone_number_id, email_sender_id, idempotency_key, idempotency_fingerprint, created_at
    )
    select
      d.message_id, v_workspace_id, d.thread_id, 'outbound', 'queued', d.body, (select auth.uid()),
      d.from_address, d.contact_address, d.phone_number_id, d.email_sender_id, d.idempotency_key, d.fingerprint,
      -- A microsecond apart, so that a batch stays in its order.
      now() + make_interval(secs => d.index / 1e6)
    from accepted as d
    -- In one order everywhere, so that two batches of the same keys never wait in a circle.
    order by d.idempotency_key, d.index
    on conflict (workspace_id, idempotency_key) where idempotency_key is not null do nothing
    returning m.id, m.conversation_id, m.created_at
  ),
  begun as (
    insert into public.conversations (
      id, workspace_id, contact_id, channel, contact_address, email_sender_id, subject, snippet, assigned_to, last_message_at
    )
    select
      s.conversation_id, v_workspace_id, d.known_contact_id, 'email', d.contact_address, d.email_sender_id, d.subject,
      private.snippet_of(d.body), v_assignee_id, now()
    from stored as s
    join accepted as d on d.message_id = s.id
    where d.is_new_thread
  ),
  attached as (
    insert into public.message_media (message_id, position, workspace_id, conversation_id, url)
    select s.id, u.position, v_workspace_id, s.conversation_id, u.url
    from stored as s
    join accepted as d on d.message_id = s.id
    cross join lateral unnest(d.media_urls) with ordinality as u (url, position)
  ),
  described as (
    insert into public.email_details (
      message_id, workspace_id, conversation_id, subject, html, cc, bcc, reply_to, headers, attachments,
      internet_message_id, reference_ids
    )
    select
      s.id, v_workspace_id, s.conversation_id, d.subject, coalesce(d.email ->> 'html', ''),
      private.text_list(d.email -> 'cc'), private.text_list(d.email -> 'bcc'), d.email ->> 'reply_to',
      coalesce(nullif(d.email -> 'headers', 'null'), '{}'),
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'file_name', e.attachment ->> 'file_name', 'content_type', e.attachment ->> 'content_type',
          'byte_count', octet_length(decode(e.attachment ->> 'content', 'base64'))
        ) order by e.position)
        from jsonb_array_elements(nullif(d.email -> 'attachments', 'null')) with ordinality as e (attachment, position)
      ), '[]'),
      s.id || '@' || split_part(d.from_address, '@', 2), d.reference_ids
    from stored as s
    join accepted as d on d.message_id = s.id
    where d.channel = 'email'
  ),
  held as (
    insert into private.email_attachments (message_id, position, file_name, content_type, content, content_id)
    select
      s.id, e.position, e.attachment ->> 'file_name', e.attachment ->> 'content_type',
      decode(e.attachment ->> 'content', 'base64'), e.attachment ->> 'content_id'
    from stored as s
    join accepted as d on d.message_id = s.id
    cross join lateral jsonb_array_elements(nullif(d.email -> 'attachments', 'null'))
      with ordinality as e (attachment, position)
    where d.channel = 'email'
  ),
  templated as (
    insert into public.template_details (
      message_id, workspace_id, conversation_id, template_id, external_id, language, variables
    )
    select
      s.id, v_workspace_id, s.conversation_id, (d.template).template_id, (d.template).external_id,
      (d.template).language, (d.template).variables
    from stored as s
    join accepted as d on d.message_id = s.id
    where (d.template).external_id is not null
  )
  insert into private.outbound_jobs (message_id, workspace_id, channel, due_at)
  select s.id, v_workspace_id, d.channel, s.created_at - make_interval(secs => 0.01)
  from stored as s
  join accepted as d on d.message_id = s.id;
end;
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
  'Queues messages: each of channel (sms, whatsapp, email), to_address (E.164, or an e-mail address) or conversation_id, and body, media_urls, from_address or phone_number_id, idempotency_key; for WhatsApp template; for e-mail subject, html, cc, bcc, reply_to, headers, attachments. One row per message, with its error if it was refused. Errors of the whole: 404, 400.';
revoke execute on function public.enqueue_messages(uuid, jsonb) from public, anon;
grant execute on function public.enqueue_messages(uuid, jsonb) to authenticated, service_role;
