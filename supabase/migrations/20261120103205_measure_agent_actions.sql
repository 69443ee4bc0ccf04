-- What guardrails look at: the hour where the recipient is, what an agent did lately, and what the contact was told.

create function private.agent_quiet_until(agent_id uuid, address text, at timestamptz)
returns timestamptz language plpgsql stable set search_path = ''
as $$
declare
  v_guardrails public.agent_guardrails;
  v_margin interval;
  v_recipient record;
begin
  select * into v_guardrails from public.agent_guardrails as g where g.agent_id = agent_quiet_until.agent_id;
  if v_guardrails.quiet_hours_start is null or private.kind_of_address(agent_quiet_until.address) <> 'phone' then
    return null;
  end if;
  select r.time_zones, r.is_known into v_recipient
  from private.recipient_time_zones(array[v_guardrails.workspace_id], array[agent_quiet_until.address]) as r;
  -- From an unknown region: two hours more at both ends, yet never more than half of the open time.
  v_margin := case
    when v_recipient.is_known then interval '0'
    else least(
      interval '2 hours',
      (
        v_guardrails.quiet_hours_start - v_guardrails.quiet_hours_end
        + case
          when v_guardrails.quiet_hours_start < v_guardrails.quiet_hours_end then interval '24 hours' else interval '0'
        end
      ) / 4
    )
  end;
  return private.quiet_end(
    v_recipient.time_zones, v_guardrails.quiet_hours_start - v_margin, v_guardrails.quiet_hours_end + v_margin,
    agent_quiet_until.at
  );
end;
$$;
comment on function private.agent_quiet_until(uuid, text, timestamptz) is
  'When the quiet hours of an agent end for a phone number, by the number''s own clock; null when it may be reached at that time, and for e-mail, which wakes nobody.';
revoke execute on function private.agent_quiet_until(uuid, text, timestamptz) from public, anon, authenticated;

create function private.default_call_rate()
returns numeric language sql immutable set search_path = ''
as $$
  select 0.02;
$$;
comment on function private.default_call_rate() is
  'USD that a begun minute of a call is taken to cost until its provider says so: about what providers list for the US.';
revoke execute on function private.default_call_rate() from public, anon, authenticated;

create function private.agent_activity(workspace_id uuid, agent_id uuid, due_at timestamptz)
returns table (hour_count integer, day_count integer, day_cost numeric) language plpgsql stable set search_path = ''
as $$
begin
  return query
  with recent as materialized (
    select m.created_at, coalesce(m.scheduled_at, m.created_at) as arrives_at, coalesce(p.price, m.estimated_cost) as cost
    from (
      select w.* from public.conversation_messages as w
      where w.workspace_id = agent_activity.workspace_id and w.agent_id = agent_activity.agent_id
        and w.created_at > now() - interval '24 hours'
      union all
      select w.* from public.conversation_messages as w
      where w.workspace_id = agent_activity.workspace_id and w.agent_id = agent_activity.agent_id
        and w.scheduled_at > agent_activity.due_at - interval '24 hours'
        and w.scheduled_at < agent_activity.due_at + interval '24 hours'
        and w.created_at <= now() - interval '24 hours'
    ) as m
    left join lateral (
      select sum(t.price) as price from public.message_attempts as t
      where t.message_id = m.id and t.price_currency = 'USD'
    ) as p on true
    where m.status <> 'canceled'
    union all
    select l.created_at, l.created_at, case
      when l.price_currency = 'USD' then l.price
      else private.default_call_rate() * greatest(ceil(l.duration_seconds / 60.0), 1)
    end
    from public.calls as l
    where l.workspace_id = agent_activity.workspace_id and l.agent_id = agent_activity.agent_id
      and l.created_at > now() - interval '24 hours'
  ),
  -- Of the hours and days that the action would fall into the fullest: each begins with the action or with another.
  spans as (
    select
      r.arrives_at,
      count(*) over hour as hour_count, count(*) over day as day_count, sum(r.cost) over day as day_cost
    from (
      select w.arrives_at, w.cost from recent as w
      union all
      select agent_activity.due_at, 0
    ) as r
    window
      hour as (order by r.arrives_at range between current row and interval '59 minutes 59.999999 seconds' following),
      day as (order by r.arrives_at range between current row and interval '23 hours 59 minutes 59.999999 seconds' following)
  )
  select
    greatest(
      (select count(*) from recent as r where r.created_at > now() - interval '1 hour'),
      (select max(s.hour_count) - 1 from spans as s
        where s.arrives_at > agent_activity.due_at - interval '1 hour' and s.arrives_at <= agent_activity.due_at)
    )::integer,
    greatest(
      (select count(*) from recent as r where r.created_at > now() - interval '24 hours'),
      (select max(s.day_count) - 1 from spans as s
        where s.arrives_at > agent_activity.due_at - interval '24 hours' and s.arrives_at <= agent_activity.due_at)
    )::integer,
    greatest(
      (select coalesce(sum(r.cost), 0) from recent as r where r.created_at > now() - interval '24 hours'),
      (select max(s.day_cost) from spans as s
        where s.arrives_at > agent_activity.due_at - interval '24 hours' and s.arrives_at <= agent_activity.due_at)
    );
