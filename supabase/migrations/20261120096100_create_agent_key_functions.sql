-- How an agent's key comes, is replaced and goes. The key itself is shown once and kept nowhere.

create function private.known_scopes()
returns text[] language sql stable set search_path = ''
as $$
  select array(
    select distinct s.scope from public.service_providers as p
    cross join lateral jsonb_array_elements_text(p.scopes_supported) as s (scope)
  );
$$;
comment on function private.known_scopes() is 'Every scope that some provider supports.';
revoke execute on function private.known_scopes() from public, anon, authenticated;

create function private.require_scopes(wanted text[], supported text[])
returns void language plpgsql set search_path = ''
as $$
begin
  if (cardinality(require_scopes.wanted) > 0 and require_scopes.wanted <@ require_scopes.supported) is not true then
    perform private.fail(
      400, 'invalid_request', 'Cannot allow these scopes: none is named, or one is not supported', 'allowed_scopes',
      'Name some of: ' || array_to_string(require_scopes.supported, ', ')
    );
  end if;
end;
$$;
comment on function private.require_scopes(text[], text[]) is 'Refuses a list of scopes that is empty or holds an unknown one.';
revoke execute on function private.require_scopes(text[], text[]) from public, anon, authenticated;

create function private.issue_agent_key(
  agent public.agents, name text, allowed_scopes text[], expires_at timestamptz
)
returns table (id uuid, api_key text, valid_until timestamptz) language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  v_key text := 'sbk_' || private.new_token();
  v_id uuid;
begin
  insert into public.agent_api_keys (
    workspace_id, agent_id, name, key_prefix, allowed_scopes, expires_at, created_by
  )
  values (
    (issue_agent_key.agent).workspace_id, (issue_agent_key.agent).id, issue_agent_key.name, left(v_key, 12),
    issue_agent_key.allowed_scopes, issue_agent_key.expires_at, auth.uid()
  )
  returning agent_api_keys.id into v_id;
  insert into private.agent_api_key_hashes (key_id, key_hash) values (v_id, private.hash_of(v_key));
  return query select v_id, v_key, issue_agent_key.expires_at;
end;
$$;
comment on function private.issue_agent_key(public.agents, text, text[], timestamptz) is 'Makes a key for an agent.';
revoke execute on function private.issue_agent_key(public.agents, text, text[], timestamptz)
  from public, anon, authenticated;

-- Definer: nobody holds a write grant on keys, nor any on their hashes.
create function private.create_agent_key(agent_id uuid, name text, allowed_scopes text[], expires_at timestamptz)
returns table (id uuid, api_key text, valid_until timestamptz)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_agent public.agents;
begin
  select * into v_agent from public.agents as a
  where a.id = create_agent_key.agent_id and a.workspace_id = any (array(select private.my_workspace_ids()));
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the agent', 'agent_id');
  end if;
  perform private.require_admin(auth.uid(), v_agent.workspace_id, 'create an agent key');
  if coalesce(char_length(trim(create_agent_key.name)), 0) not between 1 and 100 then
    perform private.fail(400, 'invalid_request', 'Cannot create a key: the name needs 1 to 100 characters', 'name');
  end if;
  perform private.require_scopes(create_agent_key.allowed_scopes, private.known_scopes());
  if (create_agent_key.expires_at between now() + interval '1 minute' and now() + interval '366 days') is not true then
    perform private.fail(
      400, 'invalid_request', 'Cannot create a key: it has to expire within a year', 'expires_at'
    );
  end if;
  perform private.write_audit(
    v_agent.workspace_id, auth.uid(), 'agent_key.created', 'agent', v_agent.id::text,
    jsonb_build_object('allowed_scopes', create_agent_key.allowed_scopes)
  );
  return query select * from private.issue_agent_key(
    v_agent, trim(create_agent_key.name), create_agent_key.allowed_scopes, create_agent_key.expires_at
  );
end;
$$;
comment on function private.create_agent_key(uuid, text, text[], timestamptz) is 'Does the work of public.create_agent_key.';
revoke execute on function private.create_agent_key(uuid, text, text[], timestamptz) from public, anon;
grant execute on function private.create_agent_key(uuid, text, text[], timestamptz) to authenticated;

create function public.create_agent_key(
  agent_id uuid, name text, allowed_scopes text[], expires_at timestamptz default now() + interval '90 days'
)
returns table (id uuid, api_key text, valid_until timestamptz) language sql set search_path = ''
as $$
  select * from private.create_agent_key(
    create_agent_key.agent_id, create_agent_key.name, create_agent_key.allowed_scopes, create_agent_key.expires_at
  );
$$;
comment on function public.create_agent_key(uuid, text, text[], timestamptz) is
  'Makes a key for an agent, good for the scopes named and at most a year. api_key is shown this once. Owners and admins. Errors: 400, 403, 404.';
revoke execute on function public.create_agent_key(uuid, text, text[], timestamptz) from public, anon;
grant execute on function public.create_agent_key(uuid, text, text[], timestamptz) to authenticated;

create function private.find_agent_key(key_id uuid, action text)
returns public.agent_api_keys language plpgsql set search_path = ''
as $$
declare
  v_key public.agent_api_keys;
begin
  select * into v_key from public.agent_api_keys as k
  where k.id = find_agent_key.key_id and k.workspace_id = any (array(select private.my_workspace_ids()))
  for update;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the key', 'key_id');
  end if;
  perform private.require_admin(auth.uid(), v_key.workspace_id, find_agent_key.action);
  return v_key;
