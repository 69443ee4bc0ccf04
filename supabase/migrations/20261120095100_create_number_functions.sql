-- How the numbers of a connection come. For service_role: the edge function has asked the provider first,
-- and names the person it acts for, whose right is checked again here.

create function private.require_connection_manager(actor_id uuid, connection_id uuid)
returns public.connections language plpgsql set search_path = ''
as $$
declare
  v_connection public.connections;
begin
  select * into v_connection from public.connections as c
  where c.id = require_connection_manager.connection_id for no key update;
  -- The operator's are managed by nobody's account; what does not exist is refused as a stranger is.
  if v_connection.id is not null and v_connection.workspace_id is null
    and require_connection_manager.actor_id is null
  then
    return v_connection;
  end if;
  if v_connection.owner_user_id is distinct from require_connection_manager.actor_id
    or v_connection.owner_user_id is null
  then
    perform private.require_admin(
      require_connection_manager.actor_id, v_connection.workspace_id, 'manage connections'
    );
  else
    perform private.require_member(require_connection_manager.actor_id, v_connection.workspace_id);
  end if;
  return v_connection;
end;
$$;
comment on function private.require_connection_manager(uuid, uuid) is
  'A connection, locked, that the person may manage: as its owner, or as an admin. Refuses with 404 or 403.';
revoke execute on function private.require_connection_manager(uuid, uuid) from public, anon, authenticated;

-- Numbers as the provider lists them: inserted or refreshed; those of other workspaces stay inactive here.
create function private.import_phone_numbers(connection_id uuid, numbers jsonb)
returns void language plpgsql set search_path = ''
as $$
declare
  v_connection public.connections;
  v_number record;
begin
  select * into strict v_connection from public.connections as c where c.id = import_phone_numbers.connection_id;
  -- One import at a time in a workspace: two would both choose the default sender.
  perform from public.workspaces as w where w.id = v_connection.workspace_id for no key update;

  insert into public.phone_numbers (
    workspace_id, connection_id, provider, phone_number, friendly_name, external_id, capabilities, last_verified_at
  )
  select distinct on (n.phone_number)
    v_connection.workspace_id, v_connection.id, v_connection.provider,
    n.phone_number, left(nullif(n.friendly_name, ''), 100), n.external_id, n.capabilities, now()
  from jsonb_to_recordset(import_phone_numbers.numbers)
    as n (phone_number text, friendly_name text, external_id text, capabilities jsonb)
  -- Some accounts list short codes as well, which are no senders here.
  where n.phone_number ~ '^\+[1-9][0-9]{4,14}$'
  order by n.phone_number
  on conflict on constraint phone_numbers_listed_once do update
  set
    external_id = excluded.external_id,
    -- A list of numbers says nothing of WhatsApp, which is set up elsewhere.
    capabilities = excluded.capabilities
      || case when phone_numbers.capabilities @> '{"whatsapp": true}' then '{"whatsapp": true}' else '{}' end::jsonb,
    last_verified_at = excluded.last_verified_at;

  update public.phone_numbers as p
  set status = 'pending', is_default = false
  from jsonb_to_recordset(import_phone_numbers.numbers) as n (phone_number text, status text)
  where p.connection_id = v_connection.id and p.phone_number = n.phone_number
    and n.status <> 'active' and p.status = 'active';

  -- One at a time, since a number that another workspace holds must not undo the others.
  for v_number in
    select distinct p.id, p.phone_number from public.phone_numbers as p
    join jsonb_to_recordset(import_phone_numbers.numbers) as n (phone_number text, status text)
      on n.phone_number = p.phone_number and n.status = 'active'
    where p.connection_id = v_connection.id and p.status <> 'active'
    order by p.phone_number
  loop
    begin
      update public.phone_numbers as p
      set status = 'active', metadata = p.metadata - 'reason'
      where p.id = v_number.id;
    exception when unique_violation then
      update public.phone_numbers as p
      set status = 'inactive', metadata = p.metadata || '{"reason": "connected_elsewhere"}'
      where p.id = v_number.id;
    end;
  end loop;

  update public.phone_numbers as p
  set is_default = true
  where p.id = (
    select f.id from public.phone_numbers as f
    where f.workspace_id = v_connection.workspace_id and f.owner_user_id is null and f.status = 'active'
    order by f.created_at, f.phone_number
    limit 1
  )
  and not exists (
    select from public.phone_numbers as d where d.workspace_id = v_connection.workspace_id and d.is_default
  );
