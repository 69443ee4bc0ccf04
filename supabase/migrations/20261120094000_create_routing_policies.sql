-- In what order a workspace's connections are tried, per channel. Admins write.
create table public.routing_policies (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  channel text not null,
  strategy text not null default 'ordered',
  is_sticky boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint routing_policies_channel_is_known check (channel in ('sms', 'whatsapp', 'email', 'call')),
  constraint routing_policies_strategy_is_known check (strategy in ('ordered', 'weighted')),
  constraint routing_policies_id_in_workspace unique (workspace_id, id),
  constraint routing_policies_one_per_channel unique (workspace_id, channel)
);
comment on table public.routing_policies is
  'How a channel''s messages find their way. Without one: connections by their own priority and weight.';
comment on column public.routing_policies.strategy is
  'ordered: the first step that can; weighted: by chance, in the proportion of the weights.';
comment on column public.routing_policies.is_sticky is 'A contact keeps the sender it knows, as long as that one works.';

alter table public.routing_policies enable row level security;
revoke all on public.routing_policies from anon, authenticated, service_role;
grant select, insert (workspace_id, channel, strategy, is_sticky), update (strategy, is_sticky), delete
  on public.routing_policies to authenticated;
grant select on public.routing_policies to service_role;
create policy routing_policies_select_member on public.routing_policies
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create policy routing_policies_insert_admin on public.routing_policies
  for insert to authenticated
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create policy routing_policies_update_admin on public.routing_policies
  for update to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())))
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create policy routing_policies_delete_admin on public.routing_policies
  for delete to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger routing_policies_set_updated_at before update on public.routing_policies
  for each row execute function public.update_updated_at_column();
create trigger routing_policies_keep_workspace before update of workspace_id on public.routing_policies
  for each row execute function private.refuse_workspace_change();

create table public.routing_policy_steps (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null,
  routing_policy_id uuid not null,
  position smallint not null,
  connection_id uuid not null,
  phone_number_id uuid,
  email_sender_id uuid,
  weight smallint not null default 1,
  countries text[],
  created_at timestamptz not null default now(),
  constraint routing_policy_steps_policy_of_workspace
    foreign key (workspace_id, routing_policy_id) references public.routing_policies (workspace_id, id) on delete cascade,
  constraint routing_policy_steps_connection_of_workspace
    foreign key (workspace_id, connection_id) references public.connections (workspace_id, id) on delete cascade,
  constraint routing_policy_steps_number_of_connection
    foreign key (connection_id, phone_number_id) references public.phone_numbers (connection_id, id) on delete cascade,
  constraint routing_policy_steps_email_of_connection
    foreign key (connection_id, email_sender_id) references public.email_senders (connection_id, id) on delete cascade,
  constraint routing_policy_steps_position_is_positive check (position > 0),
  constraint routing_policy_steps_weight_is_positive check (weight > 0),
  constraint routing_policy_steps_one_sender check (num_nonnulls(phone_number_id, email_sender_id) <= 1),
  constraint routing_policy_steps_countries_are_iso
    check (cardinality(countries) > 0 and array_to_string(countries, ',', '?') ~ '^[A-Z]{2}(,[A-Z]{2})*$'),
  constraint routing_policy_steps_position_once unique (routing_policy_id, position) deferrable initially deferred
);
comment on table public.routing_policy_steps is 'One connection of a routing policy, with or without the sender to use.';
comment on column public.routing_policy_steps.position is 'Order within the policy, from 1.';
comment on column public.routing_policy_steps.phone_number_id is 'Null: any number of the connection.';
comment on column public.routing_policy_steps.weight is 'Share among the steps of a weighted policy.';
comment on column public.routing_policy_steps.countries is 'Only for recipients there: ISO 3166 alpha-2. Null: everywhere.';
create index routing_policy_steps_policy_idx on public.routing_policy_steps (workspace_id, routing_policy_id);
create index routing_policy_steps_connection_idx on public.routing_policy_steps (workspace_id, connection_id);
create index routing_policy_steps_number_idx on public.routing_policy_steps (connection_id, phone_number_id);
create index routing_policy_steps_email_idx on public.routing_policy_steps (connection_id, email_sender_id);

alter table public.routing_policy_steps enable row level security;
revoke all on public.routing_policy_steps from anon, authenticated, service_role;
grant
  select,
  insert (
    workspace_id, routing_policy_id, position, connection_id, phone_number_id, email_sender_id, weight, countries
  ),
  update (position, connection_id, phone_number_id, email_sender_id, weight, countries),
  delete
  on public.routing_policy_steps to authenticated;
grant select on public.routing_policy_steps to service_role;
create policy routing_policy_steps_select_member on public.routing_policy_steps
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create policy routing_policy_steps_insert_admin on public.routing_policy_steps
  for insert to authenticated
  with check (
    workspace_id = any (array(select private.my_admin_workspace_ids()))
    and connection_id = any (array(select private.my_shared_connection_ids()))
  );
create policy routing_policy_steps_update_admin on public.routing_policy_steps
  for update to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())))
  with check (
    workspace_id = any (array(select private.my_admin_workspace_ids()))
    and connection_id = any (array(select private.my_shared_connection_ids()))
  );
create policy routing_policy_steps_delete_admin on public.routing_policy_steps
  for delete to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger routing_policy_steps_keep_workspace before update of workspace_id on public.routing_policy_steps
  for each row execute function private.refuse_workspace_change();
