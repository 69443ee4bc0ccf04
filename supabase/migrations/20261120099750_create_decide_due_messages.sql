-- Whether a scheduled message that is due may leave: its conditions and quiet hours, asked at that time.
create function private.decide_due_messages(message_ids uuid[])
returns table (message_id uuid, verdict text, reason text, due_at timestamptz)
language plpgsql set search_path = ''
as $$
begin
  return query
  with due as materialized (
    select
      s.message_id, s.workspace_id, s.respects_quiet_hours, m.to_address,
      case
        when 'replied' = any (s."unless") and exists (
          select from public.conversation_messages as r
          where r.workspace_id = s.workspace_id and r.conversation_id = s.conversation_id
            and r.created_at > m.created_at and r.direction = 'inbound'
        ) then 'recipient_replied'
        when 'conversation_closed' = any (s."unless") and t.status <> 'active' then 'conversation_closed'
      end as refusal
    from public.message_schedules as s
    join public.conversation_messages as m on m.id = s.message_id
    join public.conversations as t on t.id = s.conversation_id
    where s.message_id = any (decide_due_messages.message_ids)
  ),
  asked as materialized (
    select
      array_agg(d.message_id order by d.message_id) as message_ids,
      array_agg(d.workspace_id order by d.message_id) as workspace_ids,
      array_agg(d.to_address order by d.message_id) as addresses
    from due as d
    where d.respects_quiet_hours and d.refusal is null
  ),
  quiet as materialized (
    select a.message_ids[q.position] as message_id, q.quiet_until
    from asked as a
    cross join lateral private.quiet_ends(a.workspace_ids, a.addresses, now()) as q
    where a.message_ids is not null and q.quiet_until is not null
  )
  select
    d.message_id,
    case when d.refusal is not null then 'cancel' when q.quiet_until is not null then 'postpone' else 'send' end,
    coalesce(d.refusal, case when q.quiet_until is not null then 'quiet_hours' end),
    q.quiet_until
  from due as d
  left join quiet as q on q.message_id = d.message_id;
end;
$$;
comment on function private.decide_due_messages(uuid[]) is
  'For each of the messages that has a schedule: send; cancel, with the error_code that says why; or postpone until due_at. A message without a schedule has no row: nothing keeps it.';
revoke execute on function private.decide_due_messages(uuid[]) from public, anon, authenticated;
