-- The lines an agent stays inside, asked about wherever something of an agent's is about to reach a person.

create function private.agent_may_route(
  workspace_id uuid, agent_id uuid, connection_id uuid, phone_number_id uuid, email_sender_id uuid, scope text
)
returns boolean language plpgsql stable set search_path = ''
as $$
begin
  return exists (
    select from private.agent_connections((
      agent_may_route.workspace_id, agent_may_route.agent_id, null, null, null, true
    )::private.agent_caller) as c
    where c.connection_id = agent_may_route.connection_id and agent_may_route.scope = any (c.scopes)
  ) and private.agent_may_send_from(
    agent_may_route.agent_id, agent_may_route.phone_number_id, agent_may_route.email_sender_id
  );
end;
$$;
comment on function private.agent_may_route(uuid, uuid, uuid, uuid, uuid, text) is
  'Whether what an agent has queued may go through another sender than the one it was queued for.';
revoke execute on function private.agent_may_route(uuid, uuid, uuid, uuid, uuid, text) from public, anon, authenticated;

create function private.find_guardrail_breach(action private.agent_action, more_count integer, more_cost numeric)
returns table (error_code text, error_field text, error_message text) language plpgsql stable set search_path = ''
as $$
declare
  v_action private.agent_action := find_guardrail_breach.action;
  v_guardrails public.agent_guardrails;
  v_activity record;
  v_approved_reason text;
  v_quiet_until timestamptz;
  v_needed text;
begin
  -- Whoever was stored while this waited for its turn is known by now.
  if v_action.contact_id is null then
    select k.contact_id into v_action.contact_id from public.contact_addresses as k
    where k.workspace_id = v_action.workspace_id and k.kind = private.kind_of_address(v_action.contact_address)
      and k.address = v_action.contact_address;
  end if;
  select g.* into v_guardrails
  from public.agent_guardrails as g
  join public.agents as a on a.id = g.agent_id
  where g.agent_id = v_action.agent_id and g.workspace_id = v_action.workspace_id and a.is_active;
  if not found then
    return query select 'agent_inactive', null::text, 'the agent is switched off';
    return;
  end if;
  if v_action.channel <> all (v_guardrails.allowed_channels) then
    return query select 'channel_not_allowed', 'channel', format('the agent may not use the channel %s', v_action.channel);
    return;
  end if;
  if v_action.contact_id is null and not v_guardrails.may_reach_new_contacts then
    return query select 'new_contact_not_allowed', 'to', 'the agent may not reach people who are no contacts yet';
    return;
  end if;
  if not private.is_agents_contact(v_guardrails, v_action.contact_id) then
    return query select 'contact_not_allowed', 'contact_id', 'the agent may not reach this contact';
    return;
  end if;
  if exists (
    select from public.conversations as t
    where t.workspace_id = v_action.workspace_id
      and (
        t.id = v_action.conversation_id
        or (t.contact_id = v_action.contact_id and t.channel = v_action.channel and t.channel <> 'email')
      )
      and private.is_taken_over(t.id)
  ) then
    return query select 'conversation_taken_over', 'conversation_id', 'a person has taken over the conversation';
    return;
  end if;

  select * into v_activity
  from private.agent_activity(v_action.workspace_id, v_action.agent_id, coalesce(v_action.due_at, now())) as a;
  if v_activity.hour_count + find_guardrail_breach.more_count + 1 > v_guardrails.messages_per_hour
    or v_activity.day_count + find_guardrail_breach.more_count + 1 > v_guardrails.messages_per_day
  then
    return query select 'agent_rate_limited', null::text, format(
      'the agent may send %s messages per hour and %s per day', v_guardrails.messages_per_hour, v_guardrails.messages_per_day
    );
    return;
  end if;
  if v_activity.day_cost + find_guardrail_breach.more_cost + coalesce(v_action.cost, 0) > v_guardrails.spend_per_day then
    return query select 'agent_spend_limit_reached', null::text, format(
      'the agent may spend %s USD per day', trim_scale(v_guardrails.spend_per_day)
    );
    return;
  end if;
  v_quiet_until := private.agent_quiet_until(
    v_action.agent_id, v_action.contact_address, coalesce(v_action.due_at, now())
  );
  if v_quiet_until is not null then
    return query select 'quiet_hours', 'scheduled_at', format(
      'it is quiet hours where the contact is until %s', private.iso_time(v_quiet_until)
    );
    return;
  end if;

  -- A person who has said yes to one reason has seen the whole of it; only a repetition is news. A yes is for a while.
  select p.reason into v_approved_reason from public.agent_approvals as p
  where p.id = v_action.approval_id and p.agent_id = v_action.agent_id and p.status = 'approved' and p.expires_at > now();
  v_needed := case
    when v_approved_reason is distinct from 'near_duplicate' and private.is_near_duplicate(v_action) then 'near_duplicate'
    when v_approved_reason is not null then null
    when v_guardrails.first_contact_needs_approval and not exists (
      select
      from public.conversations as t
      where t.workspace_id = v_action.workspace_id and t.contact_id = v_action.contact_id
        and (
          exists (
            select from public.conversation_messages as m
            where m.workspace_id = t.workspace_id and m.conversation_id = t.id
              and m.status not in ('failed', 'canceled')
          )
          or exists (
            select from public.calls as l
            where l.workspace_id = t.workspace_id and l.conversation_id = t.id and l.status <> 'failed'
          )
        )
    ) then 'first_contact'
    when v_guardrails.destructive_needs_approval then 'destructive'
  end;
  if v_needed is not null then
    return query select 'approval_needed', v_needed, case v_needed
      when 'near_duplicate' then 'the contact was told the same within the last ten minutes'
      when 'first_contact' then 'it would be the first message to this contact'
      else 'a person has to approve what the agent sends'
    end;
  end if;
