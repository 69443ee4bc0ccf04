-- What could not be sent, although somebody who acts could still get it sent; and how any message ends.

create table public.dead_letters (
  message_id uuid primary key references public.conversation_messages (id) on delete cascade,
  workspace_id uuid not null,
  conversation_id uuid not null,
  error_code text not null,
  created_at timestamptz not null default now(),
  constraint dead_letters_conversation_of_workspace
    foreign key (workspace_id, conversation_id) references public.conversations (workspace_id, id) on delete cascade
);
comment on table public.dead_letters is
  'A failed message that an admin can retry or cancel: the provider, the account or nobody knows is to blame, never the recipient.';
comment on column public.dead_letters.conversation_id is 'That of the message: it decides who may see it.';
comment on column public.dead_letters.error_code is
  'Why it failed, as on the message. outcome_unknown: it may have been sent, and a retry may send it twice.';
create index dead_letters_workspace_id_idx on public.dead_letters (workspace_id, created_at desc);
create index dead_letters_conversation_id_idx on public.dead_letters (workspace_id, conversation_id);
alter table public.dead_letters enable row level security;
revoke all on public.dead_letters from anon, authenticated, service_role;
grant select on public.dead_letters to authenticated, service_role;
create policy dead_letters_select_member on public.dead_letters
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or conversation_id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create trigger dead_letters_keep_workspace before update of workspace_id on public.dead_letters
  for each row execute function private.refuse_workspace_change();

create table public.outcome_policies (
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  message_class text not null,
  on_unknown text not null,
  primary key (workspace_id, message_class),
  constraint outcome_policies_class_is_known check (message_class in ('conversation', 'one_time_code', 'campaign')),
  constraint outcome_policies_action_is_known check (on_unknown in ('hold', 'resend'))
);
comment on table public.outcome_policies is
  'What becomes of a message when neither a receipt nor the provider tells whether it was sent. Without a row: resend for one_time_code, hold for the others.';
comment on column public.outcome_policies.on_unknown is
  'hold: it fails and waits for a person, so that nothing is sent twice; resend: it is sent again, perhaps twice.';
alter table public.outcome_policies enable row level security;
revoke all on public.outcome_policies from anon, authenticated, service_role;
grant select, insert (workspace_id, message_class, on_unknown), update (on_unknown), delete
  on public.outcome_policies to authenticated;
grant select on public.outcome_policies to service_role;
create policy outcome_policies_select_member on public.outcome_policies
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create policy outcome_policies_insert_admin on public.outcome_policies
  for insert to authenticated
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create policy outcome_policies_update_admin on public.outcome_policies
  for update to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())))
  with check (workspace_id = any (array(select private.my_admin_workspace_ids())));
create policy outcome_policies_delete_admin on public.outcome_policies
  for delete to authenticated
  using (workspace_id = any (array(select private.my_admin_workspace_ids())));
create trigger outcome_policies_keep_workspace before update of workspace_id on public.outcome_policies
  for each row execute function private.refuse_workspace_change();

create function private.on_unknown(workspace_id uuid, message_class text)
returns text language plpgsql stable set search_path = ''
as $$
begin
  return coalesce(
    (
      select p.on_unknown from public.outcome_policies as p
      where p.workspace_id = on_unknown.workspace_id and p.message_class = on_unknown.message_class
    ),
    case on_unknown.message_class when 'one_time_code' then 'resend' else 'hold' end
  );
end;
$$;
comment on function private.on_unknown(uuid, text) is 'Whether a message of unknown outcome is to be held or sent again.';
revoke execute on function private.on_unknown(uuid, text) from public, anon, authenticated;

create type private.message_end as (message_id uuid, error_code text, error_message text, is_dead_letter boolean);
comment on type private.message_end is 'That a message failed for good, and why.';

create function private.fail_messages(ends private.message_end[])
returns void language plpgsql set search_path = ''
as $$
declare
  v_usage private.usage_change[];
begin
  with failed as (
    update public.conversation_messages as m
    set status = 'failed', error_code = e.error_code, error_message = e.error_message
    from (select u.* from unnest(fail_messages.ends) as u order by u.message_id) as e
    where m.id = e.message_id and m.status in ('scheduled', 'queued', 'sending')
    returning m.id, m.workspace_id, m.conversation_id, m.created_at, m.is_platform, m.estimated_cost, m.error_code
  ),
  kept as (
    insert into public.dead_letters (message_id, workspace_id, conversation_id, error_code)
    select f.id, f.workspace_id, f.conversation_id, f.error_code
    from failed as f
    join unnest(fail_messages.ends) as e on e.message_id = f.id
    where e.is_dead_letter
    on conflict (message_id) do update set error_code = excluded.error_code, created_at = now()
  )
  select array_agg(
    (
      f.workspace_id, private.month_of(f.created_at), t.channel, f.is_platform, -1, 0, -f.estimated_cost, 0
    )::private.usage_change
  )
  into v_usage
  from failed as f
  join public.conversations as t on t.workspace_id = f.workspace_id and t.id = f.conversation_id;
  perform private.count_usage(coalesce(v_usage, '{}'));
  -- A dead letter may be retried: its files stay.
  delete from private.email_attachments as f
  where f.message_id = any (array(select e.message_id from unnest(fail_messages.ends) as e where not e.is_dead_letter));
end;
$$;
comment on function private.fail_messages(private.message_end[]) is
  'Ends messages that were not sent, gives back what was reserved for them, and keeps those that a person could still get sent.';
revoke execute on function private.fail_messages(private.message_end[]) from public, anon, authenticated;
