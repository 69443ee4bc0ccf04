-- How a workspace comes to be: with its creator as the owner, in one transaction.

-- Definer: nobody holds an insert grant on workspaces or their members.
create function private.create_workspace(name text, slug text, timezone text)
returns public.workspaces language plpgsql security definer set search_path = ''
as $$
declare
  v_user_id uuid := auth.uid();
  v_slug text := create_workspace.slug;
  v_workspace public.workspaces;
begin
  if v_user_id is null then
    perform private.fail(401, 'not_authenticated', 'Cannot create a workspace: nobody is signed in');
  end if;
  if coalesce(char_length(trim(create_workspace.name)), 0) not between 1 and 100 then
    perform private.fail(400, 'invalid_request', 'Cannot create a workspace: the name needs 1 to 100 characters', 'name');
  end if;
  if not private.is_timezone(coalesce(create_workspace.timezone, '')) then
    perform private.fail(
      400, 'invalid_request', 'Cannot create a workspace: unknown time zone', 'timezone',
      'Use an IANA name such as America/Chicago'
    );
  end if;
  if v_slug is null then
    v_slug := trim('-' from left(regexp_replace(lower(create_workspace.name), '[^a-z0-9]+', '-', 'g'), 50));
    if char_length(v_slug) < 2 or exists (select from public.workspaces as w where w.slug = v_slug) then
      v_slug := trim('-' from v_slug || '-' || left(replace(gen_random_uuid()::text, '-', ''), 8));
    end if;
  elsif v_slug !~ '^[a-z0-9]+(-[a-z0-9]+)*$' or char_length(v_slug) not between 2 and 63 then
    perform private.fail(
      400, 'invalid_request', 'Cannot create a workspace: the slug is not URL-safe', 'slug',
      'Use 2 to 63 lower-case letters, digits and single hyphens'
    );
  end if;

  insert into public.workspaces (slug, name, timezone)
  values (v_slug, trim(create_workspace.name), create_workspace.timezone)
  on conflict do nothing
  returning * into v_workspace;
  if v_workspace.id is null then
    perform private.fail(409, 'conflict', 'Cannot create a workspace: the slug is taken', 'slug', 'Choose another slug');
  end if;

  insert into public.workspace_members (workspace_id, user_id, role)
  values (v_workspace.id, v_user_id, 'owner');
  insert into public.audit_log (workspace_id, actor_id, action, entity_type, entity_id)
  values (v_workspace.id, v_user_id, 'workspace.created', 'workspace', v_workspace.id::text);
  return v_workspace;
end;
$$;
comment on function private.create_workspace(text, text, text) is 'Does the work of public.create_workspace.';
revoke execute on function private.create_workspace(text, text, text) from public, anon;
grant execute on function private.create_workspace(text, text, text) to authenticated;

create function public.create_workspace(name text, slug text default null, timezone text default 'UTC')
returns public.workspaces language sql set search_path = ''
as $$
  select private.create_workspace(create_workspace.name, create_workspace.slug, create_workspace.timezone);
$$;
comment on function public.create_workspace(text, text, text) is
  'Creates a workspace owned by the caller. Errors: 400 with the field, 401, 409 when the slug is taken.';
revoke execute on function public.create_workspace(text, text, text) from public, anon;
grant execute on function public.create_workspace(text, text, text) to authenticated;
