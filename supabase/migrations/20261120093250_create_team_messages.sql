-- What members say in team channels. Everybody writes and changes their own.
create table public.team_messages (
  id uuid primary key default private.time_ordered_uuid(),
  workspace_id uuid not null,
  team_channel_id uuid not null,
  sender_id uuid default auth.uid() references public.profiles (id) on delete set null,
  body text not null,
  created_at timestamptz not null default now(),
  edited_at timestamptz,
  constraint team_messages_channel_of_workspace
    foreign key (workspace_id, team_channel_id) references public.team_channels (workspace_id, id) on delete cascade,
  constraint team_messages_body_has_length check (char_length(body) between 1 and 10000)
);
comment on table public.team_messages is 'What a member said in a team channel.';
comment on column public.team_messages.sender_id is 'Null once the account is gone.';
comment on column public.team_messages.edited_at is 'When the body was last changed.';
create index team_messages_channel_idx on public.team_messages (workspace_id, team_channel_id, created_at desc);
create index team_messages_sender_id_idx on public.team_messages (sender_id);

alter table public.team_messages enable row level security;
revoke all on public.team_messages from anon, authenticated, service_role;
grant select, insert (workspace_id, team_channel_id, body), update (body), delete on public.team_messages to authenticated;
grant select on public.team_messages to service_role;
create policy team_messages_select_member on public.team_messages
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and team_channel_id = any (array(select private.my_visible_team_channel_ids()))
  );
create policy team_messages_insert_member on public.team_messages
  for insert to authenticated
  with check (
    workspace_id = any (array(select private.my_workspace_ids()))
    and team_channel_id = any (array(select private.my_visible_team_channel_ids()))
    and sender_id = (select auth.uid())
  );
create policy team_messages_update_self on public.team_messages
  for update to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and team_channel_id = any (array(select private.my_visible_team_channel_ids()))
    and sender_id = (select auth.uid())
  )
  with check (
    workspace_id = any (array(select private.my_workspace_ids()))
    and team_channel_id = any (array(select private.my_visible_team_channel_ids()))
    and sender_id = (select auth.uid())
  );
create policy team_messages_delete_self on public.team_messages
  for delete to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and team_channel_id = any (array(select private.my_visible_team_channel_ids()))
    and sender_id = (select auth.uid())
  );
create trigger team_messages_keep_workspace before update of workspace_id on public.team_messages
  for each row execute function private.refuse_workspace_change();

create function private.stamp_edited_at()
returns trigger language plpgsql set search_path = ''
as $$
begin
  new.edited_at := now();
  return new;
end;
$$;
comment on function private.stamp_edited_at() is 'Trigger: stamps edited_at when the body changes.';
revoke execute on function private.stamp_edited_at() from public, anon, authenticated;
create trigger team_messages_stamp_edited_at before update of body on public.team_messages
  for each row when (old.body is distinct from new.body) execute function private.stamp_edited_at();
