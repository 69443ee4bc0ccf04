-- What a person has to look at in a conversation: a message that may ask for an opt-out, which no machine decides.
create table public.conversation_flags (
  message_id uuid primary key references public.conversation_messages (id) on delete cascade,
  workspace_id uuid not null,
  conversation_id uuid not null,
  words text not null,
  created_at timestamptz not null default now(),
  resolution text,
  resolved_at timestamptz,
  resolved_by uuid,
  constraint conversation_flags_words_are_said check (words <> ''),
  constraint conversation_flags_resolution_is_known check (resolution in ('opted_out', 'dismissed')),
  constraint conversation_flags_resolution_is_whole check (num_nonnulls(resolution, resolved_at, resolved_by) in (0, 3)),
  constraint conversation_flags_resolved_after_start check (resolved_at >= created_at)
);
comment on table public.conversation_flags is
  'A message that a person has to read the same day, since it may ask for an opt-out. Open until somebody resolves it.';
comment on column public.conversation_flags.conversation_id is 'That of the message: it decides who may see the flag.';
comment on column public.conversation_flags.words is 'What in the message raised it, such as take me off.';
comment on column public.conversation_flags.resolution is
  'opted_out: it did ask for it, and the contact is opted out; dismissed: it did not. Null: nobody has decided yet.';
comment on column public.conversation_flags.resolved_by is 'The member who decided. No foreign key: the decision outlives the member.';
create index conversation_flags_conversation_id_idx on public.conversation_flags (workspace_id, conversation_id);
create index conversation_flags_open_idx on public.conversation_flags (workspace_id, created_at) where resolution is null;

alter table public.conversation_flags enable row level security;
revoke all on public.conversation_flags from anon, authenticated, service_role;
grant select on public.conversation_flags to authenticated, service_role;
create policy conversation_flags_select_member on public.conversation_flags
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or conversation_id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create trigger conversation_flags_keep_workspace before update of workspace_id on public.conversation_flags
  for each row execute function private.refuse_workspace_change();

-- Definer: nobody holds a write grant on flags or opt-outs.
create function private.resolve_conversation_flag(message_id uuid, resolution text)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_message public.conversation_messages;
  v_flag public.conversation_flags;
  v_opt_out_id uuid;
begin
  if (resolve_conversation_flag.resolution in ('opted_out', 'dismissed')) is not true then
    perform private.fail(
      400, 'invalid_request', 'Cannot resolve the flag: neither opted_out nor dismissed', 'resolution'
    );
  end if;
  select * into v_flag from public.conversation_flags as f
  where f.message_id = resolve_conversation_flag.message_id
    and f.workspace_id = any (array(select private.my_workspace_ids()))
    and (
      f.workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or f.conversation_id = any (array(select private.my_assigned_conversation_ids()))
    );
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the flag', 'message_id');
  end if;
  -- In one order, so that two who decide at once never wait in a circle.
  perform from public.conversation_flags as f
  where f.workspace_id = v_flag.workspace_id and f.conversation_id = v_flag.conversation_id and f.resolution is null
  order by f.message_id
  for update;
  if not exists (
    select from public.conversation_flags as f where f.message_id = v_flag.message_id and f.resolution is null
  ) then
    perform private.fail(409, 'conflict', 'Cannot resolve the flag: it is resolved', 'message_id');
  end if;

  if resolve_conversation_flag.resolution = 'opted_out' then
    select * into strict v_message from public.conversation_messages as m where m.id = v_flag.message_id;
    insert into public.opt_outs as o (workspace_id, kind, address, source, wording, message_id, actor_id)
    values (
      v_flag.workspace_id, private.kind_of_address(v_message.from_address), v_message.from_address, 'member',
      trim(v_message.body), v_message.id, auth.uid()
    )
    on conflict (workspace_id, kind, address) where ended_at is null do nothing
    returning o.id into v_opt_out_id;
    if v_opt_out_id is not null then
      perform private.write_audit(
        v_flag.workspace_id, auth.uid(), 'opt_out.recorded', 'opt_out', v_opt_out_id::text
      );
    end if;
  end if;
  -- Who is opted out need not be opted out again for what else they said.
  update public.conversation_flags as f
  set resolution = resolve_conversation_flag.resolution, resolved_at = greatest(now(), f.created_at),
    resolved_by = auth.uid()
  where f.workspace_id = v_flag.workspace_id and f.conversation_id = v_flag.conversation_id and f.resolution is null
    and (f.message_id = v_flag.message_id or resolve_conversation_flag.resolution = 'opted_out');
  perform private.write_audit(
    v_flag.workspace_id, auth.uid(), 'conversation_flag.' || resolve_conversation_flag.resolution,
    'conversation_message', v_flag.message_id::text
  );
end;
$$;
comment on function private.resolve_conversation_flag(uuid, text) is 'Does the work of public.resolve_conversation_flag.';
revoke execute on function private.resolve_conversation_flag(uuid, text) from public, anon;
grant execute on function private.resolve_conversation_flag(uuid, text) to authenticated;

create function public.resolve_conversation_flag(message_id uuid, resolution text)
returns void language sql set search_path = ''
as $$
  select private.resolve_conversation_flag(
    resolve_conversation_flag.message_id, resolve_conversation_flag.resolution
  );
$$;
comment on function public.resolve_conversation_flag(uuid, text) is
  'Decides about a message that may ask for an opt-out: opted_out opts the contact out with the message as proof, dismissed lets it be. Members who see the conversation. Errors: 400, 404, 409.';
revoke execute on function public.resolve_conversation_flag(uuid, text) from public, anon;
grant execute on function public.resolve_conversation_flag(uuid, text) to authenticated;

do $$
begin
  if exists (select from pg_publication where pubname = 'supabase_realtime' and not puballtables) then
    alter publication supabase_realtime add table public.conversation_flags;
  end if;
end;
$$;
