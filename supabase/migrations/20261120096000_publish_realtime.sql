-- Front ends follow conversations and messages live, where the project has Realtime.
do $$
begin
  if exists (select from pg_publication where pubname = 'supabase_realtime' and not puballtables) then
    alter publication supabase_realtime add table public.conversations, public.conversation_messages;
  end if;
end;
$$;
