-- The lines an agent stays inside, whatever its prompt says. Every agent has them from the start.
create table public.agent_guardrails (
  agent_id uuid primary key,
  workspace_id uuid not null,
  allowed_channels text[] not null default '{sms,whatsapp,email,call,live_chat,social}',
  allowed_contact_ids uuid[],
  allowed_contact_labels text[],
  allowed_phone_number_ids uuid[],
  messages_per_hour integer not null default 60,
  messages_per_day integer not null default 500,
  spend_per_day numeric not null default 10,
  spend_currency text not null default 'USD',
  quiet_hours_start time default '21:00',
  quiet_hours_end time default '08:00',
  may_reach_new_contacts boolean not null default false,
  first_contact_needs_approval boolean not null default true,
  destructive_needs_approval boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint agent_guardrails_agent_of_workspace
    foreign key (workspace_id, agent_id) references public.agents (workspace_id, id) on delete cascade,
  constraint agent_guardrails_channels_are_known
    check (allowed_channels <@ '{sms,whatsapp,email,call,live_chat,social}'),
  constraint agent_guardrails_lists_are_whole check (
    array_position(allowed_contact_ids, null) is null and array_position(allowed_contact_labels, null) is null
    and array_position(allowed_phone_number_ids, null) is null
  ),
  constraint agent_guardrails_caps_are_not_negative
    check (messages_per_hour >= 0 and messages_per_day >= 0 and spend_per_day >= 0 and spend_per_day < 'Infinity'),
  constraint agent_guardrails_spend_has_currency check (spend_currency ~ '^[A-Z]{3}$'),
  constraint agent_guardrails_quiet_hours_are_whole check (
    (quiet_hours_start is null) = (quiet_hours_end is null)
    and (quiet_hours_start is null or quiet_hours_start <> quiet_hours_end)
  )
);
comment on table public.agent_guardrails is 'The lines an agent stays inside. Admins move them.';
comment on column public.agent_guardrails.allowed_contact_ids is 'Whom it may write to. Null: anybody the other columns allow.';
comment on column public.agent_guardrails.allowed_contact_labels is 'Contacts with one of these labels. Null: with any.';
comment on column public.agent_guardrails.allowed_phone_number_ids is 'What it may send from. Null: any number assigned to it.';
comment on column public.agent_guardrails.spend_per_day is 'In spend_currency (ISO 4217).';
comment on column public.agent_guardrails.quiet_hours_start is
  'Nothing is sent from here to quiet_hours_end, in the recipient''s time. Both null: no quiet hours.';
comment on column public.agent_guardrails.may_reach_new_contacts is 'Whether a bare number or address will do, without a contact.';
comment on column public.agent_guardrails.first_contact_needs_approval is 'The first message to a contact waits for a person.';
create index agent_guardrails_agent_idx on public.agent_guardrails (workspace_id, agent_id);

alter table public.agent_guardrails enable row level security;
revoke all on public.agent_guardrails from anon, authenticated, service_role;
grant
  select,
  update (
    allowed_channels, allowed_contact_ids, allowed_contact_labels, allowed_phone_number_ids, messages_per_hour,
    messages_per_day, spend_per_day, spend_currency, quiet_hours_start, quiet_hours_end, may_reach_new_contacts,
    first_contact_needs_approval, destructive_needs_approval
  )
  on public.agent_guardrails to authenticated;
grant select on public.agent_guardrails to service_role;
create policy agent_guardrails_select_member on public.agent_guardrails
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create policy agent_guardrails_update_admin on public.agent_guardrails
  for update to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())))
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger agent_guardrails_set_updated_at before update on public.agent_guardrails
  for each row execute function public.update_updated_at_column();
create trigger agent_guardrails_keep_workspace before update of workspace_id on public.agent_guardrails
  for each row execute function private.refuse_workspace_change();

-- Definer: whoever creates an agent holds no insert grant on guardrails.
create function private.create_guardrails()
returns trigger language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.agent_guardrails (workspace_id, agent_id) values (new.workspace_id, new.id);
  return new;
end;
$$;
comment on function private.create_guardrails() is 'Trigger: gives every new agent its guardrails.';
revoke execute on function private.create_guardrails() from public, anon, authenticated;
create trigger agents_create_guardrails after insert on public.agents
  for each row execute function private.create_guardrails();
