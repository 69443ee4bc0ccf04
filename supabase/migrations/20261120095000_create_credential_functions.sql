-- The only ways to a secret. Those in public are definer, because only their owner may read Vault and the
-- references in private, and are for service_role alone.

create function private.log_credential_access(
  connection_ids uuid[],
  reason text,
  actor_id uuid default null,
  batch_id uuid default null
)
returns void language sql set search_path = ''
as $$
  insert into private.credential_access_log (connection_id, actor, reason, batch_id)
  select
    i.connection_id,
    coalesce(log_credential_access.actor_id::text, auth.uid()::text, auth.jwt() ->> 'role', session_user),
    log_credential_access.reason,
    log_credential_access.batch_id
  from unnest(log_credential_access.connection_ids) as i (connection_id);
$$;
comment on function private.log_credential_access(uuid[], text, uuid, uuid) is 'Writes down a read of credentials.';
revoke execute on function private.log_credential_access(uuid[], text, uuid, uuid) from public, anon, authenticated;

-- One secret that was damaged or edited by hand must not stop the reading of the others.
create function private.read_json_secret(secret_id uuid)
returns jsonb language plpgsql stable set search_path = ''
as $$
begin
  return (
    select s.decrypted_secret::jsonb from vault.decrypted_secrets as s where s.id = read_json_secret.secret_id
  );
exception when others then
  raise warning 'Cannot read the secret %: %', read_json_secret.secret_id, sqlstate;
  return null;
end;
$$;
comment on function private.read_json_secret(uuid) is 'A secret that holds JSON; null when it is missing or cannot be read.';
revoke execute on function private.read_json_secret(uuid) from public, anon, authenticated;

-- The key before goes on counting for a day: what the provider signed with it may still be on its way.
create function private.create_webhook_secret(connection_id uuid, token text, secret text, old jsonb)
returns uuid language sql set search_path = ''
as $$
  select vault.create_secret(
    (
      jsonb_build_object('token', create_webhook_secret.token, 'secret', create_webhook_secret.secret)
      || case
        when create_webhook_secret.old ->> 'secret' <> create_webhook_secret.secret then jsonb_build_object(
          'previous_secret', create_webhook_secret.old ->> 'secret', 'previous_ends_at', now() + interval '1 day'
        )
        else '{}'
      end
    )::text,
    format('connection/%s/webhook', create_webhook_secret.connection_id), 'Webhook token and key of a connection'
  );
$$;
comment on function private.create_webhook_secret(uuid, text, text, jsonb) is
  'Puts the token and the key of a connection''s webhooks into Vault, with the key before; returns the id.';
revoke execute on function private.create_webhook_secret(uuid, text, text, jsonb) from public, anon, authenticated;

create function private.replace_webhook_secret(connection_id uuid, secret text)
returns void language plpgsql set search_path = ''
as $$
declare
  v_id uuid := replace_webhook_secret.connection_id;
  v_reference private.connection_credentials;
  v_old jsonb;
begin
  select * into strict v_reference from private.connection_credentials as c where c.connection_id = v_id for update;
  v_old := private.read_json_secret(v_reference.webhook_secret_id);
  if v_old is null or v_old ->> 'secret' = replace_webhook_secret.secret then
    return;
  end if;
  delete from vault.secrets as s where s.id = v_reference.webhook_secret_id;
  update private.connection_credentials as c
  set webhook_secret_id =
    private.create_webhook_secret(v_id, v_old ->> 'token', replace_webhook_secret.secret, v_old)
  where c.connection_id = v_id;
end;
$$;
comment on function private.replace_webhook_secret(uuid, text) is
  'Takes over the key that a provider made for the webhooks of a connection.';
revoke execute on function private.replace_webhook_secret(uuid, text) from public, anon, authenticated;

-- Creates or replaces the two secrets of a connection; the caller has checked the right to. A token that
-- is in use stays, since providers go on calling the URLs they were given. Returns the token that holds.
create function private.store_credentials(
  connection_id uuid,
  credentials jsonb,
  webhook_token text,
  webhook_secret text,
  out valid_webhook_token text,
  out valid_webhook_secret text
)
language plpgsql set search_path = ''
as $$
declare
  v_id uuid := store_credentials.connection_id;
  v_old private.connection_credentials;
  v_old_webhook jsonb;
