-- How a dispatcher says what became of the jobs it leased, a batch in one call. For service_role.

create or replace function private.drop_settled_attachments(message_ids uuid[])
returns void language sql set search_path = ''
as $$
  delete from private.email_attachments as f
  where f.message_id = any (drop_settled_attachments.message_ids)
    and not exists (select from private.outbound_jobs as j where j.message_id = f.message_id)
    and not exists (select from private.look_ups as k where k.message_id = f.message_id)
    and not exists (select from public.dead_letters as d where d.message_id = f.message_id)
    and exists (
      select from public.message_attempts as a
      where a.message_id = f.message_id
      having bool_and(a.outcome is not null)
    );
$$;

-- A wait by the kind of error: a connection that was refused may be back at once, a provider that is down not.
create function private.retry_delay(error_code text, failure_count integer, retry_after_ms integer)
returns interval language sql volatile set search_path = ''
as $$
  select greatest(
    make_interval(secs => least(
      case retry_delay.error_code when 'connection_refused' then 2 else 5 end
        * 2 ^ least(retry_delay.failure_count, 12),
      3600
    ) * (0.8 + 0.4 * random())),
    make_interval(secs => coalesce(retry_delay.retry_after_ms, 0) / 1000.0)
  );
$$;
comment on function private.retry_delay(text, integer, integer) is
  'Wait before the next attempt: 2 or 5 s by the error, doubling to 1 h, with a fifth of jitter, and never less than the provider asked for.';
revoke execute on function private.retry_delay(text, integer, integer) from public, anon, authenticated;

create type private.job_record as (
  message_id uuid,
  attempt_number smallint,
  failure_count smallint,
  workspace_id uuid,
  conversation_id uuid,
  connection_id uuid,
  channel text,
  message_class text,
  is_platform boolean,
  month date,
  cost numeric,
  outcome text,
  external_id text,
  status text,
  error_code text,
  error_message text,
  provider_code text,
  owner text,
  is_retryable boolean,
  retry_after_ms integer,
  segment_count smallint,
  price numeric,
  price_currency text,
  next_step text
);
comment on type private.job_record is 'What became of a leased job, as a dispatcher reports it, and what is to be done next.';

-- What a provider says of parts and prices is taken where it makes sense, and never stops the rest.
create function private.read_job_records(jobs private.leased_job[], results jsonb)
returns private.job_record[] language plpgsql set search_path = ''
as $$
begin
  return array(
    select distinct on (r.message_id) (
      j.message_id, j.attempt_number, j.failure_count, j.workspace_id, j.conversation_id, j.connection_id, j.channel,
      j.message_class, j.is_platform, j.month, j.cost,
      -- A success without an id to know it by is none that can be relied on.
      case when r.outcome = 'accepted' and nullif(r.external_id, '') is null then 'unknown' else r.outcome end,
      nullif(r.external_id, ''), r.status,
      case when r.outcome = 'rejected' then coalesce(r.error_code, 'rejected') else r.error_code end,
      r.error_message, r.provider_code,
      coalesce(r.owner, case when r.is_retryable then 'provider' else 'caller' end),
      coalesce(r.is_retryable, false),
      (case when r.retry_after_ms > 0 then least(r.retry_after_ms, 86400000) end)::integer,
      case when r.segment_count between 1 and 1000 then r.segment_count::smallint end,
      case when r.price >= 0 and r.price < 'NaN' and r.price_currency ~ '^[A-Z]{3}$' then r.price end,
      case when r.price >= 0 and r.price < 'NaN' and r.price_currency ~ '^[A-Z]{3}$' then r.price_currency end,
      null
    )::private.job_record
    from jsonb_to_recordset(read_job_records.results) as r (
      message_id uuid, outcome text, external_id text, status text, error_code text, error_message text,
      provider_code text, owner text, is_retryable boolean, retry_after_ms numeric, segment_count numeric, price numeric,
      price_currency text
    )
    join unnest(read_job_records.jobs) as j on j.message_id = r.message_id
    where r.outcome in ('accepted', 'rejected', 'unknown')
    order by r.message_id, r.outcome
  );
end;
$$;
comment on function private.read_job_records(private.leased_job[], jsonb) is
  'The results that belong to leased jobs, each once, in the order in which attempts are locked.';
revoke execute on function private.read_job_records(private.leased_job[], jsonb) from public, anon, authenticated;

