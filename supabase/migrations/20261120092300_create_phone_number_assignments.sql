-- Which people and agents use a number. Admins write.
create table public.phone_number_assignments (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null,
  phone_number_id uuid not null,
  user_id uuid,
  agent_id uuid,
  created_by uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  constraint phone_number_assignments_number_of_workspace
    foreign key (workspace_id, phone_number_id) references public.phone_numbers (workspace_id, id) on delete cascade,
  constraint phone_number_assignments_user_of_workspace
    foreign key (workspace_id, user_id) references public.workspace_members (workspace_id, user_id) on delete cascade,
  constraint phone_number_assignments_agent_of_workspace
    foreign key (workspace_id, agent_id) references public.agents (workspace_id, id) on delete cascade,
  constraint phone_number_assignments_to_one check (num_nonnulls(user_id, agent_id) = 1),
  constraint phone_number_assignments_made_once unique nulls not distinct (phone_number_id, user_id, agent_id)
);
comment on table public.phone_number_assignments is 'A number that a member or an agent uses: never both in one row.';
create index phone_number_assignments_number_idx on public.phone_number_assignments (workspace_id, phone_number_id);
create index phone_number_assignments_user_id_idx on public.phone_number_assignments (workspace_id, user_id);
create index phone_number_assignments_agent_id_idx on public.phone_number_assignments (workspace_id, agent_id);
create index phone_number_assignments_created_by_idx on public.phone_number_assignments (created_by);

alter table public.phone_number_assignments enable row level security;
revoke all on public.phone_number_assignments from anon, authenticated, service_role;
grant select, insert (workspace_id, phone_number_id, user_id, agent_id), delete
  on public.phone_number_assignments to authenticated;
grant select on public.phone_number_assignments to service_role;
create policy phone_number_assignments_select_member on public.phone_number_assignments
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create policy phone_number_assignments_insert_admin on public.phone_number_assignments
  for insert to authenticated
  with check (
    workspace_id = any (array(select private.my_admin_workspace_ids()))
    and phone_number_id = any (array(select private.my_shared_phone_number_ids()))
  );
create policy phone_number_assignments_delete_admin on public.phone_number_assignments
  for delete to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger phone_number_assignments_keep_workspace before update of workspace_id on public.phone_number_assignments
  for each row execute function private.refuse_workspace_change();

-- Definer: policies of conversations ask for it.
create function private.my_phone_number_ids()
returns setof uuid language plpgsql stable parallel safe rows 10 security definer set search_path = ''
as $$
begin
  return query
  select a.phone_number_id from public.phone_number_assignments as a
  where a.workspace_id = any (array(select private.my_workspace_ids())) and a.user_id = auth.uid();
end;
$$;
comment on function private.my_phone_number_ids() is 'The numbers that are assigned to the caller.';
revoke execute on function private.my_phone_number_ids() from public, anon;
grant execute on function private.my_phone_number_ids() to authenticated, service_role;
