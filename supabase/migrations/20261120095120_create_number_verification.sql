-- Whether an account still has the numbers that are sent from, and how a number is given back.

create table private.number_verifications (
  connection_id uuid primary key references public.connections (id) on delete cascade,
  asked_at timestamptz not null default now()
);
comment on table private.number_verifications is
  'When the provider of a connection was last asked for its numbers by the maintenance, whether or not it answered.';
alter table private.number_verifications enable row level security;
revoke all on private.number_verifications from public, anon, authenticated, service_role;
create index phone_numbers_last_verified_at_idx on public.phone_numbers (status, last_verified_at)
  where status in ('active', 'pending');

create function private.is_for_whatsapp_alone(capabilities jsonb)
returns boolean language sql immutable set search_path = ''
as $$
  select is_for_whatsapp_alone.capabilities @> '{"whatsapp": true}'
    and not is_for_whatsapp_alone.capabilities @> '{"sms": true}';
$$;
comment on function private.is_for_whatsapp_alone(jsonb) is 'Whether a number is on no list of numbers, being good for WhatsApp only.';
revoke execute on function private.is_for_whatsapp_alone(jsonb) from public, anon, authenticated;

create function private.connections_to_verify(claim_limit integer)
returns setof uuid language sql stable set search_path = ''
as $$
  select c.id from public.connections as c
  left join private.number_verifications as v on v.connection_id = c.id
  where c.status = 'active'
    and c.id = any (array(
      select p.connection_id from public.phone_numbers as p
      where (
          (p.status = 'active' and p.last_verified_at < now() - interval '1 day')
          -- What the provider is still setting up is worth a question more often.
          or (p.status = 'pending' and p.last_verified_at < now() - interval '1 hour')
        )
        and not private.is_for_whatsapp_alone(p.capabilities)
    ))
    and (v.asked_at is null or v.asked_at <= now() - interval '1 hour')
  order by v.asked_at nulls first
  limit connections_to_verify.claim_limit;
$$;
comment on function private.connections_to_verify(integer) is
  'Connections with a number that nobody has confirmed for a day, none of them asked within the hour: a provider that is down stands in nobody''s way.';
revoke execute on function private.connections_to_verify(integer) from public, anon, authenticated;

-- Definer: service_role holds no grant on private.
create function public.claim_number_verifications(claim_limit integer default 5)
returns table (connection_id uuid, provider text)
language sql security definer set search_path = ''
as $$
  with claimed as (
    insert into private.number_verifications as v (connection_id)
    select d.id from private.connections_to_verify(claim_number_verifications.claim_limit) as d (id)
    on conflict (connection_id) do update set asked_at = now()
    where v.asked_at <= now() - interval '1 hour'
    returning v.connection_id
  )
  select c.id, c.provider from claimed as k
  join public.connections as c on c.id = k.connection_id;
$$;
comment on function public.claim_number_verifications(integer) is
  'Takes up to claim_limit connections whose numbers are to be verified, for an hour. For service_role.';
revoke execute on function public.claim_number_verifications(integer) from public, anon, authenticated;
grant execute on function public.claim_number_verifications(integer) to service_role;

create function private.retire_phone_numbers(phone_number_ids uuid[], actor_id uuid, action text, reason text)
returns void language sql set search_path = ''
as $$
  with retired as (
    update public.phone_numbers as p
    set status = 'inactive', is_default = false, webhook_configured = false,
      metadata = p.metadata - 'missing_since' || jsonb_build_object('reason', retire_phone_numbers.reason)
    where p.id = any (retire_phone_numbers.phone_number_ids)
    returning p.*
  )
  select private.write_audit(
    r.workspace_id, retire_phone_numbers.actor_id, retire_phone_numbers.action, 'phone_number', r.id::text,
    -- A personal number is nobody else's to know.
    case when r.owner_user_id is null then jsonb_build_object('phone_number', r.phone_number) else '{}' end
  )
  from retired as r where r.workspace_id is not null;
$$;
comment on function private.retire_phone_numbers(uuid[], uuid, text, text) is 'Takes numbers out of use that the account has no longer.';
revoke execute on function private.retire_phone_numbers(uuid[], uuid, text, text) from public, anon, authenticated;

-- Definer: service_role holds no write grant on these tables.
create function public.record_number_verification(
  connection_id uuid,
  numbers jsonb,
  is_complete boolean,
  phone_number_id uuid default null
)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_known jsonb;
  v_absent_ids uuid[];
