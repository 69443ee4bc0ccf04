-- The one way in for every outbound message: routed, held to its limits, stored, queued and counted at once.

create or replace function private.thread_and_queue(workspace_id uuid, drafts private.outbound_draft[])
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
  v_usage private.usage_change[];
  v_scheduled_ids uuid[];
  v_schedules private.schedule_reading[];
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
      id, workspace_id, conversation_id, direction, status, body, sender_id, agent_id, from_address, to_address,
      phone_number_id, email_sender_id, idempotency_key, idempotency_fingerprint, scheduled_at, message_class,
      campaign_id, segment_count, is_platform, is_sender_fixed, estimated_cost, created_at
    )
    select
      d.message_id, v_workspace_id, d.thread_id, 'outbound',
      case when (d.schedule).due_at is null then 'queued' else 'scheduled' end, d.body,
      case when d.agent_id is null then (select auth.uid()) end, d.agent_id, d.from_address, d.contact_address, d.phone_number_id, d.email_sender_id, d.idempotency_key, d.fingerprint,
      (d.schedule).due_at, d.message_class, d.campaign_id, d.segment_count, d.is_platform, d.is_sender_fixed, d.cost,
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
    insert into public.message_media (message_id, position, workspace_id, conversation_id, url, storage_path)
    select
      s.id, u.position, v_workspace_id, s.conversation_id,
      case when starts_with(u.medium, 'https://') then u.medium end,
      case when not starts_with(u.medium, 'https://') then u.medium end
    from stored as s
    join accepted as d on d.message_id = s.id
    cross join lateral unnest(d.media_urls) with ordinality as u (medium, position)
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
  ),
  claimed as (
    insert into private.platform_threads (phone_number_id, contact_address, workspace_id)
    select distinct d.phone_number_id, d.contact_address, v_workspace_id
    from stored as s
    join accepted as d on d.message_id = s.id
    where d.is_platform and d.phone_number_id is not null
    order by d.phone_number_id, d.contact_address
    on conflict do nothing
  ),
  waiting as materialized (
    select
      d.index, s.id, d.channel, d.message_class, d.is_platform, d.cost, s.created_at,
      (d.schedule).due_at as scheduled_at, d.schedule
    from stored as s
    join accepted as d on d.message_id = s.id
  ),
  first_turns as materialized (
    select w.message_class, private.take_turns(v_workspace_id, w.message_class, count(*)::integer) as turn
    from waiting as w
    where w.scheduled_at is null
    group by w.message_class
    order by w.message_class
  ),
  queued as (
    insert into private.outbound_jobs (message_id, workspace_id, channel, message_class, due_at, turn)
    select
      w.id, v_workspace_id, w.channel, w.message_class, coalesce(w.scheduled_at, now()),
      f.turn + private.turn_length(w.message_class)
        * (row_number() over (partition by w.message_class, w.scheduled_at is null order by w.index) - 1)
    from waiting as w
    left join first_turns as f on f.message_class = w.message_class and w.scheduled_at is null
  )
  select
    array_agg(u.change),
    (select array_agg(w.id order by w.index) from waiting as w where (w.schedule).is_kept),
    (select array_agg(w.schedule order by w.index) from waiting as w where (w.schedule).is_kept)
  into v_usage, v_scheduled_ids, v_schedules
  from (
    select (
      v_workspace_id, private.month_of(w.created_at), w.channel, w.is_platform, count(*)::integer, 0, sum(w.cost), 0::numeric
    )::private.usage_change as change
    from waiting as w
    group by private.month_of(w.created_at), w.channel, w.is_platform
  ) as u;
  if v_scheduled_ids is not null then
    perform private.store_schedules(v_scheduled_ids, v_schedules);
  end if;
  perform private.count_usage(coalesce(v_usage, '{}'));
end;
$$;

-- One at a time per workspace, and only where something is capped.
create function private.refuse_beyond_limits(workspace_id uuid, drafts private.outbound_draft[])
returns private.outbound_draft[] language plpgsql set search_path = ''
as $$
declare
  v_month date := private.month_of(now());
  v_drafts private.outbound_draft[];
  v_spend_cap numeric;
  v_has_plan_cap boolean;
