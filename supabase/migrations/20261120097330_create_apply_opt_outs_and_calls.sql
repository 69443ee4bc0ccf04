-- What acting on news of opt-outs and of calls means.

create function private.apply_opt_out(
  workspace_id uuid,
  address text,
  is_opted_out boolean,
  source text,
  wording text default null,
  message_id uuid default null
)
returns void language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  v_kind text := private.kind_of_address(apply_opt_out.address);
  v_address text := case v_kind when 'email' then lower(apply_opt_out.address) else apply_opt_out.address end;
  v_wording text := nullif(trim(apply_opt_out.wording), '');
begin
  if apply_opt_out.is_opted_out then
    insert into public.opt_outs (workspace_id, kind, address, source, wording, message_id)
    values (
      apply_opt_out.workspace_id, v_kind, v_address, apply_opt_out.source, v_wording, apply_opt_out.message_id
    )
    on conflict (workspace_id, kind, address) where ended_at is null do nothing;
  else
    update public.opt_outs as o
    set
      ended_at = greatest(now(), o.opted_out_at),
      ended_source = case apply_opt_out.source when 'keyword' then 'keyword' else 'provider' end,
      ended_wording = v_wording,
      ended_message_id = apply_opt_out.message_id
    where o.workspace_id = apply_opt_out.workspace_id and o.kind = v_kind and o.address = v_address
      and o.ended_at is null;
  end if;
end;
$$;
comment on function private.apply_opt_out(uuid, text, boolean, text, text, uuid) is
  'Writes down that an address said stop, or ends that, with what proves it; what holds already stays as it is.';
revoke execute on function private.apply_opt_out(uuid, text, boolean, text, text, uuid) from public, anon, authenticated;

create function private.call_status_rank(status text)
returns smallint language sql immutable set search_path = ''
as $$
  select case
    when call_status_rank.status = 'queued' then 0
    when call_status_rank.status = 'ringing' then 1
    when call_status_rank.status = 'in_progress' then 2
    when call_status_rank.status in ('completed', 'busy', 'no_answer', 'failed', 'canceled') then 3
  end::smallint;
$$;
comment on function private.call_status_rank(text) is 'How far along a call is; null for an unknown word.';
revoke execute on function private.call_status_rank(text) from public, anon, authenticated;

create function private.is_call_status_ahead(current_status text, error_code text, new_status text)
returns boolean language sql immutable set search_path = ''
as $$
  select coalesce(
    private.call_status_rank(is_call_status_ahead.new_status)
      > case
        when is_call_status_ahead.error_code = 'outcome_unknown' then -1
        else private.call_status_rank(is_call_status_ahead.current_status)
      end,
    false
  );
$$;
comment on function private.is_call_status_ahead(text, text, text) is
  'Whether a call may take a new status: only forward. A failure that was only our not knowing yields to whatever is told.';
revoke execute on function private.is_call_status_ahead(text, text, text) from public, anon, authenticated;

create function private.move_call(call_id uuid, report jsonb)
returns void language sql set search_path = ''
as $$
  update public.calls as c
  set
    external_id = coalesce(c.external_id, n.external_id),
    status = case when n.is_ahead then n.status else c.status end,
    answered_at = case
      when not n.is_ahead then c.answered_at
      when n.status in ('busy', 'no_answer', 'queued', 'ringing') then null
      when n.status = 'in_progress' then now()
      when n.status = 'completed' and n.duration_seconds is not null
        then coalesce(c.answered_at, now() - make_interval(secs => n.duration_seconds))
      else c.answered_at
    end,
    ended_at = case
      when not n.is_ahead then c.ended_at
      when private.call_status_rank(n.status) = 3 then now()
    end,
    duration_seconds = case
      when n.is_ahead and n.status = 'completed' then n.duration_seconds
      when c.status = 'completed' and c.answered_at is not null then coalesce(c.duration_seconds, n.duration_seconds)
      else c.duration_seconds
    end,
    price = coalesce(n.price, c.price),
    price_currency = coalesce(n.price_currency, c.price_currency),
    error_code = case
      when not n.is_ahead then c.error_code
      when n.status = 'failed' then coalesce(n.error_code, 'failed')
      when private.call_status_rank(n.status) = 3 then n.error_code
    end,
    error_message = case when n.is_ahead then n.error_message else c.error_message end
  from (
    select
      k.id,
      coalesce(private.is_call_status_ahead(k.status, k.error_code, move_call.report ->> 'status'), false) as is_ahead,
      move_call.report ->> 'status' as status,
      nullif(move_call.report ->> 'externalId', '') as external_id,
      case
        when move_call.report ->> 'durationSeconds' ~ '^[0-9]{1,9}$' then (move_call.report ->> 'durationSeconds')::integer
      end as duration_seconds,
      case when p.is_known then (move_call.report ->> 'price')::numeric end as price,
      case when p.is_known then move_call.report ->> 'priceCurrency' end as price_currency,
      move_call.report ->> 'errorCode' as error_code,
      move_call.report ->> 'errorMessage' as error_message
    from public.calls as k
    cross join lateral (
      select coalesce(
        move_call.report ->> 'priceCurrency' ~ '^[A-Z]{3}$' and move_call.report ->> 'price' ~ '^[0-9]+(\.[0-9]+)?$', false
      ) as is_known
    ) as p
    where k.id = move_call.call_id
    for update of k
  ) as n
  where c.id = n.id;
