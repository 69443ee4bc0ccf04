-- How an order of a number begins, is followed and ends. For service_role, but for what webhooks call.

-- Definer: service_role holds no write grant on these tables.
create function public.reserve_number_order(
  actor_id uuid,
  connection_id uuid,
  phone_number text,
  country text,
  idempotency_key text,
  friendly_name text default null
)
returns table (number_order_id uuid, is_new boolean)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  -- Locks the connection: two orders of the same number come one after the other.
  v_connection public.connections :=
    private.require_connection_manager(reserve_number_order.actor_id, reserve_number_order.connection_id);
  v_fingerprint bytea := sha256(convert_to(
    jsonb_build_array(
      v_connection.id, reserve_number_order.phone_number, reserve_number_order.country,
      reserve_number_order.friendly_name
    )::text,
    'UTF8'
  ));
  v_order public.number_orders;
begin
  if v_connection.status = 'inactive' then
    perform private.fail(404, 'not_found', 'Cannot order a number: the connection was disconnected', 'connection_id');
  end if;
  select * into v_order from public.number_orders as o
  where o.workspace_id = v_connection.workspace_id and o.idempotency_key = reserve_number_order.idempotency_key
  for update;
  if found and v_order.idempotency_fingerprint <> v_fingerprint then
    perform private.fail(
      409, 'idempotency_key_reused', 'Cannot order the number: the key belongs to another order', 'idempotency_key'
    );
  end if;
  if v_order.id is not null and not v_order.is_retryable then
    return query select v_order.id, false;
    return;
  end if;

  if exists (
    select from public.phone_numbers as p
    where p.connection_id = v_connection.id and p.phone_number = reserve_number_order.phone_number
      and p.status = 'active'
  ) then
    perform private.fail(409, 'conflict', 'Cannot order the number: the connection has it already', 'phone_number');
  end if;
  if exists (
    select from public.number_orders as o
    where o.connection_id = v_connection.id and o.phone_number = reserve_number_order.phone_number
      and o.state in ('requested', 'pending', 'unknown')
  ) then
    perform private.fail(
      409, 'conflict', 'Cannot order the number: another order of it is not finished', 'phone_number',
      'Wait until that order is completed or failed'
    );
  end if;

  if v_order.id is not null then
    update public.number_orders as o
    set state = 'requested', due_at = now() + interval '2 minutes', finished_at = null, is_retryable = false,
      error_code = null, reason = null
    where o.id = v_order.id;
  else
    insert into public.number_orders as o (
      workspace_id, connection_id, phone_number, country, friendly_name, ordered_by, idempotency_key,
      idempotency_fingerprint
    )
    values (
      v_connection.workspace_id, v_connection.id, reserve_number_order.phone_number, reserve_number_order.country,
      reserve_number_order.friendly_name, reserve_number_order.actor_id, reserve_number_order.idempotency_key,
      v_fingerprint
    )
    on conflict on constraint number_orders_made_once do nothing
    returning o.* into v_order;
    if v_order.id is null then
      -- Through another connection, at the same moment.
      perform private.fail(
        409, 'idempotency_key_reused', 'Cannot order the number: the key belongs to another order', 'idempotency_key'
      );
    end if;
  end if;
  perform private.audit_number_order(v_order.id, reserve_number_order.actor_id, 'number_order.requested');
  return query select v_order.id, true;
end;
$$;
comment on function public.reserve_number_order(uuid, uuid, text, text, text, text) is
  'Writes down that a number is about to be bought. is_new: ask the provider now; else the key has been used for this order before, and it says what became of it. Errors: 404, 403, 409. For service_role.';
revoke execute on function public.reserve_number_order(uuid, uuid, text, text, text, text) from public, anon, authenticated;
grant execute on function public.reserve_number_order(uuid, uuid, text, text, text, text) to service_role;

create function private.audit_number_order(number_order_id uuid, actor_id uuid, action text)
returns void language sql set search_path = ''
as $$
  select private.write_audit(
    o.workspace_id, audit_number_order.actor_id, audit_number_order.action, 'number_order', o.id::text,
    -- A personal number is nobody else's to know.
    case
      when c.owner_user_id is null
        then jsonb_strip_nulls(jsonb_build_object('phone_number', o.phone_number, 'error_code', o.error_code))
      else '{}'
    end
  )
  from public.number_orders as o
  join public.connections as c on c.id = o.connection_id
  where o.id = audit_number_order.number_order_id;
$$;
comment on function private.audit_number_order(uuid, uuid, text) is 'Writes down what became of an order, and by whom.';
revoke execute on function private.audit_number_order(uuid, uuid, text) from public, anon, authenticated;

-- Definer: as above.
create function public.store_ordered_number(number_order_id uuid, number jsonb)
returns table (phone_number_id uuid, status text)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_order public.number_orders;
  v_is_connected boolean;
  v_number public.phone_numbers;
