-- What the fields of a campaign may be.

create function private.refuse_campaign(field text, reason text, hint text default null)
returns void language plpgsql set search_path = ''
as $$
begin
  perform private.fail(
    400, 'invalid_request', 'Cannot take the campaign: ' || refuse_campaign.reason, refuse_campaign.field,
    refuse_campaign.hint
  );
end;
$$;
comment on function private.refuse_campaign(text, text, text) is 'Refuses a campaign that cannot be: 400 with the field.';
revoke execute on function private.refuse_campaign(text, text, text) from public, anon, authenticated;

create function private.is_instant(value jsonb)
returns boolean language sql stable set search_path = ''
as $$
  -- An instant needs an offset, lest the session's time zone decide.
  select is_instant.value #>> '{}' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$'
    and pg_input_is_valid(is_instant.value #>> '{}', 'timestamptz');
$$;
comment on function private.is_instant(jsonb) is 'Whether it is a time of ISO 8601 with an offset.';
revoke execute on function private.is_instant(jsonb) from public, anon, authenticated;

create function private.write_campaign_fields(campaign public.campaigns, given jsonb)
returns public.campaigns language plpgsql stable set search_path = ''
as $$
declare
  v_campaign public.campaigns := write_campaign_fields.campaign;
  v_given jsonb := write_campaign_fields.given;
  v_name text;
  v_template jsonb;
begin
  if jsonb_typeof(v_given) is distinct from 'object' then
    perform private.refuse_campaign('campaign', 'it is not an object');
  end if;
  select k.name into v_name from jsonb_object_keys(v_given) as k (name)
  where k.name not in (
    'name', 'channel', 'body', 'subject', 'template', 'variables', 'phone_number_id', 'email_sender_id', 'from_address',
    'default_country', 'scheduled_at', 'idempotency_key'
  );
  if found then
    perform private.refuse_campaign(v_name, v_name || ' is not a known field');
  end if;
  select k.name into v_name from jsonb_each(v_given) as k (name, value)
  where jsonb_typeof(k.value) not in ('string', 'null') and k.name not in ('template', 'variables');
  if found then
    perform private.refuse_campaign(v_name, v_name || ' is not a text');
  end if;

  if v_given ? 'name' then
    v_campaign.name := trim(v_given ->> 'name');
  end if;
  if (char_length(v_campaign.name) between 1 and 200) is not true then
    perform private.refuse_campaign('name', 'the name needs 1 to 200 characters');
  end if;
  if v_given ? 'channel' then
    v_campaign.channel := v_given ->> 'channel';
  end if;
  v_campaign.channel := coalesce(v_campaign.channel, 'sms');
  if v_campaign.channel not in ('sms', 'whatsapp', 'email') then
    perform private.refuse_campaign('channel', 'the channel is none of sms, whatsapp and email');
  end if;

  if v_given ? 'body' then
    v_campaign.body := v_given ->> 'body';
    if v_campaign.body is not null then
      v_campaign.template_id := null;
    end if;
  end if;
  if v_given ? 'subject' then
    v_campaign.subject := v_given ->> 'subject';
  end if;
  if v_given ? 'variables' then
    v_campaign.variables := coalesce(nullif(v_given -> 'variables', 'null'), '{}');
  end if;
  v_template := nullif(v_given -> 'template', 'null');
  if v_template is not null then
    if v_given ->> 'body' is not null then
      perform private.refuse_campaign('template', 'it has a body and a template', 'Give one of them');
    end if;
    if jsonb_typeof(v_template) <> 'object' or private.as_uuid(v_template ->> 'template_id') is null then
      perform private.refuse_campaign('template.template_id', 'the template is not named by its id');
    end if;
    v_campaign.body := null;
    v_campaign.template_id := private.as_uuid(v_template ->> 'template_id');
    if v_template ? 'variables' then
      v_campaign.variables := coalesce(nullif(v_template -> 'variables', 'null'), '{}');
    end if;
    if not exists (
      select from public.message_templates as t
      where t.workspace_id = v_campaign.workspace_id and t.id = v_campaign.template_id
        and t.channel = v_campaign.channel and t.is_active
    ) then
      perform private.refuse_campaign('template.template_id', 'there is no active template of its channel by this id');
    end if;
  elsif v_given ? 'template' then
    v_campaign.template_id := null;
  end if;
  if char_length(v_campaign.body) not between 1 and (
    case v_campaign.channel when 'sms' then 1600 when 'whatsapp' then 4096 else 100000 end
  ) then
    perform private.refuse_campaign('body', 'the body is empty, or longer than the channel carries');
  end if;
  if v_campaign.subject is not null and (
    v_campaign.channel <> 'email' or char_length(v_campaign.subject) not between 1 and 998
    or v_campaign.subject ~ '[[:cntrl:]]'
  ) then
    perform private.refuse_campaign('subject', 'only an e-mail has a subject, of one line of up to 998 characters');
  end if;
  if jsonb_typeof(v_campaign.variables) <> 'object'
    or jsonb_path_exists(v_campaign.variables, '$.* ? (@.type() <> "string")')
    or pg_column_size(v_campaign.variables) > 8192
  then
    perform private.refuse_campaign('variables', 'the variables are not an object of texts, of up to 8 kB');
  end if;

  if v_given ? 'phone_number_id' then
    v_campaign.phone_number_id := private.as_uuid(v_given ->> 'phone_number_id');
    if v_given ->> 'phone_number_id' is not null and (v_campaign.channel = 'email' or not exists (
      select from public.phone_numbers as p
      where p.workspace_id = v_campaign.workspace_id and p.id = v_campaign.phone_number_id and p.owner_user_id is null
    )) then
      perform private.refuse_campaign('phone_number_id', 'it is not a number of the workspace for this channel');
    end if;
  end if;
  if v_given ? 'from_address' then
    v_campaign.from_address := lower(trim(v_given ->> 'from_address'));
  end if;
  if v_given ->> 'email_sender_id' is not null then
    select e.email_address into v_campaign.from_address from public.email_senders as e
    where e.workspace_id = v_campaign.workspace_id and e.id = private.as_uuid(v_given ->> 'email_sender_id')
      and e.owner_user_id is null;
    if not found then
      perform private.refuse_campaign('email_sender_id', 'it is not an e-mail sender of the workspace');
    elsif v_campaign.from_address like '*@%' then
      perform private.refuse_campaign(
        'email_sender_id', 'a whole domain is the sender', 'Give an address of it as from_address'
      );
    end if;
  end if;
  if v_campaign.from_address is not null and (v_campaign.channel <> 'email' or not exists (
    select from public.email_senders as e
    where e.workspace_id = v_campaign.workspace_id and e.owner_user_id is null
      and e.email_address in (v_campaign.from_address, '*@' || split_part(v_campaign.from_address, '@', 2))
      and private.is_mailbox(v_campaign.from_address)
  )) then
    perform private.refuse_campaign('from_address', 'it is not an e-mail sender of the workspace');
  end if;
  if v_campaign.phone_number_id is not null and v_campaign.channel = 'email' then
    perform private.refuse_campaign('phone_number_id', 'an e-mail does not come from a number');
  end if;

  if v_given ? 'default_country' then
    v_campaign.default_country := v_given ->> 'default_country';
    if v_campaign.default_country !~ '^[A-Z]{2}$' then
      perform private.refuse_campaign('default_country', 'the country is not one of ISO 3166', 'Write it as US');
    end if;
  end if;
  if v_given ? 'scheduled_at' then
    if v_given ->> 'scheduled_at' is not null and not private.is_instant(v_given -> 'scheduled_at') then
      perform private.refuse_campaign(
        'scheduled_at', 'the time is not one of ISO 8601 with an offset', 'Write it as 2026-12-01T09:00:00Z'
      );
    end if;
    v_campaign.scheduled_at := (v_given ->> 'scheduled_at')::timestamptz;
  end if;
  return v_campaign;
end;
$$;
comment on function private.write_campaign_fields(public.campaigns, jsonb) is
  'A campaign with the fields that are given changed; refuses what cannot be.';
revoke execute on function private.write_campaign_fields(public.campaigns, jsonb) from public, anon, authenticated;
