-- How a campaign is started, held, let go on and called off: by owners and admins.

create function private.recall_campaign_messages(campaign_id uuid)
returns uuid[] language plpgsql set search_path = ''
as $$
declare
  v_message_ids uuid[];
begin
  -- Skipped where a dispatcher takes it at this moment: what is in its hands is sent.
  with waiting as materialized (
    select q.message_id from private.campaign_messages as q
    where q.campaign_id = recall_campaign_messages.campaign_id
  ),
  recalled as (
    delete from private.outbound_jobs as j
    where j.message_id = any (array(
      select k.message_id from private.outbound_jobs as k
      where k.message_id = any (array(select w.message_id from waiting as w))
      for update skip locked
    ))
    returning j.message_id
  )
  select array_agg(r.message_id) into v_message_ids from recalled as r;
  if v_message_ids is null then
    return '{}';
  end if;
  delete from private.email_attachments as f where f.message_id = any (v_message_ids);
  update public.conversation_messages as m
  set status = 'canceled'
  where m.id = any (v_message_ids);
  perform private.count_messages(v_message_ids, -1);
  return v_message_ids;
end;
$$;
comment on function private.recall_campaign_messages(uuid) is
  'Takes a campaign''s messages that no dispatcher holds out of the queue and cancels them; returns which.';
revoke execute on function private.recall_campaign_messages(uuid) from public, anon, authenticated;

create function private.hold_campaign_messages(campaign_id uuid)
returns void language plpgsql set search_path = ''
as $$
declare
  v_message_ids uuid[] := private.recall_campaign_messages(hold_campaign_messages.campaign_id);
begin
  -- Their recipients wait again; when the campaign goes on, they get a message of its own.
  with returned as (
    delete from private.campaign_messages as q
    where q.message_id = any (v_message_ids)
    returning q.address, q.message_id
  )
  update public.campaign_recipients as r
  set status = 'pending', message_id = null
  from returned as b
  where r.campaign_id = hold_campaign_messages.campaign_id and r.address = b.address and r.message_id = b.message_id;
end;
$$;
comment on function private.hold_campaign_messages(uuid) is
  'Takes what a paused campaign has in the queue out of it: the messages are canceled, their recipients pending.';
revoke execute on function private.hold_campaign_messages(uuid) from public, anon, authenticated;

-- Definer: nobody holds a write grant on campaigns.
create function private.start_campaign(campaign_id uuid, max_cost numeric)
returns public.campaigns language plpgsql security definer set search_path = ''
as $$
declare
  v_campaign public.campaigns;
  v_words private.campaign_words;
begin
  v_campaign := private.lock_campaign(start_campaign.campaign_id, 'start the campaign', '{draft}');
  if v_campaign.estimated_at is null then
    if start_campaign.max_cost is null then
      perform private.fail(
        409, 'estimate_missing', 'Cannot start the campaign: it was changed and not estimated since', 'campaign_id',
        'Call estimate_campaign first, or say what it may cost in max_cost'
      );
    end if;
    perform private.estimate_locked_campaign(v_campaign);
    select * into v_campaign from public.campaigns as c where c.id = v_campaign.id;
  end if;
  if v_campaign.estimated_cost > start_campaign.max_cost then
    perform private.fail(
      422, 'cost_too_high',
      format('Cannot start the campaign: it costs about %s USD', v_campaign.estimated_cost),
      'max_cost', 'Allow more, or remove recipients'
    );
  end if;
  -- Since the estimate a template may have been switched off, and a sender disconnected.
  v_words := private.read_campaign_words(v_campaign);
  if v_words.flaw is not null then
    perform private.fail(422, 'campaign_incomplete', 'Cannot start the campaign: ' || v_words.flaw, v_words.flaw_field);
  end if;
  if not exists (select from private.campaign_senders(v_campaign)) then
    perform private.fail(
      409, 'no_sender', 'Cannot start the campaign: no active sender of the workspace can send it',
      case when v_campaign.channel = 'email' then 'from_address' else 'phone_number_id' end
    );
  end if;
  update public.campaigns as c
  set
    status = case when c.scheduled_at > now() then 'scheduled' else 'running' end,
    started_at = case when c.scheduled_at > now() then null else now() end
  where c.id = v_campaign.id
  returning * into v_campaign;
  perform private.write_audit(
    v_campaign.workspace_id, auth.uid(), 'campaign.started', 'campaign', v_campaign.id::text,
    jsonb_build_object(
      'recipient_count', v_campaign.recipient_count, 'estimated_cost', v_campaign.estimated_cost
    )
  );
  return v_campaign;
end;
$$;
comment on function private.start_campaign(uuid, numeric) is 'Does the work of public.start_campaign.';
revoke execute on function private.start_campaign(uuid, numeric) from public, anon;
grant execute on function private.start_campaign(uuid, numeric) to authenticated;

