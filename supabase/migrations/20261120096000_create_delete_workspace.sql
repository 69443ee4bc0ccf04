-- How a workspace ends: cut off at once, its rows removed in batches that fit into a request.

create table private.workspace_deletions (
  workspace_id uuid primary key,
  slug text not null,
  deleted_by uuid not null,
  deleted_at timestamptz not null default now(),
  purged_at timestamptz
);
comment on table private.workspace_deletions is 'Which workspaces were deleted, by whom: their own audit log goes with them.';
comment on column private.workspace_deletions.purged_at is 'When the last row was gone.';
alter table private.workspace_deletions enable row level security;
revoke all on private.workspace_deletions from public, anon, authenticated, service_role;

create function private.purge_deleted_workspaces(row_limit integer)
returns integer language plpgsql set search_path = ''
as $$
declare
  -- Those that grow, in an order in which none still refers to one that goes before it.
  c_tables constant text[] := array[
    'campaign_recipients', 'webhook_events', 'conversation_messages', 'calls', 'agent_tool_calls', 'conversations',
    'contacts', 'team_messages', 'opt_outs', 'usage_daily', 'audit_log'
  ];
  v_workspace_id uuid;
  v_table text;
  v_left integer := purge_deleted_workspaces.row_limit;
  v_removed integer;
begin
  for v_workspace_id in
    select w.id from public.workspaces as w
    where w.deleted_at is not null order by w.deleted_at for update skip locked
  loop
    foreach v_table in array c_tables loop
      exit when v_left <= 0;
      execute format(
        'delete from public.%1$I where ctid = any (array(select ctid from public.%1$I where workspace_id = $1 limit $2))',
        v_table
      ) using v_workspace_id, v_left;
      get diagnostics v_removed = row_count;
      v_left := v_left - v_removed;
    end loop;
    exit when v_left <= 0;
    -- What came while the workspace was being deleted must not keep it, nor those after it.
    perform private.disconnect_all(array(
      select c.id from public.connections as c where c.workspace_id = v_workspace_id
    ));
    delete from public.workspaces as w where w.id = v_workspace_id;
    update private.workspace_deletions as d set purged_at = now() where d.workspace_id = v_workspace_id;
  end loop;
  return purge_deleted_workspaces.row_limit - v_left;
end;
$$;
comment on function private.purge_deleted_workspaces(integer) is
  'Removes up to so many rows of deleted workspaces, and the workspaces that have none left; returns how many rows it were.';
revoke execute on function private.purge_deleted_workspaces(integer) from public, anon, authenticated;

-- Definer: nobody holds a delete grant on workspaces, and only the owner of Vault's functions may revoke secrets.
create function private.delete_workspace(workspace_id uuid, slug text)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_workspace_id uuid := delete_workspace.workspace_id;
  v_workspace public.workspaces;
begin
  if private.require_member(auth.uid(), v_workspace_id) <> 'owner' then
    perform private.fail(403, 'forbidden', 'Cannot delete the workspace: only its owners may', null, 'Ask an owner');
  end if;
  select * into v_workspace from public.workspaces as w where w.id = v_workspace_id for update;
  if v_workspace.slug is distinct from delete_workspace.slug then
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
comment on function private.delete_workspace(uuid, text) is 'Does the work of public.delete_workspace.';
revoke execute on function private.delete_workspace(uuid, text) from public, anon;
grant execute on function private.delete_workspace(uuid, text) to authenticated;

create function public.delete_workspace(workspace_id uuid, slug text)
returns void language sql set search_path = ''
as $$
  select private.delete_workspace(delete_workspace.workspace_id, delete_workspace.slug);
$$;
comment on function public.delete_workspace(uuid, text) is
  'Deletes a workspace for good: secrets revoked, members out and sending stopped at once; what is left of a large one is removed within minutes. The slug confirms. Owners. Errors: 400, 403, 404.';
revoke execute on function public.delete_workspace(uuid, text) from public, anon;
grant execute on function public.delete_workspace(uuid, text) to authenticated;
