-- Whether what an agent has queued may still leave: asked of every claim, since what a dispatcher had in hand can come back.
create function private.agent_obstacle(agent_id uuid, conversation_id uuid)
returns text language plpgsql stable set search_path = ''
as $$
begin
  return case
    when not exists (
      select from public.agents as a where a.id = agent_obstacle.agent_id and a.is_active
    ) then 'agent_inactive'
    when private.is_taken_over(agent_obstacle.conversation_id) then 'conversation_taken_over'
  end;
end;
$$;
comment on function private.agent_obstacle(uuid, uuid) is
  'Why an agent''s message is taken back instead of sent: agent_inactive or conversation_taken_over; null when it may leave.';
revoke execute on function private.agent_obstacle(uuid, uuid) from public, anon, authenticated;