$$;
comment on function private.move_call(uuid, jsonb) is 'Moves a call forward by what its provider reports.';
revoke execute on function private.move_call(uuid, jsonb) from public, anon, authenticated;

create function private.begin_inbound_call(webhook_event public.webhook_events)
returns uuid language plpgsql set search_path = ''
as $$
declare
  v_event jsonb := (begin_inbound_call.webhook_event).event;
  v_from text := v_event ->> 'from';
  v_number public.phone_numbers;
  v_contact_id uuid;
  v_conversation_id uuid;
  v_id uuid;
begin
  select * into v_number from public.phone_numbers as p
  where p.connection_id = (begin_inbound_call.webhook_event).connection_id
    and p.phone_number = v_event ->> 'to' and p.status = 'active' and p.workspace_id is not null;
  if not found or private.call_status_rank(v_event ->> 'status') is null then
    return null;
  end if;
  select c.contact_id into strict v_contact_id
  from private.find_or_create_contacts(v_number.workspace_id, 'phone', array[v_from]) as c;
  select t.conversation_id into strict v_conversation_id
  from private.touch_conversations(
    v_number.workspace_id, 'call', array[v_contact_id], array[v_from], array[v_number.id], array[''], true
  ) as t;
  insert into public.calls (
    workspace_id, conversation_id, direction, status, from_address, to_address, phone_number_id, connection_id,
    external_id, created_at
  )
  values (
    v_number.workspace_id, v_conversation_id, 'inbound', 'queued', v_from, v_number.phone_number, v_number.id,
    v_number.connection_id, (begin_inbound_call.webhook_event).external_id,
    (begin_inbound_call.webhook_event).received_at
  )
  on conflict (connection_id, external_id) where external_id is not null do nothing
  returning id into v_id;
  return v_id;
end;
$$;
comment on function private.begin_inbound_call(public.webhook_events) is
  'Writes down a call that came in; null when nobody of ours was called.';
revoke execute on function private.begin_inbound_call(public.webhook_events) from public, anon, authenticated;

create function private.apply_call(webhook_event public.webhook_events)
returns uuid language plpgsql set search_path = ''
as $$
declare
  v_event jsonb := (apply_call.webhook_event).event;
  v_id uuid;
begin
  select c.id into v_id from public.calls as c
  where c.connection_id = (apply_call.webhook_event).connection_id
    and c.external_id = (apply_call.webhook_event).external_id;
  if not found then
    -- Our URL or reference names the call: it is there before the provider hears of it.
    select c.id into v_id from public.calls as c
    where c.connection_id = (apply_call.webhook_event).connection_id
      and c.id = (v_event ->> 'callId')::uuid and c.external_id is null;
  end if;
  if v_id is null and v_event ->> 'callId' is null and v_event ->> 'from' is not null then
    v_id := private.begin_inbound_call(apply_call.webhook_event);
  end if;
  perform private.move_call(v_id, v_event);
  return v_id;
end;
$$;
comment on function private.apply_call(public.webhook_events) is
  'Moves a call forward, or begins one that came in; null when no call of the connection is meant.';
revoke execute on function private.apply_call(public.webhook_events) from public, anon, authenticated;
