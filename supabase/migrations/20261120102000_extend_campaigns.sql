-- What a campaign needs to be drafted, filled with recipients, estimated and run.
alter table public.campaigns
  add column subject text,
  add column variables jsonb not null default '{}',
  add column from_address text,
  add column default_country text,
  add column recipient_count integer not null default 0,
  add column duplicate_count integer not null default 0,
  add column checked_at timestamptz,
  add column estimated_at timestamptz,
  add column estimated_segment_count bigint,
  add column estimated_cost numeric,
  add column dripped_at timestamptz,
  add column pause_reason text,
  add column idempotency_key text,
  add column idempotency_fingerprint bytea,
  add constraint campaigns_subject_is_of_email
    check (subject is null or (channel = 'email' and char_length(subject) between 1 and 998)),
  add constraint campaigns_from_address_is_of_email
    check (from_address is null or (channel = 'email' and private.is_mailbox(from_address))),
  add constraint campaigns_country_is_iso check (default_country ~ '^[A-Z]{2}$'),
  add constraint campaigns_variables_are_texts check (
    jsonb_typeof(variables) = 'object' and not jsonb_path_exists(variables, '$.* ? (@.type() <> "string")')
  ),
  add constraint campaigns_variables_have_size check (pg_column_size(variables) <= 8192),
  add constraint campaigns_counts_are_not_negative check (least(recipient_count, duplicate_count) >= 0),
  add constraint campaigns_estimate_is_whole check (
    (estimated_at is null) = (estimated_segment_count is null) and (estimated_at is null) = (estimated_cost is null)
  ),
  add constraint campaigns_cost_is_an_amount check (estimated_cost >= 0 and estimated_cost < 'Infinity'),
  add constraint campaigns_segments_are_not_negative check (estimated_segment_count >= 0),
  add constraint campaigns_reason_is_of_a_pause check (pause_reason is null or status = 'paused'),
  add constraint campaigns_key_has_length check (char_length(idempotency_key) between 1 and 255),
  add constraint campaigns_key_has_fingerprint check (
    (idempotency_key is null) = (idempotency_fingerprint is null) and octet_length(idempotency_fingerprint) = 32
  );
comment on column public.campaigns.body is 'The words, where no template is used; {{name}} is filled in for each recipient.';
comment on column public.campaigns.variables is 'What is filled in for recipients who bring no value of their own.';
comment on column public.campaigns.phone_number_id is 'The sender of a text; without one, routing decides.';
comment on column public.campaigns.from_address is 'The sender of an e-mail; without one, routing decides.';
comment on column public.campaigns.default_country is 'ISO 3166 alpha-2: where uploaded phone numbers without a calling code are.';
comment on column public.campaigns.audience is 'The latest filter of contacts it was built from, as the caller gave it; {} for an uploaded list.';
comment on column public.campaigns.recipient_count is 'Addresses it has, skipped ones included.';
comment on column public.campaigns.duplicate_count is 'Rows that named an address it had already.';
comment on column public.campaigns.checked_at is
  'Since when every uploaded recipient is known to bring what the words need; null: to be checked.';
comment on column public.campaigns.estimated_at is 'When it was estimated; null again as soon as its words, sender or recipients change.';
comment on column public.campaigns.estimated_cost is 'In USD.';
comment on column public.campaigns.dripped_at is 'When recipients were last queued.';
comment on column public.campaigns.pause_reason is 'The error code that paused it; null when a person did.';
comment on column public.campaigns.idempotency_key is 'Chosen by the caller; a second campaign with it is the first one again.';
comment on column public.campaigns.idempotency_fingerprint is 'SHA-256 of the request that brought the key: another request may not use it.';
create index campaigns_under_way_idx on public.campaigns (status, scheduled_at) where status in ('scheduled', 'running');
create unique index campaigns_idempotency_key_idx on public.campaigns (workspace_id, idempotency_key)
  where idempotency_key is not null;

update public.campaigns as c
set recipient_count = (select count(*) from public.campaign_recipients as r where r.campaign_id = c.id)
where true;

-- Checked once per statement: row by row the check costs as much as the row. Only functions write here, which hold the campaign.
alter table public.campaign_recipients
  drop constraint campaign_recipients_campaign_of_workspace,
  add constraint campaign_recipients_variables_have_size check (pg_column_size(variables) <= 8192);
comment on column public.campaign_recipients.campaign_id is
  'Of the same workspace: a trigger checks it, statement by statement.';
comment on column public.campaign_recipients.contact_id is
  'The contact it was taken from; of an uploaded address, once it is queued.';
comment on column public.campaign_recipients.variables is 'What was uploaded with the address. That of a contact is read when it is queued.';
comment on column public.campaign_recipients.status is
  'pending; enqueued: the message says what became of it; skipped: skip_reason says why. campaign_results says it in one word.';

