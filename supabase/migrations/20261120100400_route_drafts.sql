-- Each message that is to be sent finds its route, its class, its parts and what it will cost.
alter type private.outbound_draft
  add attribute message_class text,
  add attribute campaign_id uuid,
  add attribute connection_id uuid,
  add attribute is_platform boolean,
  add attribute is_sender_fixed boolean,
  add attribute segment_count smallint,
  add attribute cost numeric,
  add attribute schedule private.schedule_reading,
  add attribute agent_id uuid,
  add attribute approval_id uuid;

drop function private.read_outbound_drafts(uuid, jsonb);

create function private.read_outbound_drafts(workspace_id uuid, messages jsonb, is_trusted boolean)
returns setof private.outbound_draft language sql set search_path = ''
as $$
  -- Field by field, so that one malformed message is refused alone.
  with input as materialized (
    select
      (e.index - 1)::integer as index,
      case when jsonb_typeof(e.message) = 'object' then e.message else '{}' end as message,
      e.message ->> 'channel' as channel,
      case when e.message ? 'conversation_id' then private.as_uuid(e.message ->> 'conversation_id') end
        as conversation_id,
      case when e.message ? 'phone_number_id' then private.as_uuid(e.message ->> 'phone_number_id') end
        as phone_number_id,
      e.message ->> 'to_address' as to_address,
      e.message ->> 'from_address' as from_address,
      coalesce(e.message ->> 'body', '') as body,
      coalesce(x.media, '{}') as media_urls,
      x.error_code as media_error_code, x.error_field as media_error_field, x.error_message as media_error_message,
      nullif(e.message -> 'template', 'null') as template,
      e.message ->> 'idempotency_key' as idempotency_key,
      case
        when jsonb_typeof(e.message) = 'object' and e.message ->> 'idempotency_key' is not null
          then sha256(convert_to((e.message - '{idempotency_key,agent}'::text[])::text, 'UTF8'))
      end as fingerprint,
      jsonb_typeof(e.message) <> 'object' as is_no_object,
      e.message ->> 'conversation_id' is not null as names_conversation,
      e.message ->> 'phone_number_id' is not null as names_sender_id,
      coalesce(e.message ->> 'message_class', 'conversation') as message_class,
      case when read_outbound_drafts.is_trusted then private.as_uuid(e.message ->> 'campaign_id') end as campaign_id,
      g.agent_id, g.approval_id, g.sender_ids as agent_sender_ids
    from jsonb_array_elements(read_outbound_drafts.messages) with ordinality as e (message, index)
    -- A join's condition would have the function asked for every message, and the answer thrown away.
    left join lateral (
      select x.*
      from (select where e.message -> 'media_urls' <> '[]' or e.message -> 'media' <> '[]' offset 0) as g
      cross join lateral private.read_media(read_outbound_drafts.workspace_id, e.message) as x
    ) as x on true
    left join lateral (
      select
        private.as_uuid(a.agent ->> 'agent_id') as agent_id,
        private.as_uuid(a.agent ->> 'approval_id') as approval_id,
        array(select private.as_uuid(s.id) from jsonb_array_elements_text(a.agent -> 'sender_ids') as s (id)) as sender_ids
      from (select e.message -> 'agent' as agent where read_outbound_drafts.is_trusted and e.message ? 'agent' offset 0) as a
    ) as g on true
  ),
  -- Whoever sees only what is assigned also writes only there, and from there.
  caller as materialized (
    select read_outbound_drafts.workspace_id = any (array(select private.my_restricted_workspace_ids())) as is_restricted
  ),
  -- A reply goes on in the channel of its conversation, whether or not it is named.
  located as materialized (
    select
      i.*,
      t.id as thread_id, t.contact_id as thread_contact_id, t.email_sender_id as thread_sender_id,
      t.subject as thread_subject,
      coalesce(t.contact_address, i.to_address) as contact_address,
      coalesce(t.channel, i.channel, 'sms') as known_channel
    from input as i
    cross join caller as l
    left join public.conversations as t
      on t.id = i.conversation_id and t.workspace_id = read_outbound_drafts.workspace_id
      and t.channel = coalesce(i.channel, t.channel) and t.channel in ('sms', 'whatsapp', 'email')
      and (not l.is_restricted or t.id = any (array(select private.my_assigned_conversation_ids())))
  ),
  routes as materialized (
    select r.*,
      not l.is_restricted
        or (r.phone_number_id is not null and r.phone_number_id = any (array(select private.my_phone_number_ids())))
        or (r.phone_number_id is null and r.owner_user_id = (select auth.uid())) as is_free_to_use,
      r.owner_user_id is null or r.owner_user_id = (select auth.uid()) as is_for_caller
    from private.list_routes(read_outbound_drafts.workspace_id, array(select distinct i.known_channel from located as i)) as r
    cross join caller as l
  ),
  -- Each template is found once, however many messages name it.
  templates as materialized (
    select n.known_channel, n.named, private.find_template(read_outbound_drafts.workspace_id, n.known_channel, n.named) as prepared
    from (
      select distinct i.known_channel, private.without_variables(i.template) as named
      from located as i
      where i.template is not null and i.known_channel in ('sms', 'whatsapp', 'email')
    ) as n
  ),
  resolved as (
    select
      i.*,
      case when c.html is null then i.message else i.message || jsonb_build_object('html', c.html) end as whole_message,
      coalesce(c.body, i.body) as whole_body,
      i.known_channel = 'email' as is_email,
      coalesce(i.thread_contact_id, a.contact_id) as contact_id,
      s.id as number_id,
      e.id as mailbox_id,
      coalesce(s.phone_number, e.email_address) as sender_address,
      coalesce(s.connection_id, e.connection_id) as connection_id,
      coalesce(s.is_platform, e.is_platform, false) as is_platform,
      coalesce(s.price, e.price, 0) as price,
      m.id as first_message_id,
      k.id as known_thread_id,
      l.is_restricted and k.id is not null and k.id <> all (array(select private.my_assigned_conversation_ids()))
        as is_of_colleague,
      r.reference_ids,
      case
        when i.known_channel = 'email' then coalesce(
          nullif(i.message ->> 'subject', ''), c.subject, case when i.thread_id is not null then private.reply_subject(i.thread_subject) end
        )
      end as subject,
      f.filled as choice
    from located as i
    cross join caller as l
    left join public.contact_addresses as a
      on a.workspace_id = read_outbound_drafts.workspace_id and a.address = i.to_address
      and a.kind = case when i.known_channel = 'email' then 'email' else 'phone' end
    -- E-mail has many threads with one contact: none is known before it is named.
    left join public.conversations as k
      on k.workspace_id = read_outbound_drafts.workspace_id and k.channel = i.known_channel
      and k.contact_id = coalesce(i.thread_contact_id, a.contact_id) and k.channel <> 'email'
    left join public.conversation_messages as m
      on m.workspace_id = read_outbound_drafts.workspace_id and m.idempotency_key = i.idempotency_key
    -- What is answered: the latest e-mail of the thread, and our address in it.
    left join lateral (
      select
        private.reference_chain(d.reference_ids, d.internet_message_id) as reference_ids,
        case h.direction when 'inbound' then h.to_address else h.from_address end as our_address
      from public.conversation_messages as h
      left join public.email_details as d on d.message_id = h.id
      where i.known_channel = 'email' and h.workspace_id = read_outbound_drafts.workspace_id
        and h.conversation_id = i.thread_id
      order by h.created_at desc
      limit 1
    ) as r on true
    -- The sender asked for; else the one the thread runs on; else what routing says.
    left join lateral (
      select c.phone_number_id as id, c.address as phone_number, c.connection_id, c.is_platform, c.price
      from routes as c
      where c.channel = i.known_channel and c.phone_number_id is not null
        and (i.known_channel <> 'sms' or cardinality(i.media_urls) = 0 or c.can_mms)
        and (c.is_free_to_use or c.phone_number_id = k.phone_number_id)
        and (not i.names_sender_id or c.phone_number_id = i.phone_number_id)
        and (i.from_address is null or c.address = i.from_address)
        -- An agent uses what it was granted, whosever it is, and nothing else.
        and case when i.agent_id is null then c.is_for_caller else c.phone_number_id = any (i.agent_sender_ids) end
        and (c.countries is null or private.country_of(i.contact_address) = any (c.countries))
        and (
          not c.is_platform
          or private.is_own_platform_thread(read_outbound_drafts.workspace_id, c.phone_number_id, i.contact_address)
        )
      order by
        coalesce(c.phone_number_id = k.phone_number_id and c.is_sticky and not c.is_open, false) desc,
        c.is_open, c.is_platform, coalesce(c.step_position, 32767),
        c.is_default and not c.has_policy desc,
        case when c.step_position is null then c.priority else 0 end,
        private.weighted_chance(c.weight, c.drawn_by, i.contact_address),
        c.is_default desc, c.created_at, c.address
      limit 1
    ) as s on true
    left join lateral (
      select
        c.email_sender_id as id, case when c.is_domain then w.address else c.address end as email_address,
        c.connection_id, c.is_platform, c.price
      from (select coalesce(i.from_address, r.our_address) as address) as w
      cross join routes as c
      where c.channel = i.known_channel and c.email_sender_id is not null
        and not i.names_sender_id
        and (c.is_free_to_use or c.email_sender_id = i.thread_sender_id)
        and case when i.agent_id is null then c.is_for_caller else c.email_sender_id = any (i.agent_sender_ids) end
        -- A whole domain sends from the address that is named, or that was written to.
        and case
          when c.is_domain then
            c.address = '*@' || split_part(w.address, '@', 2) and private.is_mailbox(w.address)
          else i.from_address is null or c.address = i.from_address
        end
      order by
        coalesce(c.email_sender_id = i.thread_sender_id and c.is_sticky and not c.is_open, false) desc,
        -- The address that is named, or was written to, and a domain that covers it, before any other.
        coalesce(c.address = w.address or c.is_domain, false) desc,
        c.is_open, c.is_platform, coalesce(c.step_position, 32767),
        c.is_default and not c.has_policy desc,
        case when c.step_position is null then c.priority else 0 end,
        coalesce(c.address = w.address and c.step_position is null, false) desc,
        private.weighted_chance(c.weight, c.drawn_by, i.contact_address),
        c.is_default desc, c.created_at, c.address
      limit 1
    ) as e on true
    left join templates as u
      on u.known_channel = i.known_channel and u.named = private.without_variables(i.template)
    left join lateral (
      select x as filled
      from (select where u.named is not null offset 0) as g
      cross join lateral private.fill_template(u.prepared, i.template -> 'variables') as x
    ) as f on true
    cross join lateral (select (f.filled).*) as c
  )
  select
    r.index, private.time_ordered_uuid(), r.known_channel, r.thread_id, r.contact_id, r.contact_address, r.number_id,
    r.mailbox_id, r.sender_address,
    r.whole_body,
    r.media_urls, r.choice, r.subject, coalesce(r.reference_ids, '{}'),
    case when r.is_email then r.whole_message end,
    r.idempotency_key, r.fingerprint, r.first_message_id, f.error_code, f.error_field, f.error_message,
    r.message_class, r.campaign_id, r.connection_id, r.is_platform,
    r.names_sender_id or r.from_address is not null, p.segment_count, p.segment_count * r.price,
    s.reading, r.agent_id, r.approval_id
  from resolved as r
  cross join lateral (
    select case
      when r.known_channel = 'sms' and cardinality(r.media_urls) = 0
        then greatest(private.count_segments(r.whole_body), 1::smallint)
      else 1::smallint
    end as segment_count
    -- Else it is worked out again wherever it is named.
    offset 0
  ) as p
  left join lateral (
    select x as reading
    from (select where r.message ?| '{scheduled_at,time_zone,unless,recurrence,quiet_hours}' offset 0) as g
    cross join lateral private.read_schedule(
      read_outbound_drafts.workspace_id, r.known_channel, r.contact_address, r.message
    ) as x
  ) as s on true
  left join lateral (
    select c.error_code, c.error_field, c.error_message from (values
      (r.is_no_object, 'invalid_request', 'messages', 'it is not an object'),
      (r.media_error_code is not null, r.media_error_code, r.media_error_field, r.media_error_message),
      (
        r.known_channel not in ('sms', 'whatsapp', 'email'),
        'invalid_request', 'channel', 'the channel is none of sms, whatsapp and email'
      ),
      (
        r.names_conversation and r.thread_id is null,
        'conversation_not_found', 'conversation_id', 'there is no such conversation to write in'
      ),
      (
        r.message_class not in ('conversation', 'one_time_code')
          and not (read_outbound_drafts.is_trusted and r.message_class in ('campaign', 'opt_out_confirmation')),
        'invalid_request', 'message_class', 'the class is neither conversation nor one_time_code'
      ),
      (
        (r.message_class = 'campaign') <> (r.campaign_id is not null),
        'invalid_request', 'campaign_id', 'a campaign''s message names it, and no other does'
      ),
      (
        r.message ? 'agent' and r.agent_id is null,
        'invalid_request', 'agent', 'only execute-tool sends for an agent'
      ),
      (r.contact_address is null, 'recipient_missing', 'to', 'it names neither a recipient nor a conversation'),
      (
        not r.is_email and r.contact_address !~ '^\+[1-9][0-9]{4,14}$',
        'invalid_recipient', 'to', 'the recipient is not an E.164 number'
      ),
      (
        r.is_email and not private.is_mailbox(r.contact_address),
        'invalid_recipient', 'to', 'the recipient is not an e-mail address in lower case'
      ),
      (
        r.is_of_colleague,
        'conversation_not_assigned', 'to', 'the conversation with this contact is not assigned to you'
      ),
      (
        r.message_class <> 'opt_out_confirmation' and exists (
          select from public.opt_outs as o
          where o.workspace_id = read_outbound_drafts.workspace_id
            and o.kind = case when r.is_email then 'email' else 'phone' end
            and o.address = r.contact_address and o.ended_at is null
        ),
        'recipient_opted_out', 'to', 'the recipient has opted out'
      ),
      (
        r.known_channel <> 'whatsapp' and r.template ->> 'external_id' is not null,
        'invalid_request', 'template', 'only a WhatsApp message is sent by a template of the provider''s'
      ),
      ((r.choice).flaw is not null, 'template_invalid', (r.choice).flaw_field, (r.choice).flaw),
      (
        (r.choice).body is not null and r.body <> '',
        'invalid_request', 'body', 'the template brings its own text'
      ),
      (
        (r.choice).body is not null and coalesce(r.message ->> 'html', '') <> '',
        'invalid_request', 'html', 'the template brings its own HTML'
      ),
      (
        r.whole_body !~ '\S' and cardinality(r.media_urls) = 0 and (r.template is null or r.known_channel <> 'whatsapp')
          and not (r.is_email and coalesce(r.whole_message ->> 'html', '') ~ '\S'),
        'message_empty', case when r.template is null then 'body' else 'template' end, 'it has neither text nor media'
      ),
      (
        char_length(r.whole_body) > case r.known_channel when 'sms' then 1600 when 'whatsapp' then 4096 else 100000 end,
        'message_too_long', 'body', format(
          'the text is longer than %s characters',
          case r.known_channel when 'sms' then 1600 when 'whatsapp' then 4096 else 100000 end
        )
      ),
      (
        r.is_email and cardinality(r.media_urls) > 0,
        'invalid_request', 'media_urls', 'an e-mail takes attachments instead of media URLs'
      ),
      (
        r.known_channel = 'whatsapp' and r.template is not null and cardinality(r.media_urls) > 0,
        'invalid_request', 'media_urls', 'a template brings its own media'
      ),
      (
        char_length(r.idempotency_key) not between 1 and 255,
        'idempotency_key_invalid', 'idempotency_key', 'the idempotency key needs 1 to 255 characters'
      ),
      (
        (s.reading).flaw is not null, coalesce((s.reading).flaw_code, 'schedule_invalid'), (s.reading).flaw_field,
        (s.reading).flaw
      ),
      (
        r.sender_address is null and (r.names_sender_id or r.from_address is not null),
        'sender_not_found', 'from', case
          when r.is_email then 'the sender is not an active e-mail sender of the workspace'
          else 'the sender is not an active number of the workspace that can send this'
        end
      ),
      (
        r.sender_address is null, 'no_sender', 'from', case
          when r.is_email then 'no active e-mail sender of the workspace can send this'
          else 'no active number of the workspace can send this'
        end
      ),
      (r.sender_address = r.contact_address, 'invalid_recipient', 'to', 'sender and recipient are the same')
    ) as c (is_refused, error_code, error_field, error_message)
    -- What was sent before stays sent, whatever has become of its sender since.
    where c.is_refused and r.first_message_id is null
    union all
    select x.error_code, x.error_field, x.error_message
    from private.find_channel_flaw(
      read_outbound_drafts.workspace_id, r.known_channel, r.whole_message, r.subject, r.choice, r.known_thread_id, r.number_id
    ) as x
    where (r.known_channel <> 'sms' or r.message ?| '{subject,html,cc,bcc,reply_to,headers,attachments}')
      and r.first_message_id is null
    limit 1
  ) as f on true;
$$;
comment on function private.read_outbound_drafts(uuid, jsonb, boolean) is
  'What each message would be: its channel, sender, recipient and contact, or why it is refused.';
revoke execute on function private.read_outbound_drafts(uuid, jsonb, boolean) from public, anon, authenticated;
