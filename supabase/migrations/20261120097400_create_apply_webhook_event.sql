-- What acting on a receipt, and on any webhook event, means. The event is stored already; whoever calls holds its row.

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
    delete from private.email_attachments as f where f.message_id = v_attempt.message_id;
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
  v_is_applied boolean;
  v_state text := 'processed';
  v_reason text;
begin
  begin
    case v_event.kind
      when 'message' then
        v_message_id := private.apply_inbound_message(v_event);
        v_is_applied := v_message_id is not null;
        v_reason := case v_event.event ->> 'channel' when 'email' then 'no_such_address' else 'no_such_number' end;
      when 'status' then
        v_message_id := private.apply_receipt(v_event);
        v_is_applied := v_message_id is not null;
        v_reason := 'no_such_message';
      when 'call' then
        v_is_applied := private.apply_call(v_event) is not null;
        v_reason := 'no_such_call';
      when 'opt_out' then
        v_is_applied := v_event.workspace_id is not null;
        v_reason := 'no_such_workspace';
        if v_is_applied then
          perform private.apply_opt_out(
            v_event.workspace_id, v_event.event ->> 'address', (v_event.event ->> 'isOptedOut')::boolean,
            v_event.event ->> 'source'
          );
        end if;
      when 'number_order' then
        v_is_applied :=
          private.apply_number_order_event(v_event.connection_id, v_event.event ->> 'orderId') is not null;
        v_reason := 'no_such_order';
      else
        v_reason := coalesce(v_event.event ->> 'reason', 'unreadable');
    end case;
    if coalesce(v_is_applied, false) then
      v_reason := null;
    else
      v_state := 'quarantined';
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

-- Contacts first, then conversations channel by channel and attempts, each in one order everywhere, so that
-- two of these, or one and somebody who sends or records, never wait in a circle.
create function private.apply_webhook_events(events public.webhook_events[])
returns table (event_id uuid, state text) language plpgsql set search_path = ''
as $$
begin
  perform private.find_or_create_contacts(f.workspace_id, f.kind, f.addresses)
  from (
    select e.workspace_id, a.kind, array_agg(a.address) as addresses
    from unnest(apply_webhook_events.events) as e
    cross join lateral (
      select
        case when e.event ->> 'channel' = 'email' then 'email' else 'phone' end as kind,
        case when e.event ->> 'channel' = 'email' then lower(e.event ->> 'from') else e.event ->> 'from' end as address
    ) as a
    where e.kind in ('message', 'call') and private.is_address(a.kind, a.address)
      and exists (
        select from private.find_recipient(e.connection_id, coalesce(e.event ->> 'channel', 'call'), e.event ->> 'to')
      )
    group by e.workspace_id, a.kind
    order by e.workspace_id, a.kind desc
  ) as f;

  return query
  select (o.event).id, private.apply_webhook_event(o.event)
  from (
    select e as event
    from unnest(apply_webhook_events.events) as e
    left join public.contact_addresses as k
      on e.kind in ('message', 'call') and k.workspace_id = e.workspace_id
      and k.kind = case when e.event ->> 'channel' = 'email' then 'email' else 'phone' end
      and k.address = case when e.event ->> 'channel' = 'email' then lower(e.event ->> 'from') else e.event ->> 'from' end
    order by
      e.kind, case when e.kind = 'status' then e.event ->> 'messageId' end, e.workspace_id,
      array_position('{sms,whatsapp,email}'::text[], e.event ->> 'channel'),
      k.contact_id, e.received_at, e.id
  ) as o;
end;
$$;
comment on function private.apply_webhook_events(public.webhook_events[]) is
  'Acts on stored events; each ends processed, quarantined or failed by itself.';
revoke execute on function private.apply_webhook_events(public.webhook_events[]) from public, anon, authenticated;
