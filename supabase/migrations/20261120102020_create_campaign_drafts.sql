-- How a campaign is written: by owners and admins, until it is started.

-- Definer: nobody holds a write grant on campaigns.
create function private.create_campaign(workspace_id uuid, campaign jsonb)
returns public.campaigns language plpgsql security definer set search_path = ''
as $$
declare
  v_campaign public.campaigns;
  v_stored public.campaigns;
begin
  perform private.require_admin(auth.uid(), create_campaign.workspace_id, 'create a campaign');
  v_campaign.workspace_id := create_campaign.workspace_id;
  v_campaign.variables := '{}';
  v_campaign := private.write_campaign_fields(v_campaign, create_campaign.campaign);
  v_campaign.idempotency_key := create_campaign.campaign ->> 'idempotency_key';
  if v_campaign.idempotency_key is not null then
    if char_length(v_campaign.idempotency_key) not between 1 and 255 then
      perform private.refuse_campaign('idempotency_key', 'the idempotency key needs 1 to 255 characters');
    end if;
    v_campaign.idempotency_fingerprint :=
      sha256(convert_to((create_campaign.campaign - 'idempotency_key')::text, 'UTF8'));
  end if;
  insert into public.campaigns as c (
    workspace_id, name, channel, body, subject, template_id, variables, phone_number_id, from_address, default_country,
    scheduled_at, created_by, idempotency_key, idempotency_fingerprint
  )
  values (
    v_campaign.workspace_id, v_campaign.name, v_campaign.channel, v_campaign.body, v_campaign.subject,
    v_campaign.template_id, v_campaign.variables, v_campaign.phone_number_id, v_campaign.from_address,
    v_campaign.default_country, v_campaign.scheduled_at, auth.uid(), v_campaign.idempotency_key,
    v_campaign.idempotency_fingerprint
  )
  on conflict do nothing
  returning * into v_stored;
  if v_stored.id is null then
    select * into v_stored from public.campaigns as c
    where c.workspace_id = v_campaign.workspace_id and c.idempotency_key = v_campaign.idempotency_key;
    if v_stored.idempotency_fingerprint is distinct from v_campaign.idempotency_fingerprint then
      perform private.fail(
        409, 'idempotency_key_reused', 'Cannot create the campaign: the key belongs to another one', 'idempotency_key'
      );
    end if;
    return v_stored;
  end if;
  perform private.write_audit(
    v_stored.workspace_id, auth.uid(), 'campaign.created', 'campaign', v_stored.id::text
  );
  return v_stored;
end;
$$;
comment on function private.create_campaign(uuid, jsonb) is 'Does the work of public.create_campaign.';
revoke execute on function private.create_campaign(uuid, jsonb) from public, anon;
grant execute on function private.create_campaign(uuid, jsonb) to authenticated;

create function public.create_campaign(workspace_id uuid, campaign jsonb)
returns public.campaigns language sql set search_path = ''
as $$
  select private.create_campaign(create_campaign.workspace_id, create_campaign.campaign);
$$;
comment on function public.create_campaign(uuid, jsonb) is
  'Drafts a campaign: name, channel (sms, whatsapp, email), body or template {template_id, variables}, subject of an e-mail, variables, phone_number_id or from_address or email_sender_id (none: routing decides), default_country, scheduled_at, idempotency_key. Owners and admins. Errors: 400 with the field, 403, 404, 409.';
revoke execute on function public.create_campaign(uuid, jsonb) from public, anon;
grant execute on function public.create_campaign(uuid, jsonb) to authenticated;

create function private.lock_campaign(campaign_id uuid, action text, statuses text[])
returns public.campaigns language plpgsql set search_path = ''
as $$
declare
  v_campaign public.campaigns;
begin
  select * into v_campaign from public.campaigns as c
  where c.id = lock_campaign.campaign_id and c.workspace_id = any (array(select private.my_workspace_ids()))
  for no key update;
  if not found then
    perform private.fail(404, 'not_found', 'Cannot find the campaign', 'campaign_id');
  end if;
  perform private.require_admin(auth.uid(), v_campaign.workspace_id, lock_campaign.action);
  if v_campaign.status <> all (lock_campaign.statuses) then
    perform private.fail(
      409, 'conflict', format('Cannot %s: it is %s', lock_campaign.action, v_campaign.status), 'campaign_id',
      'It has to be ' || array_to_string(lock_campaign.statuses, ' or ')
    );
  end if;
  return v_campaign;
end;
$$;
comment on function private.lock_campaign(uuid, text, text[]) is
  'A campaign of the caller, an owner or admin, held until the end of the transaction; refuses one in another status.';
revoke execute on function private.lock_campaign(uuid, text, text[]) from public, anon, authenticated;

-- Definer: as above.
create function private.update_campaign(campaign_id uuid, changes jsonb)
returns public.campaigns language plpgsql security definer set search_path = ''
as $$
declare
  v_campaign public.campaigns;
  v_changed public.campaigns;
begin
  v_campaign := private.lock_campaign(update_campaign.campaign_id, 'change the campaign', '{draft,scheduled}');
  v_changed := private.write_campaign_fields(v_campaign, update_campaign.changes);
  if v_changed.channel <> v_campaign.channel and v_campaign.recipient_count > 0 then
    perform private.fail(
      409, 'conflict', 'Cannot change the channel: the campaign has recipients', 'channel',
      'Call clear_campaign_recipients first'
    );
  end if;
  update public.campaigns as c
  set
    name = v_changed.name, channel = v_changed.channel, body = v_changed.body, subject = v_changed.subject,
    template_id = v_changed.template_id, variables = v_changed.variables,
    phone_number_id = v_changed.phone_number_id, from_address = v_changed.from_address,
    default_country = v_changed.default_country, scheduled_at = v_changed.scheduled_at,
    status = 'draft', checked_at = null, estimated_at = null, estimated_segment_count = null, estimated_cost = null
  where c.id = v_campaign.id
  returning * into v_changed;
  return v_changed;
end;
$$;
comment on function private.update_campaign(uuid, jsonb) is 'Does the work of public.update_campaign.';
revoke execute on function private.update_campaign(uuid, jsonb) from public, anon;
grant execute on function private.update_campaign(uuid, jsonb) to authenticated;

create function public.update_campaign(campaign_id uuid, changes jsonb)
returns public.campaigns language sql set search_path = ''
as $$
  select private.update_campaign(update_campaign.campaign_id, update_campaign.changes);
$$;
comment on function public.update_campaign(uuid, jsonb) is
  'Changes fields of a campaign that is not started; a scheduled one becomes a draft, and its estimate is dropped. Owners and admins. Errors: 400 with the field, 403, 404, 409.';
revoke execute on function public.update_campaign(uuid, jsonb) from public, anon;
grant execute on function public.update_campaign(uuid, jsonb) to authenticated;