end;
$$;
comment on function private.find_guardrail_breach(private.agent_action, integer, numeric) is
  'Which line of an agent''s an action would cross, beside more_count actions of more_cost that are not stored yet; no row when none. approval_needed names its reason as error_field.';
revoke execute on function private.find_guardrail_breach(private.agent_action, integer, numeric)
  from public, anon, authenticated;

create function private.is_agents_contact(guardrails public.agent_guardrails, contact_id uuid)
returns boolean language sql stable set search_path = ''
as $$
  select (
    (is_agents_contact.guardrails).allowed_contact_ids is null
    or coalesce(is_agents_contact.contact_id = any ((is_agents_contact.guardrails).allowed_contact_ids), false)
  ) and (
    (is_agents_contact.guardrails).allowed_contact_labels is null
    or exists (
      select from public.contacts as c
      where c.workspace_id = (is_agents_contact.guardrails).workspace_id and c.id = is_agents_contact.contact_id
        and c.labels && (is_agents_contact.guardrails).allowed_contact_labels
    )
  );
$$;
comment on function private.is_agents_contact(public.agent_guardrails, uuid) is
  'Whether an agent may read and write to a contact: by its lists of contacts and of labels, where it has them.';
revoke execute on function private.is_agents_contact(public.agent_guardrails, uuid) from public, anon, authenticated;

create function private.contacts_of_agent(guardrails public.agent_guardrails)
returns uuid[] language plpgsql stable set search_path = ''
as $$
declare
  v_guardrails public.agent_guardrails := contacts_of_agent.guardrails;
begin
  if num_nonnulls(v_guardrails.allowed_contact_ids, v_guardrails.allowed_contact_labels) = 0 then
    return null;
  end if;
  return array(
    select c.id from public.contacts as c
    where c.workspace_id = v_guardrails.workspace_id
      and (v_guardrails.allowed_contact_ids is null or c.id = any (v_guardrails.allowed_contact_ids))
      and (v_guardrails.allowed_contact_labels is null or c.labels && v_guardrails.allowed_contact_labels)
  );
end;
$$;
comment on function private.contacts_of_agent(public.agent_guardrails) is
  'All that private.is_agents_contact is true for, where lists are looked through: asked of each row it would be most of the work. Null: everybody.';
revoke execute on function private.contacts_of_agent(public.agent_guardrails) from public, anon, authenticated;

