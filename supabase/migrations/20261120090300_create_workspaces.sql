-- The tenant and who belongs to it. Membership is written by functions only, never granted to oneself.

-- Declared immutable so that a constraint may use it: a zone name, once known, stays known.
create function private.is_timezone(name text)
returns boolean language sql immutable set search_path = ''
as $$
  select exists (select from pg_catalog.pg_timezone_names as z where z.name = is_timezone.name);
$$;
comment on function private.is_timezone(text) is 'Whether Postgres knows the time zone by this name.';
revoke execute on function private.is_timezone(text) from public, anon;
grant execute on function private.is_timezone(text) to authenticated, service_role;

create table public.workspaces (
  id uuid primary key default gen_random_uuid(),
  slug text not null unique,
  name text not null,
  timezone text not null default 'UTC',
  communication_mode text not null default 'hybrid',
  conversation_access text not null default 'all',
  plan_id text not null default private.default_plan_id() references public.plans (id),
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint workspaces_slug_is_url_safe check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) between 2 and 63),
  constraint workspaces_name_has_length check (char_length(name) between 1 and 100),
  constraint workspaces_timezone_is_known check (private.is_timezone(timezone)),
  constraint workspaces_communication_mode_is_known check (communication_mode in ('platform', 'byoc', 'hybrid')),
  constraint workspaces_conversation_access_is_known check (conversation_access in ('all', 'assigned'))
);
comment on table public.workspaces is 'The tenant: everything else belongs to exactly one workspace.';
comment on column public.workspaces.slug is 'Name in URLs: lower-case letters, digits and single hyphens, 2 to 63 characters.';
comment on column public.workspaces.timezone is 'IANA time zone, such as America/Chicago.';
comment on column public.workspaces.communication_mode is
  'platform: the operator''s connections; byoc: only its own; hybrid: its own first.';
comment on column public.workspaces.conversation_access is
  'What a member may see: all conversations, or only what is assigned. Owners and admins always see all.';
comment on column public.workspaces.plan_id is 'Changed by the operator.';
comment on column public.workspaces.deleted_at is
  'Nobody is a member any more and the secrets are gone: what is left is being removed.';
create index workspaces_plan_id_idx on public.workspaces (plan_id);

create table public.workspace_members (
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  role text not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, user_id),
  constraint workspace_members_role_is_known check (role in ('owner', 'admin', 'member'))
);
comment on table public.workspace_members is 'A person in a workspace, as owner, admin or member.';
create index workspace_members_user_id_idx on public.workspace_members (user_id);

-- Definer: a policy on workspace_members that read workspace_members would recurse. PL/pgSQL, as all of
-- these: it keeps its plans, where a SQL function is planned anew for every query that asks.
create function private.my_workspace_ids()
returns setof uuid language plpgsql stable parallel safe rows 10 security definer set search_path = ''
as $$
begin
  return query
  select m.workspace_id from public.workspace_members as m where m.user_id = auth.uid();
end;
$$;
comment on function private.my_workspace_ids() is 'The workspaces the caller belongs to.';
revoke execute on function private.my_workspace_ids() from public, anon;
grant execute on function private.my_workspace_ids() to authenticated, service_role;

-- Definer: as above.
create function private.my_admin_workspace_ids()
returns setof uuid language plpgsql stable parallel safe rows 10 security definer set search_path = ''
as $$
begin
  return query
  select m.workspace_id from public.workspace_members as m
  where m.user_id = auth.uid() and m.role in ('owner', 'admin');
end;
$$;
comment on function private.my_admin_workspace_ids() is 'The workspaces the caller owns or administers.';
revoke execute on function private.my_admin_workspace_ids() from public, anon;
grant execute on function private.my_admin_workspace_ids() to authenticated, service_role;

-- Definer: as above.
create function private.my_open_workspace_ids()
returns setof uuid language plpgsql stable parallel safe rows 10 security definer set search_path = ''
as $$
begin
  return query
  select m.workspace_id from public.workspace_members as m
  where m.user_id = auth.uid() and m.workspace_id <> all (array(select private.my_restricted_workspace_ids()));
