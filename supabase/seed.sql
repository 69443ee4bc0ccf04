-- A small world for development: two workspaces and the people of the demo. Production needs none of it.
-- Everybody's password is switchboard-demo.

do $$
declare
  v_people jsonb;
  v_columns text;
begin
  select jsonb_agg(jsonb_build_object(
    'id', p.id,
    'instance_id', '00000000-0000-0000-0000-000000000000',
    'aud', 'authenticated',
    'role', 'authenticated',
    'email', p.email,
    'encrypted_password', extensions.crypt('switchboard-demo', extensions.gen_salt('bf', 10)),
    'email_confirmed_at', now(),
    'raw_app_meta_data', '{"provider": "email", "providers": ["email"]}'::jsonb,
    'raw_user_meta_data', jsonb_build_object('display_name', p.display_name),
    'is_sso_user', false,
    'is_anonymous', false,
    'email_change_confirm_status', 0,
    'confirmation_token', '',
    'recovery_token', '',
    'email_change_token_new', '',
    'email_change', '',
    'created_at', now(),
    'updated_at', now()
  ))
  into v_people
  from (values
    ('5eed0000-0000-4000-8000-000000000001'::uuid, 'owner@example.com', 'Owner'),
    ('5eed0000-0000-4000-8000-000000000002'::uuid, 'admin@example.com', 'Admin'),
    ('5eed0000-0000-4000-8000-000000000003'::uuid, 'member@example.com', 'Member'),
    ('5eed0000-0000-4000-8000-000000000004'::uuid, 'stranger@example.com', 'Stranger')
  ) as p (id, email, display_name);

  -- Auth's tables differ between its versions: only the columns that are there are filled.
  select string_agg(quote_ident(c.column_name), ', ') into v_columns
  from information_schema.columns as c
  where c.table_schema = 'auth' and c.table_name = 'users' and c.is_generated = 'NEVER'
    and v_people -> 0 ? c.column_name;
  execute format(
    'insert into auth.users (%1$s) select %1$s from jsonb_populate_recordset(null::auth.users, $1) on conflict do nothing',
    v_columns
  ) using v_people;

  insert into auth.identities (id, user_id, provider_id, provider, identity_data, last_sign_in_at, created_at, updated_at)
  select u.id, u.id, u.id::text, 'email', jsonb_build_object('sub', u.id, 'email', u.email), now(), now(), now()
  from auth.users as u
  where u.id::text like '5eed0000-%'
  on conflict do nothing;
end;
$$;

insert into public.workspaces (id, slug, name, timezone)
values
  ('5eed0000-0000-4000-8000-000000000011', 'acme-dental', 'Acme Dental', 'America/Chicago'),
  ('5eed0000-0000-4000-8000-000000000012', 'birch-bakery', 'Birch Bakery', 'Europe/Berlin')
on conflict do nothing;

insert into public.workspace_members (workspace_id, user_id, role)
select w.id, u.id, m.role
from (values
  ('acme-dental', 'owner@example.com', 'owner'),
  ('acme-dental', 'admin@example.com', 'admin'),
  ('acme-dental', 'member@example.com', 'member'),
  ('birch-bakery', 'stranger@example.com', 'owner')
) as m (slug, email, role)
join public.workspaces as w on w.slug = m.slug
join auth.users as u on u.email = m.email
on conflict do nothing;

-- What follows has readable ids: 5eed0000-0000-4000-8000-<12 digits>.
create or replace function pg_temp.seed_id(digits text)
returns uuid language sql immutable
as $$ select ('5eed0000-0000-4000-8000-' || lpad(digits, 12, '0'))::uuid $$;

