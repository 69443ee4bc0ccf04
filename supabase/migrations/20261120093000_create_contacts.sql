-- The person on the other side, with one or more addresses.
create table public.contacts (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  display_name text,
  labels text[] not null default '{}',
  attributes jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint contacts_display_name_has_length check (char_length(display_name) between 1 and 200),
  constraint contacts_labels_are_whole check (array_position(labels, null) is null),
  constraint contacts_attributes_are_an_object check (jsonb_typeof(attributes) = 'object'),
  constraint contacts_attributes_have_size check (pg_column_size(attributes) <= 16384),
  constraint contacts_id_in_workspace unique (workspace_id, id)
);
comment on table public.contacts is 'The person on the other side of a conversation.';
comment on column public.contacts.display_name is 'Null until somebody names the contact.';
comment on column public.contacts.attributes is 'Whatever the workspace knows of the person, up to 16 kB: for filters and templates.';

alter table public.contacts enable row level security;
revoke all on public.contacts from anon, authenticated, service_role;
grant
  select,
  insert (workspace_id, display_name, labels, attributes),
  update (display_name, labels, attributes)
  on public.contacts to authenticated;
grant select on public.contacts to service_role;
create policy contacts_select_member on public.contacts
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create policy contacts_insert_member on public.contacts
  for insert to authenticated
  with check (workspace_id = any (array(select private.my_workspace_ids())));
create policy contacts_update_member on public.contacts
  for update to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())))
  with check (workspace_id = any (array(select private.my_workspace_ids())));
create trigger contacts_set_updated_at before update on public.contacts
  for each row execute function public.update_updated_at_column();
create trigger contacts_keep_workspace before update of workspace_id on public.contacts
  for each row execute function private.refuse_workspace_change();

create function private.is_phone_address(address text)
returns boolean language sql immutable set search_path = ''
as $$
  select is_phone_address.address ~ '^(\+[1-9][0-9]{4,14}|[^+[:space:][:cntrl:]][^[:cntrl:]]{0,29})$';
$$;
comment on function private.is_phone_address(text) is
  'Whether a text can come from there: an E.164 number, or the short code or name of a company.';
revoke execute on function private.is_phone_address(text) from public, anon;
grant execute on function private.is_phone_address(text) to authenticated, service_role;

create function private.is_address(kind text, address text)
returns boolean language sql immutable set search_path = ''
as $$
  select case is_address.kind
    when 'phone' then private.is_phone_address(is_address.address)
    else is_address.address ~ '^[^\s@]+@[^\s@]+$' and is_address.address = lower(is_address.address)
      and char_length(is_address.address) <= 254
  end;
$$;
comment on function private.is_address(text, text) is 'Whether an address is one of its kind: phone, or email in lower case.';
revoke execute on function private.is_address(text, text) from public, anon;
grant execute on function private.is_address(text, text) to authenticated, service_role;

create table public.contact_addresses (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null,
  contact_id uuid not null,
  kind text not null,
  address text not null,
  created_at timestamptz not null default now(),
  constraint contact_addresses_contact_of_workspace
    foreign key (workspace_id, contact_id) references public.contacts (workspace_id, id) on delete cascade,
  constraint contact_addresses_kind_is_known check (kind in ('phone', 'email')),
  constraint contact_addresses_address_fits_kind check (private.is_address(kind, address)),
  constraint contact_addresses_belong_to_one_contact unique (workspace_id, kind, address)
);
comment on table public.contact_addresses is 'One phone number or e-mail address of a contact.';
comment on column public.contact_addresses.address is 'E.164 for a phone, or the short code or name that a company texts from; lower case for an e-mail address.';
create index contact_addresses_contact_id_idx on public.contact_addresses (workspace_id, contact_id);

alter table public.contact_addresses enable row level security;
revoke all on public.contact_addresses from anon, authenticated, service_role;
grant select, insert (workspace_id, contact_id, kind, address), delete on public.contact_addresses to authenticated;
grant select on public.contact_addresses to service_role;
create policy contact_addresses_select_member on public.contact_addresses
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
-- Whoever sees only what is assigned could otherwise draw another's messages into their own conversations.
create policy contact_addresses_insert_member on public.contact_addresses
  for insert to authenticated
  with check (workspace_id = any (array(select private.my_open_workspace_ids())));
create policy contact_addresses_delete_member on public.contact_addresses
  for delete to authenticated
  using (workspace_id = any (array(select private.my_open_workspace_ids())));
create trigger contact_addresses_keep_workspace before update of workspace_id on public.contact_addresses
  for each row execute function private.refuse_workspace_change();
