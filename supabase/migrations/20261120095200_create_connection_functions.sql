-- How connections come and go. For service_role: the edge function has asked the
-- provider first, and names the person it acts for, whose right is checked again here.

-- An account with its numbers, stored or stored again; the caller has checked the right to.
create function private.write_connection(
  actor_id uuid,
  workspace_id uuid,
  owner_user_id uuid,
  provider text,
  external_account_id text,
  display_name text,
  credentials jsonb,
  webhook_token text,
  webhook_secret text,
  numbers jsonb
)
returns table (id uuid, valid_webhook_token text, valid_webhook_secret text)
language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  v_connection_id uuid;
  v_stored record;
begin
  if (char_length(write_connection.webhook_token) >= 43) is not true then
    raise exception 'Cannot store a connection: the webhook token is guessable' using errcode = '22023';
  end if;

  -- Locked, so that a workspace that is being deleted gets no new secrets.
  perform from public.workspaces as w
  where w.id = write_connection.workspace_id and w.deleted_at is null for key share;
  if not found and write_connection.workspace_id is not null then
    perform private.fail(404, 'not_found', 'Cannot find the workspace', 'workspace_id');
  end if;
  insert into public.connections (
    workspace_id, owner_user_id, provider, external_account_id, display_name, last_verified_at, created_by
  )
  values (
    write_connection.workspace_id, write_connection.owner_user_id, write_connection.provider,
    write_connection.external_account_id, left(write_connection.display_name, 100), now(), write_connection.actor_id
  )
  on conflict on constraint connections_account_is_connected_once do update
  set status = 'active', last_verified_at = now(), last_error = null
  returning id into v_connection_id;

  select * into strict v_stored from private.store_credentials(
    v_connection_id, write_connection.credentials, write_connection.webhook_token, write_connection.webhook_secret
  );
  perform private.import_phone_numbers(v_connection_id, write_connection.numbers);
  update public.phone_numbers as p
  set status = 'inactive', is_default = false
  where p.connection_id = v_connection_id
    -- What is good for WhatsApp alone is on no list of numbers.
    and (p.capabilities @> '{"sms": true}' or not p.capabilities @> '{"whatsapp": true}')
    and p.phone_number <> all (array(
      select n.phone_number from jsonb_to_recordset(write_connection.numbers) as n (phone_number text)
    ));
  if write_connection.workspace_id is not null then
    perform private.write_audit(
      write_connection.workspace_id, write_connection.actor_id, 'connection.connected', 'connection',
      v_connection_id::text, jsonb_build_object('provider', write_connection.provider)
    );
  end if;
  return query select v_connection_id, v_stored.valid_webhook_token, v_stored.valid_webhook_secret;
end;
$$;
comment on function private.write_connection(uuid, uuid, uuid, text, text, text, jsonb, text, text, jsonb) is
  'Stores an account of any kind; returns its id and the webhook token and key that hold.';
revoke execute on function private.write_connection(uuid, uuid, uuid, text, text, text, jsonb, text, text, jsonb)
  from public, anon, authenticated;

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
  numbers jsonb,
  is_personal boolean default false
)
returns table (id uuid, valid_webhook_token text, valid_webhook_secret text)
language plpgsql security definer set search_path = ''
as $$
begin
  if store_connection.is_personal then
    perform private.require_member(store_connection.actor_id, store_connection.workspace_id);
  else
    perform private.require_admin(store_connection.actor_id, store_connection.workspace_id, 'manage connections');
  end if;
  return query
  select * from private.write_connection(
    store_connection.actor_id, store_connection.workspace_id,
    case when store_connection.is_personal then store_connection.actor_id end,
    store_connection.provider, store_connection.external_account_id, store_connection.display_name,
    store_connection.credentials, store_connection.webhook_token, store_connection.webhook_secret,
    store_connection.numbers
  );
