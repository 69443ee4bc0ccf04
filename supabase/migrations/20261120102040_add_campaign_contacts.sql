-- How contacts become recipients, by a filter; and how a draft is emptied again.

create function private.check_audience(audience jsonb)
returns void language plpgsql immutable set search_path = ''
as $$
declare
  v_audience jsonb := check_audience.audience;
  v_name text;
  v_value jsonb;
begin
  if jsonb_typeof(v_audience) is distinct from 'object' then
    perform private.fail(400, 'invalid_request', 'Cannot find contacts: the filter is not an object', 'filter');
  end if;
  for v_name, v_value in select e.name, e.value from jsonb_each(v_audience) as e (name, value) loop
    if (case v_name
      when 'contact_ids' then jsonb_typeof(v_value) = 'array' and jsonb_array_length(v_value) between 1 and 50000
        and not exists (select from jsonb_array_elements(v_value) as u (id) where private.as_uuid(u.id #>> '{}') is null)
      when 'attributes' then jsonb_typeof(v_value) = 'object'
      when 'conversation_channel' then
        v_value #>> '{}' in ('sms', 'whatsapp', 'email', 'call', 'live_chat', 'social')
      when 'labels_any' then private.is_text_list(v_value)
      when 'labels_all' then private.is_text_list(v_value)
      when 'labels_none' then private.is_text_list(v_value)
      when 'tags_any' then private.is_text_list(v_value)
      when 'created_after' then private.is_instant(v_value)
      when 'created_before' then private.is_instant(v_value)
      when 'not_contacted_since' then private.is_instant(v_value)
    end) is not true then
      perform private.fail(
        400, 'invalid_request', format('Cannot find contacts: %s is not known, or malformed', v_name), 'filter.' || v_name,
        'Lists of texts: labels_any, labels_all, labels_none, tags_any. Of UUIDs: contact_ids. Times of ISO 8601 with an offset: created_after, created_before, not_contacted_since. A channel: conversation_channel. An object: attributes'
      );
    end if;
  end loop;
end;
$$;
comment on function private.check_audience(jsonb) is 'Refuses a filter of contacts that says something unknown.';
revoke execute on function private.check_audience(jsonb) from public, anon, authenticated;

create function private.is_text_list(value jsonb)
returns boolean language sql immutable set search_path = ''
as $$
  select jsonb_typeof(is_text_list.value) = 'array' and is_text_list.value <> '[]'
    and not jsonb_path_exists(is_text_list.value, '$[*] ? (@.type() <> "string")');
$$;
comment on function private.is_text_list(jsonb) is 'Whether it is a list of texts with something in it.';
revoke execute on function private.is_text_list(jsonb) from public, anon, authenticated;

-- Definer: nobody holds a write grant on recipients.
create function private.add_campaign_contacts(campaign_id uuid, filter jsonb)
returns table (added_count integer, duplicate_count integer, opted_out_count integer, without_address_count integer)
language plpgsql security definer set search_path = ''
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  v_campaign public.campaigns;
  v_kind text;
  v_filter jsonb := coalesce(add_campaign_contacts.filter, '{}');
  v_found integer;
  v_reachable integer;
  v_added integer;
  v_opted_out integer;
begin
  v_campaign := private.lock_campaign(
    add_campaign_contacts.campaign_id, 'add contacts to the campaign', '{draft,scheduled}'
  );
  perform private.check_audience(v_filter);
  v_kind := case when v_campaign.channel = 'email' then 'email' else 'phone' end;

  with found as materialized (
    select c.id
    from public.contacts as c
    where c.workspace_id = v_campaign.workspace_id
      and (not v_filter ? 'contact_ids' or c.id = any (array(
        select u.id::uuid from jsonb_array_elements_text(v_filter -> 'contact_ids') as u (id)
      )))
      and (not v_filter ? 'labels_any' or c.labels && private.text_list(v_filter -> 'labels_any'))
      and (not v_filter ? 'labels_all' or c.labels @> private.text_list(v_filter -> 'labels_all'))
      and (not v_filter ? 'labels_none' or not c.labels && private.text_list(v_filter -> 'labels_none'))
      and (not v_filter ? 'attributes' or c.attributes @> (v_filter -> 'attributes'))
      and (not v_filter ? 'created_after' or c.created_at >= (v_filter ->> 'created_after')::timestamptz)
      and (not v_filter ? 'created_before' or c.created_at < (v_filter ->> 'created_before')::timestamptz)
      and (not v_filter ? 'conversation_channel' or exists (
        select from public.conversations as t
        where t.workspace_id = v_campaign.workspace_id and t.contact_id = c.id
          and t.channel = v_filter ->> 'conversation_channel'
      ))
      and (not v_filter ? 'tags_any' or exists (
        select from public.conversations as t
        where t.workspace_id = v_campaign.workspace_id and t.contact_id = c.id
          and t.tags && private.text_list(v_filter -> 'tags_any')
      ))
      and (not v_filter ? 'not_contacted_since' or not exists (
        select from public.conversations as t
        join public.conversation_messages as m
          on m.workspace_id = t.workspace_id and m.conversation_id = t.id and m.direction = 'outbound'
          and m.created_at >= (v_filter ->> 'not_contacted_since')::timestamptz
        where t.workspace_id = v_campaign.workspace_id and t.contact_id = c.id
      ))
  ),
  -- One message per person: to the address that was known first. Names and short codes cannot be written to.
  reachable as materialized (
    select distinct on (a.contact_id) a.contact_id, a.address
    from found as f
    join public.contact_addresses as a on a.workspace_id = v_campaign.workspace_id and a.contact_id = f.id
    where a.kind = v_kind
      and case v_kind when 'email' then private.is_mailbox(a.address) else a.address ~ '^\+[1-9][0-9]{6,14}$' end
    order by a.contact_id, a.created_at, a.address
  ),
  stored as (
    insert into public.campaign_recipients (campaign_id, address, workspace_id, contact_id, status, skip_reason)
    select
      v_campaign.id, w.address, v_campaign.workspace_id, w.contact_id,
      case when o.id is null then 'pending' else 'skipped' end,
      case when o.id is not null then 'recipient_opted_out' end
    from reachable as w
    left join lateral (
      select o.id from public.opt_outs as o
      where o.workspace_id = v_campaign.workspace_id and o.kind = v_kind and o.address = w.address
        and o.ended_at is null
      limit 1
    ) as o on true
    left join lateral (
      select r.address from public.campaign_recipients as r
      where r.campaign_id = v_campaign.id and r.address = w.address
      limit 1
    ) as r on v_campaign.recipient_count > 0
    where r.address is null
    order by w.address
    returning skip_reason
  )
  select
    (select count(*) from found), (select count(*) from reachable), (select count(*) from stored),
    (select count(*) from stored as s where s.skip_reason is not null)
  into v_found, v_reachable, v_added, v_opted_out;

  perform private.count_campaign_recipients(v_campaign.id, v_added, v_reachable - v_added);
  update public.campaigns as c set audience = v_filter where c.id = v_campaign.id;
  return query select v_added, v_reachable - v_added, v_opted_out, v_found - v_reachable;
end;
$$;
comment on function private.add_campaign_contacts(uuid, jsonb) is 'Does the work of public.add_campaign_contacts.';
revoke execute on function private.add_campaign_contacts(uuid, jsonb) from public, anon;
grant execute on function private.add_campaign_contacts(uuid, jsonb) to authenticated;

create function public.add_campaign_contacts(campaign_id uuid, filter jsonb default '{}')
returns table (added_count integer, duplicate_count integer, opted_out_count integer, without_address_count integer)
language sql set search_path = ''
as $$
  select * from private.add_campaign_contacts(add_campaign_contacts.campaign_id, add_campaign_contacts.filter);
$$;
comment on function public.add_campaign_contacts(uuid, jsonb) is
  'Adds the contacts that a filter finds to a draft, all of its conditions at once: contact_ids, labels_any, labels_all, labels_none, tags_any (of a conversation), attributes (contained), conversation_channel, created_after, created_before, not_contacted_since; {} is everybody. What is filled in for them is read when they are queued: name, first_name and their attributes. Owners and admins. Errors: 400, 403, 404, 409, 422.';
revoke execute on function public.add_campaign_contacts(uuid, jsonb) from public, anon;
grant execute on function public.add_campaign_contacts(uuid, jsonb) to authenticated;

-- Definer: as above.
create function private.clear_campaign_recipients(campaign_id uuid)
returns integer language plpgsql security definer set search_path = ''
as $$
declare
  v_campaign public.campaigns;
  v_count integer;
begin
  v_campaign := private.lock_campaign(
    clear_campaign_recipients.campaign_id, 'remove the recipients', '{draft,scheduled}'
  );
  delete from public.campaign_recipients as r where r.campaign_id = v_campaign.id;
  get diagnostics v_count = row_count;
  delete from public.campaign_row_errors as e where e.campaign_id = v_campaign.id;
  update public.campaigns as c
  set
    recipient_count = 0, duplicate_count = 0, audience = '{}', status = 'draft', checked_at = null, estimated_at = null,
    estimated_segment_count = null, estimated_cost = null
  where c.id = v_campaign.id;
  return v_count;
end;
$$;
comment on function private.clear_campaign_recipients(uuid) is 'Does the work of public.clear_campaign_recipients.';
revoke execute on function private.clear_campaign_recipients(uuid) from public, anon;
grant execute on function private.clear_campaign_recipients(uuid) to authenticated;

create function public.clear_campaign_recipients(campaign_id uuid)
returns integer language sql set search_path = ''
as $$
  select private.clear_campaign_recipients(clear_campaign_recipients.campaign_id);
$$;
comment on function public.clear_campaign_recipients(uuid) is
  'Removes the recipients of a campaign that is not started, and what is known of its rows; returns how many they were. Owners and admins. Errors: 403, 404, 409.';
revoke execute on function public.clear_campaign_recipients(uuid) from public, anon;
grant execute on function public.clear_campaign_recipients(uuid) to authenticated;
