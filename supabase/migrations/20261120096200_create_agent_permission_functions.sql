-- What an agent may do through a connection: how it is granted, taken back, and asked for.

-- Definer: nobody holds a write grant on permissions.
create function private.grant_agent_permission(
  agent_id uuid, connection_id uuid, allowed_scopes text[], expires_at timestamptz
)
returns public.agent_integration_permissions language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_user_id uuid := auth.uid();
  v_connection public.connections;
  v_permission public.agent_integration_permissions;
begin
  select * into v_connection from public.connections as c
  where c.id = grant_agent_permission.connection_id
    and c.id = any (array(select private.my_connection_ids())) and c.status <> 'inactive';
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the connection', 'connection_id');
  end if;
  if not exists (
    select from public.agents as a
    where a.id = grant_agent_permission.agent_id and a.workspace_id = v_connection.workspace_id
  ) then
    perform private.fail(404, 'not_found', 'Cannot find the agent', 'agent_id');
  end if;
  -- Nobody grants more than they have: their own account, or as an admin the workspace's.
  if v_connection.owner_user_id is null then
    perform private.require_admin(v_user_id, v_connection.workspace_id, 'grant a permission on it');
  end if;
  perform private.require_scopes(grant_agent_permission.allowed_scopes, array(
    select jsonb_array_elements_text(p.scopes_supported) from public.service_providers as p
    where p.name = v_connection.provider
  ));
  if grant_agent_permission.expires_at <= now() then
    perform private.fail(400, 'invalid_request', 'Cannot grant the permission: it would have expired', 'expires_at');
  end if;

  insert into public.agent_integration_permissions as p (
    workspace_id, agent_id, connection_id, allowed_scopes, expires_at, granted_by
  )
  values (
    v_connection.workspace_id, grant_agent_permission.agent_id, v_connection.id,
    grant_agent_permission.allowed_scopes, grant_agent_permission.expires_at, v_user_id
  )
  on conflict on constraint agent_integration_permissions_granted_once do update
  set
    allowed_scopes = excluded.allowed_scopes, expires_at = excluded.expires_at,
    granted_by = excluded.granted_by, is_active = true
  returning p.* into v_permission;
  perform private.write_audit(
    v_permission.workspace_id, v_user_id, 'agent_permission.granted', 'agent', v_permission.agent_id::text,
    jsonb_build_object('connection_id', v_permission.connection_id, 'allowed_scopes', v_permission.allowed_scopes)
  );
  return v_permission;
end;
$$;
comment on function private.grant_agent_permission(uuid, uuid, text[], timestamptz) is
  'Does the work of public.grant_agent_permission.';
revoke execute on function private.grant_agent_permission(uuid, uuid, text[], timestamptz) from public, anon;
grant execute on function private.grant_agent_permission(uuid, uuid, text[], timestamptz) to authenticated;

create function public.grant_agent_permission(
  agent_id uuid, connection_id uuid, allowed_scopes text[], expires_at timestamptz default null
)
returns public.agent_integration_permissions language sql set search_path = ''
as $$
  select private.grant_agent_permission(
    grant_agent_permission.agent_id, grant_agent_permission.connection_id, grant_agent_permission.allowed_scopes,
    grant_agent_permission.expires_at
  );
$$;
comment on function public.grant_agent_permission(uuid, uuid, text[], timestamptz) is
  'Lets an agent use a connection for the scopes named, in place of what it was granted before. Owners and admins; for a personal connection, whose it is. Errors: 400, 403, 404.';
revoke execute on function public.grant_agent_permission(uuid, uuid, text[], timestamptz) from public, anon;
grant execute on function public.grant_agent_permission(uuid, uuid, text[], timestamptz) to authenticated;

-- Definer: as above. An admin may take back anything; nobody else what is not their own.
create function private.revoke_agent_permission(permission_id uuid)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_permission public.agent_integration_permissions;
  v_owner_user_id uuid;
begin
  select p.* into v_permission
  from public.agent_integration_permissions as p
  where p.id = revoke_agent_permission.permission_id
    and p.workspace_id = any (array(select private.my_workspace_ids()))
  for update;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the permission', 'permission_id');
  end if;
  select c.owner_user_id into v_owner_user_id from public.connections as c where c.id = v_permission.connection_id;
  if v_owner_user_id is distinct from auth.uid() then
    perform private.require_admin(auth.uid(), v_permission.workspace_id, 'take back the permission');
  end if;
  if not v_permission.is_active then
    return;
  end if;
  update public.agent_integration_permissions as p set is_active = false where p.id = v_permission.id;
  perform private.write_audit(
    v_permission.workspace_id, auth.uid(), 'agent_permission.revoked', 'agent', v_permission.agent_id::text,
    jsonb_build_object('connection_id', v_permission.connection_id)
  );
