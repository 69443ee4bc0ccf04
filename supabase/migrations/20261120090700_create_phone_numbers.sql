-- A sender: one phone number of one connection.
create table public.phone_numbers (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  connection_id uuid not null references public.connections (id) on delete cascade,
  provider text not null references public.service_providers (name),
  phone_number text not null,
  friendly_name text,
  external_id text not null,
  capabilities jsonb not null,
  metadata jsonb not null default '{}',
  is_default boolean not null default false,
  status text not null default 'pending',
  webhook_configured boolean not null default false,
  webhook_url text,
  messages_per_second numeric not null default 1,
  last_verified_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint phone_numbers_phone_number_is_e164 check (phone_number ~ '^\+[1-9][0-9]{4,14}$'),
  constraint phone_numbers_friendly_name_has_length check (char_length(friendly_name) between 1 and 100),
  constraint phone_numbers_status_is_known check (status in ('active', 'pending', 'inactive', 'error')),
  constraint phone_numbers_active_is_verified check (status <> 'active' or last_verified_at is not null),
  constraint phone_numbers_default_is_active check (not is_default or status = 'active'),
  constraint phone_numbers_webhook_has_url check (not webhook_configured or webhook_url is not null),
  constraint phone_numbers_pace_is_positive check (messages_per_second > 0),
  constraint phone_numbers_capabilities_are_an_object check (jsonb_typeof(capabilities) = 'object'),
  constraint phone_numbers_listed_once unique (connection_id, phone_number)
);
comment on table public.phone_numbers is 'A sender: one phone number of one connection.';
comment on column public.phone_numbers.phone_number is 'E.164, such as +14155550100.';
comment on column public.phone_numbers.external_id is 'The provider''s id of the number.';
comment on column public.phone_numbers.capabilities is 'Booleans sms, mms, voice, whatsapp.';
comment on column public.phone_numbers.status is
  'active: confirmed by the provider''s API; pending: being set up; inactive: not used; error: the provider refused it.';
comment on column public.phone_numbers.webhook_url is 'What the provider calls, with the secret token left out.';
comment on column public.phone_numbers.messages_per_second is 'Pace the carrier grants this sender, in segments per second.';
comment on column public.phone_numbers.last_verified_at is 'When the provider last confirmed the number.';
create index phone_numbers_workspace_id_idx on public.phone_numbers (workspace_id);
-- A provider's number serves one workspace connection at a time.
create unique index phone_numbers_active_once_idx on public.phone_numbers (provider, phone_number) where status = 'active';
create unique index phone_numbers_default_once_idx on public.phone_numbers (workspace_id) where is_default;

alter table public.phone_numbers enable row level security;
revoke all on public.phone_numbers from anon, authenticated, service_role;
grant select, update (friendly_name) on public.phone_numbers to authenticated;
grant select on public.phone_numbers to service_role;
create policy phone_numbers_select_member on public.phone_numbers
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create policy phone_numbers_update_admin on public.phone_numbers
  for update to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())))
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger phone_numbers_set_updated_at before update on public.phone_numbers
  for each row execute function public.update_updated_at_column();
create trigger phone_numbers_keep_workspace before update of workspace_id on public.phone_numbers
  for each row execute function private.refuse_workspace_change();
