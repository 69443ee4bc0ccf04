-- A sender: one phone number of one connection.
create table public.phone_numbers (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid references public.workspaces (id) on delete cascade,
  connection_id uuid not null references public.connections (id) on delete cascade,
  owner_user_id uuid,
  provider text not null references public.service_providers (name),
  phone_number text not null,
  friendly_name text,
  external_id text not null,
  capabilities jsonb not null,
  metadata jsonb not null default '{}',
  agent_id uuid,
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
  constraint phone_numbers_pace_is_positive check (messages_per_second > 0 and messages_per_second < 'Infinity'),
  constraint phone_numbers_capabilities_are_flags check (
    jsonb_typeof(capabilities) = 'object'
    and not jsonb_path_exists(capabilities, '$.* ? (@.type() <> "boolean")')
  ),
  constraint phone_numbers_metadata_is_an_object check (jsonb_typeof(metadata) = 'object'),
  constraint phone_numbers_default_is_shared check (not is_default or (workspace_id is not null and owner_user_id is null)),
  constraint phone_numbers_agent_of_workspace
    foreign key (workspace_id, agent_id) references public.agents (workspace_id, id) on delete set null (agent_id),
  constraint phone_numbers_agent_has_workspace check (agent_id is null or workspace_id is not null),
  constraint phone_numbers_id_in_workspace unique (workspace_id, id),
  constraint phone_numbers_id_in_connection unique (connection_id, id),
  constraint phone_numbers_listed_once unique (connection_id, phone_number)
);
comment on table public.phone_numbers is 'A sender: one phone number of one connection.';
comment on column public.phone_numbers.workspace_id is 'The workspace of the connection; null for the operator''s numbers.';
comment on column public.phone_numbers.owner_user_id is 'The owner of the connection: the number of a personal one is seen by its owner alone.';
comment on column public.phone_numbers.agent_id is 'The agent that answers on it.';
comment on column public.phone_numbers.is_default is 'What a new conversation is sent from when nobody chooses.';
comment on column public.phone_numbers.phone_number is 'E.164, such as +14155550100.';
comment on column public.phone_numbers.external_id is 'The provider''s id of the number.';
comment on column public.phone_numbers.capabilities is 'Booleans sms, mms, voice, whatsapp.';
comment on column public.phone_numbers.status is
  'active: confirmed by the provider''s API; pending: being set up; inactive: not used; error: the provider refused it.';
comment on column public.phone_numbers.webhook_url is 'What the provider calls, with the secret token left out.';
comment on column public.phone_numbers.messages_per_second is 'Pace the carrier grants this sender, in segments per second.';
comment on column public.phone_numbers.last_verified_at is 'When the provider last confirmed the number.';
create index phone_numbers_agent_id_idx on public.phone_numbers (workspace_id, agent_id);
create index phone_numbers_provider_idx on public.phone_numbers (provider);
-- A provider's number serves one workspace connection at a time.
create unique index phone_numbers_active_once_idx on public.phone_numbers (provider, phone_number) where status = 'active';
create unique index phone_numbers_default_once_idx on public.phone_numbers (workspace_id) where is_default;

alter table public.phone_numbers enable row level security;
revoke all on public.phone_numbers from anon, authenticated, service_role;
grant select, update (friendly_name, agent_id, messages_per_second) on public.phone_numbers to authenticated;
grant select on public.phone_numbers to service_role;
create policy phone_numbers_select_member on public.phone_numbers
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (owner_user_id is null or owner_user_id = (select auth.uid()))
  );
create policy phone_numbers_update_admin_or_owner on public.phone_numbers
  for update to authenticated
  using (
    (owner_user_id is null and workspace_id = any (array(select private.my_admin_workspace_ids())))
    or (owner_user_id = (select auth.uid()) and workspace_id = any (array(select private.my_workspace_ids())))
  )
  with check (
    (owner_user_id is null and workspace_id = any (array(select private.my_admin_workspace_ids())))
    or (owner_user_id = (select auth.uid()) and workspace_id = any (array(select private.my_workspace_ids())))
  );
create trigger phone_numbers_set_updated_at before update on public.phone_numbers
  for each row execute function public.update_updated_at_column();
create trigger phone_numbers_keep_workspace before update on public.phone_numbers
  for each row execute function private.refuse_workspace_change();
create trigger phone_numbers_follow_connection before insert or update of connection_id, provider, owner_user_id
  on public.phone_numbers
  for each row execute function private.follow_connection();

-- Definer: policies of other tables ask for it, and would apply the policies of phone numbers for each.
create function private.my_shared_phone_number_ids()
returns setof uuid language plpgsql stable parallel safe rows 10 security definer set search_path = ''
as $$
begin
  return query
  select p.id from public.phone_numbers as p
  where p.workspace_id = any (array(select private.my_workspace_ids())) and p.owner_user_id is null;
end;
$$;
comment on function private.my_shared_phone_number_ids() is 'The numbers that the caller''s workspaces own themselves.';
revoke execute on function private.my_shared_phone_number_ids() from public, anon;
grant execute on function private.my_shared_phone_number_ids() to authenticated, service_role;

-- Definer: invoker rights would need an update grant on is_default, and two statements.
create function private.set_default_phone_number(phone_number_id uuid)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_number public.phone_numbers;
begin
  select * into v_number from public.phone_numbers as p
  where p.id = set_default_phone_number.phone_number_id
    and p.workspace_id = any (array(select private.my_workspace_ids())) and p.owner_user_id is null;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the phone number', 'phone_number_id');
  end if;
  perform private.require_admin(auth.uid(), v_number.workspace_id, 'choose the default number');
  if v_number.status <> 'active' then
    perform private.fail(409, 'sender_inactive', 'Cannot make the number the default: it is not active', 'phone_number_id');
  end if;
  -- Locked as an import locks it: both choose a default.
  perform from public.workspaces as w where w.id = v_number.workspace_id for no key update;
  update public.phone_numbers as p set is_default = false
  where p.workspace_id = v_number.workspace_id and p.is_default and p.id <> v_number.id;
  update public.phone_numbers as p set is_default = true where p.id = v_number.id and p.status = 'active';
end;
$$;
comment on function private.set_default_phone_number(uuid) is 'Does the work of public.set_default_phone_number.';
revoke execute on function private.set_default_phone_number(uuid) from public, anon;
grant execute on function private.set_default_phone_number(uuid) to authenticated;

create function public.set_default_phone_number(phone_number_id uuid)
returns void language sql set search_path = ''
as $$
  select private.set_default_phone_number(set_default_phone_number.phone_number_id);
$$;
comment on function public.set_default_phone_number(uuid) is
  'Makes a number the one that new conversations are sent from. Owners and admins. Errors: 403, 404, 409 when it is not active.';
revoke execute on function public.set_default_phone_number(uuid) from public, anon;
grant execute on function public.set_default_phone_number(uuid) to authenticated;
