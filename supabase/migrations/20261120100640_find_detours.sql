-- Failover: another sender for a message that its own cannot send, and the breaker that tells.

create function private.find_detour(message_id uuid)
returns private.route language plpgsql stable set search_path = ''
as $$
declare
  v_message public.conversation_messages;
  v_channel text;
  v_has_media boolean;
  v_route private.route;
begin
  select * into v_message from public.conversation_messages as m where m.id = find_detour.message_id;
  select t.channel into v_channel from public.conversations as t
  where t.workspace_id = v_message.workspace_id and t.id = v_message.conversation_id;
  -- Whoever chose the sender meant it, and an e-mail keeps its address whoever carries it; a free WhatsApp text belongs
  -- to the window of one number.
  if (v_message.is_sender_fixed and v_channel <> 'email')
    or (
      v_channel = 'whatsapp'
      and not exists (select from public.template_details as d where d.message_id = v_message.id)
    )
  then
    return null;
  end if;
  v_has_media := exists (select from public.message_media as d where d.message_id = v_message.id);

  select * into v_route
  from private.list_routes(v_message.workspace_id, array[v_channel]) as c
  where (c.phone_number_id, c.email_sender_id) is distinct from (v_message.phone_number_id, v_message.email_sender_id)
    and not c.is_open
    and case
      when v_message.agent_id is null then c.owner_user_id is null or c.owner_user_id = v_message.sender_id
      -- Not through somebody's own account: whoever the agent acted for may have none to do with it.
      else c.owner_user_id is null and private.agent_may_route(
        v_message.workspace_id, v_message.agent_id, c.connection_id, c.phone_number_id, c.email_sender_id,
        case when v_channel = 'sms' and v_has_media then 'mms' else v_channel end
      )
    end
    and not exists (
      select from public.message_attempts as a
      where a.message_id = v_message.id and a.connection_id = c.connection_id
        and a.error_code is distinct from 'rate_limited'
    )
    and (v_channel <> 'sms' or not v_has_media or c.can_mms)
    -- An e-mail keeps its sender: only another account that may send as the same address will do.
    and (
      v_channel <> 'email'
      or c.address in (v_message.from_address, '*@' || split_part(v_message.from_address, '@', 2))
    )
    and (c.countries is null or private.country_of(v_message.to_address) = any (c.countries))
    and (
      not c.is_platform or (
        private.is_own_platform_thread(v_message.workspace_id, c.phone_number_id, v_message.to_address)
        and (
          v_message.is_platform
          or private.is_within_plan(v_message.workspace_id, v_channel, private.month_of(v_message.created_at))
        )
      )
    )
  order by
    c.is_platform, coalesce(c.step_position, 32767), case when c.step_position is null then c.priority else 0 end,
    private.weighted_chance(c.weight, c.drawn_by, v_message.to_address), c.is_default desc, c.created_at
  limit 1;
  return v_route;
end;
$$;
comment on function private.find_detour(uuid) is
  'The next sender that could send a message, through a connection it has not tried; null when there is none.';
revoke execute on function private.find_detour(uuid) from public, anon, authenticated;

create function private.is_within_plan(workspace_id uuid, channel text, month date)
returns boolean language plpgsql stable set search_path = ''
as $$
begin
  return exists (
    select from public.workspaces as w
    join public.plan_limits as l on l.plan_id = w.plan_id and l.channel = is_within_plan.channel
    where w.id = is_within_plan.workspace_id
      and (
        l.monthly_limit is null
        or l.monthly_limit > coalesce((
          select sum(u.reserved_count + u.settled_count) from public.usage_counters as u
          where u.workspace_id = w.id and u.channel = l.channel and u.month = is_within_plan.month and u.is_platform
        ), 0)
      )
  );
end;
$$;
comment on function private.is_within_plan(uuid, text, date) is 'Whether the plan has room for one more message in a month.';
revoke execute on function private.is_within_plan(uuid, text, date) from public, anon, authenticated;

create function private.take_detour(message_id uuid)
returns boolean language plpgsql set search_path = ''
as $$
declare
  v_message public.conversation_messages;
  v_channel text;
  v_route private.route;
  v_cost numeric;
