-- What acting on a webhook event means. The event is stored already; whoever calls holds its row.

create function private.apply_inbound_message(webhook_event public.webhook_events)
returns uuid language plpgsql set search_path = ''
as $$
declare
  v_event jsonb := (apply_inbound_message.webhook_event).event;
  v_number public.phone_numbers;
  v_contact_id uuid;
  v_conversation_id uuid;
  v_message_id uuid;
begin
  select * into v_number from public.phone_numbers as p
  where p.connection_id = (apply_inbound_message.webhook_event).connection_id
    and p.phone_number = v_event ->> 'to' and p.status = 'active'
    -- What comes to a number of the operator's is not yet routed to a workspace.
    and p.workspace_id is not null;
  if not found then
    return null;
  end if;

  select k.contact_id into v_contact_id from public.contact_addresses as k
  where k.workspace_id = v_number.workspace_id and k.kind = 'phone' and k.address = v_event ->> 'from';
  if not found then
    select c.contact_id into strict v_contact_id
    from private.find_or_create_contacts(v_number.workspace_id, 'phone', array[v_event ->> 'from']) as c;
  end if;

  select t.conversation_id into strict v_conversation_id
  from private.touch_conversations(
    v_number.workspace_id, v_event ->> 'channel', array[v_contact_id], array[v_event ->> 'from'],
    array[v_number.id], array[v_event ->> 'text'], true
  ) as t;

  insert into public.conversation_messages (
    workspace_id, conversation_id, direction, status, body, from_address, to_address, phone_number_id,
    external_id, created_at
  )
  values (
    v_number.workspace_id, v_conversation_id, 'inbound', 'received', v_event ->> 'text', v_event ->> 'from',
    v_event ->> 'to', v_number.id, (apply_inbound_message.webhook_event).external_id,
    (apply_inbound_message.webhook_event).received_at
  )
  returning id into v_message_id;

  if jsonb_array_length(v_event -> 'media') > 0 then
    insert into public.message_media (message_id, position, workspace_id, conversation_id, url, content_type)
    select v_message_id, e.position, v_number.workspace_id, v_conversation_id, e.media ->> 'url', e.media ->> 'contentType'
    from jsonb_array_elements(v_event -> 'media') with ordinality as e (media, position);
  end if;
  return v_message_id;
end;
$$;
comment on function private.apply_inbound_message(public.webhook_events) is
  'Puts an inbound message into its conversation; null when no active number of a workspace''s connection has its recipient.';
revoke execute on function private.apply_inbound_message(public.webhook_events) from public, anon, authenticated;

create function private.apply_receipt(webhook_event public.webhook_events)
returns uuid language plpgsql set search_path = ''
as $$
declare
  v_event jsonb := (apply_receipt.webhook_event).event;
  v_external_id text := (apply_receipt.webhook_event).external_id;
  v_attempt public.message_attempts;
  v_status text := (apply_receipt.webhook_event).event ->> 'status';
  v_has_price boolean := (apply_receipt.webhook_event).event ->> 'priceCurrency' ~ '^[A-Z]{3}$'
    and (apply_receipt.webhook_event).event ->> 'price' ~ '^[0-9]+(\.[0-9]+)?$';
begin
  -- Our callback URLs name the attempt: it is there before the provider hears of the message.
  select * into v_attempt from public.message_attempts as a
  where a.message_id = (v_event ->> 'messageId')::uuid
    and a.attempt_number = (v_event ->> 'attemptNumber')::smallint
    and a.connection_id = (apply_receipt.webhook_event).connection_id
  for update;
  if not found or v_attempt.outcome = 'rejected' or v_attempt.external_id <> v_external_id then
    return null;
  end if;

  -- A receipt proves that the provider took the message, whether or not the dispatcher lived to say so.
  if v_attempt.outcome is distinct from 'accepted' or v_has_price then
    update public.message_attempts as a
    set
      outcome = 'accepted', external_id = v_external_id, finished_at = coalesce(a.finished_at, now()),
      error_code = null, error_message = null,
      price = case when v_has_price then (v_event ->> 'price')::numeric else a.price end,
      price_currency = case when v_has_price then v_event ->> 'priceCurrency' else a.price_currency end
    where a.message_id = v_attempt.message_id and a.attempt_number = v_attempt.attempt_number;
    delete from private.outbound_jobs as j where j.message_id = v_attempt.message_id and j.step = 'look_up';
  end if;

  update public.conversation_messages as m
  set
    status = v_status,
    sent_at = case when v_status in ('sent', 'delivered', 'read') then coalesce(m.sent_at, now()) else m.sent_at end,
    delivered_at = case when v_status = 'delivered' then now() else m.delivered_at end,
    read_at = case when v_status = 'read' then now() else m.read_at end,
    error_code = case when v_status in ('failed', 'undelivered') then coalesce(v_event ->> 'errorCode', 'undelivered') end,
    error_message = case when v_status in ('failed', 'undelivered') then v_event ->> 'errorMessage' end
  where m.id = v_attempt.message_id and private.is_status_ahead(m.status, m.error_code, v_status);

  return v_attempt.message_id;
