-- What each provider can do for an agent: one row is one tool.
create table public.integration_capabilities (
  id uuid primary key default gen_random_uuid(),
  integration_id uuid not null references public.service_providers (id) on delete cascade,
  capability_key text not null,
  display_label text not null,
  display_order integer not null,
  required_scope text not null,
  description text not null,
  arguments_schema jsonb not null,
  is_read_only boolean not null,
  is_destructive boolean not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint integration_capabilities_key_once_per_provider unique (integration_id, capability_key),
  constraint integration_capabilities_order_once_per_provider unique (integration_id, display_order),
  constraint integration_capabilities_key_names_one_tool unique (capability_key),
  constraint integration_capabilities_key_is_plain check (capability_key ~ '^[a-z][a-z0-9_]{0,63}$'),
  constraint integration_capabilities_label_has_length check (char_length(display_label) between 1 and 60),
  constraint integration_capabilities_order_is_positive check (display_order > 0),
  constraint integration_capabilities_description_has_length check (char_length(description) between 1 and 1024),
  -- Function calling refuses, or lets a model make up, what such a schema does not close.
  constraint integration_capabilities_arguments_are_closed check (
    arguments_schema @> '{"type": "object", "additionalProperties": false}'
    and row(jsonb_typeof(arguments_schema -> 'properties'), jsonb_typeof(arguments_schema -> 'required'))
      is not distinct from row('object', 'array')
  ),
  constraint integration_capabilities_arguments_are_described check (
    not jsonb_path_exists(arguments_schema, '$.properties.* ? (!(@.description like_regex "^[^\\s]"))')
  ),
  constraint integration_capabilities_read_only_destroys_nothing check (not (is_read_only and is_destructive))
);
comment on table public.integration_capabilities is
  'What a provider can do for an agent, as tools. Filled by migrations.';
comment on column public.integration_capabilities.integration_id is 'The provider, a row of service_providers.';
comment on column public.integration_capabilities.capability_key is 'The name of the tool, such as clicksend_send_sms.';
comment on column public.integration_capabilities.required_scope is
  'What an agent must have been granted: one of the provider''s scopes_supported.';
comment on column public.integration_capabilities.description is 'Told to the model: what the tool does and when to use it.';
comment on column public.integration_capabilities.arguments_schema is
  'JSON Schema of the arguments. What is not required also takes null, as strict function calling demands.';
comment on column public.integration_capabilities.is_read_only is 'It changes nothing and costs nothing.';
comment on column public.integration_capabilities.is_destructive is
  'It cannot be undone, as a sent message cannot: clients ask a person first.';

alter table public.integration_capabilities enable row level security;
revoke all on public.integration_capabilities from anon, authenticated, service_role;
grant select on public.integration_capabilities to authenticated, service_role;
create policy integration_capabilities_select_signed_in on public.integration_capabilities
  for select to authenticated
  using (true);
create trigger integration_capabilities_set_updated_at before update on public.integration_capabilities
  for each row execute function public.update_updated_at_column();

create function private.require_supported_scope()
returns trigger language plpgsql set search_path = ''
as $$
begin
  if not exists (
    select from public.service_providers as p
    where p.id = new.integration_id and p.scopes_supported ? new.required_scope
  ) then
    raise exception 'Cannot keep capability %: its provider does not support the scope %',
      new.capability_key, new.required_scope
      using errcode = 'check_violation', constraint = 'integration_capabilities_scope_is_supported';
  end if;
  return new;
end;
$$;
comment on function private.require_supported_scope() is
  'Trigger: a capability requires a scope that its provider supports, since no other can ever be granted.';
revoke execute on function private.require_supported_scope() from public, anon, authenticated;
create trigger integration_capabilities_require_supported_scope
  before insert or update of integration_id, required_scope on public.integration_capabilities
  for each row execute function private.require_supported_scope();

create function private.keep_required_scopes()
returns trigger language plpgsql set search_path = ''
as $$
begin
  if exists (
    select from public.integration_capabilities as c
    where c.integration_id = new.id and not new.scopes_supported ? c.required_scope
  ) then
    raise exception 'Cannot change the scopes of %: a capability requires one of those that would go', new.name
      using errcode = 'check_violation', constraint = 'service_providers_scopes_serve_capabilities';
  end if;
  return new;
end;
$$;
comment on function private.keep_required_scopes() is
  'Trigger: a provider goes on supporting every scope that one of its capabilities requires.';
revoke execute on function private.keep_required_scopes() from public, anon, authenticated;
-- After, so that the row's own constraints speak first.
create trigger service_providers_keep_required_scopes after update of scopes_supported on public.service_providers
  for each row execute function private.keep_required_scopes();

