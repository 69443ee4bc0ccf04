-- What acting on an inbound message means. The event is stored already; whoever calls holds its row.

-- PL/pgSQL keeps its plans: two look-ups per message would otherwise be planned anew for each.
create function private.find_recipient(connection_id uuid, channel text, address text)
returns table (workspace_id uuid, phone_number_id uuid, email_sender_id uuid)
language plpgsql stable set search_path = '' rows 1
as $$
begin
  -- What comes to a sender of the operator's is not yet routed to a workspace.
  if find_recipient.channel <> 'email' then
    return query
    select p.workspace_id, p.id, null::uuid from public.phone_numbers as p
    where p.connection_id = find_recipient.connection_id and p.phone_number = find_recipient.address
      and p.status = 'active' and p.workspace_id is not null;
    return;
  end if;
  return query
  select e.workspace_id, null::uuid, e.id from public.email_senders as e
  where e.connection_id = find_recipient.connection_id
    and e.email_address in (lower(find_recipient.address), '*@' || split_part(lower(find_recipient.address), '@', 2))
    and e.status = 'active' and e.workspace_id is not null
  order by e.email_address like '*@%'
  limit 1;
end;
$$;
comment on function private.find_recipient(uuid, text, text) is
  'The active sender of a workspace''s connection that an address is: a number, an e-mail address, or a whole domain.';
revoke execute on function private.find_recipient(uuid, text, text) from public, anon, authenticated;

create function private.find_email_conversation(workspace_id uuid, reference_ids text[])
returns uuid language sql stable set search_path = ''
as $$
  select d.conversation_id
  from unnest(find_email_conversation.reference_ids) with ordinality as r (id, position)
  join public.email_details as d
    on d.workspace_id = find_email_conversation.workspace_id and d.internet_message_id = r.id
  order by r.position desc
  limit 1;
$$;
comment on function private.find_email_conversation(uuid, text[]) is
  'The conversation with the latest of the e-mails that another one refers to.';
revoke execute on function private.find_email_conversation(uuid, text[]) from public, anon, authenticated;

create function private.thread_inbound_email(
  workspace_id uuid,
  email_sender_id uuid,
  contact_id uuid,
  address text,
  subject text,
  body text,
  reference_ids text[]
)
returns uuid language plpgsql set search_path = ''
as $$
declare
  v_id uuid := private.find_email_conversation(
    thread_inbound_email.workspace_id, thread_inbound_email.reference_ids
  );
begin
  if v_id is null then
    insert into public.conversations (
      workspace_id, contact_id, channel, contact_address, email_sender_id, subject, snippet, is_unread, last_message_at
    )
    values (
      thread_inbound_email.workspace_id, thread_inbound_email.contact_id, 'email', thread_inbound_email.address,
      thread_inbound_email.email_sender_id, left(nullif(trim(thread_inbound_email.subject), ''), 998),
      private.snippet_of(thread_inbound_email.body), true, now()
    )
    returning id into v_id;
    return v_id;
  end if;
  update public.conversations as t
  set
    -- Somebody else who answers, as a person in copy, does not become who we write to.
    contact_address = case
      when t.contact_id = thread_inbound_email.contact_id then thread_inbound_email.address else t.contact_address
    end,
    email_sender_id = thread_inbound_email.email_sender_id,
    snippet = private.snippet_of(thread_inbound_email.body),
    is_unread = true,
    last_message_at = now(),
    status = case when t.status = 'spam' then t.status else 'active' end
  where t.id = v_id;
  return v_id;
end;
$$;
comment on function private.thread_inbound_email(uuid, uuid, uuid, text, text, text, text[]) is
  'The conversation that an e-mail belongs to, begun where it answers none of ours, with the e-mail on top.';
revoke execute on function private.thread_inbound_email(uuid, uuid, uuid, text, text, text, text[])
  from public, anon, authenticated;

create function private.apply_inbound_message(webhook_event public.webhook_events)
returns uuid language plpgsql set search_path = ''
as $$
declare
  v_event jsonb := (apply_inbound_message.webhook_event).event;
  v_channel text := v_event ->> 'channel';
  v_kind text := case v_channel when 'email' then 'email' else 'phone' end;
  v_from text := case v_channel when 'email' then lower(v_event ->> 'from') else v_event ->> 'from' end;
  v_body text := v_event ->> 'text';
  v_reference_ids text[];
  v_recipient record;
  v_contact_id uuid;
  v_conversation_id uuid;
  v_message_id uuid;
begin
  select * into v_recipient from private.find_recipient(
    (apply_inbound_message.webhook_event).connection_id, v_channel, v_event ->> 'to'
  );
  if not found then
    return null;
  end if;

  select k.contact_id into v_contact_id from public.contact_addresses as k
  where k.workspace_id = v_recipient.workspace_id and k.kind = v_kind and k.address = v_from;
  if not found then
    select c.contact_id into strict v_contact_id
    from private.find_or_create_contacts(v_recipient.workspace_id, v_kind, array[v_from]) as c;
  end if;

  if v_channel = 'email' then
    v_reference_ids := private.text_list(v_event -> 'references');
    v_conversation_id := private.thread_inbound_email(
      v_recipient.workspace_id, v_recipient.email_sender_id, v_contact_id, v_from, v_event ->> 'subject', v_body,
      v_reference_ids
    );
  else
    select t.conversation_id into strict v_conversation_id
    from private.touch_conversations(
      v_recipient.workspace_id, v_channel, array[v_contact_id], array[v_from], array[v_recipient.phone_number_id],
      array[v_body], true
    ) as t;
  end if;

  insert into public.conversation_messages (
    workspace_id, conversation_id, direction, status, body, from_address, to_address, phone_number_id, email_sender_id,
    external_id, created_at
  )
  values (
    v_recipient.workspace_id, v_conversation_id, 'inbound', 'received', v_body, v_from,
    case v_channel when 'email' then lower(v_event ->> 'to') else v_event ->> 'to' end,
    v_recipient.phone_number_id, v_recipient.email_sender_id, (apply_inbound_message.webhook_event).external_id,
    (apply_inbound_message.webhook_event).received_at
  )
  returning id into v_message_id;

  if jsonb_array_length(v_event -> 'media') > 0 then
    insert into public.message_media (message_id, position, workspace_id, conversation_id, url, content_type)
    select
      v_message_id, e.position, v_recipient.workspace_id, v_conversation_id, e.media ->> 'url', e.media ->> 'contentType'
    from jsonb_array_elements(v_event -> 'media') with ordinality as e (media, position);
  end if;
  if v_channel = 'email' then
    insert into public.email_details (
      message_id, workspace_id, conversation_id, subject, html, cc, internet_message_id, reference_ids
    )
    values (
      v_message_id, v_recipient.workspace_id, v_conversation_id, left(v_event ->> 'subject', 998),
      coalesce(v_event ->> 'html', ''), private.text_list(v_event -> 'cc'), nullif(v_event ->> 'messageId', ''),
      v_reference_ids
    );
  elsif v_event ->> 'optOutHint' in ('stop', 'start') then
    perform private.apply_opt_out(
      v_recipient.workspace_id, v_from, v_event ->> 'optOutHint' = 'stop',
      case when v_body ~ '\S' then 'keyword' else 'provider' end, v_body, v_message_id
    );
  end if;
  return v_message_id;
end;
$$;
comment on function private.apply_inbound_message(public.webhook_events) is
  'Puts an inbound message into its conversation; null when its recipient is no active sender of a workspace''s connection.';
revoke execute on function private.apply_inbound_message(public.webhook_events) from public, anon, authenticated;