end;
$$;
comment on function private.apply_receipt(public.webhook_events) is
  'Moves a message forward by a receipt; null when no attempt of the connection is meant.';
revoke execute on function private.apply_receipt(public.webhook_events) from public, anon, authenticated;

create function private.apply_webhook_event(webhook_event public.webhook_events)
returns text language plpgsql set search_path = ''
as $$
declare
  v_event public.webhook_events := apply_webhook_event.webhook_event;
  v_message_id uuid;
  v_state text := 'processed';
  v_reason text;
begin
  begin
    case v_event.kind
      when 'message' then
        v_message_id := private.apply_inbound_message(v_event);
        v_reason := 'no_such_number';
      when 'status' then
        v_message_id := private.apply_receipt(v_event);
        v_reason := 'no_such_message';
      else
        v_reason := coalesce(v_event.event ->> 'reason', 'unreadable');
    end case;
    if v_message_id is null then
      v_state := 'quarantined';
    else
      v_reason := null;
    end if;
  exception
    -- Nothing is wrong with the event: the whole call is to be tried again.
    when deadlock_detected or serialization_failure or lock_not_available then
      raise;
    when others then
      v_message_id := null;
      v_state := 'failed';
      v_reason := left(sqlstate || ': ' || sqlerrm, 500);
  end;
  update public.webhook_events as e
  set
    state = v_state,
    reason = v_reason,
    message_id = v_message_id,
    processed_at = case when v_state = 'processed' then now() end
  where e.id = v_event.id;
  return v_state;
end;
$$;
comment on function private.apply_webhook_event(public.webhook_events) is
  'Acts on a stored event: processed, quarantined (nothing it could belong to) or failed (with the reason).';
revoke execute on function private.apply_webhook_event(public.webhook_events) from public, anon, authenticated;

-- Contacts first, then conversations and attempts, each in one order everywhere, so that two of these,
-- or one and somebody who sends or records, never wait in a circle.
create function private.apply_webhook_events(events public.webhook_events[])
returns table (event_id uuid, state text) language plpgsql set search_path = ''
as $$
begin
  perform private.find_or_create_contacts(f.workspace_id, 'phone', f.addresses)
  from (
    select e.workspace_id, array_agg(e.event ->> 'from') as addresses
    from unnest(apply_webhook_events.events) as e
    join public.phone_numbers as p
      on p.connection_id = e.connection_id and p.phone_number = e.event ->> 'to' and p.status = 'active'
    where e.kind = 'message' and p.workspace_id is not null and private.is_phone_address(e.event ->> 'from')
    group by e.workspace_id
    order by e.workspace_id
  ) as f;

  return query
  select (o.event).id, private.apply_webhook_event(o.event)
  from (
    select e as event
    from unnest(apply_webhook_events.events) as e
    left join public.contact_addresses as k
      on e.kind = 'message' and k.workspace_id = e.workspace_id and k.kind = 'phone'
      and k.address = e.event ->> 'from'
    order by e.kind, e.event ->> 'messageId', e.workspace_id, k.contact_id, e.received_at, e.id
  ) as o;
end;
$$;
comment on function private.apply_webhook_events(public.webhook_events[]) is
  'Acts on stored events; each ends processed, quarantined or failed by itself.';
revoke execute on function private.apply_webhook_events(public.webhook_events[]) from public, anon, authenticated;