end;
$$;
comment on function private.find_agent_key(uuid, text) is 'A key, locked, that the caller may manage; refuses with 404 or 403.';
revoke execute on function private.find_agent_key(uuid, text) from public, anon, authenticated;

-- Definer: as above.
create function private.rotate_agent_key(key_id uuid, overlap_minutes integer)
returns table (id uuid, api_key text, valid_until timestamptz)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_old public.agent_api_keys := private.find_agent_key(rotate_agent_key.key_id, 'rotate an agent key');
  v_agent public.agents;
  v_new record;
begin
  if (rotate_agent_key.overlap_minutes between 0 and 10080) is not true then
    perform private.fail(
      400, 'invalid_request', 'Cannot rotate the key: the overlap is not 0 to 10080 minutes', 'overlap_minutes'
    );
  end if;
  if v_old.revoked_at is not null or v_old.replaced_by is not null or v_old.expires_at <= now() then
    perform private.fail(409, 'conflict', 'Cannot rotate the key: it is no longer in use', 'key_id', 'Create a new key');
  end if;
  select * into strict v_agent from public.agents as a where a.id = v_old.agent_id;
  select * into strict v_new from private.issue_agent_key(
    v_agent, v_old.name, v_old.allowed_scopes, now() + (v_old.expires_at - v_old.created_at)
  );
  update public.agent_api_keys as k
  set
    replaced_by = v_new.id,
    revoked_at = case when rotate_agent_key.overlap_minutes = 0 then now() end,
    expires_at = least(
      k.expires_at,
      -- Kept after created_at, which may be this very moment.
      greatest(
        now() + make_interval(mins => rotate_agent_key.overlap_minutes), k.created_at + interval '1 microsecond'
      )
    )
  where k.id = v_old.id;
  perform private.write_audit(
    v_old.workspace_id, auth.uid(), 'agent_key.rotated', 'agent', v_old.agent_id::text,
    jsonb_build_object('key_id', v_old.id)
  );
  return query select v_new.id, v_new.api_key, v_new.valid_until;
end;
$$;
comment on function private.rotate_agent_key(uuid, integer) is 'Does the work of public.rotate_agent_key.';
revoke execute on function private.rotate_agent_key(uuid, integer) from public, anon;
grant execute on function private.rotate_agent_key(uuid, integer) to authenticated;

create function public.rotate_agent_key(key_id uuid, overlap_minutes integer default 60)
returns table (id uuid, api_key text, valid_until timestamptz) language sql set search_path = ''
as $$
  select * from private.rotate_agent_key(rotate_agent_key.key_id, rotate_agent_key.overlap_minutes);
$$;
comment on function public.rotate_agent_key(uuid, integer) is
  'Makes a key that takes over from another, which goes on working for overlap_minutes. Owners and admins. Errors: 400, 403, 404, 409.';
revoke execute on function public.rotate_agent_key(uuid, integer) from public, anon;
grant execute on function public.rotate_agent_key(uuid, integer) to authenticated;

-- Definer: as above.
create function private.revoke_agent_key(key_id uuid)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_key public.agent_api_keys := private.find_agent_key(revoke_agent_key.key_id, 'revoke an agent key');
begin
  if v_key.revoked_at is not null then
    return;
  end if;
  update public.agent_api_keys as k set revoked_at = now() where k.id = v_key.id;
  perform private.write_audit(
    v_key.workspace_id, auth.uid(), 'agent_key.revoked', 'agent', v_key.agent_id::text,
    jsonb_build_object('key_id', v_key.id)
  );
end;
$$;
comment on function private.revoke_agent_key(uuid) is 'Does the work of public.revoke_agent_key.';
revoke execute on function private.revoke_agent_key(uuid) from public, anon;
grant execute on function private.revoke_agent_key(uuid) to authenticated;

create function public.revoke_agent_key(key_id uuid)
returns void language sql set search_path = ''
as $$
  select private.revoke_agent_key(revoke_agent_key.key_id);
$$;
comment on function public.revoke_agent_key(uuid) is
  'Ends a key at once; once ended, again changes nothing. Owners and admins. Errors: 403, 404.';
revoke execute on function public.revoke_agent_key(uuid) from public, anon;
grant execute on function public.revoke_agent_key(uuid) to authenticated;

-- Definer: service_role holds no grant on the hashes.
create function public.read_agent_key(api_key text)
returns table (key_id uuid, workspace_id uuid, agent_id uuid, allowed_scopes text[])
language plpgsql security definer set search_path = ''
as $$
declare
  v_key public.agent_api_keys;
begin
  select k.* into v_key
  from private.agent_api_key_hashes as h
  join public.agent_api_keys as k on k.id = h.key_id
  join public.agents as a on a.id = k.agent_id
  join public.workspaces as w on w.id = k.workspace_id
  where h.key_hash = private.hash_of(read_agent_key.api_key)
    and k.revoked_at is null and k.expires_at > now() and a.is_active and w.deleted_at is null;
  if not found then
    return;
  end if;
  -- To the minute, so that a busy agent does not write with every call.
  update public.agent_api_keys as k
  set last_used_at = now()
  where k.id = v_key.id and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute');
  return query select v_key.id, v_key.workspace_id, v_key.agent_id, v_key.allowed_scopes;
end;
$$;
comment on function public.read_agent_key(text) is
  'Whose key it is and what it is good for. No row: unknown, revoked or expired, or the agent is not active. For service_role.';
revoke execute on function public.read_agent_key(text) from public, anon, authenticated;
grant execute on function public.read_agent_key(text) to service_role;