begin
  select w.monthly_spend_cap into v_spend_cap
  from public.workspaces as w where w.id = refuse_beyond_limits.workspace_id;
  v_has_plan_cap := exists (
    select from unnest(refuse_beyond_limits.drafts) as d where d.is_platform and d.error_code is null
  );
  if v_spend_cap is null and not v_has_plan_cap then
    return refuse_beyond_limits.drafts;
  end if;
  perform private.lock_limits(array[refuse_beyond_limits.workspace_id]);

  with limits as (
    select l.channel, l.monthly_limit
    from public.workspaces as w
    join public.plan_limits as l on l.plan_id = w.plan_id
    where w.id = refuse_beyond_limits.workspace_id
  ),
  used as (
    select u.channel, sum(u.reserved_count + u.settled_count) filter (where u.is_platform) as message_count,
      sum(u.reserved_cost + u.settled_cost) as cost
    from public.usage_counters as u
    where u.workspace_id = refuse_beyond_limits.workspace_id and u.month = v_month
    group by u.channel
  ),
  -- What is there already counts no more, also where somebody else stored it a moment ago.
  wanted as (
    select d.index, d.is_platform, d.channel, d.cost,
      min(d.index) over (partition by coalesce(d.idempotency_key, d.message_id::text)) as first_index
    from unnest(refuse_beyond_limits.drafts) as d
    where d.error_code is null and d.first_message_id is null
      and not exists (
        select from public.conversation_messages as m
        where m.workspace_id = refuse_beyond_limits.workspace_id and m.idempotency_key = d.idempotency_key
      )
  ),
  planned as (
    select
      w.*,
      w.is_platform and not coalesce(
        count(*) filter (where w.is_platform) over (partition by w.channel order by w.index) + coalesce(u.message_count, 0)
          <= l.monthly_limit,
        l.channel is not null
      ) as is_beyond_plan
    from wanted as w
    left join limits as l on l.channel = w.channel
    left join used as u on u.channel = w.channel
    where w.index = w.first_index
  ),
  priced as (
    select p.*, sum(p.cost) filter (where not p.is_beyond_plan) over (order by p.index) as running_cost
    from planned as p
  ),
  judged as (
    select
      w.index,
      case
        when p.is_beyond_plan then 'plan_limit_reached'
        when p.running_cost + coalesce((select sum(u.cost) from used as u), 0) > v_spend_cap then 'spend_cap_reached'
      end as error_code
    from wanted as w
    -- Two under one key are one message, and share its fate.
    join priced as p on p.index = w.first_index
  )
  select array_agg(
    case
      when j.error_code is null then d
      else jsonb_populate_record(d, jsonb_build_object(
        'error_code', j.error_code, 'error_field', 'workspace_id',
        'error_message', private.limit_message(j.error_code)
      ))
    end
    order by d.index
  )
  into v_drafts
  from unnest(refuse_beyond_limits.drafts) as d
  left join judged as j on j.index = d.index;
  return coalesce(v_drafts, refuse_beyond_limits.drafts);
end;
$$;
comment on function private.refuse_beyond_limits(uuid, private.outbound_draft[]) is
  'The drafts, with those refused that would go beyond the plan or the spend cap. What it lets through is counted before its lock is gone.';
revoke execute on function private.refuse_beyond_limits(uuid, private.outbound_draft[]) from public, anon, authenticated;

create function private.queue_messages(workspace_id uuid, messages jsonb, is_trusted boolean)
returns table (
  index integer, message_id uuid, conversation_id uuid, status text, is_duplicate boolean,
  error_code text, error_field text, error_message text
)
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  v_workspace_id uuid := queue_messages.workspace_id;
  v_drafts private.outbound_draft[];
begin
  v_drafts := array(
    select d from private.read_outbound_drafts(v_workspace_id, queue_messages.messages, queue_messages.is_trusted) as d
  );
  if exists (select from unnest(v_drafts) as d where d.agent_id is not null) then
    v_drafts := private.hold_to_guardrails(v_workspace_id, v_drafts);
  end if;
  v_drafts := private.refuse_beyond_limits(v_workspace_id, v_drafts);
  perform private.thread_and_queue(v_workspace_id, v_drafts);

  -- A second statement, so that it sees a message that someone else stored under the same key meanwhile.
  return query
  select
    d.index,
    m.id,
    m.conversation_id,
    -- A repetition is answered as the first was, whatever has become of the message since.
    case when m.scheduled_at > m.created_at then 'scheduled' when m.id is not null then 'queued' end,
    m.id <> d.message_id,
    e.error_code, e.error_field, 'Cannot queue the message: ' || e.error_message
  from unnest(v_drafts) as d
  left join public.conversation_messages as k
    on k.workspace_id = v_workspace_id and k.idempotency_key = d.idempotency_key
  cross join lateral (
    select d.error_code, d.error_field, d.error_message where d.error_code is not null and k.id is null
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
comment on function private.queue_messages(uuid, jsonb, boolean) is
  'Queues messages for whoever was checked before. Trusted callers alone may say campaign and opt_out_confirmation.';
revoke execute on function private.queue_messages(uuid, jsonb, boolean) from public, anon, authenticated;

-- Definer: nobody holds a write grant on conversations, messages or jobs.
create or replace function private.enqueue_messages(workspace_id uuid, messages jsonb)
returns table (
  index integer, message_id uuid, conversation_id uuid, status text, is_duplicate boolean,
  error_code text, error_field text, error_message text
)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_is_service boolean := coalesce(auth.jwt() ->> 'role', '') = 'service_role';
begin
  if not v_is_service
    and not coalesce(enqueue_messages.workspace_id = any (array(select private.my_workspace_ids())), false)
  then
    perform private.fail(404, 'not_found', 'Cannot find the workspace', 'workspace_id');
  end if;
  if jsonb_typeof(enqueue_messages.messages) is distinct from 'array' then
    perform private.fail(400, 'invalid_request', 'Cannot queue messages: not a list', 'messages');
  end if;
  return query
  select * from private.queue_messages(enqueue_messages.workspace_id, enqueue_messages.messages, v_is_service);
end;
$$;
