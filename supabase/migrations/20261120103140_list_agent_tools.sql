-- The tools of an agent, and why there are none.
-- Written out once: to turn the schemas into text costs more than to find the tools.
alter table public.integration_capabilities
  add column arguments_text json generated always as (arguments_schema::text::json) stored;
comment on column public.integration_capabilities.arguments_text is 'arguments_schema, as it is answered with.';

create function private.explain_no_tools(caller private.agent_caller)
returns jsonb language plpgsql stable set search_path = ''
as $$
declare
  -- As agent_grants judges them: what is furthest from the first is closest to being usable.
  c_order constant text[] :=
    '{nothing_granted,grants_expired,grantor_gone,scopes_denied,key_scopes,connections_unhealthy}';
  v_code text;
begin
  if explain_no_tools.caller.is_active is not true then
    v_code := 'agent_inactive';
  else
    select
      case
        when count(*) filter (where g.obstacle is null) > 0 then 'tools_denied'
        else coalesce(c_order[max(array_position(c_order, g.obstacle))], 'nothing_granted')
      end
    into v_code
    from private.agent_grants(explain_no_tools.caller) as g;
  end if;
  return jsonb_build_object('code', v_code, 'message', case v_code
    when 'agent_inactive' then 'The agent is switched off: have an owner or admin switch it on'
    when 'nothing_granted' then 'The agent may use no connection: grant it one with grant_agent_permission'
    when 'grants_expired' then 'Everything that the agent was granted has expired: grant it again'
    when 'grantor_gone'
      then 'Whoever granted it may not any more: have the connection''s owner, or an owner or admin of the workspace, grant it again'
    when 'scopes_denied'
      then 'Every scope that the agent was granted is denied: lift the denial with deny_agent_scopes, or grant others'
    when 'key_scopes'
      then 'The key is good for no scope that the agent was granted: use a key with more scopes, or grant what it names'
    when 'connections_unhealthy'
      then 'No connection that the agent may use works: try again in a few minutes, or have an admin test the connections'
    when 'tools_denied'
      then 'Every tool that the agent was granted is denied: take some out of denied_capability_keys in its guardrails'
  end);
end;
$$;
comment on function private.explain_no_tools(private.agent_caller) is
  'Why an agent has no tools, as code and message: what stands in the way of the grant that comes closest.';
revoke execute on function private.explain_no_tools(private.agent_caller) from public, anon, authenticated;
grant execute on function private.explain_no_tools(private.agent_caller) to service_role;

-- Definer: service_role reads no keys, and one round trip does it all.
create function public.list_agent_tools(caller jsonb, page_limit integer default 100, after_key text default null)
returns table (agent jsonb, tools json, connections json, next_cursor text, empty_because jsonb)
language plpgsql security definer set search_path = ''
as $$
declare
  v_caller private.agent_caller := private.read_agent_caller(list_agent_tools.caller);
  v_after_provider text;
  v_after_order integer;
begin
  if (list_agent_tools.page_limit between 1 and 100) is not true then
    perform private.fail(400, 'invalid_request', 'Cannot list tools: the limit is not 1 to 100', 'limit');
  end if;
  if list_agent_tools.after_key is not null then
    -- Also where the agent has lost this tool since.
    select coalesce(p.name, ''), t.display_order into v_after_provider, v_after_order
    from public.integration_capabilities as t
    left join public.service_providers as p on p.id = t.integration_id
    where t.capability_key = list_agent_tools.after_key;
    if not found then
      perform private.fail(
        400, 'invalid_request', 'Cannot list tools: unknown cursor', 'cursor', 'Send next_cursor of the page before'
      );
    end if;
  end if;

  select jsonb_build_object('id', a.id, 'name', a.name) into agent
  from public.agents as a where a.id = v_caller.agent_id;

  -- First those that choose the connection themselves, then provider by provider.
  with usable as materialized (
    select t.tool_key, t.connection_id, t.display_name from private.agent_tools(v_caller) as t
  ),
  ordered as materialized (
    select
      c.id, c.capability_key, p.name as provider, u.connection_ids,
      row_number() over (order by coalesce(p.name, '') collate "C", c.display_order) as place
    from (select t.tool_key, array_agg(t.connection_id) as connection_ids from usable as t group by t.tool_key) as u
    join public.integration_capabilities as c on c.capability_key = u.tool_key
    left join public.service_providers as p on p.id = c.integration_id
    where list_agent_tools.after_key is null
      or (coalesce(p.name, '') collate "C", c.display_order) > (v_after_provider collate "C", v_after_order)
  )
  select
    (
      -- Not jsonb, which would take every schema apart and put it together again, twice.
      select json_agg(r)
      from (
        select
          c.capability_key, c.display_label, c.description, c.arguments_text as arguments_schema, c.is_read_only, c.is_destructive,
          c.is_idempotent, o.provider, o.connection_ids
        from ordered as o
        join public.integration_capabilities as c on c.id = o.id
        where o.place <= list_agent_tools.page_limit
        order by o.place
      ) as r
    ),
    (
      select coalesce(json_agg(d), '[]')
      from (
        select distinct t.connection_id as id, t.display_name from usable as t order by t.display_name, t.connection_id
      ) as d
    ),
    (
      select max(o.capability_key) filter (where o.place = list_agent_tools.page_limit)
      from ordered as o having count(*) > list_agent_tools.page_limit
    )
  into tools, connections, next_cursor;

  if tools is null then
    tools := '[]';
    if list_agent_tools.after_key is null then
      empty_because := private.explain_no_tools(v_caller);
    end if;
  end if;
  return next;
end;
$$;
comment on function public.list_agent_tools(jsonb, integer, text) is
  'The tools that an agent may use now, in their order, a page at a time; next_cursor goes on as after_key. connections: those that it may use, by name. caller as in private.read_agent_caller. Errors: 400, 401, 403, 404. For service_role.';
revoke execute on function public.list_agent_tools(jsonb, integer, text) from public, anon, authenticated;
grant execute on function public.list_agent_tools(jsonb, integer, text) to service_role;
