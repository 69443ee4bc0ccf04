-- How a message finds its contact and its conversation, whichever way it comes in.

create function private.find_or_create_contacts(workspace_id uuid, kind text, addresses text[])
returns table (address text, contact_id uuid) language plpgsql set search_path = ''
as $$
declare
  v_missing text[];
  v_created uuid[];
  v_added integer;
begin
  -- `limit 1` keeps each address an index probe of its own: joined, the whole workspace would be read.
  v_missing := array(
    select distinct a.address
    from unnest(find_or_create_contacts.addresses) as a (address)
    left join lateral (
      select true as is_known from public.contact_addresses as k
      where k.workspace_id = find_or_create_contacts.workspace_id
        and k.kind = find_or_create_contacts.kind and k.address = a.address
      limit 1
    ) as k on true
    where k.is_known is null
    order by a.address
  );

  if cardinality(v_missing) > 0 then
    with numbered as (
      select m.address, gen_random_uuid() as contact_id from unnest(v_missing) as m (address)
    ),
    created as (
      insert into public.contacts (id, workspace_id)
      select n.contact_id, find_or_create_contacts.workspace_id from numbered as n
      returning id
    ),
    added as (
      insert into public.contact_addresses (workspace_id, contact_id, kind, address)
      select find_or_create_contacts.workspace_id, n.contact_id, find_or_create_contacts.kind, n.address
      from numbered as n
      on conflict on constraint contact_addresses_belong_to_one_contact do nothing
      returning 1
    )
    select array(select c.id from created as c), (select count(*) from added) into v_created, v_added;

    -- Somebody else added the same address meanwhile: theirs stands.
    if cardinality(v_created) > v_added then
      delete from public.contacts as c
      where c.id = any (v_created)
        and not exists (
          select from public.contact_addresses as k
          where k.workspace_id = c.workspace_id and k.contact_id = c.id
        );
    end if;
  end if;

  return query
  select a.address, k.contact_id
  from (select distinct u.address from unnest(find_or_create_contacts.addresses) as u (address)) as a
  cross join lateral (
    select k.contact_id from public.contact_addresses as k
    where k.workspace_id = find_or_create_contacts.workspace_id
      and k.kind = find_or_create_contacts.kind and k.address = a.address
    limit 1
  ) as k;
end;
$$;
comment on function private.find_or_create_contacts(uuid, text, text[]) is
  'The contact behind each address, created where there is none.';
revoke execute on function private.find_or_create_contacts(uuid, text, text[]) from public, anon, authenticated;

create function private.snippet_of(body text)
returns text language sql immutable set search_path = ''
as $$
  select left(regexp_replace(trim(snippet_of.body), '\s+', ' ', 'g'), 160);
$$;
comment on function private.snippet_of(text) is 'The beginning of a message on one line, as a conversation list shows it.';
revoke execute on function private.snippet_of(text) from public, anon, authenticated;

create function private.touch_conversations(
  workspace_id uuid,
  channel text,
  contact_ids uuid[],
  contact_addresses text[],
  phone_number_ids uuid[],
  bodies text[],
  is_inbound boolean,
  assigned_to uuid default null
)
returns table (contact_id uuid, conversation_id uuid) language sql set search_path = ''
as $$
  insert into public.conversations as t (
    workspace_id, contact_id, channel, contact_address, phone_number_id, snippet, is_unread, assigned_to,
    last_message_at
  )
  select
    touch_conversations.workspace_id, u.contact_id, touch_conversations.channel, u.contact_address, u.phone_number_id,
    private.snippet_of(u.body), touch_conversations.is_inbound, touch_conversations.assigned_to, now()
  from unnest(
    touch_conversations.contact_ids, touch_conversations.contact_addresses, touch_conversations.phone_number_ids,
    touch_conversations.bodies
  ) as u (contact_id, contact_address, phone_number_id, body)
  -- In one order everywhere, so that two calls never wait in a circle.
  order by u.contact_id
  on conflict (workspace_id, contact_id, channel) where channel in ('sms', 'whatsapp', 'call') do update
  set
    contact_address = excluded.contact_address,
    phone_number_id = excluded.phone_number_id,
    snippet = excluded.snippet,
    is_unread = t.is_unread or excluded.is_unread,
    last_message_at = excluded.last_message_at,
    status = case when t.status = 'spam' then t.status else 'active' end
  returning t.contact_id, t.id;
$$;
comment on function private.touch_conversations(uuid, text, uuid[], text[], uuid[], text[], boolean, uuid) is
  'The one thread with each contact on a channel that is not e-mail, created where there is none and then assigned as asked, with its latest message on top.';
revoke execute on function private.touch_conversations(uuid, text, uuid[], text[], uuid[], text[], boolean, uuid)
  from public, anon, authenticated;

create function private.message_status_rank(status text)
returns smallint language sql immutable set search_path = ''
as $$
  select case message_status_rank.status
    when 'scheduled' then 0
    when 'queued' then 1
    when 'sending' then 2
    when 'sent' then 3
    when 'delivered' then 4
    when 'undelivered' then 4
    when 'failed' then 4
    when 'canceled' then 4
    when 'read' then 5
  end::smallint;
$$;
comment on function private.message_status_rank(text) is 'How far along an outbound message is; null for an unknown word.';
revoke execute on function private.message_status_rank(text) from public, anon, authenticated;

create function private.is_status_ahead(current_status text, error_code text, new_status text)
returns boolean language sql immutable set search_path = ''
as $$
  select case
    when is_status_ahead.current_status = 'failed'
      then is_status_ahead.error_code = 'outcome_unknown'
        and private.message_status_rank(is_status_ahead.new_status) >= 3
    when is_status_ahead.current_status in ('undelivered', 'canceled') then false
    else coalesce(
      private.message_status_rank(is_status_ahead.new_status)
        > private.message_status_rank(is_status_ahead.current_status),
      false
    )
  end;
$$;
comment on function private.is_status_ahead(text, text, text) is
  'Whether a message may take a new status: only forward. A failure that was only our not knowing yields to a receipt.';
revoke execute on function private.is_status_ahead(text, text, text) from public, anon, authenticated;