begin
  v_route := private.find_detour(take_detour.message_id);
  if v_route.connection_id is null then
    return false;
  end if;
  select * into v_message from public.conversation_messages as m where m.id = take_detour.message_id;
  v_channel := v_route.channel;
  v_cost := v_message.segment_count * v_route.price;
  -- Two detours at once must not both take the last of a plan, nor a dearer one break the spend cap.
  if private.limit_reached(
    v_message.workspace_id, private.month_of(v_message.created_at), v_channel, v_route.is_platform,
    (v_route.is_platform and not v_message.is_platform)::integer, v_cost - v_message.estimated_cost
  ) is not null then
    return false;
  end if;
  if v_route.is_platform then
    insert into private.platform_threads (phone_number_id, contact_address, workspace_id)
    select v_route.phone_number_id, v_message.to_address, v_message.workspace_id
    where v_route.phone_number_id is not null
    on conflict do nothing;
  end if;
  update public.conversation_messages as m
  set
    phone_number_id = v_route.phone_number_id, email_sender_id = v_route.email_sender_id,
    from_address = case when v_route.is_domain then m.from_address else v_route.address end,
    is_platform = v_route.is_platform, estimated_cost = v_cost
  where m.id = v_message.id;
  perform private.count_usage(array[
    (
      v_message.workspace_id, private.month_of(v_message.created_at), v_channel, v_message.is_platform, -1, 0,
      -v_message.estimated_cost, 0
    )::private.usage_change,
    (
      v_message.workspace_id, private.month_of(v_message.created_at), v_channel, v_route.is_platform, 1, 0, v_cost, 0
    )::private.usage_change
  ]);
  return true;
end;
$$;
comment on function private.take_detour(uuid) is 'Gives a message its next sender; false when there is none.';
revoke execute on function private.take_detour(uuid) from public, anon, authenticated;

-- The breaker: open when at least half of the last minute's outcomes, and five, were the provider's or the
-- account's fault; then a probe every half minute, until one comes through.
create function private.note_outcomes(
  connection_ids uuid[],
  success_counts integer[],
  failure_counts integer[],
  error_codes text[],
  retry_after_ms integer[]
)
returns void language plpgsql set search_path = ''
as $$
declare
  c_window constant interval := '60 seconds';
  c_probe_after constant interval := '30 seconds';
  c_least_failures constant integer := 5;
begin
  if exists (
    select from unnest(note_outcomes.connection_ids) as u (id)
    where not exists (select from public.connection_health as h where h.connection_id = u.id)
  ) then
    insert into public.connection_health (connection_id)
    select distinct u.id from unnest(note_outcomes.connection_ids) as u (id)
    where exists (select from public.connections as c where c.id = u.id)
    order by u.id
    on conflict (connection_id) do nothing;
  end if;
  with told as materialized (
    select u.* from unnest(
      note_outcomes.connection_ids, note_outcomes.success_counts, note_outcomes.failure_counts, note_outcomes.error_codes,
      note_outcomes.retry_after_ms
    ) as u (connection_id, success_count, failure_count, error_code, retry_after_ms)
  ),
  counted as materialized (
    select
      h.connection_id, t.success_count as new_successes, t.failure_count as new_failures, t.error_code, t.retry_after_ms,
      h.state, h.window_started_at < now() - c_window as is_new_window,
      t.success_count + case when h.window_started_at < now() - c_window then 0 else h.success_count end as success_count,
      t.failure_count + case when h.window_started_at < now() - c_window then 0 else h.failure_count end as failure_count
    from public.connection_health as h
    join told as t on t.connection_id = h.connection_id
    order by h.connection_id
    for no key update of h
  ),
  judged as (
    select c.*,
      case
        when c.state <> 'closed' and c.new_successes > 0 then 'closed'
        when c.state <> 'closed' and c.new_failures > 0 then 'open'
        when c.state = 'closed' and c.failure_count >= c_least_failures and c.failure_count >= c.success_count then 'open'
        else c.state
      end as new_state
    from counted as c
  )
  update public.connection_health as h
  set
    state = j.new_state,
    success_count = case when j.state <> 'closed' and j.new_state = 'closed' then 0 else j.success_count end,
    failure_count = case when j.state <> 'closed' and j.new_state = 'closed' then 0 else j.failure_count end,
    window_started_at = case
      when j.is_new_window or (j.state <> 'closed' and j.new_state = 'closed') then now()
      else h.window_started_at
    end,
    opened_at = case when j.new_state = 'closed' then null else coalesce(h.opened_at, now()) end,
    probe_at = case
      when j.new_state = 'closed' then null
      when j.new_failures > 0 then now() + c_probe_after
      else coalesce(h.probe_at, now() + c_probe_after)
    end,
    paused_until = case
      when j.retry_after_ms > 0 then greatest(h.paused_until, now() + make_interval(secs => j.retry_after_ms / 1000.0))
      else h.paused_until
    end,
    last_success_at = case when j.new_successes > 0 then now() else h.last_success_at end,
    last_failure_at = case when j.new_failures > 0 then now() else h.last_failure_at end,
    last_error_code = case when j.new_failures > 0 then j.error_code else h.last_error_code end,
    updated_at = now()
  from judged as j
  where h.connection_id = j.connection_id;