-- Families of tools, crossed with what each provider has of them.
with shared (recipient, sending, history) as (
  values (
    $json${
      "contact_id": { "type": ["string", "null"], "format": "uuid", "description": "Id of the contact. One of contact_id, conversation_id and to is needed." },
      "conversation_id": { "type": ["string", "null"], "format": "uuid", "description": "Id of the conversation to go on with, in place of contact_id." },
      "to": { "type": ["string", "null"], "description": "Address of a person who is not a contact yet: a phone number such as +14155550100, or for email an email address. Works only where the agent may reach new people." },
      "from": { "type": ["string", "null"], "description": "The workspace's sender to use: its phone number such as +14155550199, or for email its address. Leave it out to use the one that is meant for the agent." }
    }$json$::jsonb,
    $json${
      "template": { "type": ["string", "null"], "description": "Name of one of the workspace's message templates, sent in place of a text of your own." },
      "scheduled_at": { "type": ["string", "null"], "format": "date-time", "description": "When to send it, as ISO 8601 with an offset. Leave it out to send now." }
    }$json$::jsonb,
    $json${
      "contact_id": { "type": ["string", "null"], "format": "uuid", "description": "Id of a contact, to list the messages with that contact only." },
      "limit": { "type": ["integer", "null"], "minimum": 1, "maximum": 100, "description": "How many messages to list at most; 20 when left out." },
      "before": { "type": ["string", "null"], "format": "date-time", "description": "List messages older than this time, as ISO 8601 with an offset: the time of the last one listed gives the next page." }
    }$json$::jsonb
  )
),
family (name, display_label, required_scope, description, properties, required, is_read_only, is_destructive) as (
  select f.*
  from shared as s
  cross join lateral (
    values (
      'send_sms', 'Send SMS', 'sms',
      'Sends a text message (SMS) to one contact through {provider}. Use it to write to or answer somebody by phone number when no picture or file is needed.',
      s.recipient || s.sending || $json${
        "body": { "type": ["string", "null"], "description": "The text to send. Needed unless a template is named." }
      }$json$, '[]'::jsonb, false, true
    ), (
      'send_mms', 'Send MMS', 'mms',
      'Sends a message with pictures or other media (MMS) to one contact through {provider}. Use it only when there is media to send, since an SMS reaches more phones for less.',
      s.recipient || s.sending || $json${
        "body": { "type": ["string", "null"], "description": "The text beside the media." },
        "media_urls": { "type": "array", "minItems": 1, "items": { "type": "string", "pattern": "^https://" }, "description": "Public https URLs of the media, which the provider fetches." }
      }$json$, '["media_urls"]', false, true
    ), (
      'send_whatsapp', 'Send WhatsApp', 'whatsapp',
      'Sends a WhatsApp message to one contact through {provider}. Use it for contacts who write on WhatsApp; more than 24 hours after their last message only a template gets through.',
      s.recipient || s.sending || $json${
        "body": { "type": ["string", "null"], "description": "The text to send. Needed unless a template is named or media is sent." },
        "media_urls": { "type": ["array", "null"], "minItems": 1, "items": { "type": "string", "pattern": "^https://" }, "description": "Public https URLs of pictures or files to send, which the provider fetches." }
      }$json$, '[]', false, true
    ), (
      'send_email', 'Send Email', 'email',
      'Sends an email to one contact through {provider}. Use it for what is long or formal, or where only an email address is known.',
      s.recipient || s.sending || $json${
        "subject": { "type": ["string", "null"], "description": "The subject line. Needed unless the email answers in a conversation or a template is named." },
        "text": { "type": ["string", "null"], "description": "The content as plain text. One of text, html and template is needed." },
        "html": { "type": ["string", "null"], "description": "The content as HTML. Give text as well, for readers without HTML." }
      }$json$, '[]', false, true
    ), (
      'start_call', 'Start Call', 'voice',
      'Calls one contact through {provider} and speaks a text to whoever answers. Use it when something is urgent or the contact asked to be called.',
      s.recipient || $json${
        "body": { "type": "string", "description": "What is spoken when the call is answered." }
      }$json$, '["body"]', false, true
    ), (
      'get_balance', 'Check Account Balance', 'balance',
      'Reads how much money or how many credits the {provider} account has left. Use it before large sends, or when sending fails for lack of funds.',
      '{}', '[]', true, false
    ), (
      'get_usage', 'Get Usage', 'usage',
      'Reads what was used of the {provider} account between two days, and what it cost where the provider says. Use it to answer questions about volume or spending.',
      $json${
        "start_date": { "type": "string", "format": "date", "description": "First day, such as 2026-11-01." },
        "end_date": { "type": "string", "format": "date", "description": "Last day, included." }
      }$json$, '["start_date", "end_date"]', true, false
    ), (
      'get_sms_history', 'Get SMS History', 'history',
      'Lists the text messages sent and received through {provider}, newest first. Use it to see what was said before writing.',
      s.history, '[]', true, false
    ), (
      'get_mms_history', 'Get MMS History', 'history',
      'Lists the messages with media sent and received through {provider}, newest first. Use it to find a picture or file that was exchanged.',
      s.history, '[]', true, false
    ), (
      'get_email_history', 'Get Email History', 'history',
      'Lists the emails sent and received through {provider}, newest first. Use it to see what was written before answering.',
      s.history, '[]', true, false
    ), (
      'get_delivery_receipts', 'Get Delivery Receipts', 'delivery_receipts',
      'Reads what became of one message sent through {provider}: its status, when it changed, and why it failed. Use it to learn whether a message arrived.',
      $json${
        "message_id": { "type": "string", "format": "uuid", "description": "Id of the message, as given when it was sent." }
      }$json$, '["message_id"]', true, false
    ), (
      'search_numbers', 'Search Phone Numbers', 'numbers',
      'Lists phone numbers that could be bought from {provider}; it buys none. Use it to propose a number in a country or area.',
      $json${
        "country": { "type": "string", "pattern": "^[A-Z]{2}$", "description": "Country as ISO 3166-1 alpha-2, such as US." },
        "area_code": { "type": ["string", "null"], "pattern": "^[0-9]{1,6}$", "description": "Area code that the numbers should have." },
        "contains": { "type": ["string", "null"], "pattern": "^[0-9*]{1,16}$", "description": "Digits that the numbers should hold, with * for any digit." },
        "limit": { "type": ["integer", "null"], "minimum": 1, "maximum": 50, "description": "How many numbers to list at most; 10 when left out." }
      }$json$, '["country"]', true, false
    )
  ) as f (name, display_label, required_scope, description, properties, required, is_read_only, is_destructive)
),
-- In the order in which people are shown them; ClickSend's six are those of its document.
offer (provider, prefix, families) as (
  values
    ('twilio', 'twilio', '{send_sms,send_mms,send_whatsapp,start_call,get_balance,get_usage,get_sms_history,get_mms_history,get_delivery_receipts,search_numbers}'::text[]),
    ('telnyx', 'telnyx', '{send_sms,send_mms,send_whatsapp,start_call,get_balance,get_usage,get_sms_history,get_mms_history,get_delivery_receipts,search_numbers}'),
    ('signalwire', 'signalwire', '{send_sms,send_mms,send_whatsapp,start_call,get_sms_history,get_mms_history,get_delivery_receipts,search_numbers}'),
    ('clicksend_sms', 'clicksend', '{send_sms,send_mms,get_balance,get_sms_history,get_mms_history,get_delivery_receipts}'),
    ('vonage', 'vonage', '{send_sms,send_mms,send_whatsapp,start_call,get_balance,get_sms_history,get_mms_history,get_delivery_receipts,search_numbers}'),
    ('messagebird', 'messagebird', '{send_sms,send_mms,send_whatsapp,get_balance,get_sms_history,get_mms_history,get_delivery_receipts,search_numbers}'),
    ('bandwidth', 'bandwidth', '{send_sms,send_mms,get_sms_history,get_mms_history,get_delivery_receipts,search_numbers}'),
    ('sendgrid', 'sendgrid', '{send_email,get_balance,get_usage,get_email_history,get_delivery_receipts}'),
    ('postmark', 'postmark', '{send_email,get_usage,get_email_history,get_delivery_receipts}'),
    ('resend', 'resend', '{send_email,get_usage,get_email_history,get_delivery_receipts}')
)
insert into public.integration_capabilities (
  integration_id, capability_key, display_label, display_order, required_scope, description,
  arguments_schema, is_read_only, is_destructive
)
select
  p.id,
  o.prefix || '_' || l.name,
  f.display_label,
  l.position,
  f.required_scope,
  replace(f.description, '{provider}', p.display_name),
  jsonb_build_object(
    'type', 'object',
    'properties', case
      when f.name = 'send_mms' then jsonb_set_lax(
        f.properties,
        '{media_urls,maxItems}',
        p.configuration_metadata #> '{limits,mms_media_max_count}',
        null_value_treatment => 'return_target'
      )
      else f.properties
    end,
    'required', f.required,
    'additionalProperties', false
  ),
  f.is_read_only,
  f.is_destructive
from offer as o
-- Left joins: a misspelt provider or family is refused, where an inner join would leave it out.
left join public.service_providers as p on p.name = o.provider
cross join lateral unnest(o.families) with ordinality as l (name, position)
left join family as f on f.name = l.name
order by p.name, l.position;
