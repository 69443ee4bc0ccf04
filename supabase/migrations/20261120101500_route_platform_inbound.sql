-- Who a message or call to a number of the operator's is for: the workspace that talks to the contact over it.

-- A call over a number of the operator's is a workspace's, while its connection is nobody's.
alter table public.calls
  drop constraint calls_connection_of_workspace,
  add constraint calls_connection_id_fkey
    foreign key (connection_id) references public.connections (id) on delete set null;
drop index public.calls_connection_id_idx;
create index calls_connection_id_idx on public.calls (connection_id);

drop function private.find_recipient(uuid, text, text);
-- PL/pgSQL keeps its plans: two look-ups per message would otherwise be planned anew for each.
create function private.find_recipient(connection_id uuid, channel text, address text, contact_address text)
returns table (workspace_id uuid, phone_number_id uuid, email_sender_id uuid)
language plpgsql stable set search_path = '' rows 1
as $$
begin
  if find_recipient.channel <> 'email' then
    select p.workspace_id, p.id into workspace_id, phone_number_id from public.phone_numbers as p
    where p.connection_id = find_recipient.connection_id and p.phone_number = find_recipient.address
      and p.status = 'active';
    -- Tenants share it: what a stranger writes there belongs to none of them.
    if phone_number_id is not null and workspace_id is null then
      select t.workspace_id into workspace_id
      from private.platform_threads as t
      join public.workspaces as w on w.id = t.workspace_id and w.deleted_at is null
      where t.phone_number_id = find_recipient.phone_number_id and t.contact_address = find_recipient.contact_address;
    end if;
    if workspace_id is not null then
      return next;
    end if;
    return;
  end if;
  return query
  select e.workspace_id, null::uuid, e.id from public.email_senders as e
  where e.connection_id = find_recipient.connection_id
    and e.email_address in (lower(find_recipient.address), '*@' || split_part(lower(find_recipient.address), '@', 2))
    and e.status = 'active' and e.workspace_id is not null
  order by e.email_address like '*@%'
  limit 1;
end;
$$;
comment on function private.find_recipient(uuid, text, text, text) is
  'Whose active sender an address is: a number, an e-mail address, or a whole domain. A number of the operator''s is that of the workspace that talks to the contact over it.';
revoke execute on function private.find_recipient(uuid, text, text, text) from public, anon, authenticated;

create or replace function private.apply_inbound_message(webhook_event public.webhook_events)
returns uuid language plpgsql set search_path = ''
as $$
declare
  v_event jsonb := (apply_inbound_message.webhook_event).event;
  v_channel text := v_event ->> 'channel';
  v_kind text := case v_channel when 'email' then 'email' else 'phone' end;
  v_from text := case v_channel when 'email' then lower(v_event ->> 'from') else v_event ->> 'from' end;
  v_body text := v_event ->> 'text';
  v_reference_ids text[];
  v_recipient record;
  v_contact_id uuid;
  v_conversation_id uuid;
  v_message_id uuid;
  v_hint text := v_event ->> 'optOutHint';
  v_keyword text;
  v_words text;
begin
  select * into v_recipient from private.find_recipient(
    (apply_inbound_message.webhook_event).connection_id, v_channel, v_event ->> 'to', v_from
  );
  if not found then
    return null;
  end if;

  select k.contact_id into v_contact_id from public.contact_addresses as k
  where k.workspace_id = v_recipient.workspace_id and k.kind = v_kind and k.address = v_from;
  if not found then
    select c.contact_id into strict v_contact_id
    from private.find_or_create_contacts(v_recipient.workspace_id, v_kind, array[v_from]) as c;
  end if;

  if v_channel = 'email' then
    v_reference_ids := private.text_list(v_event -> 'references');
    v_conversation_id := private.thread_inbound_email(
      v_recipient.workspace_id, v_recipient.email_sender_id, v_contact_id, v_from, v_event ->> 'subject', v_body,
      v_reference_ids
    );
  else
    select t.conversation_id into strict v_conversation_id
    from private.touch_conversations(
      v_recipient.workspace_id, v_channel, array[v_contact_id], array[v_from], array[v_recipient.phone_number_id],
      array[v_body], true
    ) as t;
  end if;

  insert into public.conversation_messages (
    workspace_id, conversation_id, direction, status, body, from_address, to_address, phone_number_id, email_sender_id,
    external_id, created_at
  )
  values (
    v_recipient.workspace_id, v_conversation_id, 'inbound', 'received', v_body, v_from,
    case v_channel when 'email' then lower(v_event ->> 'to') else v_event ->> 'to' end,
    v_recipient.phone_number_id, v_recipient.email_sender_id, (apply_inbound_message.webhook_event).external_id,
    (apply_inbound_message.webhook_event).received_at
  )
  returning id into v_message_id;

  if jsonb_array_length(v_event -> 'media') > 0 then
    insert into public.message_media (message_id, position, workspace_id, conversation_id, url, content_type)
    select
      v_message_id, e.position, v_recipient.workspace_id, v_conversation_id, e.media ->> 'url', e.media ->> 'contentType'
    from jsonb_array_elements(v_event -> 'media') with ordinality as e (media, position);
  end if;
  if v_channel = 'email' then
    insert into public.email_details (
      message_id, workspace_id, conversation_id, subject, html, cc, internet_message_id, reference_ids
    )
    values (
      v_message_id, v_recipient.workspace_id, v_conversation_id, left(v_event ->> 'subject', 998),
      coalesce(v_event ->> 'html', ''), private.text_list(v_event -> 'cc'), nullif(v_event ->> 'messageId', ''),
      v_reference_ids
    );
  else
    -- Most messages are longer than any keyword, and none of these look-ups is made for them.
    if char_length(v_body) <= 40 then
      v_keyword := private.opt_out_keyword(v_body);
    end if;
    if v_keyword in ('stop', 'start') or v_hint in ('stop', 'start') then
      perform private.heed_keyword(v_message_id, (apply_inbound_message.webhook_event).connection_id, v_keyword, v_hint);
    else
      v_words := private.mentions_opt_out(v_body);
      if v_words is not null then
        insert into public.conversation_flags (message_id, workspace_id, conversation_id, words)
        values (v_message_id, v_recipient.workspace_id, v_conversation_id, v_words);
      end if;
    end if;
  end if;
  return v_message_id;
