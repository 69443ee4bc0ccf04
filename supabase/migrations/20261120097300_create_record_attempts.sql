-- How a dispatcher says what became of the jobs it leased, a batch in one call. For service_role.

create function private.retry_delay(attempt_count integer, retry_after_ms integer)
returns interval language sql volatile set search_path = ''
as $$
  select greatest(
    make_interval(secs => least(5 * 2 ^ (least(retry_delay.attempt_count, 12) - 1), 3600) * (0.8 + 0.4 * random())),
    make_interval(secs => coalesce(retry_delay.retry_after_ms, 0) / 1000.0)
  );
$$;
comment on function private.retry_delay(integer, integer) is
  'Wait before the next attempt: 5 s, doubling to 1 h, with a fifth of jitter, and never less than the provider asked for.';
revoke execute on function private.retry_delay(integer, integer) from public, anon, authenticated;

create function private.drop_settled_attachments(message_ids uuid[])
returns void language sql set search_path = ''
as $$
  delete from private.email_attachments as f
  where f.message_id = any (drop_settled_attachments.message_ids)
    and not exists (select from private.outbound_jobs as j where j.message_id = f.message_id)
    and exists (
      select from public.message_attempts as a
      where a.message_id = f.message_id
      having bool_and(a.outcome is not null)
    );
$$;
comment on function private.drop_settled_attachments(uuid[]) is
  'Lets go of the files of e-mails that nothing more is to be done for.';
revoke execute on function private.drop_settled_attachments(uuid[]) from public, anon, authenticated;

-- Definer: service_role holds no grant on private and no write grant on messages.
create function public.record_attempts(lease_token uuid, results jsonb)
returns table (message_id uuid, is_recorded boolean)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  c_max_attempts constant integer := 8;
  c_look_up_grace constant interval := '60 seconds';
  c_look_up_limit constant interval := '15 minutes';
  v_lease private.outbound_leases;
