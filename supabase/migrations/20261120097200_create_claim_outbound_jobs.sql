-- How a dispatcher takes work. For service_role.

-- What was in flight when a lease ended is unknown, not lost: it is looked up, never resent blindly.
create function private.end_expired_leases()
returns void language plpgsql set search_path = ''
as $$
declare
  v_message_ids uuid[];
begin
  with ended as (
    delete from private.outbound_leases as l
    where l.token = any (array(
      select e.token from private.outbound_leases as e where e.ends_at <= now() for update skip locked
    ))
    returning l.message_ids
  )
  select array_agg(u.message_id) into v_message_ids
  from ended as e
  cross join lateral unnest(e.message_ids) as u (message_id);
  if v_message_ids is null then
    return;
  end if;

  -- In the order in which receipts and recorders lock them.
  perform from public.message_attempts as a
  where a.message_id = any (v_message_ids) and a.outcome is null
  order by a.message_id, a.attempt_number
  for update;
  update public.message_attempts as a
  set outcome = 'unknown', finished_at = now(), error_code = 'lease_expired',
    error_message = 'The dispatcher stopped before it recorded the outcome'
  where a.message_id = any (v_message_ids) and a.outcome is null;
  insert into private.outbound_jobs (message_id, workspace_id, channel, step, attempt_count)
  select distinct on (a.message_id) a.message_id, a.workspace_id, t.channel, 'look_up', a.attempt_number
  from public.message_attempts as a
  join public.conversations as t on t.id = a.conversation_id
  where a.message_id = any (v_message_ids)
    and not exists (
      select from public.message_attempts as k where k.message_id = a.message_id and k.outcome = 'accepted'
    )
  order by a.message_id, a.attempt_number desc;
  update public.conversation_messages as m
  set status = 'sending'
  where m.id = any (v_message_ids) and m.status = 'queued'
    and exists (select from private.outbound_jobs as j where j.message_id = m.id);
end;
$$;
comment on function private.end_expired_leases() is 'Turns what lost dispatchers held into look-ups.';
revoke execute on function private.end_expired_leases() from public, anon, authenticated;

-- Definer: service_role holds no grant on private.
create function public.claim_outbound_jobs(claim_limit integer default 100, lease_seconds integer default 60)
returns table (
  lease_token uuid, step text, message_id uuid, attempt_number smallint, attempt_started_at timestamptz,
  connection_id uuid, provider text, external_id text, channel text, from_address text, to_address text, body text,
  media_urls text[]
)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_lease_token uuid := gen_random_uuid();
begin
  if (claim_outbound_jobs.claim_limit between 1 and 1000) is not true then
    perform private.fail(400, 'invalid_request', 'Cannot claim jobs: the limit is not 1 to 1000', 'claim_limit');
  end if;
  if (claim_outbound_jobs.lease_seconds between 10 and 900) is not true then
    perform private.fail(400, 'invalid_request', 'Cannot claim jobs: the lease is not 10 to 900 s', 'lease_seconds');
  end if;
  perform private.end_expired_leases();

  return query
  with taken as materialized (
    delete from private.outbound_jobs as j
    -- An array, evaluated once: joined, the limiting subquery may run again and take far more.
    where j.message_id = any (array(
      select d.message_id from private.outbound_jobs as d
      where d.due_at <= now()
      order by d.due_at
      limit claim_outbound_jobs.claim_limit
      for update skip locked
    ))
    returning
      j.message_id, j.workspace_id, j.channel, j.step,
      (j.attempt_count + (j.step = 'send')::integer)::smallint as attempt_number
  ),
  -- Two queries for two kinds of senders: a batch of texts pays nothing for e-mail.
  routed as materialized (
    select
      t.*, m.conversation_id, m.from_address, m.to_address, m.body, p.connection_id, c.provider,
      case
        -- What was handed over already is asked about, whatever has happened since.
        when t.step = 'look_up' then null
        when (p.status = 'active' and c.status <> 'inactive') is not true then 'sender_inactive'
        when exists (
          select from public.opt_outs as o
          where o.workspace_id = t.workspace_id and o.kind = 'phone' and o.address = m.to_address
            and o.ended_at is null
        ) then 'recipient_opted_out'
      end as refusal
    from taken as t
    join public.conversation_messages as m on m.id = t.message_id
    left join public.phone_numbers as p on p.id = m.phone_number_id
    left join public.connections as c on c.id = p.connection_id
    where t.channel <> 'email'
    union all
    select
      t.*, m.conversation_id, m.from_address, m.to_address, m.body, e.connection_id, c.provider,
      case
        when t.step = 'look_up' then null
        when (e.status = 'active' and c.status <> 'inactive') is not true then 'sender_inactive'
        when exists (
          select from public.email_details as d
          join public.opt_outs as o on o.address = any (array[m.to_address] || d.cc || d.bcc)
          where d.message_id = t.message_id and o.workspace_id = t.workspace_id and o.kind = 'email'
            and o.ended_at is null
        ) then 'recipient_opted_out'
      end
    from taken as t
    join public.conversation_messages as m on m.id = t.message_id
    left join public.email_senders as e on e.id = m.email_sender_id
    left join public.connections as c on c.id = e.connection_id
    where t.channel = 'email'
  ),
  started as (
    insert into public.message_attempts (workspace_id, conversation_id, message_id, connection_id, attempt_number)
    select r.workspace_id, r.conversation_id, r.message_id, r.connection_id, r.attempt_number
    from routed as r
    where r.step = 'send' and r.refusal is null
  ),
  leased as (
    insert into private.outbound_leases (token, ends_at, message_ids, attempt_numbers)
    select
      v_lease_token, now() + make_interval(secs => claim_outbound_jobs.lease_seconds),
      array_agg(r.message_id), array_agg(r.attempt_number)
    from routed as r
    where r.refusal is null
    having count(*) > 0
  ),
  media as materialized (
    select d.message_id, array_agg(d.url order by d.position) as urls
    from public.message_media as d
    where d.message_id = any (array(select r.message_id from routed as r))
    group by d.message_id
  ),
  failed as (
    update public.conversation_messages as m
    set
      status = 'failed', error_code = r.refusal,
      error_message = case r.refusal
        when 'sender_inactive' then 'The sender was disconnected before the message left'
        else 'The recipient opted out before the message left'
      end
    from routed as r
    where m.id = r.message_id and r.refusal is not null
  )
  select
    v_lease_token, r.step, r.message_id, r.attempt_number, coalesce(a.started_at, now()),
    coalesce(a.connection_id, r.connection_id), r.provider, a.external_id, r.channel, r.from_address, r.to_address,
    r.body, coalesce(d.urls, '{}')
  from routed as r
  left join media as d on d.message_id = r.message_id
  -- What was started just now is not to be seen yet: this finds the attempts to look up.
  left join public.message_attempts as a
    on r.step = 'look_up' and a.message_id = r.message_id and a.attempt_number = r.attempt_number
  where r.refusal is null;

  -- Asked first: claiming texts is not to pay for what only e-mails have.
  if exists (select from private.email_attachments) then
    delete from private.email_attachments as f
    using public.conversation_messages as m
    where m.id = f.message_id and m.status = 'failed'
      and not exists (select from private.outbound_jobs as j where j.message_id = f.message_id);
  end if;
