-- What each message that is to be sent would be, or why it is refused.

create type private.outbound_draft as (
  index integer,
  message_id uuid,
  channel text,
  conversation_id uuid,
  contact_id uuid,
  contact_address text,
  phone_number_id uuid,
  email_sender_id uuid,
  from_address text,
  body text,
  media_urls text[],
  template private.template_choice,
  subject text,
  reference_ids text[],
  email jsonb,
  idempotency_key text,
  fingerprint bytea,
  first_message_id uuid,
  error_code text,
  error_field text,
  error_message text
);
comment on type private.outbound_draft is 'A message on its way into the queue, or why it may not go there.';

create function private.find_channel_flaw(
  workspace_id uuid,
  channel text,
  message jsonb,
  subject text,
  template private.template_choice,
  conversation_id uuid,
  phone_number_id uuid
)
returns table (error_code text, error_field text, error_message text)
language plpgsql stable set search_path = ''
as $$
declare
  v_field text;
begin
  if find_channel_flaw.channel <> 'email' then
    select f.name into v_field
    from unnest('{subject,html,cc,bcc,reply_to,headers,attachments}'::text[]) as f (name)
    where find_channel_flaw.message ? f.name
    limit 1;
    if found then
      return query select 'invalid_request', v_field, 'only an e-mail has it: set the channel to email';
      return;
    end if;
  end if;
  if find_channel_flaw.channel = 'email' then
    return query select * from private.find_email_flaw(find_channel_flaw.message, find_channel_flaw.subject);
    if not found then
      return query
      select 'recipient_opted_out', c.field, 'a recipient has opted out'
      from (values ('cc'), ('bcc')) as c (field)
      where exists (
        select from public.opt_outs as o
        where o.workspace_id = find_channel_flaw.workspace_id and o.kind = 'email' and o.ended_at is null
          and o.address = any (private.text_list(find_channel_flaw.message -> c.field))
      )
      limit 1;
    end if;
  elsif find_channel_flaw.channel = 'whatsapp' then
    if (find_channel_flaw.template).flaw is not null then
      return query
      select 'template_invalid', (find_channel_flaw.template).flaw_field, (find_channel_flaw.template).flaw;
    elsif (find_channel_flaw.template).external_id is null and not exists (
      -- Its 24 hours are those of one contact with one number.
      select from public.conversation_messages as m
      where m.workspace_id = find_channel_flaw.workspace_id and m.conversation_id = find_channel_flaw.conversation_id
        and m.created_at > now() - interval '24 hours' and m.direction = 'inbound'
        and m.phone_number_id = find_channel_flaw.phone_number_id
    ) then
      return query
      select
        'outside_window', 'template',
        'the contact has not written to this number on WhatsApp for 24 hours, after which only a template may be sent';
    end if;
  end if;
end;
$$;
comment on function private.find_channel_flaw(uuid, text, jsonb, text, private.template_choice, uuid, uuid) is
  'Why a message cannot go by its channel, beside what holds for all of them; no row when it can.';
revoke execute on function private.find_channel_flaw(uuid, text, jsonb, text, private.template_choice, uuid, uuid)
  from public, anon, authenticated;