end;
$$;
comment on function public.store_connection(uuid, uuid, text, text, text, jsonb, text, text, jsonb, boolean) is
  'Stores an account that its provider has just accepted, with its numbers: the workspace''s, or personal to the member who brings it. Connecting it again replaces the secrets and keeps the webhook token: those returned are valid. webhook_secret is null where nobody enters it. Errors: 404, 403. For service_role.';
revoke execute on function public.store_connection(uuid, uuid, text, text, text, jsonb, text, text, jsonb, boolean)
  from public, anon, authenticated;
grant execute on function public.store_connection(uuid, uuid, text, text, text, jsonb, text, text, jsonb, boolean)
  to service_role;

-- Definer: as above.
create function public.store_platform_connection(
  provider text,
  external_account_id text,
  display_name text,
  credentials jsonb,
  webhook_token text,
  webhook_secret text,
  numbers jsonb
)
returns table (id uuid, valid_webhook_token text, valid_webhook_secret text)
language sql security definer set search_path = ''
as $$
  select * from private.write_connection(
    null, null, null, store_platform_connection.provider, store_platform_connection.external_account_id,
    store_platform_connection.display_name, store_platform_connection.credentials,
    store_platform_connection.webhook_token, store_platform_connection.webhook_secret,
    store_platform_connection.numbers
  );
$$;
comment on function public.store_platform_connection(text, text, text, jsonb, text, text, jsonb) is
  'Stores an account of the operator''s own, as store_connection does for a workspace''s. For service_role.';
revoke execute on function public.store_platform_connection(text, text, text, jsonb, text, text, jsonb)
  from public, anon, authenticated;
grant execute on function public.store_platform_connection(text, text, text, jsonb, text, text, jsonb) to service_role;

create function private.import_email_senders(connection_id uuid, senders jsonb)
returns void language plpgsql set search_path = ''
as $$
declare
  v_connection public.connections;
begin
  select * into strict v_connection from public.connections as c where c.id = import_email_senders.connection_id;
  -- One import at a time in a workspace: two would both choose the default sender.
  perform from public.workspaces as w where w.id = v_connection.workspace_id for no key update;

  insert into public.email_senders (
    connection_id, provider, email_address, display_name, external_id, status, last_verified_at
  )
  select distinct on (lower(s.email_address))
    v_connection.id, v_connection.provider, lower(s.email_address), left(nullif(s.display_name, ''), 100),
    s.external_id, s.status, case when s.status = 'active' then now() end
  from jsonb_to_recordset(import_email_senders.senders)
    as s (email_address text, display_name text, external_id text, status text)
  order by lower(s.email_address)
  on conflict on constraint email_senders_listed_once do update
  set
    external_id = excluded.external_id,
    status = excluded.status,
    is_default = email_senders.is_default and excluded.status = 'active',
    last_verified_at = coalesce(excluded.last_verified_at, email_senders.last_verified_at);
  update public.email_senders as e
  set status = 'inactive', is_default = false
  where e.connection_id = v_connection.id
    and e.email_address <> all (array(
      select lower(s.email_address) from jsonb_to_recordset(import_email_senders.senders) as s (email_address text)
    ));

  update public.email_senders as e
  set is_default = true
  where e.id = (
    select f.id from public.email_senders as f
    where f.workspace_id = v_connection.workspace_id and f.owner_user_id is null and f.status = 'active'
      -- A whole domain is no address.
      and f.email_address not like '*@%'
    order by f.created_at, f.email_address
    limit 1
  )
  and not exists (
    select from public.email_senders as d where d.workspace_id = v_connection.workspace_id and d.is_default
  );
end;
$$;
comment on function private.import_email_senders(uuid, jsonb) is 'Takes over the e-mail senders that the provider confirmed.';
revoke execute on function private.import_email_senders(uuid, jsonb) from public, anon, authenticated;

