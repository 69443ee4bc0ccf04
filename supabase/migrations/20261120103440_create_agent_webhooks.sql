-- Where an agent hears of its offers, and the secret that signs them. The secret is in Vault and shown once.

alter table public.agents
  add column webhook_url text,
  add column webhook_disabled_at timestamptz,
  add constraint agents_webhook_url_is_https check (webhook_url ~ '^https://' and char_length(webhook_url) <= 2048),
  add constraint agents_webhook_disabled_has_url check (webhook_disabled_at is null or webhook_url is not null);
comment on column public.agents.webhook_url is
  'Where its offers are posted, a public https address. Null: it polls. Needs a secret first: rotate_agent_webhook_secret.';
comment on column public.agents.webhook_disabled_at is
  'When the address said that it is gone (410), or led inside. Nothing is posted there until webhook_url is written again.';
grant update (webhook_url) on public.agents to authenticated;

create table private.agent_webhook_secrets (
  agent_id uuid primary key references public.agents (id) on delete cascade,
  secret_id uuid not null,
  previous_secret_id uuid,
  previous_ends_at timestamptz,
  set_at timestamptz not null default now(),
  constraint agent_webhook_secrets_previous_is_whole check ((previous_secret_id is null) = (previous_ends_at is null))
);
comment on table private.agent_webhook_secrets is 'Where in Vault the secret of an agent''s webhook is, and the one before it.';
comment on column private.agent_webhook_secrets.previous_ends_at is 'Until then the one before signs, too.';
alter table private.agent_webhook_secrets enable row level security;
revoke all on private.agent_webhook_secrets from public, anon, authenticated, service_role;

-- Definer: whoever removes an agent may not read Vault.
create function private.forget_webhook_secrets()
returns trigger language plpgsql security definer set search_path = ''
as $$
begin
  delete from vault.secrets as s where s.id in (old.secret_id, old.previous_secret_id);
  return null;
end;
$$;
comment on function private.forget_webhook_secrets() is 'Trigger: secrets leave Vault with the row that names them.';
revoke execute on function private.forget_webhook_secrets() from public, anon, authenticated;
create trigger agent_webhook_secrets_forget after delete on private.agent_webhook_secrets
  for each row execute function private.forget_webhook_secrets();

-- Definer: as above.
create function private.forget_webhook_secrets_of_workspace()
returns trigger language plpgsql security definer set search_path = ''
as $$
begin
  delete from private.agent_webhook_secrets as s
  where s.agent_id = any (array(select a.id from public.agents as a where a.workspace_id = new.id));
  return null;
end;
$$;
comment on function private.forget_webhook_secrets_of_workspace() is 'Trigger: no secret outlives the workspace.';
revoke execute on function private.forget_webhook_secrets_of_workspace() from public, anon, authenticated;
create trigger workspaces_forget_webhook_secrets after update of deleted_at on public.workspaces
  for each row when (old.deleted_at is null and new.deleted_at is not null)
  execute function private.forget_webhook_secrets_of_workspace();

-- Definer: those who write the address may ask neither for its flaws nor for the secret.
create function private.check_agent_webhook()
returns trigger language plpgsql security definer set search_path = ''
as $$
declare
  v_flaw text := private.find_url_flaw(new.webhook_url);
begin
  if new.webhook_url is not null and v_flaw is not null then
    perform private.fail(
      422, 'webhook_url_invalid', 'Cannot post to the webhook: the URL ' || v_flaw, 'webhook_url',
      'Name an address of the public internet, such as https://agent.example.com/messages'
    );
  end if;
  if tg_op = 'UPDATE' then
    if new.webhook_url is not null
      and not exists (select from private.agent_webhook_secrets as s where s.agent_id = new.id)
    then
      perform private.fail(
        409, 'webhook_secret_missing', 'Cannot set the webhook: the agent has no secret to check it with', 'webhook_url',
        'Call rotate_agent_webhook_secret first, and give the agent what it answers'
      );
    end if;
    -- Whoever writes it, be it the same again, says that it works.
    new.webhook_disabled_at := null;
  end if;
  return new;
end;
$$;
comment on function private.check_agent_webhook() is
  'Trigger: a webhook leads to the public internet and is signed; to write it is to switch it on.';
revoke execute on function private.check_agent_webhook() from public, anon, authenticated;
create trigger agents_check_webhook before insert or update of webhook_url on public.agents
  for each row execute function private.check_agent_webhook();

create function private.create_agent_webhook_secret(agent_id uuid, secret text)
returns uuid language sql set search_path = ''
as $$
  select vault.create_secret(
    create_agent_webhook_secret.secret,
    format('agent/%s/webhook/%s', create_agent_webhook_secret.agent_id, gen_random_uuid()),
    'Signs the webhook of an agent'
  );
$$;
comment on function private.create_agent_webhook_secret(uuid, text) is 'Puts a secret of an agent''s webhook into Vault.';
revoke execute on function private.create_agent_webhook_secret(uuid, text) from public, anon, authenticated;

-- Definer: nobody holds a grant on the references, and only their owner may write to Vault.
create function private.rotate_agent_webhook_secret(agent_id uuid, overlap_minutes integer)
returns table (secret text, previous_valid_until timestamptz)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_agent public.agents;
  v_old private.agent_webhook_secrets;
  v_secret text := 'whsec_' || encode(decode(private.new_token(), 'hex'), 'base64');
  v_previous_id uuid;
