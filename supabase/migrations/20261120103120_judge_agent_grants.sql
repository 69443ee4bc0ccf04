-- What of an agent's grants holds now: the one place that decides it.
create function private.agent_grants(caller private.agent_caller)
returns table (
  connection_id uuid, provider text, display_name text, scopes text[], owner_user_id uuid, obstacle text
)
language plpgsql stable rows 10 set search_path = ''
as $$
begin
  return query
  select
    c.id, c.provider, c.display_name, s.scopes, c.owner_user_id,
    case
      when agent_grants.caller.is_active is not true then 'agent_inactive'
      when not p.is_active then 'nothing_granted'
      when p.expires_at <= now() then 'grants_expired'
      -- Nobody's agent has more than they have: a grant ends with the right to give it. Whoever has it now grants anew.
      when (m.user_id = c.owner_user_id or (c.owner_user_id is null and m.role in ('owner', 'admin'))) is not true
        then 'grantor_gone'
      when p.allowed_scopes <@ p.denied_scopes then 'scopes_denied'
      when s.scopes = '{}' then 'key_scopes'
      when c.status <> 'active' then 'connections_unhealthy'
      -- Only a message closes a breaker again: from probe_at on, an agent may be the one that sends it.
      when h.state = 'open' and h.probe_at > now() then 'connections_unhealthy'
    end
  from public.agent_integration_permissions as p
  join public.connections as c on c.id = p.connection_id
  left join public.workspace_members as m on m.workspace_id = p.workspace_id and m.user_id = p.granted_by
  left join public.connection_health as h on h.connection_id = c.id
  cross join lateral (
    select array(
      select u.scope from unnest(p.allowed_scopes) as u (scope)
      where u.scope <> all (p.denied_scopes)
        and (agent_grants.caller.scopes is null or u.scope = any (agent_grants.caller.scopes))
    )
  ) as s (scopes)
  where p.agent_id = agent_grants.caller.agent_id and p.workspace_id = agent_grants.caller.workspace_id
    -- A person acts through no colleague's own account.
    and (agent_grants.caller.actor_id is null or c.owner_user_id is null or c.owner_user_id = agent_grants.caller.actor_id)
  order by c.priority, c.created_at, c.id;

  if not exists (
    select from public.agent_guardrails as g
    where g.agent_id = agent_grants.caller.agent_id and g.platform_scopes <> '{}'
  ) then
    return;
  end if;
  return query
  select
    c.id, c.provider, 'The operator''s ' || v.display_name, s.scopes, null::uuid,
    case
      when agent_grants.caller.is_active is not true then 'agent_inactive'
      when s.scopes = '{}' then 'key_scopes'
      when c.status <> 'active' then 'connections_unhealthy'
      when h.state = 'open' and h.probe_at > now() then 'connections_unhealthy'
    end
  from public.agent_guardrails as g
  join public.workspaces as w on w.id = g.workspace_id and w.communication_mode in ('platform', 'hybrid')
  join public.connections as c on c.workspace_id is null and c.status <> 'inactive'
  join public.service_providers as v on v.name = c.provider
  left join public.connection_health as h on h.connection_id = c.id
  cross join lateral (
    select array(
      select u.scope from unnest(g.platform_scopes) as u (scope)
      where v.scopes_supported ? u.scope
        and (agent_grants.caller.scopes is null or u.scope = any (agent_grants.caller.scopes))
    )
  ) as s (scopes)
  where g.agent_id = agent_grants.caller.agent_id and g.workspace_id = agent_grants.caller.workspace_id
    and v.scopes_supported ?| g.platform_scopes
    and exists (select from public.plan_limits as l where l.plan_id = w.plan_id)
  order by c.priority, c.created_at, c.id;
end;
$$;
comment on function private.agent_grants(private.agent_caller) is
  'What an agent was granted, and after that the operator''s connections it may use, each time the one tried first first: its scopes less what is denied and what the key is not good for, and the first thing that stands in the way, in the order agent_inactive, nothing_granted, grants_expired, grantor_gone, scopes_denied, key_scopes, connections_unhealthy.';
revoke execute on function private.agent_grants(private.agent_caller) from public, anon;
grant execute on function private.agent_grants(private.agent_caller) to authenticated, service_role;

create function private.agent_connections(caller private.agent_caller)
returns table (connection_id uuid, provider text, display_name text, scopes text[], owner_user_id uuid)
language plpgsql stable rows 10 set search_path = ''
as $$
begin
  return query
  select g.connection_id, g.provider, g.display_name, g.scopes, g.owner_user_id
  from private.agent_grants(agent_connections.caller) as g
  where g.obstacle is null;
end;
$$;
comment on function private.agent_connections(private.agent_caller) is
  'The connections that an agent may use now, and for which scopes.';
revoke execute on function private.agent_connections(private.agent_caller) from public, anon;
grant execute on function private.agent_connections(private.agent_caller) to authenticated, service_role;
