-- Whether an agent may use a tool, on which connection, from which sender.
create function private.agent_may_send_from(agent_id uuid, phone_number_id uuid, email_sender_id uuid)
returns boolean language plpgsql stable set search_path = ''
as $$
declare
  v_is_allowed boolean;
begin
  if num_nonnulls(agent_may_send_from.phone_number_id, agent_may_send_from.email_sender_id) <> 1 then
    return false;
  end if;
  if agent_may_send_from.email_sender_id is not null then
    select e.agent_id is null or e.agent_id = a.id into v_is_allowed
    from public.agents as a
    join public.email_senders as e on e.workspace_id = a.workspace_id or e.workspace_id is null
    where a.id = agent_may_send_from.agent_id and e.id = agent_may_send_from.email_sender_id;
    return coalesce(v_is_allowed, false);
  end if;
  select
    case
      when g.allowed_phone_number_ids is not null then n.id = any (g.allowed_phone_number_ids)
      else n.agent_id = g.agent_id
        or exists (
          select from public.phone_number_assignments as s
          where s.workspace_id = n.workspace_id and s.phone_number_id = n.id and s.agent_id = g.agent_id
        )
        or (
          n.agent_id is null
          and not exists (
            select from public.phone_number_assignments as s
            where s.workspace_id = n.workspace_id and s.phone_number_id = n.id
          )
        )
    end
  into v_is_allowed
  from public.agent_guardrails as g
  join public.phone_numbers as n on n.workspace_id = g.workspace_id or n.workspace_id is null
  where g.agent_id = agent_may_send_from.agent_id and n.id = agent_may_send_from.phone_number_id;
  return coalesce(v_is_allowed, false);
end;
$$;
comment on function private.agent_may_send_from(uuid, uuid, uuid) is
  'Whether an agent may send from a number or an e-mail address (one of them): the numbers its guardrails list; where they list none, and for addresses, what is assigned to it or to nobody.';
revoke execute on function private.agent_may_send_from(uuid, uuid, uuid) from public, anon;
grant execute on function private.agent_may_send_from(uuid, uuid, uuid) to authenticated, service_role;

create function private.agent_tools(caller private.agent_caller, capability_key text default null)
returns table (
  tool_key text, connection_id uuid, provider text, display_name text, scopes text[], owner_user_id uuid
)
language plpgsql stable rows 60 set search_path = ''
as $$
begin
  return query
  select t.capability_key, c.connection_id, c.provider, c.display_name, c.scopes, c.owner_user_id
  from private.agent_connections(agent_tools.caller) as c
  join public.service_providers as p on p.name = c.provider
  -- Two looks into the index, where one with `or` compares every capability with every connection.
  cross join lateral (
    select i.capability_key, i.sufficient_scopes
    from public.integration_capabilities as i where i.integration_id = p.id
    union all
    select i.capability_key, i.sufficient_scopes
    from public.integration_capabilities as i where i.integration_id is null
  ) as t
  where t.sufficient_scopes && c.scopes
    and t.capability_key <> all ((
      select g.denied_capability_keys from public.agent_guardrails as g where g.agent_id = agent_tools.caller.agent_id
    )::text[])
    and (agent_tools.capability_key is null or t.capability_key = agent_tools.capability_key);
end;
$$;
comment on function private.agent_tools(private.agent_caller, text) is
  'The tools that an agent may use now (one of them where it is named), with each connection that each works on.';
revoke execute on function private.agent_tools(private.agent_caller, text) from public, anon;
grant execute on function private.agent_tools(private.agent_caller, text) to authenticated, service_role;

create function private.caller_can(
  caller private.agent_caller, connection_id uuid, capability_key text, sender_id uuid default null
)
returns boolean language plpgsql stable set search_path = ''
as $$
begin
  return caller_can.capability_key is not null
    and exists (
      select from private.agent_tools(caller_can.caller, caller_can.capability_key) as t
      where t.connection_id = caller_can.connection_id
    )
    and (
      caller_can.sender_id is null
      or exists (
        select from public.phone_numbers as n
        where n.id = caller_can.sender_id and n.connection_id = caller_can.connection_id and n.status = 'active'
          and private.agent_may_send_from(caller_can.caller.agent_id, n.id, null)
      )
      or exists (
        select from public.email_senders as e
        where e.id = caller_can.sender_id and e.connection_id = caller_can.connection_id and e.status = 'active'
          and private.agent_may_send_from(caller_can.caller.agent_id, null, e.id)
      )
    );
end;
$$;
comment on function private.caller_can(private.agent_caller, uuid, text, uuid) is
  'The one check: whether whoever acts as an agent may use a tool on a connection now and, where one is named, from a sender of it.';
revoke execute on function private.caller_can(private.agent_caller, uuid, text, uuid) from public, anon;
grant execute on function private.caller_can(private.agent_caller, uuid, text, uuid) to authenticated, service_role;

create function private.agent_can(agent_id uuid, connection_id uuid, capability_key text, sender_id uuid default null)
returns boolean language plpgsql stable set search_path = ''
as $$
begin
  return private.caller_can(
    private.agent_itself(agent_can.agent_id), agent_can.connection_id, agent_can.capability_key, agent_can.sender_id
  );
end;
$$;
comment on function private.agent_can(uuid, uuid, text, uuid) is
  'The one check, for an agent that acts by itself. Where a key or a person is at hand, ask private.caller_can.';
revoke execute on function private.agent_can(uuid, uuid, text, uuid) from public, anon;
grant execute on function private.agent_can(uuid, uuid, text, uuid) to authenticated, service_role;

-- Invoker: row level security hides what is not the caller's, and only the caller may be asked about.
create or replace function public.validate_agent_clicksend_permissions(
  p_agent_id uuid, p_user_id uuid, p_required_scopes text[]
)
returns boolean language sql stable set search_path = ''
as $$
  select coalesce(cardinality(validate_agent_clicksend_permissions.p_required_scopes) > 0, false)
    and (
      validate_agent_clicksend_permissions.p_user_id = (select auth.uid())
      or (select auth.jwt() ->> 'role') = 'service_role'
    )
    and exists (
      select
      from private.agent_itself(validate_agent_clicksend_permissions.p_agent_id) as a
      cross join lateral private.agent_connections(a) as c
      join public.workspace_members as m on m.workspace_id = a.workspace_id
      where c.provider = 'clicksend_sms'
        and c.scopes @> validate_agent_clicksend_permissions.p_required_scopes
        and m.user_id = validate_agent_clicksend_permissions.p_user_id
        and (c.owner_user_id is null or c.owner_user_id = m.user_id)
    );
$$;

drop function private.agent_can(uuid, uuid, text[]);