create function private.next_step(record private.job_record, step text, started_at timestamptz)
returns text language plpgsql stable set search_path = ''
as $$
declare
  c_max_failures constant integer := 8;
  c_max_age constant interval := '24 hours';
  c_look_up_limit constant interval := '15 minutes';
  c_resend_after constant interval := '15 seconds';
  v_record private.job_record := next_step.record;
begin
  if v_record.outcome = 'accepted' then
    return 'done';
  end if;
  if v_record.outcome = 'unknown' then
    if private.on_unknown(v_record.workspace_id, v_record.message_class) = 'resend' then
      return case
        when next_step.step = 'send' or next_step.started_at > now() - c_resend_after then 'look_up'
        when v_record.failure_count < c_max_failures then 'resend'
        else 'give_up'
      end;
    end if;
    return case when next_step.started_at < now() - c_look_up_limit then 'give_up' else 'look_up' end;
  end if;
  -- Only what the same message could get past elsewhere, or later, is tried again.
  if v_record.owner in ('caller', 'recipient') and v_record.error_code <> 'unsupported' then
    return 'fail';
  elsif v_record.error_code = 'rate_limited' then
    -- Since the first attempt, unless a person has had it tried again meanwhile.
    return case
      when exists (
        select from public.message_attempts as a
        where a.message_id = v_record.message_id and a.started_at < now() - c_max_age
      ) and not exists (
        select from public.audit_log as l
        where l.workspace_id = v_record.workspace_id and l.created_at > now() - c_max_age
          and l.action = 'message.retried' and l.entity_id = v_record.message_id::text
      ) then 'die'
      else 'wait'
    end;
  elsif v_record.error_code = 'internal' then
    return case when v_record.failure_count + 1 < c_max_failures then 'retry' else 'die' end;
  elsif v_record.is_retryable then
    return case when v_record.failure_count + 1 < c_max_failures then 'detour_or_retry' else 'die' end;
  end if;
  return case v_record.error_code when 'unsupported' then 'detour_or_fail' else 'detour_or_die' end;
end;
$$;
comment on function private.next_step(private.job_record, text, timestamptz) is
  'What is to be done after an outcome: done, look_up, wait, retry, resend, a detour or else, or the end: fail, die (a dead letter), give_up (nobody knows).';
revoke execute on function private.next_step(private.job_record, text, timestamptz) from public, anon, authenticated;

create function private.follow_up(records private.job_record[])
returns void language plpgsql set search_path = ''
as $$
declare
  v_records private.job_record[] := follow_up.records;
  v_record private.job_record;
  v_step text;
begin
  for v_index in 1 .. coalesce(cardinality(v_records), 0) loop
    v_record := v_records[v_index];
    v_step := v_record.next_step;
    if v_step in ('detour_or_retry', 'detour_or_fail', 'detour_or_die', 'resend') then
      if private.take_detour(v_record.message_id) then
        v_step := 'detour';
      elsif v_step <> 'resend' then
        v_step := replace(v_step, 'detour_or_', '');
      end if;
    end if;
    v_records[v_index].next_step := v_step;
  end loop;

  insert into private.look_ups (message_id, attempt_number, workspace_id, due_at)
  select
    r.message_id, r.attempt_number, r.workspace_id,
    now() + case private.on_unknown(r.workspace_id, r.message_class)
      when 'resend' then interval '15 seconds' else interval '60 seconds'
    end
  from unnest(v_records) as r
  where r.next_step = 'look_up'
  on conflict (message_id) do nothing;
  insert into private.outbound_jobs (
    message_id, workspace_id, channel, message_class, due_at, attempt_count, failure_count
  )
  select
    r.message_id, r.workspace_id, r.channel, r.message_class,
    case
      when r.next_step in ('detour', 'resend') then now()
      else now() + private.retry_delay(
        r.error_code,
        -- Waiting uses up no try, yet waits longer from time to time.
        case r.next_step when 'wait' then least(r.attempt_number - 1, 6) else r.failure_count end,
        r.retry_after_ms
      )
    end,
    r.attempt_number,
    r.failure_count + (r.next_step in ('retry', 'resend'))::integer
  from unnest(v_records) as r
  where r.next_step in ('wait', 'retry', 'detour', 'resend');
  update public.conversation_messages as m
  set status = case when r.next_step = 'look_up' then 'sending' else 'queued' end
  from unnest(v_records) as r
  where m.id = r.message_id and m.status in ('queued', 'sending')
    and m.status <> case when r.next_step = 'look_up' then 'sending' else 'queued' end
    and r.next_step in ('look_up', 'resend');
  if exists (select from unnest(v_records) as r where r.next_step in ('fail', 'die', 'give_up')) then
    perform private.fail_messages(array(
      select (
        r.message_id,
        case r.next_step when 'give_up' then 'outcome_unknown' else r.error_code end,
        case r.next_step
          when 'give_up' then 'The provider never said whether it took the message'
          else r.error_message
        end,
        r.next_step <> 'fail'
      )::private.message_end
      from unnest(v_records) as r
      where r.next_step in ('fail', 'die', 'give_up')
    ));
  end if;