create function private.read_outbound_drafts(workspace_id uuid, messages jsonb)
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
      private.text_list(e.message -> 'media_urls') as media_urls,
      nullif(e.message -> 'template', 'null') as template,
      e.message ->> 'idempotency_key' as idempotency_key,
      case
        when jsonb_typeof(e.message) = 'object' and e.message ->> 'idempotency_key' is not null
          then sha256(convert_to((e.message - 'idempotency_key')::text, 'UTF8'))
      end as fingerprint,
      jsonb_typeof(e.message) <> 'object' as is_no_object,
      e.message ->> 'conversation_id' is not null as names_conversation,
      e.message ->> 'phone_number_id' is not null as names_sender_id,
      coalesce(jsonb_typeof(e.message -> 'media_urls') not in ('array', 'null'), false) as is_media_no_list
    from jsonb_array_elements(read_outbound_drafts.messages) with ordinality as e (message, index)
  ),
  -- Whoever sees only what is assigned also writes only there, and from there.
  caller as materialized (
    select read_outbound_drafts.workspace_id = any (array(select private.my_restricted_workspace_ids())) as is_restricted
  ),
  numbers as materialized (
    select p.id, p.phone_number, p.is_default, p.created_at,
      not l.is_restricted or p.id = any (array(select private.my_phone_number_ids())) as is_free_to_use,
      coalesce((p.capabilities ->> 'sms')::boolean, false) as can_sms,
      coalesce((p.capabilities ->> 'mms')::boolean, false) as can_mms,
      coalesce((p.capabilities ->> 'whatsapp')::boolean, false) as can_whatsapp
    from public.phone_numbers as p
    join public.connections as c on c.id = p.connection_id
    cross join caller as l
    where p.workspace_id = read_outbound_drafts.workspace_id
      and p.status = 'active'
      and c.status <> 'inactive'
      and (c.owner_user_id is null or c.owner_user_id = (select auth.uid()))
  ),
  mailboxes as materialized (
    select e.id, e.email_address, e.is_default, e.created_at,
      e.email_address like '*@%' as is_domain,
      not l.is_restricted or e.owner_user_id = (select auth.uid()) as is_free_to_use
    from public.email_senders as e
    join public.connections as c on c.id = e.connection_id
    cross join caller as l
    where e.workspace_id = read_outbound_drafts.workspace_id
      and e.status = 'active'
      and c.status <> 'inactive'
      and (c.owner_user_id is null or c.owner_user_id = (select auth.uid()))
  ),
  -- A reply goes on in the channel of its conversation, whether or not it is named.
  located as (
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
  resolved as (
    select
      i.*,
      i.known_channel = 'email' as is_email,
      coalesce(i.thread_contact_id, a.contact_id) as contact_id,
      s.id as number_id,
      e.id as mailbox_id,
      coalesce(s.phone_number, e.email_address) as sender_address,
      m.id as first_message_id,
      k.id as known_thread_id,
      l.is_restricted and k.id is not null and k.id <> all (array(select private.my_assigned_conversation_ids()))
        as is_of_colleague,
      r.reference_ids,
      case
        when i.known_channel = 'email' then coalesce(
          nullif(i.message ->> 'subject', ''), case when i.thread_id is not null then private.reply_subject(i.thread_subject) end
        )
      end as subject,
      c as choice
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
    -- The sender asked for; else the one the thread runs on; else the default; else any that can.
    left join lateral (
      select c.id, c.phone_number from numbers as c
      where case i.known_channel
          when 'sms' then c.can_sms and (cardinality(i.media_urls) = 0 or c.can_mms)
          when 'whatsapp' then c.can_whatsapp
        end
        and (c.is_free_to_use or c.id = k.phone_number_id)
        and (not i.names_sender_id or c.id = i.phone_number_id)
        and (i.from_address is null or c.phone_number = i.from_address)
      order by (c.id = k.phone_number_id) desc nulls last, c.is_default desc, c.created_at, c.phone_number
      limit 1
    ) as s on true
    left join lateral (
      select c.id, case when c.is_domain then w.address else c.email_address end as email_address
      from (select coalesce(i.from_address, r.our_address) as address) as w
      cross join mailboxes as c
      where i.known_channel = 'email'
        and not i.names_sender_id
        and (c.is_free_to_use or c.id = i.thread_sender_id)
        -- A whole domain sends from the address that is named, or that was written to.
        and case
          when c.is_domain then
            c.email_address = '*@' || split_part(w.address, '@', 2) and private.is_mailbox(w.address)
          else i.from_address is null or c.email_address = i.from_address
        end
      order by
        (c.id = i.thread_sender_id) desc nulls last, (c.email_address = w.address) desc nulls last, c.is_domain desc,
        c.is_default desc, c.created_at, c.email_address
      limit 1
    ) as e on true
    left join lateral private.choose_template(read_outbound_drafts.workspace_id, i.template) as c
      on i.template is not null and i.known_channel = 'whatsapp'
  )
  select
    r.index, private.time_ordered_uuid(), r.known_channel, r.thread_id, r.contact_id, r.contact_address, r.number_id,
    r.mailbox_id, r.sender_address,
    coalesce((r.choice).body, r.body),
    r.media_urls, r.choice, r.subject, coalesce(r.reference_ids, '{}'),
    case when r.is_email then r.message end,
    r.idempotency_key, r.fingerprint, r.first_message_id, f.error_code, f.error_field, f.error_message
  from resolved as r
  left join lateral (
    select c.error_code, c.error_field, c.error_message from (values
      (r.is_no_object, 'invalid_request', 'messages', 'it is not an object'),
      (r.is_media_no_list, 'invalid_request', 'media_urls', 'the media URLs are not a list'),
      (
        r.known_channel not in ('sms', 'whatsapp', 'email'),
        'invalid_request', 'channel', 'the channel is none of sms, whatsapp and email'
      ),
      (
        r.names_conversation and r.thread_id is null,
        'conversation_not_found', 'conversation_id', 'there is no such conversation to write in'
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
        exists (
          select from public.opt_outs as o
          where o.workspace_id = read_outbound_drafts.workspace_id
            and o.kind = case when r.is_email then 'email' else 'phone' end
            and o.address = r.contact_address and o.ended_at is null
        ),
        'recipient_opted_out', 'to', 'the recipient has opted out'
      ),
      (
        r.body !~ '\S' and cardinality(r.media_urls) = 0 and r.template is null
          and not (r.is_email and coalesce(r.message ->> 'html', '') ~ '\S'),
        'message_empty', 'body', 'it has neither text nor media'
      ),
      (
        char_length(r.body) > case r.known_channel when 'sms' then 1600 when 'whatsapp' then 4096 else 100000 end,
        'message_too_long', 'body', format(
          'the text is longer than %s characters',
          case r.known_channel when 'sms' then 1600 when 'whatsapp' then 4096 else 100000 end
        )
      ),
      (cardinality(r.media_urls) > 10, 'too_many_media', 'media_urls', 'it has more than 10 media'),
      (
        exists (
          select from unnest(r.media_urls) as u (url)
          where (u.url ~ '^https://[^/\s]+\S*$' and char_length(u.url) <= 2048) is not true
        ),
        'media_url_invalid', 'media_urls', 'a media URL is not https or longer than 2048 characters'
      ),
      (
        r.is_email and cardinality(r.media_urls) > 0,
        'invalid_request', 'media_urls', 'an e-mail takes attachments instead of media URLs'
      ),
      (
        r.template is not null and r.known_channel <> 'whatsapp',
        'invalid_request', 'template', 'only a WhatsApp message is sent by a template'
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
      read_outbound_drafts.workspace_id, r.known_channel, r.message, r.subject, r.choice, r.known_thread_id, r.number_id
    ) as x
    where (r.known_channel <> 'sms' or r.message ?| '{subject,html,cc,bcc,reply_to,headers,attachments}')
      and r.first_message_id is null
    limit 1
  ) as f on true;
$$;
comment on function private.read_outbound_drafts(uuid, jsonb) is
  'What each message would be: its channel, sender, recipient and contact, or why it is refused.';
revoke execute on function private.read_outbound_drafts(uuid, jsonb) from public, anon, authenticated;