-- Connections, stored as the edge function stores them: the secrets go to Vault. The first is the demo account of
-- the simulator, so that one can send at once; its numbers receive once their webhooks are set, as connecting it
-- again does (`task demo`). The simulator knows nothing of the other two: they are there to be looked at.
with accounts as materialized (
  select w.id as workspace_id, u.id as admin_id, a.*
  from (values
    (
      'twilio', 'AC' || repeat('de', 16), 'Acme Twilio', repeat('d0', 16),
      jsonb_build_object('account_sid', 'AC' || repeat('de', 16), 'auth_token', repeat('d0', 16)),
      '[{
        "phone_number": "+14155550100", "external_id": "PNdededededededededededededededede00", "status": "active",
        "friendly_name": "Front desk", "capabilities": {"sms": true, "mms": true, "voice": true, "whatsapp": false}
      }, {
        "phone_number": "+14155550101", "external_id": "PNdededededededededededededededede01", "status": "active",
        "friendly_name": "Recalls", "capabilities": {"sms": true, "mms": false, "voice": false, "whatsapp": false}
      }]'::jsonb
    ),
    (
      'twilio', 'AC' || repeat('5eed', 8), 'Acme WhatsApp', repeat('d1', 16),
      jsonb_build_object('account_sid', 'AC' || repeat('5eed', 8), 'auth_token', repeat('d1', 16)),
      '[{
        "phone_number": "+14155550102", "external_id": "PN5eed5eed5eed5eed5eed5eed5eed5eed", "status": "active",
        "friendly_name": "WhatsApp", "capabilities": {"sms": false, "mms": false, "voice": false, "whatsapp": true}
      }]'
    ),
    (
      'resend', 'acme-dental.example', 'Acme Resend', 'whsec_d29ydGggbm90aGluZyBhbnl3aGVyZQ==',
      '{"api_key": "re_worth_nothing_anywhere", "from_address": "desk@acme-dental.example"}', '[]'
    )
  ) as a (provider, external_account_id, display_name, webhook_secret, credentials, numbers)
  join public.workspaces as w on w.id = pg_temp.seed_id('11')
  join auth.users as u on u.email = 'admin@example.com'
  where not exists (
    select from public.connections as c
    where c.workspace_id = w.id and c.owner_user_id is null and c.provider = a.provider
      and c.external_account_id = a.external_account_id
  )
)
select count(*)
from accounts as a
cross join lateral public.store_connection(
  a.admin_id, a.workspace_id, a.provider, a.external_account_id, a.display_name, a.credentials, private.new_token(),
  a.webhook_secret, a.numbers
);

insert into public.email_senders (
  id, workspace_id, connection_id, provider, email_address, display_name, is_default, status, last_verified_at
)
select
  pg_temp.seed_id('27'), c.workspace_id, c.id, c.provider, 'desk@acme-dental.example', 'Acme Dental', true, 'active', now()
from public.connections as c
where c.workspace_id = pg_temp.seed_id('11') and c.external_account_id = 'acme-dental.example'
on conflict do nothing;

insert into public.routing_policies (id, workspace_id, channel)
values (pg_temp.seed_id('28'), pg_temp.seed_id('11'), 'sms')
on conflict do nothing;

insert into public.routing_policy_steps (id, workspace_id, routing_policy_id, position, connection_id)
select pg_temp.seed_id('29'), r.workspace_id, r.id, 1, p.connection_id
from public.routing_policies as r
join public.phone_numbers as p on p.workspace_id = r.workspace_id and p.is_default
where r.id = pg_temp.seed_id('28')
  and not exists (select from public.routing_policy_steps as s where s.routing_policy_id = r.id);

-- The agent: the admin lets it text through Twilio, inside its guardrails.
do $$
begin
  insert into public.agents (id, workspace_id, name, description, created_by)
  values (
    pg_temp.seed_id('31'), pg_temp.seed_id('11'), 'Receptionist', 'Answers new patients and offers them a time.',
    pg_temp.seed_id('2')
  )
  on conflict do nothing;
  if not found then
    return;
  end if;
  update public.agent_guardrails as g
  set allowed_channels = '{sms}', messages_per_hour = 20, messages_per_day = 100, spend_per_day = 5
  where g.agent_id = pg_temp.seed_id('31');
  perform set_config(
    'request.jwt.claims', jsonb_build_object('role', 'authenticated', 'sub', pg_temp.seed_id('2'))::text, true
  );
  perform public.grant_agent_permission(pg_temp.seed_id('31'), p.connection_id, '{sms}')
  from public.phone_numbers as p
  where p.workspace_id = pg_temp.seed_id('11') and p.is_default;
  perform set_config('request.jwt.claims', '', true);
