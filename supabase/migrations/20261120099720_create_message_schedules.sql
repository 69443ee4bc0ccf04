-- What a scheduled message has beside its time: conditions, recurrence, the clock it follows. Only functions write.
create table public.message_schedules (
  message_id uuid primary key references public.conversation_messages (id) on delete cascade,
  workspace_id uuid not null,
  conversation_id uuid not null,
  series_id uuid not null,
  occurrence integer not null default 1,
  "unless" text[] not null default '{}',
  recurrence jsonb,
  time_zone text,
  local_at timestamp,
  month_day smallint,
  respects_quiet_hours boolean not null default false,
  constraint message_schedules_occurrence_is_positive check (occurrence > 0),
  constraint message_schedules_conditions_are_known
    check ("unless" <@ array['replied', 'conversation_closed'] and array_position("unless", null) is null),
  constraint message_schedules_recurrence_says_how_often
    check (coalesce(recurrence ->> 'every', '') in ('day', 'week', 'month') or recurrence is null),
  constraint message_schedules_recurrence_has_clock check (recurrence is null or time_zone is not null),
  constraint message_schedules_clock_shows_time check ((time_zone is null) = (local_at is null)),
  constraint message_schedules_time_zone_is_said check (time_zone <> ''),
  constraint message_schedules_month_day_is_of_monthly
    check ((month_day is not null) = (recurrence is not null and recurrence ->> 'every' = 'month')),
  constraint message_schedules_month_day_is_of_calendar check (month_day between 1 and 31),
  constraint message_schedules_later_ones_recur check (occurrence = 1 or recurrence is not null),
  constraint message_schedules_occur_once unique (series_id, occurrence)
);
comment on table public.message_schedules is
  'What a scheduled message has beside conversation_messages.scheduled_at. A message without conditions, recurrence, time zone and quiet hours has no row.';
comment on column public.message_schedules.conversation_id is 'That of the message: it decides who may see the schedule.';
comment on column public.message_schedules.series_id is
  'The first message of its recurrence, which may be this one. No foreign key: the series outlives it.';
comment on column public.message_schedules.occurrence is 'Which of the series it is, from 1.';
comment on column public.message_schedules."unless" is
  'What cancels it when it is due: replied: the contact has written since it was stored; conversation_closed: the conversation is no longer active.';
comment on column public.message_schedules.recurrence is
  '{"every": "day" | "week" | "month", "interval", "weekdays", "until", "count"}: the wall clock shows the same time at each.';
comment on column public.message_schedules.time_zone is
  'IANA time zone of local_at, or recipient: that of whoever receives it.';
comment on column public.message_schedules.local_at is
  'What the clock there shows when it is to be sent, before quiet hours are asked.';
comment on column public.message_schedules.month_day is
  'Day of the month that a monthly one wants: the 31st falls to the last day of a shorter month.';
comment on column public.message_schedules.respects_quiet_hours is 'Waits for the end of the recipient''s quiet hours.';
create index message_schedules_conversation_id_idx on public.message_schedules (workspace_id, conversation_id);

alter table public.message_schedules enable row level security;
revoke all on public.message_schedules from anon, authenticated, service_role;
grant select on public.message_schedules to authenticated, service_role;
create policy message_schedules_select_member on public.message_schedules
  for select to authenticated
  using (
    workspace_id = any (array(select private.my_workspace_ids()))
    and (
      workspace_id <> all (array(select private.my_restricted_workspace_ids()))
      or conversation_id = any (array(select private.my_assigned_conversation_ids()))
    )
  );
create trigger message_schedules_keep_workspace before update of workspace_id on public.message_schedules
  for each row execute function private.refuse_workspace_change();
