-- One body or template sent to many contacts. Members read; only functions write.
create table public.campaigns (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  name text not null,
  channel text not null,
  status text not null default 'draft',
  body text,
  template_id uuid,
  phone_number_id uuid,
  audience jsonb not null default '{}',
  created_by uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  scheduled_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  constraint campaigns_template_of_workspace
    foreign key (workspace_id, template_id) references public.message_templates (workspace_id, id),
  constraint campaigns_number_of_workspace
    foreign key (workspace_id, phone_number_id) references public.phone_numbers (workspace_id, id),
  constraint campaigns_name_has_length check (char_length(name) between 1 and 200),
  constraint campaigns_body_has_length check (char_length(body) between 1 and 100000),
  constraint campaigns_number_is_not_for_email check (channel <> 'email' or phone_number_id is null),
  constraint campaigns_channel_is_known check (channel in ('sms', 'whatsapp', 'email')),
  constraint campaigns_status_is_known
    check (status in ('draft', 'scheduled', 'running', 'paused', 'completed', 'canceled')),
  constraint campaigns_say_something check (status = 'draft' or num_nonnulls(body, template_id) = 1),
  constraint campaigns_scheduled_has_time check (status <> 'scheduled' or scheduled_at is not null),
  constraint campaigns_started_when_under_way
    check (status not in ('running', 'paused', 'completed') or started_at is not null),
  constraint campaigns_ended_when_final check ((ended_at is not null) = (status in ('completed', 'canceled'))),
  constraint campaigns_audience_is_an_object check (jsonb_typeof(audience) = 'object'),
  constraint campaigns_id_in_workspace unique (workspace_id, id)
);
comment on table public.campaigns is 'One body or template sent to many contacts.';
comment on column public.campaigns.body is 'The words, where no template is used.';
comment on column public.campaigns.audience is 'The filter of contacts it was built from, as the caller gave it; {} for an uploaded list.';
create index campaigns_workspace_id_idx on public.campaigns (workspace_id, created_at desc);
create index campaigns_template_id_idx on public.campaigns (workspace_id, template_id);
create index campaigns_phone_number_id_idx on public.campaigns (workspace_id, phone_number_id);
create index campaigns_created_by_idx on public.campaigns (created_by);

alter table public.campaigns enable row level security;
revoke all on public.campaigns from anon, authenticated, service_role;
grant select on public.campaigns to authenticated, service_role;
create policy campaigns_select_member on public.campaigns
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create trigger campaigns_set_updated_at before update on public.campaigns
  for each row execute function public.update_updated_at_column();
create trigger campaigns_keep_workspace before update of workspace_id on public.campaigns
  for each row execute function private.refuse_workspace_change();

create table public.campaign_recipients (
  campaign_id uuid not null,
  address text not null,
  workspace_id uuid not null,
  contact_id uuid,
  variables jsonb not null default '{}',
  status text not null default 'pending',
  skip_reason text,
  message_id uuid,
  primary key (campaign_id, address),
  constraint campaign_recipients_campaign_of_workspace
    foreign key (workspace_id, campaign_id) references public.campaigns (workspace_id, id) on delete cascade,
  constraint campaign_recipients_contact_of_workspace
    foreign key (workspace_id, contact_id) references public.contacts (workspace_id, id) on delete set null (contact_id),
  constraint campaign_recipients_address_has_length check (char_length(address) between 1 and 254),
  constraint campaign_recipients_status_is_known check (status in ('pending', 'enqueued', 'skipped')),
  constraint campaign_recipients_skipped_says_why check ((status = 'skipped') = (skip_reason is not null)),
  constraint campaign_recipients_enqueued_has_message check ((status = 'enqueued') = (message_id is not null)),
  constraint campaign_recipients_variables_are_an_object check (jsonb_typeof(variables) = 'object')
);
comment on table public.campaign_recipients is 'One address that a campaign is for: each once, however often the audience names it.';
comment on column public.campaign_recipients.status is
  'pending; enqueued: the message says what became of it; skipped: skip_reason says why, such as recipient_opted_out.';
comment on column public.campaign_recipients.message_id is
  'No foreign key: its check would cost every recipient, and a message is never deleted alone.';
create index campaign_recipients_campaign_idx on public.campaign_recipients (workspace_id, campaign_id);
create index campaign_recipients_contact_id_idx on public.campaign_recipients (workspace_id, contact_id)
  where contact_id is not null;
create index campaign_recipients_pending_idx on public.campaign_recipients (campaign_id) where status = 'pending';

alter table public.campaign_recipients enable row level security;
revoke all on public.campaign_recipients from anon, authenticated, service_role;
grant select on public.campaign_recipients to authenticated, service_role;
create policy campaign_recipients_select_member on public.campaign_recipients
  for select to authenticated
  using (workspace_id = any (array(select private.my_open_workspace_ids())));
create trigger campaign_recipients_keep_workspace before update of workspace_id on public.campaign_recipients
  for each row execute function private.refuse_workspace_change();