begin
  perform from public.connections as c
  where c.id = record_number_verification.connection_id and c.status <> 'inactive' for share;
  if not found then
    return;
  end if;

  -- What was never added, or was given up, is not taken over unasked.
  select coalesce(jsonb_agg(n.number), '[]') into v_known
  from jsonb_array_elements(record_number_verification.numbers) as n (number)
  join public.phone_numbers as p
    on p.connection_id = record_number_verification.connection_id and p.phone_number = n.number ->> 'phone_number'
  where p.status <> 'inactive' or p.id = record_number_verification.phone_number_id;
  perform private.import_phone_numbers(record_number_verification.connection_id, v_known);
  update public.phone_numbers as p set metadata = p.metadata - 'missing_since'
  from jsonb_to_recordset(v_known) as n (phone_number text)
  where p.connection_id = record_number_verification.connection_id and p.phone_number = n.phone_number
    and p.metadata ? 'missing_since';
  if not record_number_verification.is_complete then
    return;
  end if;

  v_absent_ids := array(
    select p.id from public.phone_numbers as p
    where p.connection_id = record_number_verification.connection_id
      and p.status <> 'inactive' and not private.is_for_whatsapp_alone(p.capabilities)
      and (record_number_verification.phone_number_id is null or p.id = record_number_verification.phone_number_id)
      and p.phone_number <> all (array(
        select n.phone_number from jsonb_to_recordset(record_number_verification.numbers) as n (phone_number text)
      ))
    order by p.id
    for update
  );
  -- Where nobody asks for a number, one list that lacks it may be a slip of the provider's: two are none.
  perform private.retire_phone_numbers(
    array(
      select p.id from public.phone_numbers as p
      where p.id = any (v_absent_ids)
        and (p.metadata ? 'missing_since' or record_number_verification.phone_number_id is not null)
    ),
    null, 'phone_number.lost', 'not_at_provider'
  );
  update public.phone_numbers as p
  set metadata = p.metadata || jsonb_build_object('missing_since', now())
  where p.id = any (v_absent_ids) and p.status <> 'inactive';
end;
$$;
comment on function public.record_number_verification(uuid, jsonb, boolean, uuid) is
  'Compares the numbers of a connection with those its provider lists. One that is on no complete list twice, or is asked about by phone_number_id, is retired. For service_role.';
revoke execute on function public.record_number_verification(uuid, jsonb, boolean, uuid) from public, anon, authenticated;
grant execute on function public.record_number_verification(uuid, jsonb, boolean, uuid) to service_role;

-- Definer: as above.
create function public.check_number_release(actor_id uuid, phone_number_id uuid)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_number public.phone_numbers;
begin
  select * into v_number from public.phone_numbers as p where p.id = check_number_release.phone_number_id;
  perform private.require_connection_manager(check_number_release.actor_id, v_number.connection_id);
  -- The same account may be connected in several workspaces.
  if exists (
    select from public.phone_numbers as p
    where p.provider = v_number.provider and p.phone_number = v_number.phone_number and p.status = 'active'
      and p.id <> v_number.id
  ) then
    perform private.fail(
      409, 'number_connected_elsewhere', 'Cannot release the number: it is in use through another connection',
      'phone_number_id'
    );
  end if;
end;
$$;
comment on function public.check_number_release(uuid, uuid) is
  'Refuses what must not be released, before the provider is asked. Errors: 404, 403, 409. For service_role.';
revoke execute on function public.check_number_release(uuid, uuid) from public, anon, authenticated;
grant execute on function public.check_number_release(uuid, uuid) to service_role;

-- Definer: as above.
create function public.release_phone_number(actor_id uuid, phone_number_id uuid)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_number public.phone_numbers;
begin
  select * into v_number from public.phone_numbers as p where p.id = release_phone_number.phone_number_id;
  perform private.require_connection_manager(release_phone_number.actor_id, v_number.connection_id);
  if v_number.status <> 'inactive' or v_number.metadata ->> 'reason' is distinct from 'released' then
    perform private.retire_phone_numbers(
      array[v_number.id], release_phone_number.actor_id, 'phone_number.released', 'released'
    );
  end if;
end;
$$;
comment on function public.release_phone_number(uuid, uuid) is
  'Takes a number out of use that its provider has taken back; what was said through it stays. Errors: 404, 403. For service_role.';
revoke execute on function public.release_phone_number(uuid, uuid) from public, anon, authenticated;
grant execute on function public.release_phone_number(uuid, uuid) to service_role;