create function public.start_campaign(campaign_id uuid, max_cost numeric default null)
returns public.campaigns language sql set search_path = ''
as $$
  select private.start_campaign(start_campaign.campaign_id, start_campaign.max_cost);
$$;
comment on function public.start_campaign(uuid, numeric) is
  'Starts a draft, or schedules it where scheduled_at is to come. It has to be estimated since its last change, or max_cost says how many USD it may cost. Owners and admins. Errors: 403, 404, 409 estimate_missing or no_sender, 422 cost_too_high, campaign_incomplete.';
revoke execute on function public.start_campaign(uuid, numeric) from public, anon;
grant execute on function public.start_campaign(uuid, numeric) to authenticated;

-- Definer: as above.
create function private.pause_campaign(campaign_id uuid)
returns public.campaigns language plpgsql security definer set search_path = ''
as $$
declare
  v_campaign public.campaigns;
begin
  v_campaign := private.lock_campaign(pause_campaign.campaign_id, 'pause the campaign', '{running}');
  update public.campaigns as c set status = 'paused' where c.id = v_campaign.id returning * into v_campaign;
  perform private.hold_campaign_messages(v_campaign.id);
  perform private.write_audit(v_campaign.workspace_id, auth.uid(), 'campaign.paused', 'campaign', v_campaign.id::text);
  return v_campaign;
end;
$$;
comment on function private.pause_campaign(uuid) is 'Does the work of public.pause_campaign.';
revoke execute on function private.pause_campaign(uuid) from public, anon;
grant execute on function private.pause_campaign(uuid) to authenticated;

create function public.pause_campaign(campaign_id uuid)
returns public.campaigns language sql set search_path = ''
as $$
  select private.pause_campaign(pause_campaign.campaign_id);
$$;
comment on function public.pause_campaign(uuid) is
  'Holds a running campaign: messages that no dispatcher has taken are canceled and their recipients pending again. What is being handed over goes on. Owners and admins. Errors: 403, 404, 409.';
revoke execute on function public.pause_campaign(uuid) from public, anon;
grant execute on function public.pause_campaign(uuid) to authenticated;

-- Definer: as above.
create function private.resume_campaign(campaign_id uuid)
returns public.campaigns language plpgsql security definer set search_path = ''
as $$
declare
  v_campaign public.campaigns;
begin
  v_campaign := private.lock_campaign(resume_campaign.campaign_id, 'resume the campaign', '{paused}');
  update public.campaigns as c
  set status = 'running', pause_reason = null
  where c.id = v_campaign.id
  returning * into v_campaign;
  perform private.write_audit(v_campaign.workspace_id, auth.uid(), 'campaign.resumed', 'campaign', v_campaign.id::text);
  return v_campaign;
end;
$$;
comment on function private.resume_campaign(uuid) is 'Does the work of public.resume_campaign.';
revoke execute on function private.resume_campaign(uuid) from public, anon;
grant execute on function private.resume_campaign(uuid) to authenticated;

create function public.resume_campaign(campaign_id uuid)
returns public.campaigns language sql set search_path = ''
as $$
  select private.resume_campaign(resume_campaign.campaign_id);
$$;
comment on function public.resume_campaign(uuid) is
  'Lets a paused campaign go on with those who have not been written to. Owners and admins. Errors: 403, 404, 409.';
revoke execute on function public.resume_campaign(uuid) from public, anon;
grant execute on function public.resume_campaign(uuid) to authenticated;

-- Definer: as above.
create function private.cancel_campaign(campaign_id uuid)
returns public.campaigns language plpgsql security definer set search_path = ''
as $$
declare
  v_campaign public.campaigns;
begin
  v_campaign := private.lock_campaign(
    cancel_campaign.campaign_id, 'cancel the campaign', '{draft,scheduled,running,paused}'
  );
  update public.campaigns as c
  set status = 'canceled', ended_at = now(), pause_reason = null
  where c.id = v_campaign.id
  returning * into v_campaign;
  perform private.recall_campaign_messages(v_campaign.id);
  perform private.write_audit(v_campaign.workspace_id, auth.uid(), 'campaign.canceled', 'campaign', v_campaign.id::text);
  return v_campaign;
end;
$$;
comment on function private.cancel_campaign(uuid) is 'Does the work of public.cancel_campaign.';
revoke execute on function private.cancel_campaign(uuid) from public, anon;
grant execute on function private.cancel_campaign(uuid) to authenticated;

create function public.cancel_campaign(campaign_id uuid)
returns public.campaigns language sql set search_path = ''
as $$
  select private.cancel_campaign(cancel_campaign.campaign_id);
$$;
comment on function public.cancel_campaign(uuid) is
  'Ends a campaign for good: messages that no dispatcher has taken are canceled, and whoever is pending is skipped as campaign_canceled. Owners and admins. Errors: 403, 404, 409.';
revoke execute on function public.cancel_campaign(uuid) from public, anon;
grant execute on function public.cancel_campaign(uuid) to authenticated;