end;
$$;

insert into public.phone_number_assignments (workspace_id, phone_number_id, user_id, agent_id, created_by)
select p.workspace_id, p.id, a.user_id, a.agent_id, pg_temp.seed_id('2')
from (values
  ('+14155550101', pg_temp.seed_id('3'), null),
  ('+14155550100', null, pg_temp.seed_id('31'))
) as a (phone_number, user_id, agent_id)
join public.phone_numbers as p
  on p.workspace_id = pg_temp.seed_id('11') and p.owner_user_id is null and p.phone_number = a.phone_number
on conflict do nothing;

-- The team among itself.
insert into public.team_channels (id, workspace_id, name, description, created_by)
values (
  pg_temp.seed_id('41'), pg_temp.seed_id('11'), 'front-desk', 'Whoever sits at the desk takes what is assigned here.',
  pg_temp.seed_id('2')
)
on conflict do nothing;

insert into public.team_channel_members (workspace_id, team_channel_id, user_id)
select t.workspace_id, t.id, m.user_id
from public.team_channels as t
join public.workspace_members as m on m.workspace_id = t.workspace_id and m.role <> 'owner'
where t.id = pg_temp.seed_id('41')
on conflict do nothing;

insert into public.team_messages (id, workspace_id, team_channel_id, sender_id, body, created_at)
select pg_temp.seed_id(s.id), t.workspace_id, t.id, u.id, s.body, now() - s.age::interval
from (values
  ('42', 'admin', '2 hours 50 minutes', 'Tom asks for Saturday at 10. Is the second chair free?'),
  ('43', 'member', '2 hours 40 minutes', 'It is. I will answer him after lunch.'),
  ('44', 'admin', '2 hours 39 minutes', 'Thank you!')
) as s (id, author, age, body)
join public.team_channels as t on t.id = pg_temp.seed_id('41')
join auth.users as u on u.email = s.author || '@example.com'
on conflict do nothing;

-- The people on the other side. Maria is a contact of both workspaces, and neither knows of the other.
insert into public.contacts (id, workspace_id, display_name, labels, created_at)
select pg_temp.seed_id(s.id), w.id, s.display_name, s.labels::text[], now() - interval '60 days'
from (values
  ('51', 'acme-dental', 'Maria Lopez', '{patient,family}'),
  ('52', 'acme-dental', 'Tom Becker', '{patient}'),
  ('53', 'acme-dental', 'Sam Okafor', '{patient}'),
  ('54', 'acme-dental', 'Priya Shah', '{new_patient}'),
  ('55', 'acme-dental', 'Lena Hoff', '{}'),
  ('56', 'acme-dental', null, '{}'),
  ('57', 'birch-bakery', 'Maria Lopez', '{regular}')
) as s (id, slug, display_name, labels)
join public.workspaces as w on w.slug = s.slug
on conflict do nothing;

insert into public.contact_addresses (workspace_id, contact_id, kind, address, created_at)
select c.workspace_id, c.id, case when s.address like '%@%' then 'email' else 'phone' end, s.address, c.created_at
from (values
  ('51', '{+13125550111,+13125550119,maria.lopez@example.com}'),
  ('52', '{+13125550112,tom.becker@example.com}'),
  ('53', '{+13125550113}'),
  ('54', '{+13125550114,priya.shah@example.com}'),
  ('55', '{lena.hoff@example.com}'),
  ('56', '{+13125550116}'),
  ('57', '{+13125550111,maria.lopez@example.com}')
) as k (contact, addresses)
join public.contacts as c on c.id = pg_temp.seed_id(k.contact)
cross join lateral unnest(k.addresses::text[]) as s (address)
on conflict do nothing;