create function private.iso_time(at timestamptz)
returns text language sql immutable set search_path = ''
as $$
  select to_char(iso_time.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
$$;
comment on function private.iso_time(timestamptz) is 'A time as tools give and take it: ISO 8601 in UTC.';
revoke execute on function private.iso_time(timestamptz) from public, anon, authenticated;

create function private.lock_agent(agent_id uuid)
returns void language sql set search_path = ''
as $$
  select pg_advisory_xact_lock(hashtextextended('switchboard/agent/' || lock_agent.agent_id, 0));
$$;
comment on function private.lock_agent(uuid) is
  'One at a time per agent, until the transaction ends: what is counted against its caps is stored before the next is counted. Taken before any other lock.';
revoke execute on function private.lock_agent(uuid) from public, anon, authenticated;

create function private.lock_recipient(workspace_id uuid, address text)
returns void language sql set search_path = ''
as $$
  select pg_advisory_xact_lock(
    hashtextextended('switchboard/agent/' || lock_recipient.workspace_id || '/' || lock_recipient.address, 0)
  );
$$;
comment on function private.lock_recipient(uuid, text) is
  'One at a time per recipient of agents, until the transaction ends: two agents do not say the same at once. Taken after those of the agents, in the order of the addresses.';
revoke execute on function private.lock_recipient(uuid, text) from public, anon, authenticated;

create function private.is_mailbox_of_others(workspace_id uuid, agent_id uuid, email_sender_id uuid, address text)
returns boolean language plpgsql stable set search_path = ''
as $$
begin
  return exists (
    select from public.email_senders as e
    join public.connections as c on c.id = e.connection_id
    where e.workspace_id = is_mailbox_of_others.workspace_id and e.email_address = is_mailbox_of_others.address
      and e.id <> is_mailbox_of_others.email_sender_id
      and (e.agent_id <> is_mailbox_of_others.agent_id or c.owner_user_id is not null)
  );
end;
$$;
comment on function private.is_mailbox_of_others(uuid, uuid, uuid, text) is
  'Whether an address of a domain that an agent may send from is another agent''s, or somebody''s own.';
revoke execute on function private.is_mailbox_of_others(uuid, uuid, uuid, text) from public, anon, authenticated;

create function private.hold_to_guardrails(workspace_id uuid, drafts private.outbound_draft[])
returns private.outbound_draft[] language plpgsql set search_path = ''
as $$
declare
  v_drafts private.outbound_draft[] := hold_to_guardrails.drafts;
  v_draft private.outbound_draft;
  v_breach record;
  v_counts jsonb := '{}';
  v_costs jsonb := '{}';
  v_agent_id uuid;
  v_address text;
begin
  for v_agent_id in select distinct d.agent_id from unnest(v_drafts) as d where d.agent_id is not null order by 1 loop
    perform private.lock_agent(v_agent_id);
  end loop;
  for v_address in
    select distinct d.contact_address from unnest(v_drafts) as d
    where d.agent_id is not null and d.error_code is null order by 1
  loop
    perform private.lock_recipient(hold_to_guardrails.workspace_id, v_address);
  end loop;
  for position in 1 .. cardinality(v_drafts) loop
    v_draft := v_drafts[position];
    continue when v_draft.agent_id is null or v_draft.error_code is not null or v_draft.first_message_id is not null;
    select b.* into v_breach
    from private.find_guardrail_breach(
      (
        hold_to_guardrails.workspace_id, v_draft.agent_id, v_draft.channel, v_draft.contact_id, v_draft.contact_address,
        v_draft.conversation_id, v_draft.body, v_draft.media_urls, v_draft.cost, (v_draft.schedule).due_at,
        v_draft.approval_id
      )::private.agent_action,
      coalesce((v_counts ->> v_draft.agent_id::text)::integer, 0), coalesce((v_costs ->> v_draft.agent_id::text)::numeric, 0)
    ) as b;
    if not found and v_draft.channel = 'email' and private.is_mailbox_of_others(
      hold_to_guardrails.workspace_id, v_draft.agent_id, v_draft.email_sender_id, v_draft.from_address
    ) then
      select 'sender_not_allowed' as error_code, 'from' as error_field, 'the address is somebody else''s' as error_message
      into v_breach;
    end if;
    if found then
      v_draft.error_code := v_breach.error_code;
      v_draft.error_field := v_breach.error_field;
      v_draft.error_message := v_breach.error_message;
      v_drafts[position] := v_draft;
    else
      v_counts := v_counts || jsonb_build_object(
        v_draft.agent_id, coalesce((v_counts ->> v_draft.agent_id::text)::integer, 0) + 1
      );
      v_costs := v_costs || jsonb_build_object(
        v_draft.agent_id, coalesce((v_costs ->> v_draft.agent_id::text)::numeric, 0) + v_draft.cost
      );
    end if;
  end loop;
  return v_drafts;
end;
$$;
comment on function private.hold_to_guardrails(uuid, private.outbound_draft[]) is
  'The drafts, with those of agents refused that would cross a line of theirs. Whoever it lets through is stored before the next of the same agent is asked about.';
revoke execute on function private.hold_to_guardrails(uuid, private.outbound_draft[]) from public, anon, authenticated;
