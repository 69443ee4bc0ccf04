-- How a workspace comes to be, with its creator as the owner, and who may act for it.

create function private.require_member(actor_id uuid, workspace_id uuid)
returns text language plpgsql stable set search_path = ''
as $$
declare
  v_role text;
begin
  select m.role into v_role
  from public.workspace_members as m
  where m.workspace_id = require_member.workspace_id and m.user_id = require_member.actor_id;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the workspace', 'workspace_id');
  end if;
  return v_role;
end;
$$;
comment on function private.require_member(uuid, uuid) is 'The role of a person in a workspace; refuses strangers with 404.';
revoke execute on function private.require_member(uuid, uuid) from public, anon, authenticated;

create function private.require_admin(actor_id uuid, workspace_id uuid, action text)
returns text language plpgsql stable set search_path = ''
as $$
declare
  v_role text := private.require_member(require_admin.actor_id, require_admin.workspace_id);
begin
  if v_role not in ('owner', 'admin') then
    perform private.fail(
      403, 'forbidden', format('Cannot %s: the role is member', require_admin.action), null,
      'Ask an owner or admin of the workspace'
    );
  end if;
  return v_role;
end;
$$;
comment on function private.require_admin(uuid, uuid, text) is
  'The role of an owner or admin; refuses anyone else: 404 for strangers, 403 for members.';
revoke execute on function private.require_admin(uuid, uuid, text) from public, anon, authenticated;

create function private.write_audit(
  workspace_id uuid, actor_id uuid, action text, entity_type text, entity_id text, details jsonb default '{}'
)
returns void language sql set search_path = ''
as $$
  insert into public.audit_log (workspace_id, actor_id, action, entity_type, entity_id, details)
  values (
    write_audit.workspace_id, write_audit.actor_id, write_audit.action, write_audit.entity_type,
    write_audit.entity_id, write_audit.details
  );
$$;
comment on function private.write_audit(uuid, uuid, text, text, text, jsonb) is 'Writes down what somebody did.';
revoke execute on function private.write_audit(uuid, uuid, text, text, text, jsonb) from public, anon, authenticated;

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
  perform private.write_audit(v_workspace.id, v_user_id, 'workspace.created', 'workspace', v_workspace.id::text);
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

-- Definer: service_role holds no write grant on workspaces.
create function public.set_workspace_plan(workspace_id uuid, plan_id text)
returns void language plpgsql security definer set search_path = ''
as $$
begin
  if not exists (select from public.plans as p where p.id = set_workspace_plan.plan_id) then
    perform private.fail(400, 'invalid_request', 'Cannot set the plan: there is no such plan', 'plan_id');
  end if;
  update public.workspaces as w
  set plan_id = set_workspace_plan.plan_id
  where w.id = set_workspace_plan.workspace_id and w.deleted_at is null;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the workspace', 'workspace_id');
  end if;
  perform private.write_audit(
    set_workspace_plan.workspace_id, null, 'workspace.plan_set', 'workspace', set_workspace_plan.workspace_id::text,
    jsonb_build_object('plan_id', set_workspace_plan.plan_id)
  );
end;
$$;
comment on function public.set_workspace_plan(uuid, text) is
  'Puts a workspace on another plan. Errors: 400, 404. For service_role: the operator bills.';
revoke execute on function public.set_workspace_plan(uuid, text) from public, anon, authenticated;
grant execute on function public.set_workspace_plan(uuid, text) to service_role;
