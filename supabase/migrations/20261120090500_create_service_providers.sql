-- The catalogue: which providers exist and what an admin has to know to connect one.
create table public.service_providers (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  display_name text not null,
  scopes_supported jsonb not null,
  is_enabled boolean not null default true,
  configuration_metadata jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint service_providers_name_is_plain check (name ~ '^[a-z][a-z_]*$'),
  constraint service_providers_scopes_are_a_list check (jsonb_typeof(scopes_supported) = 'array'),
  constraint service_providers_metadata_is_an_object check (jsonb_typeof(configuration_metadata) = 'object')
);
comment on table public.service_providers is 'The providers that can be connected. Filled by migrations.';
comment on column public.service_providers.name is 'Stable key, such as twilio: the id of the adapter.';
comment on column public.service_providers.configuration_metadata is
  'Authentication, credential fields with label, pattern and secrecy, features, limits, countries, pricing, documentation, setup steps.';

alter table public.service_providers enable row level security;
revoke all on public.service_providers from anon, authenticated, service_role;
grant select on public.service_providers to authenticated, service_role;
create policy service_providers_select_signed_in on public.service_providers
  for select to authenticated
  using (true);
create trigger service_providers_set_updated_at before update on public.service_providers
  for each row execute function public.update_updated_at_column();

insert into public.service_providers (name, display_name, scopes_supported, configuration_metadata)
values (
  'twilio',
  'Twilio',
  '["sms", "mms", "history", "delivery_receipts", "balance", "usage", "numbers"]',
  '{
    "authentication_type": "basic_auth",
    "api_base_url": "https://api.twilio.com/2010-04-01",
    "credential_fields": [
      { "name": "account_sid", "label": "Account SID", "pattern": "^AC[0-9a-fA-F]{32}$", "is_secret": false, "is_required": true },
      { "name": "auth_token", "label": "Auth Token", "pattern": "^[0-9a-fA-F]{32}$", "is_secret": true, "is_required": true },
      { "name": "api_key_sid", "label": "API Key SID", "pattern": "^SK[0-9a-fA-F]{32}$", "is_secret": false, "is_required": false },
      { "name": "api_key_secret", "label": "API Key Secret", "pattern": "^[\\x21-\\x7e]{16,128}$", "is_secret": true, "is_required": false }
    ],
    "features": {
      "sms_sending": true,
      "mms_sending": true,
      "delivery_receipts": true,
      "inbound_messages": true,
      "number_search": true,
      "number_purchase": true,
      "number_release": true,
      "balance_checking": true,
      "usage_reports": true
    },
    "limits": { "text_max_length": 1600, "media_max_count": 10, "messages_per_second_long_code": 1 },
    "mms_countries": ["US", "CA", "AU"],
    "pricing_model": "per_segment",
    "documentation_url": "https://www.twilio.com/docs/messaging",
    "setup_instructions": {
      "step_1": "Sign in at https://console.twilio.com",
      "step_2": "Copy the Account SID and the auth token from Account Info",
      "step_3": "Optionally create an API key under API keys & tokens; the auth token is still needed to verify webhooks",
      "step_4": "Enter them here: the numbers of the account are imported and their webhooks set"
    }
  }'
);