begin
  select * into v_agent from public.agents as a
  where a.id = rotate_agent_webhook_secret.agent_id and a.workspace_id = any (array(select private.my_workspace_ids()))
  for no key update;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the agent', 'agent_id');
  end if;
  perform private.require_admin(auth.uid(), v_agent.workspace_id, 'rotate the secret of a webhook');
  if (rotate_agent_webhook_secret.overlap_minutes between 0 and 10080) is not true then
    perform private.fail(
      400, 'invalid_request', 'Cannot rotate the secret: the overlap is not 0 to 10080 minutes', 'overlap_minutes'
    );
  end if;

  select * into v_old from private.agent_webhook_secrets as s where s.agent_id = v_agent.id for update;
  if rotate_agent_webhook_secret.overlap_minutes > 0 then
    v_previous_id := v_old.secret_id;
  end if;
  insert into private.agent_webhook_secrets as s (agent_id, secret_id)
  values (v_agent.id, private.create_agent_webhook_secret(v_agent.id, v_secret))
  on conflict (agent_id) do update
  set
    secret_id = excluded.secret_id,
    previous_secret_id = v_previous_id,
    previous_ends_at = case
      when v_previous_id is not null then now() + make_interval(mins => rotate_agent_webhook_secret.overlap_minutes)
    end,
    set_at = now();
  delete from vault.secrets as s
  where s.id in (v_old.secret_id, v_old.previous_secret_id) and s.id is distinct from v_previous_id;
  perform private.write_audit(
    v_agent.workspace_id, auth.uid(), 'agent_webhook_secret.rotated', 'agent', v_agent.id::text
  );
  return query
  select v_secret, s.previous_ends_at from private.agent_webhook_secrets as s where s.agent_id = v_agent.id;
end;
$$;
comment on function private.rotate_agent_webhook_secret(uuid, integer) is
  'Does the work of public.rotate_agent_webhook_secret.';
revoke execute on function private.rotate_agent_webhook_secret(uuid, integer) from public, anon;
grant execute on function private.rotate_agent_webhook_secret(uuid, integer) to authenticated;

create function public.rotate_agent_webhook_secret(agent_id uuid, overlap_minutes integer default 1440)
returns table (secret text, previous_valid_until timestamptz) language sql set search_path = ''
as $$
  select * from private.rotate_agent_webhook_secret(
    rotate_agent_webhook_secret.agent_id, rotate_agent_webhook_secret.overlap_minutes
  );
$$;
comment on function public.rotate_agent_webhook_secret(uuid, integer) is
  'Makes the secret that signs an agent''s webhooks (Standard Webhooks, whsec_), shown this once. The one before signs along for overlap_minutes. Owners and admins. Errors: 400, 403, 404.';
revoke execute on function public.rotate_agent_webhook_secret(uuid, integer) from public, anon;
grant execute on function public.rotate_agent_webhook_secret(uuid, integer) to authenticated;

alter table private.credential_access_log
  alter column connection_id drop not null,
  add column agent_id uuid,
  add constraint credential_access_log_names_one check (num_nonnulls(connection_id, agent_id) = 1);
comment on column private.credential_access_log.agent_id is 'Whose webhook''s secret it was. No foreign key: as above.';
create index credential_access_log_agent_id_idx on private.credential_access_log (agent_id, read_at desc)
  where agent_id is not null;

create function private.read_secret(secret_id uuid)
returns text language plpgsql stable set search_path = ''
as $$
begin
  return (select s.decrypted_secret from vault.decrypted_secrets as s where s.id = read_secret.secret_id);
exception when others then
  raise warning 'Cannot read the secret %: %', read_secret.secret_id, sqlstate;
  return null;
end;
$$;
comment on function private.read_secret(uuid) is 'A secret; null when it is missing or cannot be read.';
revoke execute on function private.read_secret(uuid) from public, anon, authenticated;

-- Definer: only its owner may read Vault and the references.
create function public.read_agent_webhook_secrets(agent_ids uuid[], reason text, batch_id uuid default null)
returns table (agent_id uuid, secrets text[])
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
begin
  insert into private.credential_access_log (agent_id, actor, reason, batch_id)
  select
    a.id, coalesce(auth.uid()::text, auth.jwt() ->> 'role', session_user), read_agent_webhook_secrets.reason,
    read_agent_webhook_secrets.batch_id
  from public.agents as a
  where a.id = any (read_agent_webhook_secrets.agent_ids);
  return query
  select * from (
    select
      s.agent_id,
      array_remove(
        array[
          private.read_secret(s.secret_id),
          case when s.previous_ends_at > now() then private.read_secret(s.previous_secret_id) end
        ],
        null
      ) as secrets
    from private.agent_webhook_secrets as s
    where s.agent_id = any (read_agent_webhook_secrets.agent_ids)
  ) as r
  where cardinality(r.secrets) > 0;
end;
$$;
comment on function public.read_agent_webhook_secrets(uuid[], text, uuid) is
  'What the webhooks of agents are signed with, the newest first; none where a secret cannot be read. For service_role; logged.';
revoke execute on function public.read_agent_webhook_secrets(uuid[], text, uuid) from public, anon, authenticated;
grant execute on function public.read_agent_webhook_secrets(uuid[], text, uuid) to service_role;