begin
  select * into v_old from private.connection_credentials as c where c.connection_id = v_id for update;
  if found then
    v_old_webhook := private.read_json_secret(v_old.webhook_secret_id);
    -- Replaced, not updated: Vault reads a secret before it updates it, and one may be damaged or gone.
    perform private.revoke_credentials(array[v_id]);
  end if;
  valid_webhook_token := coalesce(v_old_webhook ->> 'token', store_credentials.webhook_token);
  valid_webhook_secret := coalesce(store_credentials.webhook_secret, v_old_webhook ->> 'secret', private.new_token());
  insert into private.connection_credentials (
    connection_id, current_secret_id, webhook_secret_id, webhook_token_hash
  )
  values (
    v_id,
    vault.create_secret(
      store_credentials.credentials::text, format('connection/%s/credentials', v_id), 'Credentials of a connection'
    ),
    private.create_webhook_secret(v_id, valid_webhook_token, valid_webhook_secret, v_old_webhook),
    private.hash_of(valid_webhook_token)
  );
end;
$$;
comment on function private.store_credentials(uuid, jsonb, text, text) is 'Puts the secrets of a connection into Vault.';
revoke execute on function private.store_credentials(uuid, jsonb, text, text) from public, anon, authenticated;

create function private.revoke_credentials(connection_ids uuid[])
returns void language plpgsql set search_path = ''
as $$
declare
  v_secret_ids uuid[];
begin
  with removed as (
    delete from private.connection_credentials as c
    where c.connection_id = any (revoke_credentials.connection_ids)
    returning c.current_secret_id, c.webhook_secret_id
  )
  select array_agg(s.id) into v_secret_ids
  from removed as r
  cross join lateral (values (r.current_secret_id), (r.webhook_secret_id)) as s (id);
  delete from vault.secrets as s where s.id = any (v_secret_ids);
end;
$$;
comment on function private.revoke_credentials(uuid[]) is 'Deletes the secrets of connections from Vault.';
revoke execute on function private.revoke_credentials(uuid[]) from public, anon, authenticated;

create function public.read_connection_credentials(
  connection_ids uuid[],
  reason text,
  actor_id uuid default null,
  batch_id uuid default null
)
returns table (
  connection_id uuid, provider text, external_account_id text, credentials jsonb, webhook_token text,
  webhook_secret text
)
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.log_credential_access(
    read_connection_credentials.connection_ids,
    read_connection_credentials.reason,
    read_connection_credentials.actor_id,
    read_connection_credentials.batch_id
  );
  return query
  select * from (
    select
      c.id, c.provider, c.external_account_id,
      private.read_json_secret(r.current_secret_id) as credentials,
      w.webhook ->> 'token' as webhook_token, w.webhook ->> 'secret' as webhook_secret
    from public.connections as c
    join private.connection_credentials as r on r.connection_id = c.id
    cross join lateral (select private.read_json_secret(r.webhook_secret_id) as webhook) as w
    where c.id = any (read_connection_credentials.connection_ids) and c.status <> 'inactive'
  ) as s
  where s.credentials is not null and s.webhook_token is not null;
end;
$$;
comment on function public.read_connection_credentials(uuid[], text, uuid, uuid) is
  'The credentials of connections that are not disconnected; none where a secret cannot be read. For service_role; every read is logged, for the person it is done for.';
revoke execute on function public.read_connection_credentials(uuid[], text, uuid, uuid) from public, anon, authenticated;
grant execute on function public.read_connection_credentials(uuid[], text, uuid, uuid) to service_role;

create function public.read_webhook_secret(provider text, token text)
returns table (connection_id uuid, secrets text[])
language plpgsql security definer set search_path = ''
as $$
declare
  v_connection_id uuid;
begin
  select c.id into v_connection_id
  from private.connection_credentials as r
  join public.connections as c on c.id = r.connection_id
  where r.webhook_token_hash = sha256(convert_to(read_webhook_secret.token, 'UTF8'))
    and c.provider = read_webhook_secret.provider
    and c.status <> 'inactive';
  if not found then
    return;
  end if;
  perform private.log_credential_access(array[v_connection_id], 'webhook');
  return query
  select
    v_connection_id,
    array_remove(
      array[
        s.webhook ->> 'secret',
        case when (s.webhook ->> 'previous_ends_at')::timestamptz > now() then s.webhook ->> 'previous_secret' end
      ],
      null
    )
  from private.connection_credentials as r
  cross join lateral (select private.read_json_secret(r.webhook_secret_id) as webhook) as s
  where r.connection_id = v_connection_id;
end;
$$;
comment on function public.read_webhook_secret(text, text) is
  'The connection that a webhook token names and the keys its signatures are checked with, during a rotation both. No row: unknown token. For service_role; logged.';
revoke execute on function public.read_webhook_secret(text, text) from public, anon, authenticated;
grant execute on function public.read_webhook_secret(text, text) to service_role;