end;
$$;
comment on function private.revoke_agent_permission(uuid) is 'Does the work of public.revoke_agent_permission.';
revoke execute on function private.revoke_agent_permission(uuid) from public, anon;
grant execute on function private.revoke_agent_permission(uuid) to authenticated;

create function public.revoke_agent_permission(permission_id uuid)
returns void language sql set search_path = ''
as $$
  select private.revoke_agent_permission(revoke_agent_permission.permission_id);
$$;
comment on function public.revoke_agent_permission(uuid) is
  'Takes back what an agent was granted, from its next call on. Owners and admins, and whose connection it is. Errors: 403, 404.';
revoke execute on function public.revoke_agent_permission(uuid) from public, anon;
grant execute on function public.revoke_agent_permission(uuid) to authenticated;

create function private.agent_can(agent_id uuid, connection_id uuid, required_scopes text[])
returns boolean language sql stable set search_path = ''
as $$
  select coalesce(cardinality(agent_can.required_scopes) > 0, false) and exists (
    select
    from public.agent_integration_permissions as p
    join public.agents as a on a.id = p.agent_id
    join public.connections as c on c.id = p.connection_id
    where p.agent_id = agent_can.agent_id and p.connection_id = agent_can.connection_id
      and p.is_active and (p.expires_at is null or p.expires_at > now())
      and p.allowed_scopes @> agent_can.required_scopes
      and a.is_active and c.status = 'active'
  );
$$;
comment on function private.agent_can(uuid, uuid, text[]) is
  'The one check: whether an agent may use a connection for all of these scopes, now. Nothing named is nothing allowed.';
revoke execute on function private.agent_can(uuid, uuid, text[]) from public, anon;
grant execute on function private.agent_can(uuid, uuid, text[]) to authenticated, service_role;

-- Invoker: row level security hides what is not the caller's, and only the caller may be asked about.
create function public.validate_agent_clicksend_permissions(
  p_agent_id uuid, p_user_id uuid, p_required_scopes text[]
)
returns boolean language sql stable set search_path = ''
as $$
  select exists (
    select from public.connections as c
    where c.provider = 'clicksend_sms'
      and (
        c.owner_user_id = validate_agent_clicksend_permissions.p_user_id
        or (
          c.owner_user_id is null
          and exists (
            select from public.workspace_members as m
            where m.workspace_id = c.workspace_id and m.user_id = validate_agent_clicksend_permissions.p_user_id
          )
        )
      )
      and (
        validate_agent_clicksend_permissions.p_user_id = (select auth.uid())
        or (select auth.jwt() ->> 'role') = 'service_role'
      )
      and private.agent_can(
        validate_agent_clicksend_permissions.p_agent_id, c.id, validate_agent_clicksend_permissions.p_required_scopes
      )
  );
$$;
comment on function public.validate_agent_clicksend_permissions(uuid, uuid, text[]) is
  'Whether an agent may use a ClickSend connection of the person''s, own or workspace''s, for all of these scopes. False for anybody but the caller (service_role may ask for everybody), and where no scope is named.';
revoke execute on function public.validate_agent_clicksend_permissions(uuid, uuid, text[]) from public, anon;
grant execute on function public.validate_agent_clicksend_permissions(uuid, uuid, text[]) to authenticated, service_role;

-- Invoker: as above.
create function public.get_user_clicksend_connection(p_user_id uuid)
returns table (
  connection_id uuid, connection_name text, external_username text, connection_status text, configuration jsonb
)
language sql stable set search_path = ''
as $$
  select c.id, c.display_name, c.external_account_id, c.status, c.settings
  from public.connections as c
  where c.provider = 'clicksend_sms' and c.status = 'active'
    and c.owner_user_id = get_user_clicksend_connection.p_user_id
    and (
      get_user_clicksend_connection.p_user_id = (select auth.uid())
      or (select auth.jwt() ->> 'role') = 'service_role'
    )
  order by c.created_at desc
  limit 1;
$$;
comment on function public.get_user_clicksend_connection(uuid) is
  'The caller''s own newest active ClickSend connection, without its secrets (service_role may ask for everybody''s).';
revoke execute on function public.get_user_clicksend_connection(uuid) from public, anon;
grant execute on function public.get_user_clicksend_connection(uuid) to authenticated, service_role;
