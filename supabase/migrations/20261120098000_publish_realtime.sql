-- Front ends follow conversations, messages, team messages and approvals live, where the project has Realtime.
do $$
begin
  if exists (select from pg_publication where pubname = 'supabase_realtime' and not puballtables) then
    alter publication supabase_realtime add table
      public.conversations, public.conversation_messages, public.team_messages, public.agent_approvals;
  end if;
end;
$$;
