-- Where the members of a workspace talk among themselves, and what a conversation can be assigned to.
create table public.team_channels (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  name text not null,
  description text,
  is_private boolean not null default false,
  created_by uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint team_channels_name_has_length check (char_length(name) between 1 and 80),
  constraint team_channels_description_has_length check (char_length(description) between 1 and 500),
  constraint team_channels_id_in_workspace unique (workspace_id, id)
);
comment on table public.team_channels is 'A room in which members of a workspace talk, such as support.';
comment on column public.team_channels.is_private is 'Seen by its members and by owners and admins; else by the whole workspace.';
create unique index team_channels_name_once_idx on public.team_channels (workspace_id, lower(name));
create index team_channels_created_by_idx on public.team_channels (created_by);

create table public.team_channel_members (
  workspace_id uuid not null,
  team_channel_id uuid not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (team_channel_id, user_id),
  constraint team_channel_members_channel_of_workspace
    foreign key (workspace_id, team_channel_id) references public.team_channels (workspace_id, id) on delete cascade,
  constraint team_channel_members_user_of_workspace
    foreign key (workspace_id, user_id) references public.workspace_members (workspace_id, user_id) on delete cascade
);
comment on table public.team_channel_members is
  'Who belongs to a team channel, and so takes care of the conversations assigned to it. Nobody adds themselves.';
create index team_channel_members_channel_idx on public.team_channel_members (workspace_id, team_channel_id);
create index team_channel_members_user_id_idx on public.team_channel_members (workspace_id, user_id);

-- Definer: a policy on team_channel_members that read it would recurse.
create function private.my_team_channel_ids()
returns setof uuid language plpgsql stable parallel safe rows 10 security definer set search_path = ''
as $$
begin
  return query
  select m.team_channel_id from public.team_channel_members as m
  where m.workspace_id = any (array(select private.my_workspace_ids())) and m.user_id = auth.uid();
end;
$$;
comment on function private.my_team_channel_ids() is 'The team channels the caller belongs to.';
revoke execute on function private.my_team_channel_ids() from public, anon;
grant execute on function private.my_team_channel_ids() to authenticated, service_role;

-- Definer: as above.
create function private.my_visible_team_channel_ids()
returns setof uuid language plpgsql stable parallel safe rows 10 security definer set search_path = ''
as $$
begin
  return query
  select t.id from public.team_channels as t
  where t.workspace_id = any (array(select private.my_workspace_ids()))
    and (
      not t.is_private
      or t.workspace_id = any (array(select private.my_admin_workspace_ids()))
      or t.id = any (array(select private.my_team_channel_ids()))
    );
end;
$$;
comment on function private.my_visible_team_channel_ids() is 'The team channels the caller may read.';
revoke execute on function private.my_visible_team_channel_ids() from public, anon;
grant execute on function private.my_visible_team_channel_ids() to authenticated, service_role;

alter table public.team_channels enable row level security;
revoke all on public.team_channels from anon, authenticated, service_role;
grant select, update (name, description, is_private), delete on public.team_channels to authenticated;
grant select on public.team_channels to service_role;
create policy team_channels_select_member on public.team_channels
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and id = any (array(select private.my_visible_team_channel_ids()))
  );
create policy team_channels_update_admin on public.team_channels
  for update to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())))
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create policy team_channels_delete_admin on public.team_channels
  for delete to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger team_channels_set_updated_at before update on public.team_channels
  for each row execute function public.update_updated_at_column();
create trigger team_channels_keep_workspace before update of workspace_id on public.team_channels
  for each row execute function private.refuse_workspace_change();

alter table public.team_channel_members enable row level security;
revoke all on public.team_channel_members from anon, authenticated, service_role;
grant select, insert (workspace_id, team_channel_id, user_id), delete on public.team_channel_members to authenticated;
grant select on public.team_channel_members to service_role;
create policy team_channel_members_select_member on public.team_channel_members
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and team_channel_id = any (array(select private.my_visible_team_channel_ids()))
  );
create policy team_channel_members_insert_admin on public.team_channel_members
  for insert to authenticated
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create policy team_channel_members_delete_admin_or_self on public.team_channel_members
  for delete to authenticated
  using (
    workspace_id = any (array(select private.my_admin_workspace_ids()))
    or (workspace_id = any (array(select private.my_workspace_ids())) and user_id = (select auth.uid()))
  );
create trigger team_channel_members_keep_workspace before update of workspace_id on public.team_channel_members
  for each row execute function private.refuse_workspace_change();

-- Definer: the creator is the first member, and nobody may add themselves.
create function private.create_team_channel(workspace_id uuid, name text, description text, is_private boolean)
returns public.team_channels language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_channel public.team_channels;
begin
  perform private.require_member(auth.uid(), create_team_channel.workspace_id);
  if coalesce(char_length(trim(create_team_channel.name)), 0) not between 1 and 80 then
    perform private.fail(400, 'invalid_request', 'Cannot create a team channel: the name needs 1 to 80 characters', 'name');
  end if;
  if char_length(create_team_channel.description) > 500 then
    perform private.fail(
      400, 'invalid_request', 'Cannot create a team channel: the description is longer than 500 characters', 'description'
    );
  end if;
  insert into public.team_channels (workspace_id, name, description, is_private, created_by)
  values (
    create_team_channel.workspace_id, trim(create_team_channel.name), nullif(create_team_channel.description, ''),
    coalesce(create_team_channel.is_private, false), auth.uid()
  )
  on conflict (workspace_id, lower(name)) do nothing
  returning * into v_channel;
  if v_channel.id is null then
    perform private.fail(409, 'conflict', 'Cannot create a team channel: the name is taken', 'name', 'Choose another name');
  end if;
  insert into public.team_channel_members (workspace_id, team_channel_id, user_id)
  values (v_channel.workspace_id, v_channel.id, auth.uid());
  return v_channel;
end;
$$;
comment on function private.create_team_channel(uuid, text, text, boolean) is 'Does the work of public.create_team_channel.';
revoke execute on function private.create_team_channel(uuid, text, text, boolean) from public, anon;
grant execute on function private.create_team_channel(uuid, text, text, boolean) to authenticated;

create function public.create_team_channel(
  workspace_id uuid, name text, description text default null, is_private boolean default false
)
returns public.team_channels language sql set search_path = ''
as $$
  select private.create_team_channel(
    create_team_channel.workspace_id, create_team_channel.name, create_team_channel.description,
    create_team_channel.is_private
  );
$$;
comment on function public.create_team_channel(uuid, text, text, boolean) is
  'Opens a team channel with the caller in it. Members; admins add others. Errors: 400, 404, 409 when the name is taken.';
revoke execute on function public.create_team_channel(uuid, text, text, boolean) from public, anon;
grant execute on function public.create_team_channel(uuid, text, text, boolean) to authenticated;
