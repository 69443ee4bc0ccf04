-- A workspace is deleted while others send and receive for it: where two wait in a circle, the deletion begins again.

create function private.end_workspace(workspace_id uuid, slug text)
returns void language plpgsql set search_path = ''
as $$
declare
  v_workspace_id uuid := end_workspace.workspace_id;
  v_workspace public.workspaces;
begin
  select * into v_workspace from public.workspaces as w where w.id = v_workspace_id for update;
  if v_workspace.slug is distinct from end_workspace.slug then
    perform private.fail(
      400, 'invalid_request', 'Cannot delete the workspace: the slug is not its slug', 'slug',
      'Repeat the slug of the workspace to confirm'
    );
  end if;

  -- No message leaves or arrives from here on, and no secret stays.
  perform private.disconnect_all(array(
    select c.id from public.connections as c where c.workspace_id = v_workspace_id
  ));
  delete from private.outbound_jobs as j where j.workspace_id = v_workspace_id;
  insert into private.workspace_deletions (workspace_id, slug, deleted_by)
  values (v_workspace_id, v_workspace.slug, auth.uid());
  -- The slug is free again.
  update public.workspaces as w
  set deleted_at = now(), slug = 'deleted-' || w.id
  where w.id = v_workspace_id;
  delete from public.workspace_members as m where m.workspace_id = v_workspace_id;
  perform private.purge_deleted_workspaces(2000);
end;
$$;
comment on function private.end_workspace(uuid, text) is
  'Cuts a workspace off and removes its first rows, for whoever was checked before. Errors: 400.';
revoke execute on function private.end_workspace(uuid, text) from public, anon, authenticated;

-- Definer: nobody holds a delete grant on workspaces, and only the owner of Vault's functions may revoke secrets.
create or replace function private.delete_workspace(workspace_id uuid, slug text)
returns void language plpgsql security definer set search_path = ''
as $$
begin
  if private.require_member(auth.uid(), delete_workspace.workspace_id) <> 'owner' then
    perform private.fail(403, 'forbidden', 'Cannot delete the workspace: only its owners may', null, 'Ask an owner');
  end if;
  for try in 1 .. 4 loop
    begin
      perform private.end_workspace(delete_workspace.workspace_id, delete_workspace.slug);
      return;
    -- Whoever records or takes webhooks holds rows of it and then refers to it: no order of locks serves all of them.
    exception when deadlock_detected then
      if try = 4 then
        raise;
      end if;
    end;
  end loop;
end;
$$;