end;
$$;
comment on function private.follow_up(private.job_record[]) is
  'Does what is next for messages that were not accepted: asks, waits, tries again, goes another way, or ends them.';
revoke execute on function private.follow_up(private.job_record[]) from public, anon, authenticated;

create function private.note_connection_outcomes(records private.job_record[])
returns void language plpgsql set search_path = ''
as $$
begin
  perform private.note_outcomes(
    array_agg(c.connection_id), array_agg(c.success_count), array_agg(c.failure_count), array_agg(c.error_code),
    array_agg(c.retry_after_ms)
  )
  from (
    select
      r.connection_id,
      -- An answer that blames the message shows that the connection works.
      count(*) filter (where r.outcome = 'accepted' or (r.outcome = 'rejected' and r.owner in ('caller', 'recipient')))::integer
        as success_count,
      count(*) filter (where f.is_failure)::integer as failure_count,
      max(coalesce(r.error_code, 'outcome_unknown')) filter (where f.is_failure) as error_code,
      max(r.retry_after_ms) filter (where r.error_code = 'rate_limited') as retry_after_ms
    from unnest(note_connection_outcomes.records) as r
    cross join lateral (
      -- What went wrong with us says nothing of the connection.
      select r.error_code is distinct from 'internal' and (
        r.outcome = 'unknown'
        or (r.outcome = 'rejected' and r.owner in ('account', 'provider') and r.error_code <> 'rate_limited')
      ) as is_failure
    ) as f
    where r.connection_id is not null
    group by r.connection_id
  ) as c
  having count(*) > 0;
end;
$$;
comment on function private.note_connection_outcomes(private.job_record[]) is
  'Tells the breakers of the connections what a batch showed of them.';
revoke execute on function private.note_connection_outcomes(private.job_record[]) from public, anon, authenticated;

-- Mostly all of a batch was taken at the first attempt: then one statement does.
create function private.accept_attempts(records private.job_record[])
returns private.job_record[] language plpgsql set search_path = ''
as $$
declare
  v_accepted uuid[];
begin
  with accepted as (
    update public.message_attempts as a
    set
      outcome = 'accepted', finished_at = coalesce(a.finished_at, now()),
      external_id = coalesce(a.external_id, r.external_id), segment_count = r.segment_count, price = r.price,
      price_currency = r.price_currency, error_code = null, error_message = null, provider_code = null
    from unnest(accept_attempts.records) as r
    where a.message_id = r.message_id and a.attempt_number = r.attempt_number
      -- A receipt that came first has accepted the attempt already: what it did is not done again.
      and a.outcome is distinct from 'accepted'
    returning a.message_id
  )
  select array_agg(a.message_id) into v_accepted from accepted as a;
  if cardinality(v_accepted) = cardinality(accept_attempts.records) then
    return accept_attempts.records;
  end if;
  return array(select r from unnest(accept_attempts.records) as r where r.message_id = any (v_accepted));
end;
$$;
comment on function private.accept_attempts(private.job_record[]) is
  'Writes down that first attempts were accepted; returns those of which nobody knew.';
revoke execute on function private.accept_attempts(private.job_record[]) from public, anon, authenticated;

