-- An attempt is the row that every message writes twice: what it costs is what the queue is slow by.

-- A foreign key would lock the message for each attempt, and an index that holds outcomes would have each
-- outcome written to every index. Triggers keep the same two truths, and run only when there is doubt.
alter table public.message_attempts
  drop constraint message_attempts_message_id_fkey,
  add column is_superseded boolean not null default false;
-- Room for the outcome of every row beside it, before any of them is cleared away: none then goes to the index again.
alter table public.message_attempts set (fillfactor = 40);
drop index public.message_attempts_accepted_once_idx;
comment on column public.message_attempts.message_id is
  'No foreign key: an attempt is only written for a message that is being claimed, and goes with it.';
comment on column public.message_attempts.is_superseded is 'Another attempt followed.';

create function private.supersede_attempts()
returns trigger language plpgsql set search_path = ''
as $$
begin
  update public.message_attempts as a
  set is_superseded = true
  where a.message_id = new.message_id and a.attempt_number < new.attempt_number and not a.is_superseded;
  return null;
end;
$$;
comment on function private.supersede_attempts() is 'Trigger: marks the attempts before a further one.';
revoke execute on function private.supersede_attempts() from public, anon, authenticated;
create trigger message_attempts_supersede after insert on public.message_attempts
  for each row when (new.attempt_number > 1) execute function private.supersede_attempts();

create function private.accept_only_once()
returns trigger language plpgsql set search_path = ''
as $$
begin
  -- Two attempts of one message are accepted one after the other, and the second one sees the first.
  perform from public.conversation_messages as m where m.id = new.message_id for update;
  if exists (
    select from public.message_attempts as a
    where a.message_id = new.message_id and a.outcome = 'accepted' and a.attempt_number <> new.attempt_number
  ) then
    raise exception 'Cannot accept the attempt: another one of the message was accepted'
      using errcode = 'unique_violation', constraint = 'message_attempts_accepted_once', table = 'message_attempts',
        schema = 'public';
  end if;
  return new;
end;
$$;
comment on function private.accept_only_once() is
  'Trigger: a message is never sent twice, so at most one of its attempts is accepted.';
revoke execute on function private.accept_only_once() from public, anon, authenticated;
create trigger message_attempts_accept_once after update of outcome on public.message_attempts
  for each row
  when (new.outcome = 'accepted' and (new.attempt_number > 1 or new.is_superseded))
  execute function private.accept_only_once();
create trigger message_attempts_begin_accepted_once before insert on public.message_attempts
  for each row when (new.outcome = 'accepted') execute function private.accept_only_once();

-- Before an update, a trigger that does nothing locks the row all the same, which costs as much as the update.
drop trigger message_attempts_keep_workspace on public.message_attempts;
create trigger message_attempts_keep_workspace after update of workspace_id on public.message_attempts
  for each row execute function private.refuse_workspace_change();

create function private.delete_attempts()
returns trigger language plpgsql set search_path = ''
as $$
begin
  delete from public.message_attempts as a using gone as g where a.message_id = g.id;
  return null;
end;
$$;
comment on function private.delete_attempts() is 'Trigger: the attempts of messages go with them.';
revoke execute on function private.delete_attempts() from public, anon, authenticated;
create trigger conversation_messages_delete_attempts after delete on public.conversation_messages
  referencing old table as gone
  for each statement execute function private.delete_attempts();

-- What the Data API embeds as it would by a foreign key: select("*, message_attempts(*)").
create function public.message_attempts(message public.conversation_messages)
returns setof public.message_attempts language sql stable rows 2 set search_path = ''
as $$
  select a.* from public.message_attempts as a where a.message_id = (message_attempts.message).id;
$$;
-- Two rows at least by its own account: one would make the Data API embed an object.
comment on function public.message_attempts(public.conversation_messages) is
  'The attempts of a message, to be embedded in it.';
revoke execute on function public.message_attempts(public.conversation_messages) from public, anon;
grant execute on function public.message_attempts(public.conversation_messages) to authenticated, service_role;

-- Written once and read once a second later: to compress it would cost more than to write it.
alter table private.outbound_leases alter column jobs set storage external;