end;
$$;

create or replace function private.begin_inbound_call(webhook_event public.webhook_events)
returns uuid language plpgsql set search_path = ''
as $$
declare
  v_event jsonb := (begin_inbound_call.webhook_event).event;
  v_from text := v_event ->> 'from';
  v_connection_id uuid := (begin_inbound_call.webhook_event).connection_id;
  v_recipient record;
  v_contact_id uuid;
  v_conversation_id uuid;
  v_id uuid;
begin
  select * into v_recipient from private.find_recipient(v_connection_id, 'call', v_event ->> 'to', v_from);
  if not found or private.call_status_rank(v_event ->> 'status') is null then
    return null;
  end if;
  select c.contact_id into strict v_contact_id
  from private.find_or_create_contacts(v_recipient.workspace_id, 'phone', array[v_from]) as c;
  select t.conversation_id into strict v_conversation_id
  from private.touch_conversations(
    v_recipient.workspace_id, 'call', array[v_contact_id], array[v_from], array[v_recipient.phone_number_id], array[''], true
  ) as t;
  insert into public.calls (
    workspace_id, conversation_id, direction, status, from_address, to_address, phone_number_id, connection_id,
    external_id, created_at
  )
  values (
    v_recipient.workspace_id, v_conversation_id, 'inbound', 'queued', v_from, v_event ->> 'to',
    v_recipient.phone_number_id, v_connection_id, (begin_inbound_call.webhook_event).external_id,
    (begin_inbound_call.webhook_event).received_at
  )
  on conflict (connection_id, external_id) where external_id is not null do nothing
  returning id into v_id;
  return v_id;
end;
$$;

-- Contacts first, then conversations channel by channel and attempts, each in one order everywhere, so that
-- two of these, or one and somebody who sends or records, never wait in a circle.
create or replace function private.apply_webhook_events(events public.webhook_events[])
returns table (event_id uuid, state text) language plpgsql set search_path = ''
as $$
begin
  perform private.find_or_create_contacts(f.workspace_id, f.kind, f.addresses)
  from (
    select r.workspace_id, a.kind, array_agg(a.address) as addresses
    from unnest(apply_webhook_events.events) as e
    cross join lateral (
      select
        case when e.event ->> 'channel' = 'email' then 'email' else 'phone' end as kind,
        case when e.event ->> 'channel' = 'email' then lower(e.event ->> 'from') else e.event ->> 'from' end as address
    ) as a
    cross join lateral private.find_recipient(
      e.connection_id, coalesce(e.event ->> 'channel', 'call'), e.event ->> 'to', a.address
    ) as r
    where e.kind in ('message', 'call') and private.is_address(a.kind, a.address)
    group by r.workspace_id, a.kind
    order by r.workspace_id, a.kind desc
  ) as f;

  return query
  select (o.event).id, private.apply_webhook_event(o.event)
  from (
    select e as event
    from unnest(apply_webhook_events.events) as e
    cross join lateral (
      select
        case when e.event ->> 'channel' = 'email' then 'email' else 'phone' end as kind,
        case when e.event ->> 'channel' = 'email' then lower(e.event ->> 'from') else e.event ->> 'from' end as address
    ) as a
    cross join lateral (
      select case
        when e.workspace_id is not null or e.kind not in ('message', 'call') then e.workspace_id
        -- Asked for the operator's connections alone, as an expression: a join would ask for each event.
        else (
          select f.workspace_id
          from private.find_recipient(
            e.connection_id, coalesce(e.event ->> 'channel', 'call'), e.event ->> 'to', a.address
          ) as f
        )
      end as workspace_id
      offset 0
    ) as w
    left join public.contact_addresses as k
      on e.kind in ('message', 'call') and k.workspace_id = w.workspace_id and k.kind = a.kind and k.address = a.address
    where e.kind <> 'status'
    order by
      e.kind, w.workspace_id, array_position('{sms,whatsapp,email}'::text[], e.event ->> 'channel'),
      k.contact_id, e.received_at, e.id
  ) as o;

  -- Jobs before attempts, as claims do it, and all of them before the counters, which whoever records locks last.
  perform from private.outbound_jobs as j
  where j.message_id = any (array(
    select private.as_uuid(e.event ->> 'messageId') from unnest(apply_webhook_events.events) as e where e.kind = 'status'
  ))
  order by j.message_id
  for update;
  perform from public.message_attempts as a
  where a.message_id = any (array(
    select private.as_uuid(e.event ->> 'messageId') from unnest(apply_webhook_events.events) as e where e.kind = 'status'
  ))
  order by a.message_id, a.attempt_number
  for update;
  perform private.lock_usage(array(
    select a.workspace_id
    from unnest(apply_webhook_events.events) as e
    join public.message_attempts as a
      on a.message_id = private.as_uuid(e.event ->> 'messageId')
    where e.kind = 'status' and (a.outcome is distinct from 'accepted' or e.event ->> 'price' is not null)
  ));
  return query
  select (o.event).id, private.apply_webhook_event(o.event)
  from (
    select e as event
    from unnest(apply_webhook_events.events) as e
    where e.kind = 'status'
    order by e.event ->> 'messageId', e.received_at, e.id
  ) as o;
end;
$$;