-- Definer: as above.
create function public.record_connection_setup(
  connection_id uuid,
  settings jsonb default '{}',
  webhook_secret text default null,
  email_senders jsonb default null,
  error text default null
)
returns void language plpgsql security definer set search_path = ''
as $$
begin
  update public.connections as c
  set settings = c.settings - 'webhook_error' || record_connection_setup.settings
    || case
      when record_connection_setup.error is null then '{}'
      else jsonb_build_object('webhook_error', record_connection_setup.error)
    end
  where c.id = record_connection_setup.connection_id and c.status <> 'inactive';
  if not found then
    return;
  end if;
  if record_connection_setup.webhook_secret is not null then
    perform private.replace_webhook_secret(
      record_connection_setup.connection_id, record_connection_setup.webhook_secret
    );
  end if;
  if record_connection_setup.email_senders is not null then
    perform private.import_email_senders(
      record_connection_setup.connection_id, record_connection_setup.email_senders
    );
  end if;
end;
$$;
comment on function public.record_connection_setup(uuid, jsonb, text, jsonb, text) is
  'Writes down how an account was set up: ids to find it again, the key that its provider made for webhooks, its e-mail senders, or why its webhooks are not set. For service_role.';
revoke execute on function public.record_connection_setup(uuid, jsonb, text, jsonb, text) from public, anon, authenticated;
grant execute on function public.record_connection_setup(uuid, jsonb, text, jsonb, text) to service_role;

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

-- Secrets deleted, senders retired; what was said through them stays.
create function private.disconnect_all(connection_ids uuid[])
returns void language plpgsql set search_path = ''
as $$
begin
  perform private.revoke_credentials(disconnect_all.connection_ids);
  -- Connected again, an account is granted again.
  update public.agent_integration_permissions as p set is_active = false
  where p.connection_id = any (disconnect_all.connection_ids) and p.is_active;
  update public.connections as c set status = 'inactive', last_error = null
  where c.id = any (disconnect_all.connection_ids);
  update public.phone_numbers as p
  set status = 'inactive', is_default = false, webhook_configured = false
  where p.connection_id = any (disconnect_all.connection_ids);
  update public.email_senders as e
  set status = 'inactive', is_default = false
  where e.connection_id = any (disconnect_all.connection_ids);
end;
$$;
comment on function private.disconnect_all(uuid[]) is 'Deletes the secrets of connections and retires their senders.';
revoke execute on function private.disconnect_all(uuid[]) from public, anon, authenticated;

-- Definer: as above.
create function public.disconnect(actor_id uuid, connection_id uuid)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_connection public.connections;
begin
  v_connection := private.require_connection_manager(disconnect.actor_id, disconnect.connection_id);
  perform private.disconnect_all(array[v_connection.id]);
  if v_connection.workspace_id is not null then
    perform private.write_audit(
      v_connection.workspace_id, disconnect.actor_id, 'connection.disconnected', 'connection',
      v_connection.id::text, jsonb_build_object('provider', v_connection.provider)
    );
  end if;
end;
$$;
comment on function public.disconnect(uuid, uuid) is
  'Deletes the secrets of a connection and retires its senders; its history stays. Admins for the workspace''s, its owner or an admin for a personal one, no actor for the operator''s. Errors: 404, 403. For service_role.';
revoke execute on function public.disconnect(uuid, uuid) from public, anon, authenticated;
grant execute on function public.disconnect(uuid, uuid) to service_role;

-- Definer: a member who leaves, or whose account goes, holds no rights here any more.
create function private.cut_off_leaver()
returns trigger language plpgsql security definer set search_path = ''
as $$
begin
  perform private.disconnect_all(array(
    select c.id from public.connections as c
    where c.workspace_id = old.workspace_id and c.owner_user_id = old.user_id and c.status <> 'inactive'
  ));
  update public.workspace_invitations as i set revoked_at = now()
  where i.workspace_id = old.workspace_id and i.invited_by = old.user_id
    and i.accepted_at is null and i.revoked_at is null;
  return null;
end;
$$;
comment on function private.cut_off_leaver() is 'Trigger: whoever leaves a workspace takes their own accounts and their open invitations away.';
revoke execute on function private.cut_off_leaver() from public, anon, authenticated;
create trigger workspace_members_cut_off_leaver after delete on public.workspace_members
  for each row execute function private.cut_off_leaver();
