-- Who said stop, and the proof. Holds for the workspace and the address, whatever the sender or provider.
create table public.opt_outs (
  id uuid primary key default gen_random_uuid(),
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  kind text not null,
  address text not null,
  source text not null,
  wording text,
  message_id uuid,
  actor_id uuid,
  opted_out_at timestamptz not null default now(),
  ended_at timestamptz,
  ended_source text,
  ended_wording text,
  ended_message_id uuid,
  ended_actor_id uuid,
  constraint opt_outs_kind_is_known check (kind in ('phone', 'email')),
  constraint opt_outs_address_fits_kind check (private.is_address(kind, address)),
  constraint opt_outs_source_is_known
    check (source in ('keyword', 'provider', 'member', 'unsubscribe_link', 'complaint', 'import')),
  constraint opt_outs_keyword_has_proof check (source <> 'keyword' or (message_id is not null and wording is not null)),
  constraint opt_outs_wording_is_said check (wording <> '' and ended_wording <> ''),
  constraint opt_outs_member_is_named check (source <> 'member' or actor_id is not null),
  constraint opt_outs_end_is_whole check (
    (ended_at is null) = (ended_source is null)
    and (ended_at is not null or num_nonnulls(ended_wording, ended_message_id, ended_actor_id) = 0)
  ),
  constraint opt_outs_ended_source_is_known check (ended_source in ('keyword', 'provider', 'member')),
  constraint opt_outs_ended_keyword_has_proof
    check (ended_source <> 'keyword' or (ended_message_id is not null and ended_wording is not null)),
  constraint opt_outs_ended_member_is_named check (ended_source <> 'member' or ended_actor_id is not null),
  constraint opt_outs_end_after_start check (ended_at >= opted_out_at)
);
comment on table public.opt_outs is
  'One time that an address said stop, and when it came back, if it did. Kept as proof: nothing is ever deleted.';
comment on column public.opt_outs.address is 'As in contact_addresses. The opt-out outlives the contact.';
comment on column public.opt_outs.source is
  'keyword: a text of the contact; provider: the provider told us; member: a person wrote it down; unsubscribe_link and complaint: e-mail; import: brought along.';
comment on column public.opt_outs.wording is 'What was said, word for word.';
comment on column public.opt_outs.message_id is 'The message that said it. No foreign key: the proof outlives the message.';
comment on column public.opt_outs.actor_id is 'The member who wrote it down.';
comment on column public.opt_outs.ended_at is 'When the address came back; null: it holds.';
create unique index opt_outs_hold_once_idx on public.opt_outs (workspace_id, kind, address) where ended_at is null;
create index opt_outs_workspace_id_idx on public.opt_outs (workspace_id, opted_out_at desc);

alter table public.opt_outs enable row level security;
revoke all on public.opt_outs from anon, authenticated, service_role;
grant select on public.opt_outs to authenticated, service_role;
create policy opt_outs_select_member on public.opt_outs
  for select to authenticated
  using (workspace_id = any (array(select private.my_workspace_ids())));
create trigger opt_outs_keep_workspace before update of workspace_id on public.opt_outs
  for each row execute function private.refuse_workspace_change();

create function private.kind_of_address(address text)
returns text language sql immutable set search_path = ''
as $$
  select case when kind_of_address.address like '%@%' then 'email' else 'phone' end;
$$;
comment on function private.kind_of_address(text) is 'Whether an address is a phone number or of e-mail, by its at sign.';
revoke execute on function private.kind_of_address(text) from public, anon, authenticated;

-- Definer: nobody holds a write grant on opt-outs.
create function private.opt_out(workspace_id uuid, address text, wording text)
returns uuid language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_kind text := private.kind_of_address(opt_out.address);
  v_address text := case when v_kind = 'email' then lower(trim(opt_out.address)) else trim(opt_out.address) end;
  v_id uuid;
