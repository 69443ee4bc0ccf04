-- Numbers that were ordered at a provider. Written before the provider is asked, so that none is bought twice.
create table public.number_orders (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  connection_id uuid not null,
  phone_number text not null,
  country text not null,
  friendly_name text,
  state text not null default 'requested',
  external_id text,
  error_code text,
  reason text,
  is_retryable boolean not null default false,
  phone_number_id uuid,
  ordered_by uuid references public.profiles (id) on delete set null,
  idempotency_key text not null,
  idempotency_fingerprint bytea not null,
  due_at timestamptz default now() + interval '2 minutes',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint number_orders_connection_of_workspace
    foreign key (workspace_id, connection_id) references public.connections (workspace_id, id) on delete cascade,
  constraint number_orders_number_of_connection
    foreign key (connection_id, phone_number_id) references public.phone_numbers (connection_id, id) on delete cascade,
  constraint number_orders_phone_number_is_e164 check (phone_number ~ '^\+[1-9][0-9]{4,14}$'),
  constraint number_orders_country_is_iso check (country ~ '^[A-Z]{2}$'),
  constraint number_orders_friendly_name_has_length check (char_length(friendly_name) between 1 and 100),
  constraint number_orders_state_is_known check (state in ('requested', 'pending', 'completed', 'failed', 'unknown')),
  constraint number_orders_pending_has_external_id check (state <> 'pending' or external_id is not null),
  constraint number_orders_completed_has_number check (state <> 'completed' or phone_number_id is not null),
  constraint number_orders_failed_says_why check (state <> 'failed' or (error_code is not null and reason is not null)),
  constraint number_orders_retryable_has_failed check (not is_retryable or state = 'failed'),
  constraint number_orders_finished_when_final check ((finished_at is not null) = (state in ('completed', 'failed'))),
  constraint number_orders_due_while_open check ((due_at is null) = (state in ('completed', 'failed'))),
  constraint number_orders_key_has_length check (char_length(idempotency_key) between 1 and 255),
  constraint number_orders_fingerprint_is_sha256 check (octet_length(idempotency_fingerprint) = 32),
  constraint number_orders_made_once unique (workspace_id, idempotency_key)
);
comment on table public.number_orders is 'A number that was ordered at a provider, from before it was asked to the end.';
comment on column public.number_orders.country is 'ISO 3166-1 alpha-2.';
comment on column public.number_orders.state is
  'requested: being asked for; pending: the provider works on it; unknown: nobody knows whether it was bought, the account''s numbers will tell; completed; failed: not bought.';
comment on column public.number_orders.external_id is 'The provider''s id of the order, where it takes time.';
comment on column public.number_orders.error_code is 'What went wrong last, such as number_unavailable.';
comment on column public.number_orders.reason is 'The same in words.';
comment on column public.number_orders.is_retryable is 'Failed for a reason that passes: the same request may order again.';
comment on column public.number_orders.phone_number_id is 'The number, once the provider has confirmed it.';
comment on column public.number_orders.idempotency_fingerprint is 'SHA-256 of what was ordered under the key.';
comment on column public.number_orders.due_at is 'When the provider is asked next what became of it.';
create unique index number_orders_open_once_idx on public.number_orders (connection_id, phone_number)
  where state in ('requested', 'pending', 'unknown');
create index number_orders_workspace_id_idx on public.number_orders (workspace_id, created_at desc);
create index number_orders_connection_id_idx on public.number_orders (workspace_id, connection_id);
create index number_orders_external_id_idx on public.number_orders (connection_id, external_id) where external_id is not null;
create index number_orders_phone_number_id_idx on public.number_orders (connection_id, phone_number_id);
create index number_orders_ordered_by_idx on public.number_orders (ordered_by);
create index number_orders_due_at_idx on public.number_orders (due_at) where due_at is not null;

alter table public.number_orders enable row level security;
revoke all on public.number_orders from anon, authenticated, service_role;
grant select on public.number_orders to authenticated, service_role;
create policy number_orders_select_admin_or_owner on public.number_orders
  for select to authenticated
  using (
    connection_id = any (array(select private.my_connection_ids()))
    and (
      workspace_id = any (array(select private.my_admin_workspace_ids()))
      -- A member knows of no other connections than those of all, and their own.
      or connection_id <> all (array(select private.my_shared_connection_ids()))
    )
  );
create trigger number_orders_set_updated_at before update on public.number_orders
  for each row execute function public.update_updated_at_column();
create trigger number_orders_keep_workspace before update of workspace_id on public.number_orders
  for each row execute function private.refuse_workspace_change();