create function private.settle_attempts(
  records private.job_record[],
  step text,
  out done private.job_record[],
  out open private.job_record[]
)
language plpgsql set search_path = ''
as $$
begin
  -- Before attempts are locked, as webhooks do it.
  if exists (select from unnest(settle_attempts.records) as r where r.error_code = 'recipient_opted_out') then
    perform private.note_provider_opt_outs(array(
      select r.message_id from unnest(settle_attempts.records) as r
      where r.outcome = 'rejected' and r.error_code = 'recipient_opted_out'
    ));
  end if;

  -- A receipt for an earlier attempt, and what is decided about a later one, wait for each other; and what a receipt
  -- settled before is written to once more, after the counters are locked.
  if exists (select from unnest(settle_attempts.records) as r where r.attempt_number > 1 or r.outcome = 'accepted') then
    perform from public.message_attempts as a
    where a.message_id = any (array(select r.message_id from unnest(settle_attempts.records) as r))
    order by a.message_id, a.attempt_number
    for update;
  end if;
  with told as (
    update public.message_attempts as a
    set
      -- Sent again, as its policy asked, although the first one was taken: that one counts.
      outcome = case
        when r.outcome = 'accepted' and exists (
          select from public.message_attempts as k where k.message_id = r.message_id and k.outcome = 'accepted'
        ) then 'unknown'
        else r.outcome
      end,
      finished_at = coalesce(a.finished_at, now()),
      external_id = coalesce(a.external_id, r.external_id),
      segment_count = coalesce(r.segment_count, a.segment_count),
      -- Only what was taken is charged, and counted.
      price = case when r.outcome = 'accepted' then r.price end,
      price_currency = case when r.outcome = 'accepted' then r.price_currency end,
      error_code = case when r.outcome = 'accepted' then null else coalesce(r.error_code, a.error_code) end,
      error_message = case when r.outcome = 'accepted' then null else coalesce(r.error_message, a.error_message) end,
      provider_code = case when r.outcome = 'accepted' then null else coalesce(r.provider_code, a.provider_code) end
    from unnest(settle_attempts.records) as r
    where a.message_id = r.message_id and a.attempt_number = r.attempt_number
      and a.outcome is distinct from 'accepted'
    returning a.message_id, a.started_at, a.outcome
  ),
  decided as materialized (
    select r, t.started_at
    from told as t
    join unnest(settle_attempts.records) as r on r.message_id = t.message_id
    where t.outcome = r.outcome
      -- An earlier attempt was taken after all: nothing is left to do.
      and (
        r.outcome = 'accepted' or r.attempt_number = 1 or not exists (
          select from public.message_attempts as k where k.message_id = r.message_id and k.outcome = 'accepted'
        )
      )
  )
  select
    array_agg(d.r) filter (where (d.r).outcome = 'accepted'),
    array_agg(jsonb_populate_record(d.r, jsonb_build_object(
      'next_step', private.next_step(d.r, settle_attempts.step, d.started_at)
    ))) filter (where (d.r).outcome <> 'accepted')
  into settle_attempts.done, settle_attempts.open
  from decided as d;
end;
$$;
comment on function private.settle_attempts(private.job_record[], text) is
  'Writes down the outcomes of a batch: done was accepted, of open it says what is next. What a receipt settled before is in neither.';
revoke execute on function private.settle_attempts(private.job_record[], text) from public, anon, authenticated;

create function private.add_to_receipts(records private.job_record[])
returns void language plpgsql set search_path = ''
as $$
declare
  v_record private.job_record;
  v_attempt public.message_attempts;
  v_attempts public.message_attempts[] := '{}';
begin
  for v_record in
    select r.* from unnest(add_to_receipts.records) as r where r.outcome = 'accepted' order by r.message_id
  loop
    update public.message_attempts as a
    set segment_count = coalesce(a.segment_count, v_record.segment_count)
    where a.message_id = v_record.message_id and a.attempt_number = v_record.attempt_number
      and a.outcome = 'accepted' and a.external_id = v_record.external_id
    returning a.* into v_attempt;
    continue when not found;
    v_attempts := v_attempts || v_attempt;
    update public.conversation_messages as m
    set
      status = v_record.status,
      sent_at = case when v_record.status in ('sent', 'delivered') then coalesce(m.sent_at, now()) else m.sent_at end,
      delivered_at = case when v_record.status = 'delivered' then coalesce(m.delivered_at, now()) else m.delivered_at end,
      error_code = case when v_record.status in ('failed', 'undelivered') then coalesce(v_record.error_code, 'rejected') end,
      error_message = case when v_record.status in ('failed', 'undelivered') then v_record.error_message end
    where m.id = v_record.message_id and private.is_status_ahead(m.status, m.error_code, v_record.status);
  end loop;
  -- What is counted is locked last.
  perform private.price_by_receipt(a, r.price, r.price_currency)
  from unnest(v_attempts) as a
  join unnest(add_to_receipts.records) as r on r.message_id = a.message_id
  where a.price is null and r.price is not null;
end;
$$;
comment on function private.add_to_receipts(private.job_record[]) is
  'What a provider answered about messages that a receipt had settled before: the rest of it is still news.';
