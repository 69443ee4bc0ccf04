-- How roles change and members go. A trigger sees to it that an owner is left.

create function private.find_member(workspace_id uuid, user_id uuid)
returns public.workspace_members language plpgsql set search_path = ''
as $$
declare
  v_member public.workspace_members;
begin
  select * into v_member from public.workspace_members as m
  where m.workspace_id = find_member.workspace_id and m.user_id = find_member.user_id
  for update;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the member', 'user_id');
  end if;
  return v_member;
end;
$$;
comment on function private.find_member(uuid, uuid) is 'A member, locked; refuses with 404.';
revoke execute on function private.find_member(uuid, uuid) from public, anon, authenticated;

-- Definer: nobody holds a write grant on members.
create function private.set_member_role(workspace_id uuid, user_id uuid, role text)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_actor_role text := private.require_admin(auth.uid(), set_member_role.workspace_id, 'change a role');
  v_member public.workspace_members := private.find_member(set_member_role.workspace_id, set_member_role.user_id);
begin
  if (set_member_role.role in ('owner', 'admin', 'member')) is not true then
    perform private.fail(
      400, 'invalid_request', 'Cannot change a role: unknown role', 'role', 'Use owner, admin or member'
    );
  end if;
  if v_actor_role <> 'owner' and (v_member.role = 'owner' or set_member_role.role = 'owner') then
    perform private.fail(403, 'forbidden', 'Cannot change who is an owner: the role is admin', 'role', 'Ask an owner');
  end if;
  update public.workspace_members as m
  set role = set_member_role.role
  where m.workspace_id = v_member.workspace_id and m.user_id = v_member.user_id;
  perform private.write_audit(
    v_member.workspace_id, auth.uid(), 'member.role_set', 'member', v_member.user_id::text,
    jsonb_build_object('from', v_member.role, 'to', set_member_role.role)
  );
end;
$$;
comment on function private.set_member_role(uuid, uuid, text) is 'Does the work of public.set_member_role.';
revoke execute on function private.set_member_role(uuid, uuid, text) from public, anon;
grant execute on function private.set_member_role(uuid, uuid, text) to authenticated;

create function public.set_member_role(workspace_id uuid, user_id uuid, role text)
returns void language sql set search_path = ''
as $$
  select private.set_member_role(set_member_role.workspace_id, set_member_role.user_id, set_member_role.role);
$$;
comment on function public.set_member_role(uuid, uuid, text) is
  'Changes a member''s role. Owners and admins; only owners make or unmake owners. Errors: 400, 403, 404, 409 for the last owner.';
revoke execute on function public.set_member_role(uuid, uuid, text) from public, anon;
grant execute on function public.set_member_role(uuid, uuid, text) to authenticated;

-- Definer: as above.
create function private.remove_member(workspace_id uuid, user_id uuid)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_actor_role text := private.require_member(auth.uid(), remove_member.workspace_id);
  v_member public.workspace_members;
begin
  if remove_member.user_id is distinct from auth.uid() then
    v_actor_role := private.require_admin(auth.uid(), remove_member.workspace_id, 'remove a member');
  end if;
  v_member := private.find_member(remove_member.workspace_id, remove_member.user_id);
  if v_member.role = 'owner' and v_actor_role <> 'owner' then
    perform private.fail(403, 'forbidden', 'Cannot remove an owner: the role is admin', 'user_id', 'Ask an owner');
  end if;
  delete from public.workspace_members as m
  where m.workspace_id = v_member.workspace_id and m.user_id = v_member.user_id;
  perform private.write_audit(
    v_member.workspace_id, auth.uid(),
    case when v_member.user_id = auth.uid() then 'member.left' else 'member.removed' end,
    'member', v_member.user_id::text, jsonb_build_object('role', v_member.role)
  );
end;
$$;
comment on function private.remove_member(uuid, uuid) is 'Does the work of public.remove_member and public.leave_workspace.';
revoke execute on function private.remove_member(uuid, uuid) from public, anon;
grant execute on function private.remove_member(uuid, uuid) to authenticated;

create function public.remove_member(workspace_id uuid, user_id uuid)
returns void language sql set search_path = ''
as $$
  select private.remove_member(remove_member.workspace_id, remove_member.user_id);
$$;
comment on function public.remove_member(uuid, uuid) is
  'Removes a member: what was assigned to the person is assigned to nobody, and personal connections are disconnected. Owners and admins; only owners remove owners. Errors: 403, 404, 409 for the last owner.';
revoke execute on function public.remove_member(uuid, uuid) from public, anon;
grant execute on function public.remove_member(uuid, uuid) to authenticated;

create function public.leave_workspace(workspace_id uuid)
returns void language sql set search_path = ''
as $$
  select private.remove_member(leave_workspace.workspace_id, (select auth.uid()));
$$;
comment on function public.leave_workspace(uuid) is
  'Leaves a workspace. Errors: 404, 409 for the last owner, who makes another member an owner first or deletes the workspace.';
revoke execute on function public.leave_workspace(uuid) from public, anon;
grant execute on function public.leave_workspace(uuid) to authenticated;