-- Conversations on every channel, kept by the member (3), the admin (2), the team channel (41), the agent (31) or
-- nobody. What the messages decide is filled in after them.
insert into public.conversations (
  id, workspace_id, contact_id, channel, contact_address, phone_number_id, email_sender_id, status, subject, is_unread,
  is_starred, assigned_to, team_channel_id, agent_id
)
select
  pg_temp.seed_id(s.id), c.workspace_id, c.id, s.channel, s.contact_address, p.id, e.id, s.status, s.subject,
  s.mark = 'unread', s.mark = 'starred', m.user_id, t.id, a.id
from (values
  ('61', '51', 'sms', '+13125550111', '+14155550100', 'active', null, 'starred', '3'),
  ('62', '52', 'sms', '+13125550112', '+14155550100', 'active', null, 'unread', '41'),
  ('63', '53', 'sms', '+13125550113', '+14155550100', 'closed', null, '', ''),
  ('64', '54', 'sms', '+13125550114', '+14155550100', 'active', null, '', '31'),
  ('65', '56', 'sms', '+13125550116', '+14155550101', 'active', null, '', '3'),
  ('66', '54', 'whatsapp', '+13125550114', '+14155550102', 'archived', null, '', ''),
  ('67', '51', 'email', 'maria.lopez@example.com', 'desk@acme-dental.example', 'active', 'Your treatment plan', '', '2'),
  ('68', '52', 'call', '+13125550112', '+14155550100', 'closed', null, '', ''),
  ('69', '55', 'live_chat', 'lena.hoff@example.com', null, 'active', null, 'unread', '41'),
  ('70', '57', 'live_chat', 'maria.lopez@example.com', null, 'active', null, '', '')
) as s (id, contact, channel, contact_address, sender, status, subject, mark, keeper)
join public.contacts as c on c.id = pg_temp.seed_id(s.contact)
left join public.phone_numbers as p
  on p.workspace_id = c.workspace_id and p.owner_user_id is null and p.phone_number = s.sender
left join public.email_senders as e on e.workspace_id = c.workspace_id and e.email_address = s.sender
left join public.workspace_members as m on m.workspace_id = c.workspace_id and m.user_id = pg_temp.seed_id(s.keeper)
left join public.team_channels as t on t.workspace_id = c.workspace_id and t.id = pg_temp.seed_id(s.keeper)
left join public.agents as a on a.workspace_id = c.workspace_id and a.id = pg_temp.seed_id(s.keeper)
on conflict do nothing;

-- What was said. As rows, not through enqueue_messages: a running dispatcher would really send it.
insert into public.conversation_messages (
  id, workspace_id, conversation_id, direction, status, body, sender_id, agent_id, from_address, to_address,
  phone_number_id, email_sender_id, external_id, error_code, error_message, created_at, sent_at, delivered_at, read_at
)
select
  pg_temp.seed_id(s.id), t.workspace_id, t.id, case when i.is_inbound then 'inbound' else 'outbound' end, s.status,
  s.body, u.id, a.id,
  case when i.is_inbound then t.contact_address else i.own_address end,
  case when i.is_inbound then i.own_address else t.contact_address end,
  t.phone_number_id, t.email_sender_id,
  case when i.is_inbound then md5(s.id) end,
  case when s.status = 'failed' then 'invalid_recipient' end,
  case when s.status = 'failed' then 'The number is a landline' end,
  i.created_at,
  case when i.has_arrived then i.created_at + interval '1 second' end,
  case when i.has_arrived then i.created_at + interval '3 seconds' end,
  case when s.status = 'read' then i.created_at + interval '2 minutes' end