revoke execute on function private.add_to_receipts(private.job_record[]) from public, anon, authenticated;

-- Definer: service_role holds no grant on private and no write grant on messages.
create or replace function public.record_attempts(lease_token uuid, results jsonb)
returns table (message_id uuid, is_recorded boolean)
language plpgsql security definer set search_path = ''
as $$
#variable_conflict use_column
declare
  v_lease private.outbound_leases;
  v_records private.job_record[];
  v_done private.job_record[];
  v_open private.job_record[];
  v_is_plain boolean;
  v_is_beyond_queued boolean;
  v_is_mail boolean;
begin
  -- Only the holder of the lease may record.
  select * into v_lease from private.outbound_leases as l
  where l.token = record_attempts.lease_token for update;
  if found then
    v_records := private.read_job_records(v_lease.jobs, record_attempts.results);
    if cardinality(v_records) = cardinality(v_lease.jobs) then
      delete from private.outbound_leases as l where l.token = v_lease.token;
    else
      update private.outbound_leases as l
      set jobs = array(
        select j from unnest(v_lease.jobs) as j
        where j.message_id <> all (array(select r.message_id from unnest(v_records) as r))
      )
      where l.token = v_lease.token;
    end if;

    -- A batch is not to pay for what none of it has.
    select
      coalesce(bool_and(r.outcome = 'accepted' and r.attempt_number = 1), true),
      bool_or(r.status in ('sending', 'sent', 'delivered', 'undelivered', 'failed')), bool_or(r.channel = 'email')
    into v_is_plain, v_is_beyond_queued, v_is_mail
    from unnest(v_records) as r;
    if v_is_plain then
      v_done := private.accept_attempts(v_records);
    else
      select o.done, o.open into v_done, v_open from private.settle_attempts(v_records, v_lease.step) as o;
    end if;
    -- Before any counter is locked, whatever became of the batch.
    if v_lease.step = 'send' then
      perform private.note_connection_outcomes(case when v_open is null then v_done else v_done || v_open end);
    end if;
    if v_open is not null then
      perform private.lock_limits(array(
        select r.workspace_id from unnest(v_open) as r where r.next_step = 'resend' or starts_with(r.next_step, 'detour')
      ));
      perform private.lock_usage(array(select r.workspace_id from unnest(v_records) as r));
      perform private.follow_up(v_open);
    end if;

    -- A message that the provider only queued is not written to: it is queued already.
    if v_is_beyond_queued then
      update public.conversation_messages as m
      set
        status = r.status,
        sent_at = case when r.status in ('sent', 'delivered') then coalesce(m.sent_at, now()) else m.sent_at end,
        delivered_at = case when r.status = 'delivered' then coalesce(m.delivered_at, now()) else m.delivered_at end,
        error_code = case when r.status in ('failed', 'undelivered') then coalesce(r.error_code, 'rejected') end,
        error_message = case when r.status in ('failed', 'undelivered') then r.error_message end
      from unnest(v_done) as r
      where m.id = r.message_id and m.status in ('queued', 'sending')
        and r.status in ('sending', 'sent', 'delivered', 'undelivered', 'failed') and r.status <> m.status;
    end if;
    if v_is_mail then
      perform private.drop_settled_attachments(array(select r.message_id from unnest(v_records) as r));
    end if;
    if coalesce(cardinality(v_done), 0) + coalesce(cardinality(v_open), 0) < cardinality(v_records) then
      perform private.add_to_receipts(array(
        select r from unnest(v_records) as r
        where r.outcome = 'accepted' and r.message_id <> all (array(select d.message_id from unnest(v_done) as d))
      ));
    end if;
    perform private.count_usage(array(
      select (
        r.workspace_id, r.month, r.channel, r.is_platform, -count(*), count(*), -sum(r.cost),
        sum(case r.price_currency when 'USD' then r.price else r.cost end)
      )::private.usage_change
      from unnest(v_done) as r
      group by r.workspace_id, r.month, r.channel, r.is_platform
    ));
  end if;

  -- Mostly every result was of the lease.
  if cardinality(v_records) = jsonb_array_length(record_attempts.results) then
    return query select r.message_id, true from unnest(v_records) as r;
    return;
  end if;
  return query
  select r.message_id, k.message_id is not null
  from (
    select distinct u.message_id from jsonb_to_recordset(record_attempts.results) as u (message_id uuid)
  ) as r
  left join unnest(v_records) as k on k.message_id = r.message_id;
end;
$$;
