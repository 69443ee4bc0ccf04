-- What a whole message that means stop or start does, and which other one is shown to a person.

create function private.is_heeded_by_provider(connection_id uuid, channel text, to_address text, body text, keyword text)
returns boolean language plpgsql stable set search_path = ''
as $$
declare
  v_word text := upper(trim(is_heeded_by_provider.body));
  -- The network behind these heeds a STOP, whoever the provider, and of the words to come back no YES.
  -- https://support.twilio.com/hc/en-us/articles/360058144374 (read 2026-11-20)
  v_is_toll_free boolean := is_heeded_by_provider.to_address ~ '^\+18(00|33|44|55|66|77|88)[0-9]{7}$';
begin
  -- Providers listen to texts alone.
  if is_heeded_by_provider.channel <> 'sms' then
    return false;
  end if;
  if v_is_toll_free and v_word in ('STOP', 'START', 'UNSTOP', 'YES') then
    return v_word <> 'YES';
  end if;
  return exists (
    select from public.connections as c
    join public.service_providers as p on p.name = c.provider
    where c.id = is_heeded_by_provider.connection_id
      and p.configuration_metadata #> array['opt_out_words', is_heeded_by_provider.keyword] ? v_word
  );
end;
$$;
comment on function private.is_heeded_by_provider(uuid, text, text, text, text) is
  'Whether the provider, or the network, acts on a message by itself: as it is, not as we read it.';
revoke execute on function private.is_heeded_by_provider(uuid, text, text, text, text) from public, anon, authenticated;

create function private.heed_keyword(message_id uuid, connection_id uuid, keyword text, hint text)
returns void language plpgsql set search_path = ''
as $$
declare
  -- Should the two differ, a stop is a stop.
  v_keyword text := case when 'stop' in (heed_keyword.keyword, heed_keyword.hint) then 'stop' else 'start' end;
  v_message public.conversation_messages;
  v_is_heeded boolean;
  v_opt_out_id uuid;
begin
  select * into strict v_message from public.conversation_messages as m where m.id = heed_keyword.message_id;
  v_is_heeded := coalesce(heed_keyword.hint = v_keyword, false) or private.is_heeded_by_provider(
    heed_keyword.connection_id,
    (select t.channel from public.conversations as t where t.id = v_message.conversation_id),
    v_message.to_address, v_message.body, v_keyword
  );
  -- A yes may answer anything. It counts where the provider lets it, and ends what holds, or is part of a conversation.
  if v_keyword = 'start' and not v_is_heeded and private.bare_word(v_message.body) = 'yes' then
    return;
  end if;
  v_opt_out_id := private.apply_opt_out(
    v_message.workspace_id, v_message.from_address, v_keyword = 'stop',
    case when v_message.body ~ '\S' then 'keyword' else 'provider' end, v_message.body, v_message.id,
    v_message.created_at
  );
  if v_keyword = 'stop' and v_opt_out_id is not null and not v_is_heeded then
    perform private.confirm_opt_out(v_opt_out_id, v_message);
  end if;
end;
$$;
comment on function private.heed_keyword(uuid, uuid, text, text) is
  'Opts the sender of a message out, or back in, and confirms an opt-out that the provider does not. Of the keyword and the provider''s hint one is enough.';
revoke execute on function private.heed_keyword(uuid, uuid, text, text) from public, anon, authenticated;

create or replace function private.apply_inbound_message(webhook_event public.webhook_events)
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
  v_hint text := v_event ->> 'optOutHint';
  v_keyword text;
  v_words text;
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
  else
    -- Most messages are longer than any keyword, and none of these look-ups is made for them.
    if char_length(v_body) <= 40 then
      v_keyword := private.opt_out_keyword(v_body);
    end if;
    if v_keyword in ('stop', 'start') or v_hint in ('stop', 'start') then
      perform private.heed_keyword(v_message_id, (apply_inbound_message.webhook_event).connection_id, v_keyword, v_hint);
    else
      v_words := private.mentions_opt_out(v_body);
      if v_words is not null then
        insert into public.conversation_flags (message_id, workspace_id, conversation_id, words)
        values (v_message_id, v_recipient.workspace_id, v_conversation_id, v_words);
      end if;
    end if;
  end if;
  return v_message_id;
end;
$$;