end;
$$;
comment on function private.my_open_workspace_ids() is 'The workspaces in which the caller sees every conversation.';
revoke execute on function private.my_open_workspace_ids() from public, anon;
grant execute on function private.my_open_workspace_ids() to authenticated, service_role;

-- Definer: as above.
create function private.my_restricted_workspace_ids()
returns setof uuid language plpgsql stable parallel safe rows 10 security definer set search_path = ''
as $$
begin
  return query
  select w.id from public.workspaces as w
  where w.conversation_access <> 'all' and w.id = any (array(
    select m.workspace_id from public.workspace_members as m
    where m.user_id = auth.uid() and m.role not in ('owner', 'admin')
  ));
end;
$$;
comment on function private.my_restricted_workspace_ids() is
  'The workspaces in which the caller sees only what is assigned.';
revoke execute on function private.my_restricted_workspace_ids() from public, anon;
grant execute on function private.my_restricted_workspace_ids() to authenticated, service_role;

-- Definer: as above.
create function private.my_colleague_ids()
returns setof uuid language plpgsql stable parallel safe rows 50 security definer set search_path = ''
as $$
begin
  return query
  select auth.uid()
  union all
  select o.user_id from public.workspace_members as m
  join public.workspace_members as o on o.workspace_id = m.workspace_id
  where m.user_id = auth.uid();
end;
$$;
comment on function private.my_colleague_ids() is 'The caller, and everybody who shares a workspace with them.';
revoke execute on function private.my_colleague_ids() from public, anon;
grant execute on function private.my_colleague_ids() to authenticated, service_role;

alter table public.workspaces enable row level security;
revoke all on public.workspaces from anon, authenticated, service_role;
grant select, update (name, timezone, communication_mode, conversation_access) on public.workspaces to authenticated;
grant select on public.workspaces to service_role;
create policy workspaces_select_member on public.workspaces
  for select to authenticated
  using (id = any (array(select private.my_workspace_ids())));
create policy workspaces_update_admin on public.workspaces
  for update to authenticated
  using (id = any (array(select private.my_admin_workspace_ids())))
  with check (id = any (array(select private.my_admin_workspace_ids())));
create trigger workspaces_set_updated_at before update on public.workspaces
  for each row execute function public.update_updated_at_column();

alter table public.workspace_members enable row level security;
revoke all on public.workspace_members from anon, authenticated, service_role;
grant select on public.workspace_members to authenticated, service_role;
create policy workspace_members_select_member on public.workspace_members
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create trigger workspace_members_keep_workspace before update of workspace_id on public.workspace_members
  for each row execute function private.refuse_workspace_change();

create policy profiles_select_colleague on public.profiles
  for select to authenticated
  using (id = any (array(select private.my_colleague_ids())));

-- Definer: the check has to see members whatever the role that removed one may read.
create function private.keep_an_owner()
returns trigger language plpgsql security definer set search_path = ''
as $$
begin
  -- Written to, and so locked: two owners who leave at once see one another go.
  update public.workspaces as w set updated_at = now() where w.id = old.workspace_id and w.deleted_at is null;
  if found
    and not exists (
      select from public.workspace_members as m
      where m.workspace_id = old.workspace_id and m.role = 'owner'
    )
  then
    perform private.fail(
      409, 'last_owner', 'Cannot remove the last owner of a workspace', 'role',
      'Make another member an owner first'
    );
  end if;
  return null;
end;
$$;
comment on function private.keep_an_owner() is 'Trigger: a workspace always keeps an owner.';
revoke execute on function private.keep_an_owner() from public, anon, authenticated;
create constraint trigger workspace_members_keep_an_owner
  after update or delete on public.workspace_members
  deferrable initially deferred
  for each row when (old.role = 'owner') execute function private.keep_an_owner();
