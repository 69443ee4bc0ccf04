-- Who acts as an agent: the agent itself with a key, or a member of its workspace through it.
create type private.agent_caller as (
  workspace_id uuid,
  agent_id uuid,
  key_id uuid,
  actor_id uuid,
  scopes text[],
  is_active boolean
);
comment on type private.agent_caller is
  'Who acts as an agent. key_id: with this key; actor_id: through this member; scopes: the most that the key is good for, null without limit; is_active: false and it may do nothing.';

-- Definer: nobody holds a grant on the hashes, nor to write on keys.
create function private.read_agent_caller(caller jsonb)
returns private.agent_caller language plpgsql security definer set search_path = ''
as $$
declare
  v_caller private.agent_caller;
  v_is_restricted boolean;
begin
  if read_agent_caller.caller ? 'api_key' then
    select k.workspace_id, k.agent_id, k.id, null, k.allowed_scopes, a.is_active into v_caller
    from private.agent_api_key_hashes as h
    join public.agent_api_keys as k on k.id = h.key_id
    join public.agents as a on a.id = k.agent_id
    join public.workspaces as w on w.id = k.workspace_id
    where h.key_hash = private.hash_of(read_agent_caller.caller ->> 'api_key')
      and k.revoked_at is null and k.expires_at > now() and w.deleted_at is null;
    if not found then
      perform private.fail(
        401, 'not_authenticated', 'Cannot act as an agent: the key is unknown, revoked or expired', null,
        'Use a key that create_agent_key or rotate_agent_key gave'
      );
    end if;
    if read_agent_caller.caller ->> 'agent_id' is distinct from v_caller.agent_id::text
      and read_agent_caller.caller ->> 'agent_id' is not null
    then
      perform private.fail(404, 'not_found', 'Cannot find the agent', 'agent_id');
    end if;
    -- To the minute, so that a busy agent does not write with every call, and never waiting for another call.
    update public.agent_api_keys as k
    set last_used_at = now()
    where k.id = any (array(
      select o.id from public.agent_api_keys as o
      where o.id = v_caller.key_id and (o.last_used_at is null or o.last_used_at < now() - interval '1 minute')
      for no key update skip locked
    ));
    return v_caller;
  end if;

  if read_agent_caller.caller ->> 'actor_id' is null then
    perform private.fail(
      401, 'not_authenticated', 'Cannot act as an agent: neither a key nor a person', null,
      'Send a key of the agent, or sign in and name the agent'
    );
  end if;
  -- One answer for what is unknown, a stranger's, and no id at all.
  if pg_input_is_valid(read_agent_caller.caller ->> 'agent_id', 'uuid') then
    select a.workspace_id, a.id, null, m.user_id, null, a.is_active into v_caller
    from public.agents as a
    join public.workspace_members as m on m.workspace_id = a.workspace_id
    where a.id = (read_agent_caller.caller ->> 'agent_id')::uuid
      and m.user_id = (read_agent_caller.caller ->> 'actor_id')::uuid;
  end if;
  if v_caller.agent_id is null then
    perform private.fail(404, 'not_found', 'Cannot find the agent', 'agent_id');
  end if;
  select m.role not in ('owner', 'admin') and w.conversation_access <> 'all' into v_is_restricted
  from public.workspaces as w
  join public.workspace_members as m on m.workspace_id = w.id
  where w.id = v_caller.workspace_id and m.user_id = v_caller.actor_id;
  -- An agent sees every conversation of its workspace.
  if v_is_restricted is not false then
    perform private.fail(
      403, 'forbidden', 'Cannot act through the agent: the workspace shows its members only what is assigned to them',
      'agent_id', 'Ask an owner or admin of the workspace'
    );
  end if;
  return v_caller;
end;
$$;
comment on function private.read_agent_caller(jsonb) is
  'Who acts, from {"api_key"} (with an "agent_id", only where the key is that agents) or from {"agent_id", "actor_id"} of a person who has signed in. An agent that is switched off is told by is_active. Errors: 401, 403, 404. For service_role.';
revoke execute on function private.read_agent_caller(jsonb) from public, anon, authenticated;
grant execute on function private.read_agent_caller(jsonb) to service_role;

create function private.agent_itself(agent_id uuid)
returns private.agent_caller language plpgsql stable set search_path = ''
as $$
declare
  v_caller private.agent_caller;
begin
  select a.workspace_id, a.id, null, null, null, a.is_active into v_caller
  from public.agents as a where a.id = agent_itself.agent_id;
  return v_caller;
end;
$$;
comment on function private.agent_itself(uuid) is 'An agent that acts by itself, without the limits of a key or a person.';
revoke execute on function private.agent_itself(uuid) from public, anon;
grant execute on function private.agent_itself(uuid) to authenticated, service_role;

-- The one way to read a key is the one above.
drop function public.read_agent_key(text);