create function private.check_recipients_of_campaign()
returns trigger language plpgsql set search_path = ''
as $$
begin
  if exists (
    select from (select distinct n.workspace_id, n.campaign_id from new_rows as n) as n
    where not exists (
      select from public.campaigns as c where c.workspace_id = n.workspace_id and c.id = n.campaign_id
    )
  ) then
    raise exception 'A recipient is not of a campaign of its workspace' using
      errcode = 'foreign_key_violation', constraint = 'campaign_recipients_campaign_of_workspace',
      schema = 'public', table = 'campaign_recipients';
  end if;
  return null;
end;
$$;
comment on function private.check_recipients_of_campaign() is
  'Trigger: recipients are of a campaign of their workspace, as a foreign key would have it.';
revoke execute on function private.check_recipients_of_campaign() from public, anon, authenticated;
create trigger campaign_recipients_have_campaign after insert on public.campaign_recipients
  referencing new table as new_rows
  for each statement execute function private.check_recipients_of_campaign();

-- What the Data API embeds as it would by a foreign key: select("*, campaign_recipients(*)").
create function public.campaign_recipients(campaign public.campaigns)
returns setof public.campaign_recipients language sql stable rows 1000 set search_path = ''
as $$
  select r.* from public.campaign_recipients as r
  where r.workspace_id = (campaign_recipients.campaign).workspace_id
    and r.campaign_id = (campaign_recipients.campaign).id;
$$;
comment on function public.campaign_recipients(public.campaigns) is
  'The recipients of a campaign, to be embedded in it.';
revoke execute on function public.campaign_recipients(public.campaigns) from public, anon;
grant execute on function public.campaign_recipients(public.campaigns) to authenticated, service_role;

create function private.keep_campaign_id()
returns trigger language plpgsql set search_path = ''
as $$
begin
  raise exception 'A recipient stays with its campaign' using
    errcode = 'check_violation', constraint = 'campaign_recipients_keep_campaign',
    schema = 'public', table = 'campaign_recipients';
end;
$$;
comment on function private.keep_campaign_id() is 'Trigger: a recipient never changes its campaign.';
revoke execute on function private.keep_campaign_id() from public, anon, authenticated;
create trigger campaign_recipients_keep_campaign before update of campaign_id on public.campaign_recipients
  for each row when (new.campaign_id is distinct from old.campaign_id) execute function private.keep_campaign_id();

create function private.delete_recipients_of_campaign()
returns trigger language plpgsql set search_path = ''
as $$
begin
  delete from public.campaign_recipients as r where r.campaign_id = old.id;
  return null;
end;
$$;
comment on function private.delete_recipients_of_campaign() is 'Trigger: a campaign''s recipients go with it.';
revoke execute on function private.delete_recipients_of_campaign() from public, anon, authenticated;
create trigger campaigns_take_recipients_along after delete on public.campaigns
  for each row execute function private.delete_recipients_of_campaign();

-- What was uploaded and could not be taken. Members read; only functions write.
create table public.campaign_row_errors (
  campaign_id uuid not null,
  row_number integer not null,
  workspace_id uuid not null,
  code text not null,
  field text not null,
  message text not null,
  primary key (campaign_id, row_number),
  constraint campaign_row_errors_campaign_of_workspace
    foreign key (workspace_id, campaign_id) references public.campaigns (workspace_id, id) on delete cascade,
  constraint campaign_row_errors_number_is_positive check (row_number > 0),
  constraint campaign_row_errors_code_is_a_word check (code ~ '^[a-z_]{1,50}$')
);
comment on table public.campaign_row_errors is 'One uploaded row that could not be taken, and why; the rest went on.';
comment on column public.campaign_row_errors.row_number is 'From 1, as the caller counts; the header of a CSV file is not counted.';
create index campaign_row_errors_campaign_idx on public.campaign_row_errors (workspace_id, campaign_id);

alter table public.campaign_row_errors enable row level security;
revoke all on public.campaign_row_errors from anon, authenticated, service_role;
grant select on public.campaign_row_errors to authenticated, service_role;
create policy campaign_row_errors_select_member on public.campaign_row_errors
  for select to authenticated
  using (workspace_id = any (array(select private.my_open_workspace_ids())));
create trigger campaign_row_errors_keep_workspace before update of workspace_id on public.campaign_row_errors
  for each row execute function private.refuse_workspace_change();

-- Which messages of a campaign may still be in the queue: what is dripped next hangs on how many they are.
create table private.campaign_messages (
  message_id uuid primary key references public.conversation_messages (id) on delete cascade,
  campaign_id uuid not null,
  address text not null
);
comment on table private.campaign_messages is 'A message of a campaign that was queued and, when last looked at, not yet handed over.';
comment on column private.campaign_messages.campaign_id is 'No foreign key: its check would cost every message.';
create index campaign_messages_campaign_id_idx on private.campaign_messages (campaign_id);
alter table private.campaign_messages enable row level security;
revoke all on private.campaign_messages from public, anon, authenticated, service_role;
