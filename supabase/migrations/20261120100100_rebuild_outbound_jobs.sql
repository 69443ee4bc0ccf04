-- The queue in which no workspace stands before another: ready jobs in fair order, the others by their time.

create table private.look_ups (
  message_id uuid primary key references public.conversation_messages (id) on delete cascade,
  attempt_number smallint not null,
  workspace_id uuid not null,
  due_at timestamptz not null default now(),
  constraint look_ups_attempt_is_counted check (attempt_number > 0)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
comment on table private.look_ups is 'An attempt of unknown outcome that the provider is to be asked about.';
comment on column private.look_ups.due_at is 'Not before this time.';
create index look_ups_due_at_idx on private.look_ups (due_at);
alter table private.look_ups enable row level security;
revoke all on private.look_ups from public, anon, authenticated, service_role;

insert into private.look_ups (message_id, attempt_number, workspace_id, due_at)
select j.message_id, j.attempt_count, j.workspace_id, j.due_at from private.outbound_jobs as j where j.step = 'look_up';
delete from private.outbound_jobs as j where j.step = 'look_up';

drop index private.outbound_jobs_due_at_idx;
alter table private.outbound_jobs
  drop constraint outbound_jobs_look_up_has_attempt,
  drop constraint outbound_jobs_step_is_known,
  drop column step,
  add column message_class text not null default 'conversation',
  add column failure_count smallint not null default 0,
  add column turn bigint,
  add column waits_for uuid,
  add column place bigint,
  add constraint outbound_jobs_class_is_known
    check (message_class in ('conversation', 'one_time_code', 'campaign', 'opt_out_confirmation')),
  add constraint outbound_jobs_failures_are_counted check (failure_count >= 0),
  add constraint outbound_jobs_place_is_in_line check ((place is null) = (waits_for is null));
comment on column private.outbound_jobs.due_at is
  'While it waits: not before this time. infinity: it stands in the line that waits_for names.';
comment on column private.outbound_jobs.failure_count is 'Attempts that used up a try: a provider that asked to wait has not.';
comment on column private.outbound_jobs.turn is
  'Its place among the ready jobs: the lowest is next. Null while it waits for due_at.';
comment on column private.outbound_jobs.waits_for is
  'The sender whose pace, or the connection whose room, it had to wait for. Kept when the line lets it go, until it leaves.';
comment on column private.outbound_jobs.place is 'Its place in that line: the lowest is next.';
create index outbound_jobs_turn_idx on private.outbound_jobs (turn) where turn is not null;
create index outbound_jobs_due_at_idx on private.outbound_jobs (due_at) where turn is null;
create index outbound_jobs_crowd_idx on private.outbound_jobs (workspace_id, message_class, due_at) where turn is null;
create index outbound_jobs_line_idx on private.outbound_jobs (waits_for, place)
  where waits_for is not null and turn is null;
create index outbound_jobs_let_go_idx on private.outbound_jobs (waits_for)
  where waits_for is not null and turn is not null;
create index outbound_jobs_flow_idx on private.outbound_jobs (waits_for, workspace_id, message_class, place)
  where waits_for is not null;

-- Start-time fair queueing: the sequence is the turn being served. It is no row, since every enqueue
-- reads it and every claim moves it: a row would be locked, and pile up versions.
create sequence private.turn_being_served as bigint minvalue 0 start 0;
revoke all on sequence private.turn_being_served from public, anon, authenticated, service_role;

create table private.workspace_turns (
  workspace_id uuid not null references public.workspaces (id) on delete cascade,
  message_class text not null,
  next_turn bigint not null,
  primary key (workspace_id, message_class)
) with (fillfactor = 50);
comment on table private.workspace_turns is 'Where the next message of a workspace and class queues up.';
alter table private.workspace_turns enable row level security;
revoke all on private.workspace_turns from public, anon, authenticated, service_role;

-- A turn lasts longer the less a message is in a hurry, so that none waits for ever.
create function private.turn_length(message_class text)
returns bigint language sql immutable set search_path = ''
as $$
  select case turn_length.message_class when 'campaign' then 64 when 'conversation' then 4 else 1 end;
$$;
comment on function private.turn_length(text) is 'How far one message moves its workspace''s place in the queue.';
revoke execute on function private.turn_length(text) from public, anon, authenticated;

create function private.take_turns(workspace_id uuid, message_class text, message_count integer)
returns bigint language plpgsql set search_path = ''
as $$
declare
  v_length bigint := private.turn_length(take_turns.message_class);
  v_served bigint := (select s.last_value from private.turn_being_served as s);
  v_next bigint;
begin
  insert into private.workspace_turns as t (workspace_id, message_class, next_turn)
  values (take_turns.workspace_id, take_turns.message_class, v_served + v_length * take_turns.message_count)
  on conflict on constraint workspace_turns_pkey do update
  set next_turn = greatest(t.next_turn, v_served) + v_length * take_turns.message_count
  returning t.next_turn into v_next;
  return v_next - v_length * take_turns.message_count;
end;
$$;
comment on function private.take_turns(uuid, text, integer) is
  'The first of message_count turns, turn_length apart: after the workspace''s own, and never before the one being served.';
revoke execute on function private.take_turns(uuid, text, integer) from public, anon, authenticated;

-- What is in a dispatcher's hands, with all that recording it needs: nothing is read again for it.
create type private.leased_job as (
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
  cost numeric
);
comment on type private.leased_job is 'A message in the hands of a dispatcher.';

-- Leases are short: those of the version before are ended, and what they held is looked up.
insert into private.look_ups (message_id, attempt_number, workspace_id)
select u.message_id, u.attempt_number, m.workspace_id
from private.outbound_leases as l
cross join lateral unnest(l.message_ids, l.attempt_numbers) as u (message_id, attempt_number)
join public.conversation_messages as m on m.id = u.message_id
on conflict (message_id) do nothing;
delete from private.outbound_leases as l where l.token is not null;
alter table private.outbound_leases
  drop constraint outbound_leases_hold_something,
  drop constraint outbound_leases_number_each_attempt,
  drop column message_ids,
  drop column attempt_numbers,
  add column step text not null,
  add column jobs private.leased_job[] not null,
  add constraint outbound_leases_step_is_known check (step in ('send', 'look_up')),
  add constraint outbound_leases_hold_something check (cardinality(jobs) > 0);
comment on column private.outbound_leases.step is 'send: being handed over; look_up: the provider is being asked.';
comment on column private.outbound_leases.jobs is 'What is held and not recorded yet.';

-- A clock per sender, moved forward once per batch; and, for those that have to wait, a line before each sender
-- and connection. No time is given to them in advance: a pace may change, and somebody in more of a hurry may come.
create table private.sender_clocks (
  sender_id uuid primary key,
  next_at timestamptz not null default now(),
  wakes_at timestamptz,
  served_place bigint not null default 0,
  day date not null default (now() at time zone 'UTC')::date,
  day_count integer not null default 0,
  constraint sender_clocks_day_count_is_not_negative check (day_count >= 0)
) with (fillfactor = 50);
comment on table private.sender_clocks is
  'When a sender may go on, and the line before it, or before a connection. No foreign key: it outlives nothing, and is read by every claim.';
comment on column private.sender_clocks.sender_id is 'The phone number, or the connection.';
comment on column private.sender_clocks.next_at is 'When what was handed over so far has left at the sender''s pace.';
comment on column private.sender_clocks.wakes_at is 'When the line is looked after again; null when nobody stands in it.';
comment on column private.sender_clocks.served_place is 'The place in line that was served last: newcomers stand behind it.';
comment on column private.sender_clocks.day_count is 'Segments handed over on that day (UTC).';
create index sender_clocks_wakes_at_idx on private.sender_clocks (wakes_at) where wakes_at is not null;
alter table private.sender_clocks enable row level security;
revoke all on private.sender_clocks from public, anon, authenticated, service_role;

alter table public.phone_numbers
  add column daily_limit integer,
  add constraint phone_numbers_daily_limit_is_positive check (daily_limit > 0);
comment on column public.phone_numbers.daily_limit is
  'Segments that may leave it on one day (UTC), as carriers cap a brand. Null: no such cap.';
grant update (daily_limit) on public.phone_numbers to authenticated;
alter table public.connections
  add column max_concurrent smallint default 100,
  add constraint connections_max_concurrent_is_positive check (max_concurrent > 0);
comment on column public.connections.max_concurrent is 'Messages in hand at once: most providers refuse more than 100. Null: no cap.';
grant update (max_concurrent) on public.connections to authenticated;
alter table public.connection_health
  add column paused_until timestamptz;
comment on column public.connection_health.paused_until is 'The provider asked to wait until then.';
