-- What a number does with calls. Admins write.
create table public.phone_number_settings (
  phone_number_id uuid primary key,
  workspace_id uuid not null,
  forward_calls_to text,
  is_voicemail_enabled boolean not null default false,
  voicemail_greeting text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint phone_number_settings_number_of_workspace
    foreign key (workspace_id, phone_number_id) references public.phone_numbers (workspace_id, id) on delete cascade,
  constraint phone_number_settings_forward_to_e164 check (forward_calls_to ~ '^\+[1-9][0-9]{4,14}$'),
  constraint phone_number_settings_greeting_has_length check (char_length(voicemail_greeting) between 1 and 1000)
);
comment on table public.phone_number_settings is 'What a number does with calls that nobody answers here.';
comment on column public.phone_number_settings.forward_calls_to is 'E.164. Null: calls are not forwarded.';
comment on column public.phone_number_settings.voicemail_greeting is 'What the caller hears. Null: the usual words.';
create index phone_number_settings_number_idx on public.phone_number_settings (workspace_id, phone_number_id);

alter table public.phone_number_settings enable row level security;
revoke all on public.phone_number_settings from anon, authenticated, service_role;
grant
  select,
  insert (workspace_id, phone_number_id, forward_calls_to, is_voicemail_enabled, voicemail_greeting),
  update (forward_calls_to, is_voicemail_enabled, voicemail_greeting)
  on public.phone_number_settings to authenticated;
grant select on public.phone_number_settings to service_role;
create policy phone_number_settings_select_member on public.phone_number_settings
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create policy phone_number_settings_insert_admin on public.phone_number_settings
  for insert to authenticated
  with check (
    workspace_id = any (array(select private.my_admin_workspace_ids()))
    and phone_number_id = any (array(select private.my_shared_phone_number_ids()))
  );
create policy phone_number_settings_update_admin on public.phone_number_settings
  for update to authenticated
  using (
    workspace_id = any (array(select private.my_admin_workspace_ids()))
    and phone_number_id = any (array(select private.my_shared_phone_number_ids()))
  )
  with check (
    workspace_id = any (array(select private.my_admin_workspace_ids()))
    and phone_number_id = any (array(select private.my_shared_phone_number_ids()))
  );
create trigger phone_number_settings_set_updated_at before update on public.phone_number_settings
  for each row execute function public.update_updated_at_column();
create trigger phone_number_settings_keep_workspace before update of workspace_id on public.phone_number_settings
  for each row execute function private.refuse_workspace_change();
