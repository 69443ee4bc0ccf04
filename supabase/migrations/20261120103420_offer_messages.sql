-- An inbound message in an agent's hands is offered to it once, in the transaction that stores the message.

create function private.has_opted_out(workspace_id uuid, address text)
returns boolean language plpgsql stable set search_path = ''
as $$
begin
  return exists (
    select from public.opt_outs as o
    where o.workspace_id = has_opted_out.workspace_id and o.kind = private.kind_of_address(has_opted_out.address)
      and o.address = has_opted_out.address and o.ended_at is null
  );
end;
$$;
comment on function private.has_opted_out(uuid, text) is 'Whether nothing may be sent to an address any more.';
revoke execute on function private.has_opted_out(uuid, text) from public, anon, authenticated;

create function private.offer_message(message_id uuid)
returns boolean language plpgsql set search_path = ''
as $$
#variable_conflict use_column
begin
  insert into public.agent_offers (workspace_id, agent_id, conversation_id, message_id)
  select m.workspace_id, a.id, m.conversation_id, m.id
  from public.conversation_messages as m
  join public.conversations as t on t.id = m.conversation_id and t.taken_over_at is null and t.status <> 'spam'
  join public.agents as a on a.id = t.agent_id and a.is_active
  where m.id = offer_message.message_id and m.direction = 'inbound'
    and not private.has_opted_out(m.workspace_id, m.from_address)
    and case
      -- Else two machines might write to each other for ever.
      when t.channel = 'email' then m.from_address !~ '^(mailer-daemon|postmaster|bounces?|(no|do-?not)[._-]?reply)([+._-][^@]*)?@'
      -- A short code or a name cannot be answered. A word to come back is for us; a yes may answer anything.
      else m.from_address like '+%'
        and ((private.opt_out_keyword(m.body) in ('stop', 'start')) is not true or private.bare_word(m.body) = 'yes')
    end
  on conflict (message_id) where state <> 'canceled' do nothing;
  return found;
end;
$$;
comment on function private.offer_message(uuid) is
  'Offers an inbound message to the agent in whose hands its conversation is; false where there is none, or nothing to answer.';
revoke execute on function private.offer_message(uuid) from public, anon, authenticated;

create function private.cancel_offers(offer_ids uuid[], reason text)
returns void language plpgsql set search_path = ''
as $$
begin
  update public.agent_offers as o
  set state = 'canceled', cancel_reason = cancel_offers.reason, next_attempt_at = null
  -- In one order everywhere, so that two who cancel never wait in a circle.
  where o.id = any (array(
    select w.id from public.agent_offers as w
    where w.id = any (cancel_offers.offer_ids) and w.state in ('pending', 'delivered')
    order by w.id
    for update
  ));
end;
$$;
comment on function private.cancel_offers(uuid[], text) is 'Takes offers back that are not answered.';
revoke execute on function private.cancel_offers(uuid[], text) from public, anon, authenticated;

-- What a dispatcher has taken leaves; nobody waits for it here.
create function private.cancel_agent_messages(conversation public.conversations, reason text)
returns void language plpgsql set search_path = ''
as $$
begin
  perform private.take_back_messages(
    array(
      select m.id from public.conversation_messages as m
      join private.outbound_jobs as j on j.message_id = m.id
      where m.workspace_id = (cancel_agent_messages.conversation).workspace_id
        and m.conversation_id = (cancel_agent_messages.conversation).id
        and m.agent_id is not null and m.status in ('scheduled', 'queued')
        and (cancel_agent_messages.reason = 'taken_over' or m.agent_id = (cancel_agent_messages.conversation).agent_id)
      order by m.id
      for update of j skip locked
    ),
    'conversation_' || cancel_agent_messages.reason
  );
end;
$$;
comment on function private.cancel_agent_messages(public.conversations, text) is
  'Takes back what agents have scheduled or queued in a conversation: all of them when a person takes over, else the one that loses it.';
revoke execute on function private.cancel_agent_messages(public.conversations, text) from public, anon, authenticated;

-- Definer: members change conversations, and hold no write grant on offers.
create function private.follow_hand_over()
returns trigger language plpgsql security definer set search_path = ''
as $$
declare
  v_was_agents constant boolean := old.agent_id is not null and old.taken_over_at is null;
  v_is_agents constant boolean := new.agent_id is not null and new.taken_over_at is null;
  v_reason constant text := case when v_is_agents then 'handed_over' else 'taken_over' end;
begin
  -- The agent itself is gone, its offers with it, and maybe the workspace.
  if old.agent_id is not null and new.agent_id is null
    and not exists (select from public.agents as a where a.id = old.agent_id)
  then
    return null;
  end if;
  if v_was_agents then
    perform private.cancel_offers(
      array(
        select o.id from public.agent_offers as o
        where o.workspace_id = old.workspace_id and o.conversation_id = old.id and o.agent_id = old.agent_id
          and o.state in ('pending', 'delivered')
      ),
      v_reason
    );
  end if;
  if v_is_agents then
    -- Whom nobody has answered yet is not to wait for their own next message.
    perform private.offer_message((
      select m.id from public.conversation_messages as m
      where m.workspace_id = new.workspace_id and m.conversation_id = new.id
      order by m.created_at desc
      limit 1
    ));
    perform private.write_audit(
      new.workspace_id, auth.uid(), 'conversation.handed_over', 'conversation', new.id::text,
      jsonb_build_object('agent_id', new.agent_id)
    );
  elsif old.taken_over_at is null then
    perform private.write_audit(
      new.workspace_id, auth.uid(), 'conversation.taken_over', 'conversation', new.id::text,
      jsonb_build_object('agent_id', old.agent_id)
    );
  end if;
  -- Last, since it locks counters, after which nobody locks anything else.
  if v_was_agents or (old.taken_over_at is null and new.taken_over_at is not null) then
    perform private.cancel_agent_messages(old, v_reason);
  end if;
  return null;
end;
$$;
comment on function private.follow_hand_over() is
  'Trigger: who loses a conversation loses what was offered in it, and what waits to be sent; who gets it is offered what nobody has answered.';
revoke execute on function private.follow_hand_over() from public, anon, authenticated;
create trigger conversations_follow_hand_over after update of agent_id, assigned_to, taken_over_at on public.conversations
  for each row when ((old.agent_id, old.taken_over_at) is distinct from (new.agent_id, new.taken_over_at))
  execute function private.follow_hand_over();

-- What it was never given it cannot have answered: that is still to come to it.
create function private.note_agent_answer()
returns trigger language plpgsql set search_path = ''
as $$
begin
  update public.agent_offers as o
  set state = 'answered', answered_at = now(), next_attempt_at = null
  where o.id = any (array(
    select w.id from public.agent_offers as w
    where w.workspace_id = new.workspace_id and w.conversation_id = new.conversation_id and w.agent_id = new.agent_id
      and (w.state = 'delivered' or (w.state = 'pending' and w.attempt_count > 0))
    order by w.id
    for update
  ));
  return null;
end;
$$;
comment on function private.note_agent_answer() is
  'Trigger: what an agent writes in a conversation answers all that it was given of it.';
revoke execute on function private.note_agent_answer() from public, anon, authenticated;
create trigger conversation_messages_note_agent_answer after insert on public.conversation_messages
  for each row when (new.direction = 'outbound' and new.agent_id is not null)
  execute function private.note_agent_answer();

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
    (apply_inbound_message.webhook_event).connection_id, v_channel, v_event ->> 'to', v_from
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
  perform private.offer_message(v_message_id);
  return v_message_id;
end;
$$;