end;
$$;
comment on function private.agent_activity(uuid, uuid, timestamptz) is
  'How many messages and calls of an agent there are within an hour and within 24, and what those cost in USD (as charged, else as estimated): of the last, by when they were asked for, and of the fullest around due_at, by when they arrive, the more.';
revoke execute on function private.agent_activity(uuid, uuid, timestamptz) from public, anon, authenticated;

-- What is about to reach a person, as far as guardrails look at it.
create type private.agent_action as (
  workspace_id uuid,
  agent_id uuid,
  channel text,
  contact_id uuid,
  contact_address text,
  conversation_id uuid,
  body text,
  media_urls text[],
  cost numeric,
  due_at timestamptz,
  approval_id uuid
);
comment on type private.agent_action is
  'A message or call of an agent''s before it is stored. Without contact_id the contact is not known yet.';

create function private.is_near_duplicate(action private.agent_action)
returns boolean language plpgsql stable set search_path = ''
as $$
declare
  v_action private.agent_action := is_near_duplicate.action;
  v_due_at timestamptz := coalesce(v_action.due_at, now());
  v_text text := private.plain_text(v_action.body);
begin
  return exists (
    select
    from (
      select m.id, m.conversation_id, m.body from public.conversations as t
      join public.conversation_messages as m on m.workspace_id = t.workspace_id and m.conversation_id = t.id
      where t.workspace_id = v_action.workspace_id and t.contact_id = v_action.contact_id
        and m.direction = 'outbound' and m.status not in ('failed', 'undelivered', 'canceled')
        and m.created_at > now() - interval '10 minutes'
      union all
      -- Whenever it was said, it arrives together with this.
      select m.id, m.conversation_id, m.body from public.agents as a
      join public.conversation_messages as m on m.workspace_id = a.workspace_id and m.agent_id = a.id
      join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
      where a.workspace_id = v_action.workspace_id and t.contact_id = v_action.contact_id
        and m.scheduled_at > v_due_at - interval '10 minutes' and m.scheduled_at < v_due_at + interval '10 minutes'
        and m.status not in ('failed', 'undelivered', 'canceled')
    ) as m
    where private.plain_text(m.body) = v_text
      and (
        v_text <> ''
        or array(
          select d.url from public.message_media as d where d.message_id = m.id and d.url is not null order by d.position
        ) = coalesce(v_action.media_urls, '{}')
      )
  ) or (
    v_action.channel = 'call' and exists (
      select
      from public.conversations as t
      join public.calls as l on l.workspace_id = t.workspace_id and l.conversation_id = t.id
      where t.workspace_id = v_action.workspace_id and t.contact_id = v_action.contact_id and t.channel = 'call'
        and l.direction = 'outbound' and l.status <> 'failed' and l.created_at > now() - interval '10 minutes'
        and private.plain_text(l.spoken_text) = v_text
    )
  );
end;
$$;
comment on function private.is_near_duplicate(private.agent_action) is
  'Whether the same contact was told the same within ten minutes, on whatever channel and by whomever, or is to be told it by an agent within ten minutes of this.';
revoke execute on function private.is_near_duplicate(private.agent_action) from public, anon, authenticated;

create function private.plain_text(body text)
returns text language plpgsql immutable set search_path = ''
as $$
declare
  v_text text := lower(normalize(coalesce(plain_text.body, ''), nfkc));
  v_words text;
begin
  -- First what nobody sees, then what says nothing: spaces, punctuation, arrows and pictures.
  v_text := regexp_replace(
    v_text,
    '[\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u202A-\u202E\u2060-\u206F\u3164\uFE00-\uFE0F\uFEFF\uFFA0\U000E0000-\U000E01EF]',
    '', 'g'
  );
  v_words := trim(regexp_replace(v_text, '[\s[:punct:]\u2000-\u206F\u20D0-\u20FF\u2190-\u2BFF\U0001F000-\U0001FAFF]+', ' ', 'g'));
  return coalesce(nullif(v_words, ''), trim(v_text));
end;
$$;
comment on function private.plain_text(text) is
  'What a text says, whatever its case, width, spaces, punctuation and pictures, and what in it cannot be seen; of pictures alone, those.';
revoke execute on function private.plain_text(text) from public, anon, authenticated;