begin
  perform private.require_member(auth.uid(), opt_out.workspace_id);
  -- Only what a message could go to: an opt-out of a number in another form would hold nothing back.
  if (
    private.is_address(v_kind, v_address) and (v_kind <> 'phone' or v_address ~ '^\+[1-9][0-9]{4,14}$')
  ) is not true then
    perform private.fail(
      400, 'invalid_request', 'Cannot opt out: neither a phone number nor an e-mail address', 'address',
      'Write a phone number as E.164'
    );
  end if;
  insert into public.opt_outs as o (workspace_id, kind, address, source, wording, actor_id)
  values (opt_out.workspace_id, v_kind, v_address, 'member', nullif(trim(opt_out.wording), ''), auth.uid())
  on conflict (workspace_id, kind, address) where ended_at is null do nothing
  returning o.id into v_id;
  if v_id is null then
    return (
      select o.id from public.opt_outs as o
      where o.workspace_id = opt_out.workspace_id and o.kind = v_kind and o.address = v_address and o.ended_at is null
    );
  end if;
  perform private.write_audit(opt_out.workspace_id, auth.uid(), 'opt_out.recorded', 'opt_out', v_id::text);
  return v_id;
end;
$$;
comment on function private.opt_out(uuid, text, text) is 'Does the work of public.opt_out.';
revoke execute on function private.opt_out(uuid, text, text) from public, anon;
grant execute on function private.opt_out(uuid, text, text) to authenticated;

create function public.opt_out(workspace_id uuid, address text, wording text default null)
returns uuid language sql set search_path = ''
as $$
  select private.opt_out(opt_out.workspace_id, opt_out.address, opt_out.wording);
$$;
comment on function public.opt_out(uuid, text, text) is
  'Writes down that an address wants nothing more from the workspace; returns the opt-out that holds. Members. Errors: 400, 404.';
revoke execute on function public.opt_out(uuid, text, text) from public, anon;
grant execute on function public.opt_out(uuid, text, text) to authenticated;

-- Definer: as above.
create function private.end_opt_out(opt_out_id uuid, wording text)
returns void language plpgsql security definer set search_path = ''
as $$
declare
  v_opt_out public.opt_outs;
begin
  select * into v_opt_out from public.opt_outs as o
  where o.id = end_opt_out.opt_out_id and o.workspace_id = any (array(select private.my_workspace_ids()))
  for update;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the opt-out', 'opt_out_id');
  end if;
  perform private.require_admin(auth.uid(), v_opt_out.workspace_id, 'end an opt-out');
  if coalesce(trim(end_opt_out.wording), '') = '' then
    perform private.fail(
      400, 'invalid_request', 'Cannot end the opt-out: nothing says why', 'wording',
      'Write down how the person agreed to hear from you again'
    );
  end if;
  if v_opt_out.ended_at is not null then
    perform private.fail(409, 'conflict', 'Cannot end the opt-out: it has ended', 'opt_out_id');
  end if;
  update public.opt_outs as o
  set ended_at = now(), ended_source = 'member', ended_wording = end_opt_out.wording, ended_actor_id = auth.uid()
  where o.id = v_opt_out.id;
  perform private.write_audit(
    v_opt_out.workspace_id, auth.uid(), 'opt_out.ended', 'opt_out', v_opt_out.id::text
  );
end;
$$;
comment on function private.end_opt_out(uuid, text) is 'Does the work of public.end_opt_out.';
revoke execute on function private.end_opt_out(uuid, text) from public, anon;
grant execute on function private.end_opt_out(uuid, text) to authenticated;

create function public.end_opt_out(opt_out_id uuid, wording text)
returns void language sql set search_path = ''
as $$
  select private.end_opt_out(end_opt_out.opt_out_id, end_opt_out.wording);
$$;
comment on function public.end_opt_out(uuid, text) is
  'Lets a workspace write to an address again, with how the person agreed. Owners and admins. Errors: 400, 403, 404, 409.';
revoke execute on function public.end_opt_out(uuid, text) from public, anon;
grant execute on function public.end_opt_out(uuid, text) to authenticated;