from (values
  ('101', '61', '12 days', 'delivered', 'member', 'Hi Maria, this is Acme Dental. Shall we book your check-up?'),
  ('102', '61', '11 days 23 hours', 'received', null, 'Yes please. Thursday afternoon?'),
  ('103', '61', '11 days 22 hours', 'delivered', 'member', 'Thursday at 3 pm is yours.'),
  ('104', '61', '5 days', 'delivered', 'admin', 'Hi Maria, we are now open on Saturdays too. Reply STOP to opt out.'),
  ('105', '61', '2 days', 'received', null, 'This is the X-ray from my last dentist.'),
  ('106', '61', '1 day 23 hours', 'delivered', 'member', 'Thank you, we have put it into your file.'),
  ('107', '62', '5 days', 'delivered', 'admin', 'Hi Tom, we are now open on Saturdays too. Reply STOP to opt out.'),
  ('108', '62', '3 hours', 'received', null, 'Great! Could I come this Saturday at 10?'),
  ('109', '63', '20 days', 'delivered', 'member', 'Your appointment is tomorrow at 9 am. Reply STOP to opt out.'),
  ('110', '63', '19 days 20 hours', 'received', null, 'STOP'),
  ('111', '64', '26 hours', 'received', null, 'Hi, are you taking new patients?'),
  ('112', '64', '25 hours 59 minutes', 'delivered', 'agent', 'Hello, yes we are. Do mornings or afternoons suit you?'),
  ('113', '64', '25 hours', 'received', null, 'Mornings, please.'),
  ('114', '65', '8 days', 'failed', 'member', 'You left your umbrella at our desk.'),
  ('115', '66', '40 days', 'received', null, 'Is there parking near you?'),
  ('116', '66', '39 days 23 hours', 'read', 'member', 'Yes, behind the building.'),
  ('117', '67', '6 days', 'delivered', 'admin', 'Dear Maria, here is what we discussed, with the costs.'),
  ('118', '67', '5 days 20 hours', 'received', null, 'Thank you, I agree to all of it.'),
  ('119', '69', '30 minutes', 'received', null, 'Do you take my insurance?'),
  ('120', '70', '4 hours', 'received', null, 'Could I order two rye loaves for Friday?'),
  ('121', '70', '3 hours 50 minutes', 'delivered', 'stranger', 'Of course. They will be ready at 8.')
) as s (id, conversation, age, status, author, body)
join public.conversations as t on t.id = pg_temp.seed_id(s.conversation)
join public.workspaces as w on w.id = t.workspace_id
left join public.phone_numbers as p on p.id = t.phone_number_id
left join public.email_senders as e on e.id = t.email_sender_id
left join auth.users as u on u.email = s.author || '@example.com'
left join public.agents as a on s.author = 'agent' and a.id = pg_temp.seed_id('31')
cross join lateral (
  select
    s.status = 'received' as is_inbound, s.status in ('delivered', 'read') as has_arrived,
    now() - s.age::interval as created_at,
    coalesce(p.phone_number, e.email_address, 'https://www.' || w.slug || '.example') as own_address
) as i
on conflict do nothing;

insert into public.message_media (message_id, position, workspace_id, conversation_id, url, content_type)
select m.id, 1, m.workspace_id, m.conversation_id, 'https://media.example.com/x-ray.jpg', 'image/jpeg'
from public.conversation_messages as m
where m.id = pg_temp.seed_id('105')
on conflict do nothing;

-- How it was handed over: all but the landline was accepted, and texts were charged for.
insert into public.message_attempts (
  message_id, attempt_number, workspace_id, conversation_id, connection_id, outcome, external_id, error_code,
  error_message, provider_code, segment_count, price, price_currency, started_at, finished_at
)
select
  m.id, 1, m.workspace_id, m.conversation_id, coalesce(p.connection_id, e.connection_id), o.outcome, o.external_id,
  m.error_code, m.error_message, o.provider_code, o.segment_count, o.segment_count * 0.0083,
  case when o.segment_count > 0 then 'USD' end, m.created_at, m.created_at + interval '0.3 seconds'
