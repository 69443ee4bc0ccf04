-- How a campaign gets into the queue: a little at a time, so that it never stands before a single message.

create function private.settle_campaign_messages(campaign_id uuid)
returns integer language plpgsql set search_path = ''
as $$
declare
  v_waiting integer;
begin
  -- Neither waiting nor in a dispatcher's hands: handed over, or ended.
  delete from private.campaign_messages as q
  where q.campaign_id = settle_campaign_messages.campaign_id
    and not exists (select from private.outbound_jobs as j where j.message_id = q.message_id)
    and not exists (select from private.look_ups as k where k.message_id = q.message_id)
    and q.message_id <> all (array(
      select u.message_id from private.outbound_leases as l cross join lateral unnest(l.jobs) as u
    ));
  select count(*) into v_waiting from private.campaign_messages as q
  where q.campaign_id = settle_campaign_messages.campaign_id;
  return v_waiting;
end;
$$;
comment on function private.settle_campaign_messages(uuid) is
  'Forgets the messages of a campaign that have left the queue; returns how many have not.';
revoke execute on function private.settle_campaign_messages(uuid) from public, anon, authenticated;

create function private.count_parked_messages(campaign_id uuid)
returns integer language plpgsql stable set search_path = ''
as $$
begin
  return (
    select count(*)
    from private.campaign_messages as q
    join private.outbound_jobs as j on j.message_id = q.message_id
    where q.campaign_id = count_parked_messages.campaign_id and j.turn is null and j.due_at > now() + interval '1 minute'
  );
end;
$$;
comment on function private.count_parked_messages(uuid) is
  'How many messages of a campaign are in the queue and will not leave it within a minute.';
revoke execute on function private.count_parked_messages(uuid) from public, anon, authenticated;

create function private.stops_campaign(error_code text)
returns boolean language sql immutable set search_path = ''
as $$
  select stops_campaign.error_code in ('no_sender', 'sender_not_found', 'plan_limit_reached', 'spend_cap_reached');
$$;
comment on function private.stops_campaign(text) is
  'Whether a refusal is the workspace''s matter: then the campaign waits for a person, and no recipient is lost.';
revoke execute on function private.stops_campaign(text) from public, anon, authenticated;

create function private.drip_campaign(campaign public.campaigns, recipient_limit integer)
returns integer language plpgsql set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  v_campaign public.campaigns := drip_campaign.campaign;
  v_words private.campaign_words := private.read_campaign_words(v_campaign);
  v_addresses text[];
  v_flaws text[];
  v_messages jsonb;
  v_sent text[];
  v_message_ids uuid[];
  v_conversation_ids uuid[];
  v_codes text[];
  v_stop_code text;
  v_queued integer;
begin
  if v_words.flaw is not null then
    update public.campaigns as c set status = 'paused', pause_reason = 'template_invalid' where c.id = v_campaign.id;
    return 0;
  end if;

  select
    array_agg(r.address order by r.address),
    array_agg(f.code order by r.address),
    coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'channel', v_campaign.channel,
      'to_address', r.address,
      'message_class', 'campaign',
      'campaign_id', v_campaign.id,
      'phone_number_id', v_campaign.phone_number_id,
      'from_address', v_campaign.from_address,
      'body', private.fill_placeholders(v_words.body, a.variables),
      'subject', private.fill_placeholders(v_words.subject, a.variables),
      'template', case when v_campaign.template_id is not null then jsonb_build_object(
        'template_id', v_campaign.template_id, 'variables', private.template_variables(v_words, a.variables)
      ) end
    )) order by r.address) filter (where f.code is null), '[]')
  into v_addresses, v_flaws, v_messages
  from (
    select w.address, w.contact_id, w.variables from public.campaign_recipients as w
    where w.campaign_id = v_campaign.id and w.status = 'pending'
    limit drip_campaign.recipient_limit
  ) as r
  left join public.contacts as p on p.id = r.contact_id
  cross join lateral (
    select v_campaign.variables || case
      when p.id is null then r.variables
      else private.contact_variables(p.display_name, p.attributes) || r.variables
    end as variables
  ) as a
  -- What was checked when it was uploaded is not asked again: the words have not changed since.
  cross join lateral (
    -- A join's condition would have everybody asked, and the answer thrown away.
    select case when p.id is not null then (private.find_variables_flaw(v_words, a.variables)).code end as code
    offset 0
  ) as f;
  if v_addresses is null then
    return 0;
  end if;

  -- Statements of their own: what queue_messages has stored is seen by the next.
  select
    array_agg(s.address), array_agg(e.message_id), array_agg(e.conversation_id), array_agg(e.error_code),
    min(e.error_code) filter (where private.stops_campaign(e.error_code))
  into v_sent, v_message_ids, v_conversation_ids, v_codes, v_stop_code
  from private.queue_messages(v_campaign.workspace_id, v_messages, true) as e
  join (
    select u.address, row_number() over (order by u.address) - 1 as index
    from unnest(v_addresses, v_flaws) as u (address, flaw)
    where u.flaw is null
  ) as s on s.index = e.index;
  update public.campaign_recipients as r
  set
    status = case when a.code is null then 'enqueued' else 'skipped' end,
    skip_reason = a.code, message_id = a.message_id, contact_id = coalesce(r.contact_id, a.contact_id)
  from (
    select u.address, u.message_id, u.code, t.contact_id
    from unnest(v_sent, v_message_ids, v_conversation_ids, v_codes) as u (address, message_id, conversation_id, code)
    left join public.conversations as t on t.id = u.conversation_id
    where private.stops_campaign(u.code) is not true
    union all
    select u.address, null, u.flaw, null
    from unnest(v_addresses, v_flaws) as u (address, flaw)
    where u.flaw is not null
  ) as a
  where r.campaign_id = v_campaign.id and r.address = a.address;
  insert into private.campaign_messages (message_id, campaign_id, address)
  select u.message_id, v_campaign.id, u.address
  from unnest(v_sent, v_message_ids, v_codes) as u (address, message_id, code)
  where u.code is null;
  get diagnostics v_queued = row_count;
  if v_stop_code is not null then
    update public.campaigns as c set status = 'paused', pause_reason = v_stop_code where c.id = v_campaign.id;
  end if;
  return v_queued;
