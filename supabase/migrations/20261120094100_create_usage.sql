-- What a workspace used. Only functions write.
create table public.usage_counters (
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  channel text not null,
  month date not null,
  reserved_count bigint not null default 0,
  settled_count bigint not null default 0,
  updated_at timestamptz not null default now(),
  primary key (workspace_id, channel, month),
  constraint usage_counters_channel_is_known check (channel in ('sms', 'whatsapp', 'email', 'call')),
  constraint usage_counters_month_is_its_first_day check (extract(day from month) = 1),
  constraint usage_counters_are_not_negative check (reserved_count >= 0 and settled_count >= 0)
) with (fillfactor = 50);
comment on table public.usage_counters is 'How much of a channel a workspace used in a month, to hold it to its plan.';
comment on column public.usage_counters.month is 'First day of the month, in UTC.';
comment on column public.usage_counters.reserved_count is 'Messages (minutes for call) on their way: counted before they leave.';
comment on column public.usage_counters.settled_count is 'Messages (minutes) that the provider took.';

alter table public.usage_counters enable row level security;
revoke all on public.usage_counters from anon, authenticated, service_role;
grant select on public.usage_counters to authenticated, service_role;
create policy usage_counters_select_member on public.usage_counters
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create trigger usage_counters_keep_workspace before update of workspace_id on public.usage_counters
  for each row execute function private.refuse_workspace_change();

create table public.usage_daily (
  id bigint generated always as identity primary key,
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  day date not null,
  channel text not null,
  provider text not null,
  phone_number_id uuid,
  email_sender_id uuid,
  agent_id uuid,
  campaign_id uuid,
  sent_count integer not null default 0,
  delivered_count integer not null default 0,
  failed_count integer not null default 0,
  received_count integer not null default 0,
  segment_count integer not null default 0,
  cost numeric not null default 0,
  cost_currency text not null default 'USD',
  constraint usage_daily_channel_is_known check (channel in ('sms', 'whatsapp', 'email', 'call', 'live_chat', 'social')),
  constraint usage_daily_counts_are_not_negative check (
    least(sent_count, delivered_count, failed_count, received_count, segment_count) >= 0 and cost >= 0 and cost < 'Infinity'
  ),
  constraint usage_daily_cost_has_currency check (cost_currency ~ '^[A-Z]{3}$'),
  constraint usage_daily_counted_once unique nulls not distinct (
    workspace_id, day, channel, provider, phone_number_id, email_sender_id, agent_id, campaign_id, cost_currency
  )
);
comment on table public.usage_daily is
  'What was sent and what it cost, by day (UTC), sender, provider, agent and campaign. Counted again from the messages; it outlives what it names.';
comment on column public.usage_daily.cost is 'In cost_currency (ISO 4217), a row per currency.';

alter table public.usage_daily enable row level security;
revoke all on public.usage_daily from anon, authenticated, service_role;
grant select on public.usage_daily to authenticated, service_role;
create policy usage_daily_select_admin on public.usage_daily
  for select to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger usage_daily_keep_workspace before update of workspace_id on public.usage_daily
  for each row execute function private.refuse_workspace_change();