begin
  select * into v_order from public.number_orders as o
  where o.id = store_ordered_number.number_order_id for update;
  if not found then
    return;
  end if;
  select c.status <> 'inactive' into strict v_is_connected
  from public.connections as c where c.id = v_order.connection_id;
  perform private.import_phone_numbers(v_order.connection_id, jsonb_build_array(
    store_ordered_number.number
    || jsonb_build_object('friendly_name', coalesce(v_order.friendly_name, store_ordered_number.number ->> 'friendly_name'))
    -- Bought, and of no use until the account is connected again.
    || case when v_is_connected then '{}' else '{"status": "pending"}' end::jsonb
  ));
  select p.* into strict v_number from public.phone_numbers as p
  where p.connection_id = v_order.connection_id
    and p.phone_number = store_ordered_number.number ->> 'phone_number';
  update public.number_orders as o set phone_number_id = v_number.id where o.id = v_order.id;
  return query select v_number.id, v_number.status;
end;
$$;
comment on function public.store_ordered_number(uuid, jsonb) is
  'Takes over the number that an order was for; the order stays open until its webhook is set, too. For service_role.';
revoke execute on function public.store_ordered_number(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.store_ordered_number(uuid, jsonb) to service_role;

-- Definer: as above.
create function public.record_number_order(
  number_order_id uuid,
  state text,
  external_id text default null,
  error_code text default null,
  reason text default null,
  is_retryable boolean default false
)
returns void language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_is_final boolean := record_number_order.state in ('completed', 'failed');
begin
  update public.number_orders as o
  set
    state = record_number_order.state,
    external_id = coalesce(record_number_order.external_id, o.external_id),
    error_code = record_number_order.error_code,
    reason = left(record_number_order.reason, 500),
    is_retryable = record_number_order.is_retryable,
    due_at = case when not v_is_final then now() + interval '30 seconds' end,
    finished_at = case when v_is_final then now() end
  where o.id = record_number_order.number_order_id and o.finished_at is null;
  if found and v_is_final then
    perform private.audit_number_order(
      record_number_order.number_order_id, null, 'number_order.' || record_number_order.state
    );
  end if;
end;
$$;
comment on function public.record_number_order(uuid, text, text, text, text, boolean) is
  'Writes down what is known of an order by now. An order that has ended stays as it is. For service_role.';
revoke execute on function public.record_number_order(uuid, text, text, text, text, boolean)
  from public, anon, authenticated;
grant execute on function public.record_number_order(uuid, text, text, text, text, boolean) to service_role;

-- Definer: as above.
create function public.claim_number_orders(claim_limit integer default 20)
returns table (
  number_order_id uuid, connection_id uuid, provider text, external_id text, phone_number text, age_seconds integer
)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_order_ids uuid[] := array(
    select o.id from public.number_orders as o
    where o.due_at <= now() order by o.due_at limit claim_number_orders.claim_limit for update skip locked
  );
begin
  perform public.record_number_order(
    o.id, 'failed', null, 'disconnected', 'The account was disconnected before the provider said what became of the order'
  )
  from public.number_orders as o
  join public.connections as c on c.id = o.connection_id
  where o.id = any (v_order_ids) and c.status = 'inactive';

  return query
  update public.number_orders as o
  set
    state = case o.state when 'requested' then 'unknown' else o.state end,
    error_code = case o.state when 'requested' then 'outcome_unknown' else o.error_code end,
    reason = case o.state when 'requested' then 'Whoever asked the provider stopped before it answered' else o.reason end,
    -- Also the lease. The longer it takes, the less often it is asked about.
    due_at = now() + least(greatest((now() - o.created_at) / 4, interval '30 seconds'), interval '1 hour')
  from public.connections as c
  where o.id = any (v_order_ids) and o.finished_at is null and c.id = o.connection_id
  returning
    o.id, o.connection_id, c.provider, o.external_id, o.phone_number,
    extract(epoch from now() - o.created_at)::integer;
end;
$$;
comment on function public.claim_number_orders(integer) is
  'Takes up to claim_limit orders that are due and puts off the next look at them. What was requested and never answered is unknown from now on. For service_role.';
revoke execute on function public.claim_number_orders(integer) from public, anon, authenticated;
grant execute on function public.claim_number_orders(integer) to service_role;

create function private.apply_number_order_event(connection_id uuid, order_id text)
returns uuid language sql set search_path = ''
as $$
  update public.number_orders as o
  set due_at = now()
  where o.connection_id = apply_number_order_event.connection_id
    and o.external_id = apply_number_order_event.order_id and o.finished_at is null
  returning o.id;
$$;
comment on function private.apply_number_order_event(uuid, text) is
  'A provider says that something became of an order: it is asked at the next tick. Null when no open order is meant.';
revoke execute on function private.apply_number_order_event(uuid, text) from public, anon, authenticated;
