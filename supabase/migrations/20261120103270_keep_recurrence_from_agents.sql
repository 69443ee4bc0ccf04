-- What a person makes come again is theirs: no agent's message recurs, since nobody asks about its lines by then.

create function private.answer_for_recurrence()
returns trigger language plpgsql set search_path = ''
as $$
begin
  update public.conversation_messages as m
  set agent_id = null, sender_id = auth.uid()
  where m.id = new.message_id and m.agent_id is not null;
  return null;
end;
$$;
comment on function private.answer_for_recurrence() is
  'Trigger: who has an agent''s message come again answers for it from then on.';
revoke execute on function private.answer_for_recurrence() from public, anon, authenticated;
create trigger message_schedules_answer_for_recurrence after insert on public.message_schedules
  for each row when (new.recurrence is not null) execute function private.answer_for_recurrence();