end;
$$;
comment on function private.note_outcomes(uuid[], integer[], integer[], text[], integer[]) is
  'Counts a batch of outcomes per connection, and opens, probes or closes its breaker.';
revoke execute on function private.note_outcomes(uuid[], integer[], integer[], text[], integer[])
  from public, anon, authenticated;

create function private.resolve_trouble(jobs private.due_job[])
returns private.due_job[] language plpgsql set search_path = ''
as $$
declare
  v_jobs private.due_job[] := resolve_trouble.jobs;
  v_job private.due_job;
  v_health public.connection_health;
  v_probed uuid[];
begin
  -- One message per connection goes ahead to see; the row lock lets one claim alone do it.
  with due as materialized (
    select h.connection_id from public.connection_health as h
    where h.connection_id = any (array(select j.connection_id from unnest(v_jobs) as j where j.trouble = 'connection_open'))
      and h.state <> 'closed' and h.probe_at <= now()
    order by h.connection_id
    for no key update skip locked
  ),
  probing as (
    update public.connection_health as h
    set state = 'half_open', probe_at = now() + interval '90 seconds', updated_at = now()
    from due as d
    where h.connection_id = d.connection_id
    returning h.connection_id
  )
  select array_agg(p.connection_id) into v_probed from probing as p;

  for v_index in 1 .. cardinality(v_jobs) loop
    v_job := v_jobs[v_index];
    -- Null lets no condition end early: what has no trouble would be asked for a detour below, and take it.
    continue when v_job.trouble is null;
    if v_job.trouble = 'connection_open' and v_job.connection_id = any (v_probed) then
      v_probed := array_remove(v_probed, v_job.connection_id);
      v_job.trouble := null;
    elsif v_job.trouble in ('connection_open', 'sender_inactive', 'sender_taken')
      and not private.try_lock_limits(v_job.workspace_id)
    then
      v_job.trouble := null;
      v_job.due_at := now() + interval '1 second';
    elsif v_job.trouble in ('connection_open', 'sender_inactive', 'sender_taken') and private.take_detour(v_job.message_id) then
      v_job.trouble := null;
      v_job.due_at := now();
      -- Its place was before the sender that it leaves.
      v_job.waits_for := null;
      v_job.place := null;
    elsif v_job.trouble in ('connection_open', 'connection_paused') then
      select * into v_health from public.connection_health as h where h.connection_id = v_job.connection_id;
      v_job.due_at := greatest(
        case when v_job.trouble = 'connection_open' then v_health.probe_at else v_health.paused_until end,
        now() + interval '1 second'
      );
      v_job.trouble := null;
    end if;
    v_jobs[v_index] := v_job;
  end loop;
  return v_jobs;
end;
$$;
comment on function private.resolve_trouble(private.due_job[]) is
  'Probes an open connection, takes another way round it, or has the job wait; what cannot go at all keeps its trouble.';
revoke execute on function private.resolve_trouble(private.due_job[]) from public, anon, authenticated;
