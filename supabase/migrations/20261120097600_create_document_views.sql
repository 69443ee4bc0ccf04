-- Names that existing code asks for, over the tables that hold the data now. No view shows a secret, and
-- each sees what its caller may see.

create view public.workspace_integrations with (security_invoker = true) as
select
  c.id, c.workspace_id, c.provider as provider_type, c.status = 'active' as is_active, c.created_at, c.updated_at,
  c.created_by, c.settings
from public.connections as c
where c.workspace_id is not null and c.owner_user_id is null;
comment on view public.workspace_integrations is 'The connections of a workspace itself.';

create view public.integration_phone_numbers with (security_invoker = true) as
select
  p.id, p.connection_id as integration_id, p.phone_number, p.friendly_name, p.capabilities, p.is_default, p.status,
  p.created_at, p.updated_at
from public.phone_numbers as p;
comment on view public.integration_phone_numbers is 'The phone numbers of connections.';

create view public.workspace_communication_settings with (security_invoker = true) as
select
  w.id, w.id as workspace_id, w.communication_mode as mode,
  e.provider as email_provider, e.email_address as email_from_address,
  s.external_account_id as signalwire_project_id, s.settings ->> 'space_url' as signalwire_space_url,
  s.phone_number as signalwire_phone_number, s.whatsapp_number as signalwire_whatsapp_number,
  w.created_at, w.updated_at
from public.workspaces as w
left join lateral (
  select e.provider, e.email_address from public.email_senders as e
  where e.workspace_id = w.id and e.owner_user_id is null and e.status = 'active'
  order by e.is_default desc, e.created_at, e.id
  limit 1
) as e on true
left join lateral (
  select
    c.external_account_id, c.settings,
    (
      select p.phone_number from public.phone_numbers as p
      where p.connection_id = c.id and p.status = 'active'
      order by p.is_default desc, p.created_at, p.phone_number
      limit 1
    ) as phone_number,
    (
      select p.phone_number from public.phone_numbers as p
      where p.connection_id = c.id and p.status = 'active' and (p.capabilities ->> 'whatsapp')::boolean
      order by p.is_default desc, p.created_at, p.phone_number
      limit 1
    ) as whatsapp_number
  from public.connections as c
  where c.workspace_id = w.id and c.owner_user_id is null and c.provider = 'signalwire' and c.status = 'active'
  order by c.priority, c.created_at, c.id
  limit 1
) as s on true;
comment on view public.workspace_communication_settings is
  'What a workspace sends with: its mode, its first e-mail sender and its SignalWire account.';

create view public.user_oauth_connections with (security_invoker = true) as
select
  c.id, c.owner_user_id as user_id, p.id as oauth_provider_id, c.display_name as connection_name,
  c.external_account_id as external_username, c.status as connection_status, c.settings as connection_metadata,
  c.created_at, c.updated_at
from public.connections as c
join public.service_providers as p on p.name = c.provider
where c.owner_user_id is not null;
comment on view public.user_oauth_connections is 'The personal connections of the caller.';

create view public.clicksend_connections with (security_invoker = true) as
select
  u.id, u.user_id, u.connection_name, u.connection_status, u.connection_metadata, u.external_username, u.created_at,
  u.updated_at, p.display_name as provider_name, p.configuration_metadata as provider_config
from public.user_oauth_connections as u
join public.service_providers as p on p.id = u.oauth_provider_id
where p.name = 'clicksend_sms' and u.connection_status = 'active';
comment on view public.clicksend_connections is 'The caller''s own active ClickSend connections, with what the catalogue says of it.';

create view public.twilio_whatsapp_connections with (security_invoker = true) as
select
  p.id, p.workspace_id as organization_id, c.external_account_id as twilio_account_sid,
  p.phone_number as whatsapp_number, p.external_id as whatsapp_number_sid, p.friendly_name,
  p.status = 'active' as is_active, p.webhook_configured, p.last_verified_at, p.created_at, p.updated_at
from public.phone_numbers as p
join public.connections as c on c.id = p.connection_id
where p.provider = 'twilio' and (p.capabilities ->> 'whatsapp')::boolean;
comment on view public.twilio_whatsapp_connections is 'The WhatsApp numbers of Twilio connections.';

create view public.twilio_whatsapp_webhook_events with (security_invoker = true) as
select
  e.id, m.phone_number_id as connection_id, e.external_id as message_sid, e.kind as event_type,
  encode(sha256(convert_to(e.body, 'UTF8')), 'hex') as payload_hash, e.processed_at,
  case e.state when 'processed' then 'processed' when 'received' then 'pending' else 'failed' end as status,
  e.reason as error_message, e.received_at as created_at
from public.webhook_events as e
join public.connections as c on c.id = e.connection_id
left join public.conversation_messages as m on m.id = e.message_id
left join public.conversations as t on t.id = m.conversation_id
where c.provider = 'twilio' and e.kind in ('message', 'status')
  and coalesce(t.channel, e.event ->> 'channel') = 'whatsapp';
comment on view public.twilio_whatsapp_webhook_events is
  'What Twilio told us of WhatsApp messages, a row per status: delivered is kept after sent.';

revoke all on
  public.workspace_integrations, public.integration_phone_numbers, public.workspace_communication_settings,
  public.user_oauth_connections, public.clicksend_connections, public.twilio_whatsapp_connections,
  public.twilio_whatsapp_webhook_events
  from anon, authenticated, service_role;
grant select on
  public.workspace_integrations, public.integration_phone_numbers, public.workspace_communication_settings,
  public.user_oauth_connections, public.clicksend_connections, public.twilio_whatsapp_connections,
  public.twilio_whatsapp_webhook_events
  to authenticated, service_role;
