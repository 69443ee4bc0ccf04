-- What a contact or a provider says of an opt-out is written down once, with when it was said and by what.

-- History of one address: what a provider tells late is compared with it.
create index opt_outs_address_idx on public.opt_outs (workspace_id, kind, address, ended_at);

drop function private.apply_opt_out(uuid, text, boolean, text, text, uuid);
create function private.apply_opt_out(
  workspace_id uuid,
  address text,
  is_opted_out boolean,
  source text,
  wording text default null,
  message_id uuid default null,
  said_at timestamptz default now()
)
returns uuid language plpgsql set search_path = ''
as $$
#variable_conflict use_column
declare
  v_kind text := private.kind_of_address(apply_opt_out.address);
  v_address text := case v_kind when 'email' then lower(apply_opt_out.address) else apply_opt_out.address end;
  v_wording text := nullif(trim(apply_opt_out.wording), '');
  v_id uuid;
begin
  if apply_opt_out.is_opted_out then
    insert into public.opt_outs as o (workspace_id, kind, address, source, wording, message_id, opted_out_at)
    values (
      apply_opt_out.workspace_id, v_kind, v_address, apply_opt_out.source, v_wording, apply_opt_out.message_id,
      apply_opt_out.said_at
    )
    on conflict (workspace_id, kind, address) where ended_at is null do nothing
    returning o.id into v_id;
  else
    -- A start that is acted on late ends no stop that was said after it.
    update public.opt_outs as o
    set
      ended_at = apply_opt_out.said_at,
      ended_source = case apply_opt_out.source when 'keyword' then 'keyword' else 'provider' end,
      ended_wording = v_wording,
      ended_message_id = apply_opt_out.message_id
    where o.workspace_id = apply_opt_out.workspace_id and o.kind = v_kind and o.address = v_address
      and o.ended_at is null and o.opted_out_at <= apply_opt_out.said_at
    returning o.id into v_id;
  end if;
  return v_id;
end;
$$;
comment on function private.apply_opt_out(uuid, text, boolean, text, text, uuid, timestamptz) is
  'Writes down that an address said stop, or ends that, with what proves it; what holds already stays as it is. The opt-out that began or ended, null when none did.';
revoke execute on function private.apply_opt_out(uuid, text, boolean, text, text, uuid, timestamptz)
  from public, anon, authenticated;

create function private.note_provider_opt_outs(message_ids uuid[])
returns void language plpgsql set search_path = ''
as $$
#variable_conflict use_column
begin
  insert into public.opt_outs (workspace_id, kind, address, source, message_id)
  select distinct on (m.workspace_id, k.kind, m.to_address) m.workspace_id, k.kind, m.to_address, 'provider', m.id
  from public.conversation_messages as m
  cross join lateral (select private.kind_of_address(m.to_address) as kind) as k
  cross join lateral (
    select coalesce(max(a.started_at), m.created_at) as asked_at
    from public.message_attempts as a where a.message_id = m.id
  ) as a
  where m.id = any (note_provider_opt_outs.message_ids) and m.direction = 'outbound'
    -- News from before the address came back is no news.
    and not exists (
      select from public.opt_outs as o
      where o.workspace_id = m.workspace_id and o.kind = k.kind and o.address = m.to_address
        and o.ended_at > a.asked_at
    )
    -- Of several recipients nobody says which one it was.
    and not exists (
      select from public.email_details as d where d.message_id = m.id and cardinality(d.cc || d.bcc) > 0
    )
  -- In one order everywhere, so that two batches never wait in a circle.
  order by m.workspace_id, k.kind, m.to_address, m.id
  on conflict (workspace_id, kind, address) where ended_at is null do nothing;
end;
$$;
comment on function private.note_provider_opt_outs(uuid[]) is
  'Opts out whom these messages went to: their provider refused them since it knows of a stop that we do not.';
revoke execute on function private.note_provider_opt_outs(uuid[]) from public, anon, authenticated;
