-- What an agent has waiting goes no further than what it was granted: whoever takes that back takes it back, too.

-- Definer: whoever takes a grant back holds no write grant on messages and jobs.
create function private.heed_revocation()
returns trigger language plpgsql security definer set search_path = ''
as $$
begin
  -- Whoever is sending for it ends first, and is seen then.
  perform private.lock_agent(new.agent_id);
  perform private.take_back_messages(
    array(
      select m.id
      from public.conversation_messages as m
      join private.outbound_jobs as j on j.message_id = m.id
      join public.conversations as t on t.workspace_id = m.workspace_id and t.id = m.conversation_id
      left join public.phone_numbers as p on p.id = m.phone_number_id
      left join public.email_senders as e on e.id = m.email_sender_id
      cross join lateral (
        select case
          when t.channel = 'sms' and exists (select from public.message_media as d where d.message_id = m.id) then 'mms'
          else t.channel
        end
      ) as s (scope)
      where m.workspace_id = new.workspace_id and m.agent_id = new.agent_id and m.status in ('scheduled', 'queued')
        and coalesce(p.connection_id, e.connection_id) = new.connection_id
        and (not new.is_active or s.scope <> all (new.allowed_scopes) or s.scope = any (new.denied_scopes))
      order by m.id
      for update of j skip locked
    ),
    'tool_not_allowed'
  );
  return null;
end;
$$;
comment on function private.heed_revocation() is
  'Trigger: what an agent has waiting on a connection is canceled with the scope it needs.';
revoke execute on function private.heed_revocation() from public, anon, authenticated;
create trigger agent_integration_permissions_heed_revocation
  after update of is_active, allowed_scopes, denied_scopes on public.agent_integration_permissions
  for each row when (
    (old.is_active, old.allowed_scopes, old.denied_scopes)
      is distinct from (new.is_active, new.allowed_scopes, new.denied_scopes)
  )
  execute function private.heed_revocation();