end;
$$;
comment on function private.import_phone_numbers(uuid, jsonb) is 'Takes over the numbers that the provider confirmed.';
revoke execute on function private.import_phone_numbers(uuid, jsonb) from public, anon, authenticated;

-- Definer: service_role holds no write grant on these tables.
create function public.store_phone_numbers(actor_id uuid, connection_id uuid, numbers jsonb)
returns setof public.phone_numbers language plpgsql security definer set search_path = ''
as $$
declare
  v_connection public.connections :=
    private.require_connection_manager(store_phone_numbers.actor_id, store_phone_numbers.connection_id);
begin
  if v_connection.status = 'inactive' then
    perform private.fail(404, 'not_found', 'Cannot add a number: the connection was disconnected', 'connection_id');
  end if;
  perform private.import_phone_numbers(store_phone_numbers.connection_id, store_phone_numbers.numbers);
  perform private.write_audit(
    p.workspace_id, store_phone_numbers.actor_id, 'phone_number.added', 'phone_number', p.id::text,
    -- A personal number is nobody else's to know.
    case when p.owner_user_id is null then jsonb_build_object('phone_number', p.phone_number) else '{}' end
  )
  from public.phone_numbers as p
  join jsonb_to_recordset(store_phone_numbers.numbers) as n (phone_number text) on n.phone_number = p.phone_number
  where p.connection_id = store_phone_numbers.connection_id and p.workspace_id is not null;
  return query
  select p.* from public.phone_numbers as p
  join jsonb_to_recordset(store_phone_numbers.numbers) as n (phone_number text) on n.phone_number = p.phone_number
  where p.connection_id = store_phone_numbers.connection_id
  order by p.phone_number;
end;
$$;
comment on function public.store_phone_numbers(uuid, uuid, jsonb) is
  'Adds numbers that the provider confirmed to a connection that the person may manage. Errors: 404, 403. For service_role.';
revoke execute on function public.store_phone_numbers(uuid, uuid, jsonb) from public, anon, authenticated;
grant execute on function public.store_phone_numbers(uuid, uuid, jsonb) to service_role;

-- Definer: as above.
create function public.record_number_webhooks(connection_id uuid, results jsonb)
returns void language sql security definer set search_path = ''
as $$
  update public.phone_numbers as p
  set
    webhook_configured = r.is_configured,
    webhook_url = r.webhook_url,
    metadata = case
      when r.error is null then p.metadata - 'webhook_error'
      else p.metadata || jsonb_build_object('webhook_error', r.error)
    end
  from jsonb_to_recordset(record_number_webhooks.results)
    as r (external_id text, is_configured boolean, webhook_url text, error text)
  where p.connection_id = record_number_webhooks.connection_id and p.external_id = r.external_id
    and p.status = 'active';
$$;
comment on function public.record_number_webhooks(uuid, jsonb) is
  'Writes down whether the provider took the webhook of each number that is active. For service_role.';
revoke execute on function public.record_number_webhooks(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.record_number_webhooks(uuid, jsonb) to service_role;

-- Definer: nobody holds an update grant on capabilities.
create function private.set_number_whatsapp(phone_number_id uuid, is_enabled boolean)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_number public.phone_numbers;
begin
  select * into v_number from public.phone_numbers as p
  where p.id = set_number_whatsapp.phone_number_id
    and p.connection_id = any (array(select private.my_connection_ids()));
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the phone number', 'phone_number_id');
  end if;
  perform private.require_connection_manager(auth.uid(), v_number.connection_id);
  update public.phone_numbers as p
  set capabilities = p.capabilities
    || jsonb_build_object('whatsapp', coalesce(set_number_whatsapp.is_enabled, false))
  where p.id = v_number.id;
end;
$$;
comment on function private.set_number_whatsapp(uuid, boolean) is 'Does the work of public.set_number_whatsapp.';
revoke execute on function private.set_number_whatsapp(uuid, boolean) from public, anon;
grant execute on function private.set_number_whatsapp(uuid, boolean) to authenticated;

create function public.set_number_whatsapp(phone_number_id uuid, is_enabled boolean)
returns void language sql set search_path = ''
as $$
  select private.set_number_whatsapp(set_number_whatsapp.phone_number_id, set_number_whatsapp.is_enabled);
$$;
comment on function public.set_number_whatsapp(uuid, boolean) is
  'Says whether a number is a WhatsApp sender, which providers'' lists of numbers do not tell. Owners and admins; for a personal number, whose it is. Errors: 403, 404.';
revoke execute on function public.set_number_whatsapp(uuid, boolean) from public, anon;
grant execute on function public.set_number_whatsapp(uuid, boolean) to authenticated;
