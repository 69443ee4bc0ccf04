-- What an agent must not do, whatever it was granted (admins deny, and a denial wins), and what it may through the operator's accounts.
alter table public.agent_integration_permissions
  add column denied_scopes text[] not null default '{}',
  drop constraint agent_integration_permissions_scopes_are_named,
  -- Denied before anything was granted, a connection has a row that allows nothing.
  add constraint agent_integration_permissions_scopes_are_named check (
    array_position(allowed_scopes, null) is null and (cardinality(allowed_scopes) > 0 or not is_active)
  ),
  add constraint agent_integration_permissions_denials_are_named check (array_position(denied_scopes, null) is null);
comment on column public.agent_integration_permissions.allowed_scopes is
  'Scopes of the provider, such as sms: what is not named is not allowed. Empty only where something was denied before anything was granted.';
comment on column public.agent_integration_permissions.is_active is
  'False where nothing was granted yet, or it was taken back.';
comment on column public.agent_integration_permissions.denied_scopes is
  'Scopes that the agent does not have here, whatever was or will be granted.';

alter table public.agent_guardrails
  add column denied_capability_keys text[] not null default '{}',
  add constraint agent_guardrails_denials_are_named check (array_position(denied_capability_keys, null) is null);
comment on column public.agent_guardrails.denied_capability_keys is
  'Tools that it does not get, whatever was granted. Other tools go on doing the same: to keep it from a whole channel, deny the scope or narrow allowed_channels.';
-- An operator's connection is no workspace's to grant; what it costs is the workspace's plan.
alter table public.agent_guardrails
  add column platform_scopes text[] not null default '{}',
  add constraint agent_guardrails_platform_scopes_are_of_use
    check (platform_scopes <@ '{sms,mms,whatsapp,email,history,delivery_receipts}');
comment on column public.agent_guardrails.platform_scopes is
  'What it may do through the operator''s connections, where the workspace''s mode and plan allow them. Nothing that tells of the operator''s account.';
grant update (denied_capability_keys, platform_scopes) on public.agent_guardrails to authenticated;

create function private.require_known_capabilities()
returns trigger language plpgsql set search_path = ''
as $$
declare
  v_unknown text;
begin
  select u.key into v_unknown from unnest(new.denied_capability_keys) as u (key)
  where u.key is not null
    and not exists (select from public.integration_capabilities as c where c.capability_key = u.key)
  limit 1;
  if found then
    perform private.fail(
      400, 'invalid_request', format('Cannot deny %s: there is no such tool', v_unknown), 'denied_capability_keys',
      'Use values of integration_capabilities.capability_key'
    );
  end if;
  return new;
end;
$$;
comment on function private.require_known_capabilities() is
  'Trigger: a misspelt denial is refused, since it would deny nothing.';
revoke execute on function private.require_known_capabilities() from public, anon, authenticated;
create trigger agent_guardrails_require_known_capabilities
  before insert or update of denied_capability_keys on public.agent_guardrails
  for each row when (new.denied_capability_keys <> '{}') execute function private.require_known_capabilities();

-- Definer: nobody holds a write grant on permissions.
create function private.deny_agent_scopes(agent_id uuid, connection_id uuid, denied_scopes text[])
returns public.agent_integration_permissions language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_connection public.connections;
  v_permission public.agent_integration_permissions;
begin
  -- A personal connection is its owner's secret, yet an admin may keep an agent off it, as with a revocation.
  select * into v_connection from public.connections as c
  where c.id = deny_agent_scopes.connection_id
    and (
      c.id = any (array(select private.my_connection_ids()))
      or c.workspace_id = any (array(select private.my_admin_workspace_ids()))
    );
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the connection', 'connection_id');
  end if;
  perform private.require_admin(auth.uid(), v_connection.workspace_id, 'deny an agent a scope');
  if not exists (
    select from public.agents as a
    where a.id = deny_agent_scopes.agent_id and a.workspace_id = v_connection.workspace_id
  ) then
    perform private.fail(404, 'not_found', 'Cannot find the agent', 'agent_id');
  end if;
  if not exists (
    select from public.service_providers as p
    where p.name = v_connection.provider and to_jsonb(deny_agent_scopes.denied_scopes) <@ p.scopes_supported
  ) then
    perform private.fail(
      400, 'invalid_request', 'Cannot deny these scopes: one of them is not supported', 'denied_scopes',
      'Name scopes of the connection''s provider, or none to lift the denial'
    );
  end if;

  insert into public.agent_integration_permissions as p (
    workspace_id, agent_id, connection_id, allowed_scopes, denied_scopes, is_active
  )
  values (
    v_connection.workspace_id, deny_agent_scopes.agent_id, v_connection.id, '{}', deny_agent_scopes.denied_scopes, false
  )
  on conflict on constraint agent_integration_permissions_granted_once do update
  set denied_scopes = excluded.denied_scopes
  returning p.* into v_permission;
  perform private.write_audit(
    v_permission.workspace_id, auth.uid(), 'agent_permission.denied', 'agent', v_permission.agent_id::text,
    jsonb_build_object('connection_id', v_permission.connection_id, 'denied_scopes', v_permission.denied_scopes)
  );
  return v_permission;
end;
$$;
comment on function private.deny_agent_scopes(uuid, uuid, text[]) is 'Does the work of public.deny_agent_scopes.';
revoke execute on function private.deny_agent_scopes(uuid, uuid, text[]) from public, anon;
grant execute on function private.deny_agent_scopes(uuid, uuid, text[]) to authenticated;

create function public.deny_agent_scopes(agent_id uuid, connection_id uuid, denied_scopes text[])
returns public.agent_integration_permissions language sql set search_path = ''
as $$
  select private.deny_agent_scopes(
    deny_agent_scopes.agent_id, deny_agent_scopes.connection_id, deny_agent_scopes.denied_scopes
  );
$$;
comment on function public.deny_agent_scopes(uuid, uuid, text[]) is
  'Keeps an agent from scopes of a connection, whatever was or will be granted, in place of what was denied before; none lifts the denial. Owners and admins. Errors: 400, 403, 404.';
revoke execute on function public.deny_agent_scopes(uuid, uuid, text[]) from public, anon;
grant execute on function public.deny_agent_scopes(uuid, uuid, text[]) to authenticated;
