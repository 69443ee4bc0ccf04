-- How connections and their numbers come and go. For service_role: the edge function has asked the
-- provider first, and names the person it acts for, whose right is checked again here.

create function private.require_admin(actor_id uuid, workspace_id uuid)
returns void language plpgsql stable set search_path = ''
as $$
declare
  v_role text;
begin
  select m.role into v_role
  from public.workspace_members as m
  where m.workspace_id = require_admin.workspace_id and m.user_id = require_admin.actor_id;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the workspace', 'workspace_id');
  end if;
  if v_role not in ('owner', 'admin') then
    perform private.fail(
      403, 'forbidden', 'Cannot manage connections: the role is member', null, 'Ask an owner or admin of the workspace'
    );
  end if;
end;
$$;
comment on function private.require_admin(uuid, uuid) is
  'Refuses anyone who is not an owner or admin: 404 for strangers, 403 for members.';
revoke execute on function private.require_admin(uuid, uuid) from public, anon, authenticated;

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
  order by n.phone_number
  on conflict on constraint phone_numbers_listed_once do update
  set
    external_id = excluded.external_id,
    capabilities = excluded.capabilities,
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
    where f.workspace_id = v_connection.workspace_id and f.status = 'active'
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
create function public.store_connection(
  actor_id uuid,
  workspace_id uuid,
  provider text,
  external_account_id text,
  display_name text,
  credentials jsonb,
  webhook_token text,
  webhook_secret text,
  numbers jsonb
)
returns table (id uuid, valid_webhook_token text)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_connection_id uuid;
  v_webhook_token text;
begin
  perform private.require_admin(store_connection.actor_id, store_connection.workspace_id);
  if (char_length(store_connection.webhook_token) >= 43) is not true then
    raise exception 'Cannot store a connection: the webhook token is guessable' using errcode = '22023';
  end if;

  insert into public.connections (
    workspace_id, provider, external_account_id, display_name, last_verified_at, created_by
  )
  values (
    store_connection.workspace_id, store_connection.provider, store_connection.external_account_id,
    left(store_connection.display_name, 100), now(), store_connection.actor_id
  )
  on conflict on constraint connections_account_is_connected_once do update
  set status = 'active', last_verified_at = now(), last_error = null
  returning id into v_connection_id;

  v_webhook_token := private.store_credentials(
    v_connection_id, store_connection.credentials, store_connection.webhook_token, store_connection.webhook_secret
  );
  perform private.import_phone_numbers(v_connection_id, store_connection.numbers);
  update public.phone_numbers as p
  set status = 'inactive', is_default = false
  where p.connection_id = v_connection_id
    and p.phone_number <> all (array(
      select n.phone_number from jsonb_to_recordset(store_connection.numbers) as n (phone_number text)
    ));
  insert into public.audit_log (workspace_id, actor_id, action, entity_type, entity_id, details)
  values (
    store_connection.workspace_id, store_connection.actor_id, 'connection.connected', 'connection',
    v_connection_id::text, jsonb_build_object('provider', store_connection.provider)
  );
  return query select v_connection_id, v_webhook_token;
end;
$$;
comment on function public.store_connection(uuid, uuid, text, text, text, jsonb, text, text, jsonb) is
  'Stores an account that its provider has just accepted, with its numbers. Connecting it again replaces the secrets and keeps the webhook token: the one returned is valid. Errors: 404, 403. For service_role.';
revoke execute on function public.store_connection(uuid, uuid, text, text, text, jsonb, text, text, jsonb)
  from public, anon, authenticated;
grant execute on function public.store_connection(uuid, uuid, text, text, text, jsonb, text, text, jsonb) to service_role;

-- Definer: as above.
create function public.store_phone_numbers(actor_id uuid, connection_id uuid, numbers jsonb)
returns setof public.phone_numbers language plpgsql security definer set search_path = ''
as $$
declare
  v_workspace_id uuid;
begin
  select c.workspace_id into v_workspace_id
  from public.connections as c where c.id = store_phone_numbers.connection_id and c.status <> 'inactive'
  for no key update;
  perform private.require_admin(store_phone_numbers.actor_id, v_workspace_id);
  perform private.import_phone_numbers(store_phone_numbers.connection_id, store_phone_numbers.numbers);
  insert into public.audit_log (workspace_id, actor_id, action, entity_type, entity_id, details)
  select
    v_workspace_id, store_phone_numbers.actor_id, 'phone_number.added', 'phone_number', p.id::text,
    jsonb_build_object('phone_number', p.phone_number)
  from public.phone_numbers as p
  join jsonb_to_recordset(store_phone_numbers.numbers) as n (phone_number text) on n.phone_number = p.phone_number
  where p.connection_id = store_phone_numbers.connection_id;
  return query
  select p.* from public.phone_numbers as p
  join jsonb_to_recordset(store_phone_numbers.numbers) as n (phone_number text) on n.phone_number = p.phone_number
  where p.connection_id = store_phone_numbers.connection_id
  order by p.phone_number;
end;
$$;
comment on function public.store_phone_numbers(uuid, uuid, jsonb) is
  'Adds numbers that the provider confirmed to a connection. Errors: 404, 403. For service_role.';
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

-- Definer: as above.
create function public.record_connection_check(connection_id uuid, error text default null)
returns void language sql security definer set search_path = ''
as $$
  update public.connections as c
  set
    status = case when record_connection_check.error is null then 'active' else 'error' end,
    last_verified_at = case when record_connection_check.error is null then now() else c.last_verified_at end,
    last_error = record_connection_check.error
  where c.id = record_connection_check.connection_id and c.status <> 'inactive';
$$;
comment on function public.record_connection_check(uuid, text) is
  'Writes down what the provider said when asked whether it still accepts a connection. For service_role.';
revoke execute on function public.record_connection_check(uuid, text) from public, anon, authenticated;
grant execute on function public.record_connection_check(uuid, text) to service_role;

-- Definer: as above.
create function public.disconnect(actor_id uuid, connection_id uuid)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_connection public.connections;
begin
  select * into v_connection from public.connections as c
  where c.id = disconnect.connection_id for no key update;
  perform private.require_admin(disconnect.actor_id, v_connection.workspace_id);
  perform private.revoke_credentials(array[v_connection.id]);
  update public.connections as c set status = 'inactive', last_error = null where c.id = v_connection.id;
  update public.phone_numbers as p
  set status = 'inactive', is_default = false, webhook_configured = false
  where p.connection_id = v_connection.id;
  insert into public.audit_log (workspace_id, actor_id, action, entity_type, entity_id, details)
  values (
    v_connection.workspace_id, disconnect.actor_id, 'connection.disconnected', 'connection',
    v_connection.id::text, jsonb_build_object('provider', v_connection.provider)
  );
end;
$$;
comment on function public.disconnect(uuid, uuid) is
  'Deletes the secrets of a connection and retires its numbers; its history stays. Errors: 404, 403. For service_role.';
revoke execute on function public.disconnect(uuid, uuid) from public, anon, authenticated;
grant execute on function public.disconnect(uuid, uuid) to service_role;
