-- How people join: an admin invites an e-mail address, and whoever holds it and the token accepts.

-- Definer: nobody holds a write grant on invitations, nor any on their tokens.
create function private.create_invitation(workspace_id uuid, email text, role text)
returns table (id uuid, token text, expires_at timestamptz)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_actor_role text := private.require_admin(auth.uid(), create_invitation.workspace_id, 'invite');
  v_email text := lower(trim(create_invitation.email));
  v_token text := private.new_token();
  v_invitation public.workspace_invitations;
begin
  if (v_email ~ '^[^\s@]+@[^\s@]+$' and char_length(v_email) <= 254) is not true then
    perform private.fail(400, 'invalid_request', 'Cannot invite: not an e-mail address', 'email');
  end if;
  if (create_invitation.role in ('owner', 'admin', 'member')) is not true then
    perform private.fail(
      400, 'invalid_request', 'Cannot invite: unknown role', 'role', 'Use owner, admin or member'
    );
  end if;
  if create_invitation.role = 'owner' and v_actor_role <> 'owner' then
    perform private.fail(403, 'forbidden', 'Cannot invite an owner: the role is admin', 'role', 'Ask an owner');
  end if;
  if exists (
    select from auth.users as u
    join public.workspace_members as m on m.user_id = u.id
    where lower(u.email) = v_email and m.workspace_id = create_invitation.workspace_id
  ) then
    perform private.fail(409, 'conflict', 'Cannot invite: the person is a member already', 'email');
  end if;

  -- The newest invitation of an address is the one that counts. The workspace is locked, so that
  -- two at once do not both find none to withdraw.
  perform from public.workspaces as w where w.id = create_invitation.workspace_id for no key update;
  update public.workspace_invitations as i
  set revoked_at = now()
  where i.workspace_id = create_invitation.workspace_id and i.email = v_email
    and i.accepted_at is null and i.revoked_at is null;
  insert into public.workspace_invitations (workspace_id, email, role, invited_by)
  values (create_invitation.workspace_id, v_email, create_invitation.role, auth.uid())
  returning * into v_invitation;
  insert into private.invitation_tokens (invitation_id, token_hash)
  values (v_invitation.id, private.hash_of(v_token));
  perform private.write_audit(
    v_invitation.workspace_id, auth.uid(), 'invitation.created', 'invitation', v_invitation.id::text,
    jsonb_build_object('role', v_invitation.role)
  );
  return query select v_invitation.id, v_token, v_invitation.expires_at;
end;
$$;
comment on function private.create_invitation(uuid, text, text) is 'Does the work of public.create_invitation.';
revoke execute on function private.create_invitation(uuid, text, text) from public, anon;
grant execute on function private.create_invitation(uuid, text, text) to authenticated;

create function public.create_invitation(workspace_id uuid, email text, role text default 'member')
returns table (id uuid, token text, expires_at timestamptz) language sql set search_path = ''
as $$
  select * from private.create_invitation(
    create_invitation.workspace_id, create_invitation.email, create_invitation.role
  );
$$;
comment on function public.create_invitation(uuid, text, text) is
  'Invites an e-mail address for 7 days, in place of an older invitation. The token is shown this once: send it to the address. Owners and admins; only owners invite owners. Errors: 400, 403, 404, 409 for a member.';
revoke execute on function public.create_invitation(uuid, text, text) from public, anon;
grant execute on function public.create_invitation(uuid, text, text) to authenticated;

-- Definer: as above.
create function private.accept_invitation(token text)
returns public.workspace_members language plpgsql security definer set search_path = ''
as $$
declare
  v_user_id uuid := auth.uid();
  v_invitation public.workspace_invitations;
  v_member public.workspace_members;