begin
  -- Only the holder of the lease may record.
  select * into v_lease from private.outbound_leases as l
  where l.token = record_attempts.lease_token for update;

  return query
  with results as materialized (
    -- What a provider says of parts and prices is taken where it makes sense, and never stops the rest.
    select distinct on (r.message_id)
      r.message_id,
      -- A success without an id to know it by is none that can be relied on.
      case when r.outcome = 'accepted' and nullif(r.external_id, '') is null then 'unknown' else r.outcome end as outcome,
      nullif(r.external_id, '') as external_id, r.status,
      case when r.outcome = 'rejected' then coalesce(r.error_code, 'rejected') else r.error_code end as error_code,
      r.error_message, r.provider_code, r.is_retryable,
      (case when r.retry_after_ms > 0 then least(r.retry_after_ms, 86400000) end)::integer as retry_after_ms,
      case when r.segment_count between 1 and 1000 then r.segment_count::smallint end as segment_count,
      case when r.price >= 0 and r.price < 'NaN' and r.price_currency ~ '^[A-Z]{3}$' then r.price end as price,
      case when r.price >= 0 and r.price < 'NaN' and r.price_currency ~ '^[A-Z]{3}$' then r.price_currency end
        as price_currency
    from jsonb_to_recordset(record_attempts.results) as r (
      message_id uuid, outcome text, external_id text, status text, error_code text,
      error_message text, provider_code text, is_retryable boolean, retry_after_ms numeric, segment_count numeric,
      price numeric, price_currency text
    )
    order by r.message_id, r.outcome
  ),
  held as materialized (
    select h.message_id, h.attempt_number
    from unnest(v_lease.message_ids, v_lease.attempt_numbers) as h (message_id, attempt_number)
  ),
  -- A receipt that came first has accepted the attempt already.
  owned as materialized (
    select
      r.*, h.attempt_number, a.workspace_id, a.conversation_id, a.started_at,
      case when a.outcome = 'accepted' then 'accepted' else r.outcome end as settled,
      case
        when a.outcome = 'accepted' or r.outcome = 'accepted' then 'done'
        when r.outcome = 'rejected' and coalesce(r.is_retryable, false) and h.attempt_number < c_max_attempts then 'send'
        when r.outcome = 'rejected' then 'fail'
        when a.started_at < now() - c_look_up_limit then 'give_up'
        else 'look_up'
      end as next_step
    from held as h
    join results as r on r.message_id = h.message_id and r.outcome in ('accepted', 'rejected', 'unknown')
    join public.message_attempts as a on a.message_id = h.message_id and a.attempt_number = h.attempt_number
    -- In one order everywhere, so that a batch of receipts and this never wait in a circle.
    order by r.message_id
    for update of a
  ),
  left_over as (
    select array_agg(h.message_id) as message_ids, array_agg(h.attempt_number) as attempt_numbers
    from held as h
    left join owned as o on o.message_id = h.message_id
    where o.message_id is null
  ),
  held_on as (
    update private.outbound_leases as l
    set message_ids = f.message_ids, attempt_numbers = f.attempt_numbers
    from left_over as f
    where l.token = record_attempts.lease_token and f.message_ids is not null
  ),
  released as (
    delete from private.outbound_leases as l
    using left_over as f
    where l.token = record_attempts.lease_token and f.message_ids is null
  ),
  attempts as (
    update public.message_attempts as a
    set
      outcome = o.settled,
      finished_at = coalesce(a.finished_at, now()),
      external_id = coalesce(a.external_id, o.external_id),
      segment_count = coalesce(o.segment_count, a.segment_count),
      price = coalesce(o.price, a.price),
      price_currency = coalesce(o.price_currency, a.price_currency),
      error_code = case when o.settled = 'accepted' then null else coalesce(o.error_code, a.error_code) end,
      error_message = case when o.settled = 'accepted' then null else coalesce(o.error_message, a.error_message) end,
      provider_code = case when o.settled = 'accepted' then null else coalesce(o.provider_code, a.provider_code) end
    from owned as o
    where a.message_id = o.message_id and a.attempt_number = o.attempt_number
  ),
  postponed as (
    insert into private.outbound_jobs (message_id, workspace_id, channel, step, due_at, attempt_count)
    select
      o.message_id, o.workspace_id, (select t.channel from public.conversations as t where t.id = o.conversation_id),
      o.next_step,
      case o.next_step
        when 'send' then now() + private.retry_delay(o.attempt_number, o.retry_after_ms)
        else now() + c_look_up_grace
      end,
      o.attempt_number
    from owned as o
    where o.next_step in ('send', 'look_up')
  ),
  wanted as (
    select
      o.*,
      case o.next_step
        when 'done' then case when o.status in ('sending', 'sent', 'delivered', 'undelivered', 'failed') then o.status end
        when 'look_up' then 'sending'
        when 'send' then null
        else 'failed'
      end as new_status
    from owned as o
  ),
  -- A message that the provider only queued is not written to: it is queued already.
  moved as (
    update public.conversation_messages as m
    set
      status = w.new_status,
      sent_at = case when w.new_status in ('sent', 'delivered') then coalesce(m.sent_at, now()) else m.sent_at end,
      delivered_at = case when w.new_status = 'delivered' then coalesce(m.delivered_at, now()) else m.delivered_at end,
      error_code = case
        when w.next_step = 'give_up' then 'outcome_unknown'
        when w.new_status in ('failed', 'undelivered') then coalesce(w.error_code, 'rejected')
      end,
      error_message = case
        when w.next_step = 'give_up' then 'The provider never said whether it took the message'
        when w.new_status in ('failed', 'undelivered') then w.error_message
      end
    from wanted as w
    where m.id = w.message_id and w.new_status is not null and m.status in ('queued', 'sending')
  )
  select r.message_id, o.message_id is not null
  from results as r
  left join owned as o on o.message_id = r.message_id;

  -- Asked first: a batch of texts is not to pay for what only e-mails have.
  if exists (select from private.email_attachments as f where f.message_id = any (v_lease.message_ids)) then
    perform private.drop_settled_attachments(v_lease.message_ids);
  end if;
end;
$$;
comment on function public.record_attempts(uuid, jsonb) is
  'Records what became of leased messages: accepted ends the job; rejected retries or fails; unknown is looked up later. Rows of a lease that was lost change nothing (is_recorded false). For service_role.';
revoke execute on function public.record_attempts(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.record_attempts(uuid, jsonb) to service_role;

-- Definer: as above.
create function public.read_look_up(message_id uuid, external_ids text[])
returns table (known_external_ids text[], has_unsettled_twin boolean)
language sql stable security definer set search_path = ''
as $$
  select
    coalesce(
      array_agg(a.external_id) filter (where a.external_id = any (read_look_up.external_ids)), '{}'
    ),
    coalesce(bool_or(
      s.id <> m.id and s.body = m.body and s.from_address = m.from_address
      and coalesce(a.outcome, 'unknown') = 'unknown' and a.started_at > now() - interval '1 hour'
    ), false)
  from public.conversation_messages as m
  join public.conversation_messages as s
    on s.workspace_id = m.workspace_id and s.conversation_id = m.conversation_id
  join public.message_attempts as a on a.message_id = s.id
  where m.id = read_look_up.message_id;
$$;
comment on function public.read_look_up(uuid, text[]) is
  'What a look-up has to know of the same conversation: which provider ids are taken, and whether another message of the same words is unsettled, too, from the last hour. For service_role.';
revoke execute on function public.read_look_up(uuid, text[]) from public, anon, authenticated;
grant execute on function public.read_look_up(uuid, text[]) to service_role;