from public.conversation_messages as m
left join public.phone_numbers as p on p.id = m.phone_number_id
left join public.email_senders as e on e.id = m.email_sender_id
cross join lateral (
  select 'rejected', null, '21614', null where m.status = 'failed'
  union all
  select 'accepted', md5(m.id::text), null, case when p.id is not null then 1 end where m.status <> 'failed'
) as o (outcome, external_id, provider_code, segment_count)
where m.id between pg_temp.seed_id('101') and pg_temp.seed_id('121') and m.direction = 'outbound'
  and coalesce(p.id, e.id) is not null
on conflict do nothing;

-- Calls: one that was missed, and one that was answered.
insert into public.calls (
  id, workspace_id, conversation_id, direction, status, from_address, to_address, phone_number_id, connection_id,
  external_id, duration_seconds, price, price_currency, created_at, answered_at, ended_at
)
select
  pg_temp.seed_id(s.id), t.workspace_id, t.id, 'inbound', s.status, t.contact_address, p.phone_number, p.id,
  p.connection_id, md5(s.id), s.duration_seconds, s.price, s.price_currency, i.created_at,
  i.created_at + s.answered_after::interval, i.created_at + s.ended_after::interval
from (values
  ('71', '15 days 1 hour', 'no_answer', null, null, null, null, '30 seconds'),
  ('72', '15 days', 'completed', 252, 0.0425, 'USD', '8 seconds', '260 seconds')
) as s (id, age, status, duration_seconds, price, price_currency, answered_after, ended_after)
join public.conversations as t on t.id = pg_temp.seed_id('68')
join public.phone_numbers as p on p.id = t.phone_number_id
cross join lateral (select now() - s.age::interval as created_at) as i
on conflict do nothing;

-- Whoever said STOP is not written to again, and the text that said it is the proof.
insert into public.opt_outs (id, workspace_id, kind, address, source, wording, message_id, opted_out_at)
select pg_temp.seed_id('75'), m.workspace_id, 'phone', m.from_address, 'keyword', m.body, m.id, m.created_at
from public.conversation_messages as m
where m.id = pg_temp.seed_id('110')
on conflict do nothing;

-- Chat on both websites. The visits are over: nobody holds their tokens.
insert into public.live_chat_widgets (id, workspace_id, name, allowed_origins, greeting, team_channel_id, created_by)
select
  pg_temp.seed_id(s.id), w.id, 'Website', array['https://www.' || w.slug || '.example'], 'How can we help?', t.id,
  pg_temp.seed_id(s.created_by)
from (values ('81', 'acme-dental', '2'), ('82', 'birch-bakery', '4')) as s (id, slug, created_by)
join public.workspaces as w on w.slug = s.slug
left join public.team_channels as t on t.workspace_id = w.id and t.id = pg_temp.seed_id('41')
on conflict do nothing;

insert into public.live_chat_sessions (
  id, workspace_id, widget_id, conversation_id, visitor_name, visitor_email, page_url, started_at, last_seen_at, ended_at
)
select
  pg_temp.seed_id(s.id), t.workspace_id, x.id, t.id, c.display_name, t.contact_address,
  x.allowed_origins[1] || '/contact', i.started_at, i.ended_at, i.ended_at
from (values ('83', '81', '69', '31 minutes'), ('84', '82', '70', '4 hours 1 minute')) as s (id, widget, conversation, age)
join public.live_chat_widgets as x on x.id = pg_temp.seed_id(s.widget)
join public.conversations as t on t.id = pg_temp.seed_id(s.conversation)
join public.contacts as c on c.id = t.contact_id
cross join lateral (
  select now() - s.age::interval as started_at, now() - s.age::interval + interval '15 minutes' as ended_at
) as i
on conflict do nothing;

