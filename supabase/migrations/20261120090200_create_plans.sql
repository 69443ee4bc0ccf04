-- What a workspace may use of the operator's connections each month. Filled by migrations.
create table public.plans (
  id text primary key,
  display_name text not null,
  monthly_price numeric not null,
  price_currency text not null default 'USD',
  is_default boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint plans_id_is_plain check (id ~ '^[a-z][a-z_]*$'),
  constraint plans_display_name_has_length check (char_length(display_name) between 1 and 100),
  constraint plans_price_is_an_amount check (monthly_price >= 0 and monthly_price < 'Infinity'),
  constraint plans_price_has_currency check (price_currency ~ '^[A-Z]{3}$')
);
comment on table public.plans is 'A tier of the operator''s prices.';
comment on column public.plans.id is 'Stable key, such as free.';
comment on column public.plans.monthly_price is 'What the operator charges for a month, in price_currency (ISO 4217).';
comment on column public.plans.is_default is 'The plan of a new workspace.';
create unique index plans_default_once_idx on public.plans (is_default) where is_default;

create table public.plan_limits (
  plan_id text not null references public.plans (id) on delete cascade,
  channel text not null,
  monthly_limit integer,
  primary key (plan_id, channel),
  constraint plan_limits_channel_is_known check (channel in ('sms', 'whatsapp', 'email', 'call')),
  constraint plan_limits_limit_is_not_negative check (monthly_limit >= 0)
);
comment on table public.plan_limits is 'How much of a channel a plan includes each month. A channel without a row is not included.';
comment on column public.plan_limits.monthly_limit is
  'Messages, or minutes for call. Null: metered, not capped.';

alter table public.plans enable row level security;
revoke all on public.plans from anon, authenticated, service_role;
grant select on public.plans to authenticated, service_role;
create policy plans_select_signed_in on public.plans
  for select to authenticated
  using (true);
create trigger plans_set_updated_at before update on public.plans
  for each row execute function public.update_updated_at_column();

alter table public.plan_limits enable row level security;
revoke all on public.plan_limits from anon, authenticated, service_role;
grant select on public.plan_limits to authenticated, service_role;
create policy plan_limits_select_signed_in on public.plan_limits
  for select to authenticated
  using (true);

insert into public.plans (id, display_name, monthly_price, is_default)
values ('free', 'Free', 0, true), ('pro', 'Pro', 49, false), ('enterprise', 'Enterprise', 199, false);

insert into public.plan_limits (plan_id, channel, monthly_limit)
values
  ('free', 'sms', 50),
  ('free', 'call', 30),
  ('free', 'email', 100),
  ('pro', 'sms', 1000),
  ('pro', 'call', 500),
  ('pro', 'email', 5000),
  ('enterprise', 'sms', null),
  ('enterprise', 'call', null),
  ('enterprise', 'email', null);

-- The price list names no figure for WhatsApp: it includes as many messages as of sms.
insert into public.plan_limits (plan_id, channel, monthly_limit)
select l.plan_id, 'whatsapp', l.monthly_limit from public.plan_limits as l where l.channel = 'sms';

create function private.default_plan_id()
returns text language sql stable set search_path = ''
as $$
  select p.id from public.plans as p where p.is_default;
$$;
comment on function private.default_plan_id() is 'The plan of a new workspace.';
revoke execute on function private.default_plan_id() from public, anon, authenticated;
