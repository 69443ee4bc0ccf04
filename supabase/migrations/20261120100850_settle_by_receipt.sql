-- A receipt settles what its dispatcher did not live to record: the attempt, the queue, and what is counted.

create function private.accept_by_receipt(attempt public.message_attempts, external_id text)
returns void language plpgsql set search_path = ''
as $$
declare
  v_message record;
  -- What it had reserved was given back when it failed.
  v_open_count integer;
begin
  if exists (
    select from public.message_attempts as a
    where a.message_id = (accept_by_receipt.attempt).message_id and a.outcome = 'accepted'
  ) then
    -- It was sent again meanwhile, as its policy asked, and that one was taken: it stays the one that counts.
    update public.message_attempts as a
    set external_id = accept_by_receipt.external_id
    where a.message_id = (accept_by_receipt.attempt).message_id
      and a.attempt_number = (accept_by_receipt.attempt).attempt_number;
    return;
  end if;
  update public.message_attempts as a
  set
    outcome = 'accepted', external_id = accept_by_receipt.external_id, finished_at = coalesce(a.finished_at, now()),
    error_code = null, error_message = null, provider_code = null
  where a.message_id = (accept_by_receipt.attempt).message_id
    and a.attempt_number = (accept_by_receipt.attempt).attempt_number;
  -- A retry ends the dead letter and an edit the job before they queue another: only then is it seen.
  delete from public.dead_letters as d where d.message_id = (accept_by_receipt.attempt).message_id;
  perform from private.outbound_jobs as j where j.message_id = (accept_by_receipt.attempt).message_id for update;
  delete from private.outbound_jobs as j where j.message_id = (accept_by_receipt.attempt).message_id;
  delete from private.look_ups as k where k.message_id = (accept_by_receipt.attempt).message_id;
  delete from private.email_attachments as f where f.message_id = (accept_by_receipt.attempt).message_id;

  -- It failed only since nobody knew: now it is on its way again, whatever else the receipt says.
  update public.conversation_messages as m
  set status = 'sending', error_code = null, error_message = null
  where m.id = (accept_by_receipt.attempt).message_id and m.status = 'failed' and m.error_code = 'outcome_unknown'
  returning 0 into v_open_count;

  select m.workspace_id, m.created_at, m.is_platform, m.estimated_cost, t.channel,
    coalesce(v_open_count, (m.status in ('scheduled', 'queued', 'sending'))::integer) as open_count
  into v_message
  from public.conversation_messages as m
  join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
  where m.id = (accept_by_receipt.attempt).message_id;
  perform private.count_usage(array[(
    v_message.workspace_id, private.month_of(v_message.created_at), v_message.channel, v_message.is_platform,
    -v_message.open_count, 1, -v_message.open_count * v_message.estimated_cost, v_message.estimated_cost
  )::private.usage_change]);
end;
$$;
comment on function private.accept_by_receipt(public.message_attempts, text) is
  'Marks an attempt as accepted, since a receipt for it came, and ends all that was still to be done for it.';
revoke execute on function private.accept_by_receipt(public.message_attempts, text) from public, anon, authenticated;

create function private.price_by_receipt(attempt public.message_attempts, price numeric, price_currency text)
returns void language plpgsql set search_path = ''
as $$
declare
  v_message record;
begin
  update public.message_attempts as a
  set price = price_by_receipt.price, price_currency = price_by_receipt.price_currency
  where a.message_id = (price_by_receipt.attempt).message_id
    and a.attempt_number = (price_by_receipt.attempt).attempt_number
    and (a.price, a.price_currency) is distinct from (price_by_receipt.price, price_by_receipt.price_currency);
  if not found then
    return;
  end if;
  select m.workspace_id, m.created_at, m.is_platform, t.channel,
    case price_by_receipt.price_currency when 'USD' then price_by_receipt.price else m.estimated_cost end
      - case (price_by_receipt.attempt).price_currency
        when 'USD' then (price_by_receipt.attempt).price
        else m.estimated_cost
      end as difference
  into v_message
  from public.conversation_messages as m
  join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
  where m.id = (price_by_receipt.attempt).message_id
    and exists (
      select from public.message_attempts as a
      where a.message_id = m.id and a.attempt_number = (price_by_receipt.attempt).attempt_number
        and a.outcome = 'accepted'
    );
  if v_message.difference <> 0 then
    perform private.count_usage(array[(
      v_message.workspace_id, private.month_of(v_message.created_at), v_message.channel, v_message.is_platform, 0, 0, 0,
      v_message.difference
    )::private.usage_change]);
  end if;
end;
$$;
comment on function private.price_by_receipt(public.message_attempts, numeric, text) is
  'Writes down what the provider charged, and counts it instead of the estimate.';
revoke execute on function private.price_by_receipt(public.message_attempts, numeric, text) from public, anon, authenticated;

create or replace function private.apply_receipt(webhook_event public.webhook_events)
returns uuid language plpgsql set search_path = ''
as $$
declare
  v_event jsonb := (apply_receipt.webhook_event).event;
  v_external_id text := (apply_receipt.webhook_event).external_id;
  v_attempt public.message_attempts;
  v_status text := (apply_receipt.webhook_event).event ->> 'status';
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
  if v_attempt.outcome is distinct from 'accepted' then
    perform private.accept_by_receipt(v_attempt, v_external_id);
  end if;
  if v_event ->> 'priceCurrency' ~ '^[A-Z]{3}$' and v_event ->> 'price' ~ '^[0-9]+(\.[0-9]+)?$' then
    perform private.price_by_receipt(v_attempt, (v_event ->> 'price')::numeric, v_event ->> 'priceCurrency');
  end if;

  update public.conversation_messages as m
  set
    status = v_status,
    sent_at = case when v_status in ('sent', 'delivered', 'read') then coalesce(m.sent_at, now()) else m.sent_at end,
    delivered_at = case when v_status = 'delivered' then coalesce(m.delivered_at, now()) else m.delivered_at end,
    read_at = case when v_status = 'read' then coalesce(m.read_at, now()) else m.read_at end,
    error_code = case when v_status in ('failed', 'undelivered') then coalesce(v_event ->> 'errorCode', 'undelivered') end,
    error_message = case when v_status in ('failed', 'undelivered') then v_event ->> 'errorMessage' end
  where m.id = v_attempt.message_id and private.is_status_ahead(m.status, m.error_code, v_status)
    -- Sent again, it fails only by the attempt that counts.
    and (
      v_status not in ('failed', 'undelivered')
      or exists (
        select from public.message_attempts as a
        where a.message_id = v_attempt.message_id and a.attempt_number = v_attempt.attempt_number and a.outcome = 'accepted'
      )
    );
  -- What comes late happened all the same: the message says when, as if it had come in time.
  if not found and v_status in ('sent', 'delivered') then
    update public.conversation_messages as m
    set
      sent_at = coalesce(m.sent_at, now()),
      delivered_at = case when v_status = 'delivered' then coalesce(m.delivered_at, now()) else m.delivered_at end
    where m.id = v_attempt.message_id
      and m.status = any (case v_status when 'sent' then '{undelivered,failed}'::text[] else '{read}'::text[] end)
      and (m.sent_at is null or (v_status = 'delivered' and m.delivered_at is null));
  end if;

  if v_status in ('failed', 'undelivered') and v_event ->> 'errorCode' = 'recipient_opted_out' then
    perform private.note_provider_opt_outs(array[v_attempt.message_id]);
  end if;
  return v_attempt.message_id;
end;
$$;