-- A campaign that is over: two were texted, and Sam was left out.
insert into public.message_templates (id, workspace_id, name, channel, body, variables, created_by)
values (
  pg_temp.seed_id('91'), pg_temp.seed_id('11'), 'open_on_saturdays', 'sms',
  'Hi {{first_name}}, we are now open on Saturdays too. Reply STOP to opt out.',
  '[{"name": "first_name", "type": "text", "is_required": true}]', pg_temp.seed_id('2')
)
on conflict do nothing;

insert into public.campaigns (
  id, workspace_id, name, channel, status, template_id, phone_number_id, audience, recipient_count, created_by,
  created_at, started_at, ended_at
)
select
  pg_temp.seed_id('92'), l.workspace_id, 'Open on Saturdays', l.channel, 'completed', l.id, m.phone_number_id,
  '{"labels_any": ["patient"]}', 3, m.sender_id, m.created_at - interval '1 hour', m.created_at,
  m.created_at + interval '2 seconds'
from public.message_templates as l
join public.conversation_messages as m on m.workspace_id = l.workspace_id and m.id = pg_temp.seed_id('104')
where l.id = pg_temp.seed_id('91')
on conflict do nothing;

insert into public.campaign_recipients (
  campaign_id, address, workspace_id, contact_id, variables, status, skip_reason, message_id
)
select
  g.id, t.contact_address, g.workspace_id, t.contact_id,
  jsonb_build_object('first_name', split_part(c.display_name, ' ', 1)), s.status, s.skip_reason, pg_temp.seed_id(s.message)
from (values
  ('61', 'enqueued', null, '104'),
  ('62', 'enqueued', null, '107'),
  ('63', 'skipped', 'recipient_opted_out', null)
) as s (conversation, status, skip_reason, message)
join public.campaigns as g on g.id = pg_temp.seed_id('92')
join public.conversations as t on t.workspace_id = g.workspace_id and t.id = pg_temp.seed_id(s.conversation)
join public.contacts as c on c.id = t.contact_id
on conflict do nothing;

-- What follows from messages and calls: the top of each conversation, the usage, the health of the connections.
update public.conversations as t
set snippet = private.snippet_of(f.body), created_at = f.first_at, last_message_at = f.last_at
from (
  select
    x.conversation_id, min(x.created_at) as first_at, max(x.created_at) as last_at,
    (array_agg(x.body order by x.created_at desc))[1] as body
  from (
    select m.conversation_id, m.created_at, m.body from public.conversation_messages as m
    union all
    select c.conversation_id, c.created_at, '' from public.calls as c
  ) as x
  group by x.conversation_id
) as f
where t.id between pg_temp.seed_id('61') and pg_temp.seed_id('70') and t.id = f.conversation_id
  and t.last_message_at is null;

insert into public.usage_counters (workspace_id, channel, month, settled_count)
select x.workspace_id, x.channel, date_trunc('month', x.used_at at time zone 'UTC'), sum(x.used_count)
from (
  select a.workspace_id, t.channel, a.started_at, 1
  from public.message_attempts as a
  join public.conversations as t on t.id = a.conversation_id
  where a.message_id between pg_temp.seed_id('101') and pg_temp.seed_id('121') and a.outcome = 'accepted'
  union all
  select c.workspace_id, 'call', c.created_at, ceil(c.duration_seconds / 60.0)
  from public.calls as c
  where c.id = pg_temp.seed_id('72')
) as x (workspace_id, channel, used_at, used_count)
group by 1, 2, 3
on conflict do nothing;

insert into public.connection_health (connection_id, workspace_id, last_success_at)
select c.id, c.workspace_id, max(a.finished_at)
from public.message_attempts as a
join public.connections as c on c.id = a.connection_id
where a.message_id between pg_temp.seed_id('101') and pg_temp.seed_id('121') and a.outcome = 'accepted'
group by c.id
on conflict do nothing;
