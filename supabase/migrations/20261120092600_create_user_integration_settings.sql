-- What one person prefers with one connection. Everybody sees and writes their own alone.
create table public.user_integration_settings (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null,
  user_id uuid not null default auth.uid(),
  connection_id uuid not null,
  default_phone_number_id uuid,
  default_email_sender_id uuid,
  settings jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint user_integration_settings_user_of_workspace
    foreign key (workspace_id, user_id) references public.workspace_members (workspace_id, user_id) on delete cascade,
  constraint user_integration_settings_connection_of_workspace
    foreign key (workspace_id, connection_id) references public.connections (workspace_id, id) on delete cascade,
  constraint user_integration_settings_number_of_connection
    foreign key (connection_id, default_phone_number_id) references public.phone_numbers (connection_id, id)
    on delete set null (default_phone_number_id),
  constraint user_integration_settings_email_of_connection
    foreign key (connection_id, default_email_sender_id) references public.email_senders (connection_id, id)
    on delete set null (default_email_sender_id),
  constraint user_integration_settings_are_an_object check (jsonb_typeof(settings) = 'object'),
  constraint user_integration_settings_have_size check (pg_column_size(settings) <= 16384),
  constraint user_integration_settings_made_once unique (user_id, connection_id)
);
comment on table public.user_integration_settings is 'What one person prefers with one connection.';
comment on column public.user_integration_settings.default_phone_number_id is 'The sender of the person''s new texts.';
comment on column public.user_integration_settings.settings is 'Whatever the front end keeps, up to 16 kB. Never a secret.';
create index user_integration_settings_user_idx on public.user_integration_settings (workspace_id, user_id);
create index user_integration_settings_connection_idx on public.user_integration_settings (workspace_id, connection_id);
create index user_integration_settings_number_idx
  on public.user_integration_settings (connection_id, default_phone_number_id);
create index user_integration_settings_email_idx
  on public.user_integration_settings (connection_id, default_email_sender_id);

alter table public.user_integration_settings enable row level security;
revoke all on public.user_integration_settings from anon, authenticated, service_role;
grant
  select,
  insert (workspace_id, user_id, connection_id, default_phone_number_id, default_email_sender_id, settings),
  update (default_phone_number_id, default_email_sender_id, settings),
  delete
  on public.user_integration_settings to authenticated;
grant select on public.user_integration_settings to service_role;
create policy user_integration_settings_select_self on public.user_integration_settings
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())) and user_id = (select auth.uid()));
create policy user_integration_settings_insert_self on public.user_integration_settings
  for insert to authenticated
  with check (
    workspace_id = any (array(select private.my_workspace_ids())) and user_id = (select auth.uid())
    and connection_id = any (array(select private.my_connection_ids()))
  );
create policy user_integration_settings_update_self on public.user_integration_settings
  for update to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())) and user_id = (select auth.uid()))
  with check (workspace_id = any (array(select private.my_workspace_ids())) and user_id = (select auth.uid()));
create policy user_integration_settings_delete_self on public.user_integration_settings
  for delete to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())) and user_id = (select auth.uid()));
create trigger user_integration_settings_set_updated_at before update on public.user_integration_settings
  for each row execute function public.update_updated_at_column();
create trigger user_integration_settings_keep_workspace before update of workspace_id on public.user_integration_settings
  for each row execute function private.refuse_workspace_change();