begin
  if v_user_id is null then
    perform private.fail(401, 'not_authenticated', 'Cannot accept the invitation: nobody is signed in');
  end if;
  select i.* into v_invitation
  from private.invitation_tokens as t
  join public.workspace_invitations as i on i.id = t.invitation_id
  join public.workspaces as w on w.id = i.workspace_id
  where t.token_hash = private.hash_of(accept_invitation.token) and w.deleted_at is null
  for update of i
  -- Held against a deletion of the workspace at the same time.
  for key share of w;
  -- Somebody else's invitation is answered as if there were none, whoever found its token.
  if not found or not exists (
    select from auth.users as u
    where u.id = v_user_id and lower(u.email) = v_invitation.email and u.email_confirmed_at is not null
  ) then
    perform private.fail(
      404, 'invitation_not_found', 'Cannot accept the invitation: there is none for your address', 'token',
      'Sign in with the address that was invited, and confirm it'
    );
  end if;
  if v_invitation.accepted_at is not null or v_invitation.revoked_at is not null then
    perform private.fail(409, 'invitation_closed', 'Cannot accept the invitation: it was used or withdrawn', 'token');
  end if;
  if v_invitation.expires_at <= now() then
    perform private.fail(
      410, 'invitation_expired', 'Cannot accept the invitation: it has expired', 'token', 'Ask for a new one'
    );
  end if;

  insert into public.workspace_members (workspace_id, user_id, role)
  values (v_invitation.workspace_id, v_user_id, v_invitation.role)
  on conflict on constraint workspace_members_pkey do nothing
  returning * into v_member;
  if v_member.user_id is null then
    perform private.fail(409, 'conflict', 'Cannot accept the invitation: you are a member already');
  end if;
  update public.workspace_invitations as i
  set accepted_at = now(), accepted_by = v_user_id
  where i.id = v_invitation.id;
  perform private.write_audit(
    v_invitation.workspace_id, v_user_id, 'invitation.accepted', 'invitation', v_invitation.id::text
  );
  return v_member;
end;
$$;
comment on function private.accept_invitation(text) is 'Does the work of public.accept_invitation.';
revoke execute on function private.accept_invitation(text) from public, anon;
grant execute on function private.accept_invitation(text) to authenticated;

create function public.accept_invitation(token text)
returns public.workspace_members language sql set search_path = ''
as $$
  select private.accept_invitation(accept_invitation.token);
$$;
comment on function public.accept_invitation(text) is
  'Joins a workspace with the token of an invitation to the caller''s own confirmed address. Errors: 401, 404, 409 when used, withdrawn or a member already, 410 when expired.';
revoke execute on function public.accept_invitation(text) from public, anon;
grant execute on function public.accept_invitation(text) to authenticated;

-- Definer: as above.
create function private.revoke_invitation(invitation_id uuid)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_invitation public.workspace_invitations;
begin
  select * into v_invitation from public.workspace_invitations as i
  where i.id = revoke_invitation.invitation_id
    and i.workspace_id = any (array(select private.my_workspace_ids()))
  for update;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the invitation', 'invitation_id');
  end if;
  perform private.require_admin(auth.uid(), v_invitation.workspace_id, 'revoke the invitation');
  if v_invitation.accepted_at is not null then
    perform private.fail(
      409, 'invitation_closed', 'Cannot revoke the invitation: it was accepted', 'invitation_id',
      'Remove the member instead'
    );
  end if;
  if v_invitation.revoked_at is null then
    update public.workspace_invitations as i set revoked_at = now() where i.id = v_invitation.id;
    perform private.write_audit(
      v_invitation.workspace_id, auth.uid(), 'invitation.revoked', 'invitation', v_invitation.id::text
    );
  end if;
end;
$$;
comment on function private.revoke_invitation(uuid) is 'Does the work of public.revoke_invitation.';
revoke execute on function private.revoke_invitation(uuid) from public, anon;
grant execute on function private.revoke_invitation(uuid) to authenticated;

create function public.revoke_invitation(invitation_id uuid)
returns void language sql set search_path = ''
as $$
  select private.revoke_invitation(revoke_invitation.invitation_id);
$$;
comment on function public.revoke_invitation(uuid) is
  'Withdraws an invitation; once withdrawn, again changes nothing. Owners and admins. Errors: 403, 404, 409 when it was accepted.';
revoke execute on function public.revoke_invitation(uuid) from public, anon;
grant execute on function public.revoke_invitation(uuid) to authenticated;