end;
$$;
comment on function public.claim_outbound_jobs(integer, integer) is
  'Takes up to claim_limit due jobs under one lease and starts an attempt for each that is to be sent. A row of step look_up asks the provider about an attempt that is already there. For service_role.';
revoke execute on function public.claim_outbound_jobs(integer, integer) from public, anon, authenticated;
grant execute on function public.claim_outbound_jobs(integer, integer) to service_role;

-- Definer: as above. Apart from the claim, whose every row would pay for what few messages have.
create function public.read_outbound_details(message_ids uuid[])
returns table (message_id uuid, template jsonb, email jsonb)
language sql stable security definer set search_path = ''
as $$
  select
    d.message_id,
    jsonb_build_object('external_id', d.external_id, 'language', d.language, 'variables', d.variables),
    null
  from public.template_details as d
  where d.message_id = any (read_outbound_details.message_ids)
  union all
  select
    d.message_id,
    null,
    jsonb_build_object(
      'from_name', e.display_name, 'subject', d.subject, 'html', d.html, 'cc', d.cc, 'bcc', d.bcc,
      'reply_to', d.reply_to, 'headers', d.headers, 'reference_ids', d.reference_ids,
      'internet_message_id', d.internet_message_id, 'attachment_count', jsonb_array_length(d.attachments)
    )
  from public.email_details as d
  join public.conversation_messages as m on m.id = d.message_id
  left join public.email_senders as e on e.id = m.email_sender_id
  where d.message_id = any (read_outbound_details.message_ids);
$$;
comment on function public.read_outbound_details(uuid[]) is
  'What only an e-mail or a WhatsApp template has, of messages that were claimed. For service_role.';
revoke execute on function public.read_outbound_details(uuid[]) from public, anon, authenticated;
grant execute on function public.read_outbound_details(uuid[]) to service_role;

-- Definer: as above. One message at a time: a batch of them could be more than a function has memory for.
create function public.read_email_attachments(message_id uuid)
returns table (file_name text, content_type text, content text, content_id text)
language sql stable security definer set search_path = ''
as $$
  select f.file_name, f.content_type, translate(encode(f.content, 'base64'), E'\n', ''), f.content_id
  from private.email_attachments as f
  where f.message_id = read_email_attachments.message_id
  order by f.position;
$$;
comment on function public.read_email_attachments(uuid) is
  'The files that wait to be sent with an e-mail, in base64. For service_role.';
revoke execute on function public.read_email_attachments(uuid) from public, anon, authenticated;
grant execute on function public.read_email_attachments(uuid) to service_role;