end;
$$;
comment on function private.drip_campaign(public.campaigns, integer) is
  'Queues up to so many recipients of a campaign that the caller holds; returns how many were.';
revoke execute on function private.drip_campaign(public.campaigns, integer) from public, anon, authenticated;

create function private.campaign_room(campaign public.campaigns, waiting_count integer)
returns integer language sql stable set search_path = ''
as $$
  -- What its senders carry in 30 s, shared with the other campaigns of its workspace and channel.
  select greatest(
    ceil(
      30 * coalesce(sum(s.messages_per_second), 0)
      / greatest(
        1.0,
        (campaign_room.campaign).estimated_segment_count / greatest((campaign_room.campaign).recipient_count, 1)::numeric
      )
      / (
        select greatest(count(*), 1) from public.campaigns as c
        where c.workspace_id = (campaign_room.campaign).workspace_id and c.status = 'running'
          and c.channel = (campaign_room.campaign).channel
      )
    )::integer - campaign_room.waiting_count,
    0
  )
  from private.campaign_senders(campaign_room.campaign) as s;
$$;
comment on function private.campaign_room(public.campaigns, integer) is
  'How many more messages of a campaign may wait in the queue, beside those that do.';
revoke execute on function private.campaign_room(public.campaigns, integer) from public, anon, authenticated;

create function private.has_campaign_work()
returns boolean language sql stable set search_path = ''
as $$
  select exists (select from private.campaign_messages)
    or exists (select from public.campaigns as c where c.status = 'running')
    or exists (select from public.campaigns as c where c.status = 'scheduled' and c.scheduled_at <= now());
$$;
comment on function private.has_campaign_work() is 'Whether drip_campaigns has anything to do.';
revoke execute on function private.has_campaign_work() from public, anon, authenticated;

-- Definer: service_role holds no grant on private.
create function private.drip_campaigns(batch_limit integer default 5000)
returns integer language plpgsql security definer set search_path = ''
as $$
declare
  v_campaign public.campaigns;
  v_id uuid;
  v_ids uuid[];
  v_left integer := drip_campaigns.batch_limit;
  v_waiting integer;
  v_room integer;
  v_queued integer;
  v_total integer := 0;
begin
  update public.campaigns as c
  set status = 'running', started_at = now()
  where c.id = any (array(
    select d.id from public.campaigns as d
    where d.status = 'scheduled' and d.scheduled_at <= now()
    for no key update skip locked
  ));
  -- First one of each workspace, then the second ones; those that waited longest first. What is held costs no turn.
  v_ids := array(
    select o.id from (
      select c.id, c.status = 'running' as is_running, c.dripped_at, c.started_at,
        row_number() over (partition by c.workspace_id order by c.dripped_at nulls first, c.started_at, c.id) as turn
      from public.campaigns as c
      where c.status = 'running' or c.id in (select q.campaign_id from private.campaign_messages as q)
    ) as o
    order by o.is_running, o.turn, o.dripped_at nulls first, o.started_at, o.id
  );
  for v_index in 1 .. cardinality(v_ids) loop
    select * into v_campaign from public.campaigns as c where c.id = v_ids[v_index] for no key update skip locked;
    continue when not found;
    if v_campaign.status = 'paused' then
      perform private.hold_campaign_messages(v_campaign.id);
    elsif v_campaign.status = 'canceled' then
      perform private.recall_campaign_messages(v_campaign.id);
    end if;
    v_waiting := private.settle_campaign_messages(v_campaign.id);
    continue when v_campaign.status <> 'running';

    v_room := least(
      -- What waits for the end of quiet hours keeps nobody in other zones back.
      private.campaign_room(v_campaign, v_waiting - private.count_parked_messages(v_campaign.id)), ceil(v_left::numeric / (cardinality(v_ids) - v_index + 1))::integer
    );
    if not exists (select from private.campaign_senders(v_campaign)) then
      update public.campaigns as c set status = 'paused', pause_reason = 'no_sender' where c.id = v_campaign.id;
    elsif v_room > 0 then
      v_queued := private.drip_campaign(v_campaign, v_room);
      v_left := v_left - v_queued;
      v_total := v_total + v_queued;
      v_waiting := v_waiting + v_queued;
      update public.campaigns as c set dripped_at = now() where c.id = v_campaign.id;
    end if;
    if v_waiting = 0 and not exists (
      select from public.campaign_recipients as r where r.campaign_id = v_campaign.id and r.status = 'pending'
    ) then
      update public.campaigns as c set status = 'completed', ended_at = now()
      where c.id = v_campaign.id and c.status = 'running';
    end if;
  end loop;
  return v_total;
end;
$$;
comment on function private.drip_campaigns(integer) is
  'Queues as many recipients of the running campaigns as their senders carry in 30 s, at most batch_limit; starts those that are due, ends those that are through, and takes back what paused and canceled ones still have in the queue. Returns how many were queued.';
revoke execute on function private.drip_campaigns(integer) from public, anon, authenticated;
