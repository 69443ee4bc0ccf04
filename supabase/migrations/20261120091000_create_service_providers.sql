-- The catalogue: which providers exist and what an admin has to know to connect one.
create table public.service_providers (
  id uuid primary key default gen_random_uuid(),
  name text not null unique,
  display_name text not null,
  scopes_supported jsonb not null,
  is_enabled boolean not null default false,
  configuration_metadata jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint service_providers_name_is_plain check (name ~ '^[a-z][a-z_]*$'),
  constraint service_providers_display_name_has_length check (char_length(display_name) between 1 and 60),
  constraint service_providers_scopes_are_a_list check (jsonb_typeof(scopes_supported) = 'array'),
  constraint service_providers_scopes_are_known check (
    scopes_supported <@ '["sms", "mms", "whatsapp", "voice", "email", "balance", "usage", "history",
      "delivery_receipts", "numbers"]'
  ),
  constraint service_providers_metadata_is_an_object check (jsonb_typeof(configuration_metadata) = 'object'),
  constraint service_providers_metadata_is_complete check (
    row(
      jsonb_typeof(configuration_metadata -> 'authentication_type'),
      jsonb_typeof(configuration_metadata -> 'auth_header_format'),
      jsonb_typeof(configuration_metadata -> 'api_base_url'),
      jsonb_typeof(configuration_metadata -> 'credential_fields'),
      jsonb_typeof(configuration_metadata -> 'supported_channels'),
      jsonb_typeof(configuration_metadata -> 'features'),
      jsonb_typeof(configuration_metadata -> 'webhook'),
      jsonb_typeof(configuration_metadata -> 'limits'),
      jsonb_typeof(configuration_metadata -> 'country_coverage'),
      jsonb_typeof(configuration_metadata -> 'supported_countries'),
      jsonb_typeof(configuration_metadata -> 'pricing_model'),
      jsonb_typeof(configuration_metadata -> 'documentation_url'),
      jsonb_typeof(configuration_metadata -> 'setup_instructions')
    ) is not distinct from row(
      'string', 'string', 'string', 'array', 'array', 'object', 'object', 'object', 'string', 'array',
      'string', 'string', 'object'
    )
  ),
  constraint service_providers_authentication_is_known check (
    configuration_metadata ->> 'authentication_type' in (
      'basic_auth', 'bearer_token', 'api_key_header', 'oauth2_client_credentials', 'basic_auth_or_jwt'
    )
  ),
  constraint service_providers_urls_are_https check (
    configuration_metadata ->> 'api_base_url' like 'https://%'
    and configuration_metadata ->> 'documentation_url' like 'https://%'
  ),
  -- One that a form cannot show or check would make its provider impossible to connect.
  constraint service_providers_credential_fields_are_described check (
    configuration_metadata -> 'credential_fields' <> '[]'
    and not jsonb_path_exists(
      configuration_metadata,
      '$.credential_fields[*] ? (!(
        @.name like_regex "^[a-z][a-z_]*$" && @.label like_regex "^[^\\s]"
        && @.pattern like_regex "^\\^.*\\$$"
        && @.is_secret.type() == "boolean" && @.is_required.type() == "boolean"
      ))'
    )
  ),
  constraint service_providers_channels_are_known check (
    configuration_metadata -> 'supported_channels' <@ '["sms", "mms", "whatsapp", "voice", "email"]'
    and configuration_metadata -> 'supported_channels' <> '[]'
  ),
  constraint service_providers_features_are_yes_or_no check (
    not jsonb_path_exists(configuration_metadata, '$.features.* ? (@.type() != "boolean")')
  ),
  constraint service_providers_webhook_is_described check (
    not jsonb_path_exists(
      configuration_metadata,
      '$.webhook ? (!(
        @.location.type() == "string" && @.verification.type() == "string" && @.is_signed.type() == "boolean"
      ))'
    )
  ),
  constraint service_providers_limits_are_positive check (
    not jsonb_path_exists(configuration_metadata, '$.limits.* ? (@.type() != "number" || @ <= 0)')
  ),
  constraint service_providers_countries_are_iso_3166 check (
    coalesce(jsonb_typeof(configuration_metadata -> 'mms_countries'), 'array') = 'array'
    and not jsonb_path_exists(
      configuration_metadata,
      '$.supported_countries[*] ? (@.type() != "string" || !(@ like_regex "^[A-Z]{2}$"))'
    )
    and not jsonb_path_exists(
      configuration_metadata,
      '$.mms_countries[*] ? (@.type() != "string" || !(@ like_regex "^[A-Z]{2}$"))'
    )
  ),
  constraint service_providers_countries_are_listed_when_said check (
    configuration_metadata ->> 'country_coverage' in ('listed', 'worldwide', 'unlisted')
    and (configuration_metadata ->> 'country_coverage' = 'listed')
      = (configuration_metadata -> 'supported_countries' <> '[]')
  ),
  constraint service_providers_pricing_is_known check (
    configuration_metadata ->> 'pricing_model' in ('per_message', 'per_segment', 'monthly_plan')
  ),
  constraint service_providers_setup_is_in_steps check (
    not configuration_metadata ? 'setup_instructions'
    or jsonb_typeof(configuration_metadata #> '{setup_instructions,step_1}') is not distinct from 'string'
    and not jsonb_path_exists(
      configuration_metadata,
      '$.setup_instructions.keyvalue() ? (!(@.key like_regex "^step_[1-9]$" && @.value like_regex "^[^\\s]"))',
      silent => true
    )
  )
);
comment on table public.service_providers is 'The providers that can be connected. Filled by migrations.';
comment on column public.service_providers.name is 'Stable key, such as twilio: the id of the adapter.';
comment on column public.service_providers.scopes_supported is
  'What may be granted to an agent on a connection of this provider: exactly what its capabilities require.';
comment on column public.service_providers.is_enabled is
  'Whether this deployment can connect it: true where there is an adapter.';
comment on column public.service_providers.configuration_metadata is
  'How to connect the provider and what it can do. '
  'authentication_type: basic_auth, bearer_token, api_key_header, oauth2_client_credentials (at token_url) or '
  'basic_auth_or_jwt. '
  'auth_header_format: the Authorization header, or another one named before its value. '
  'api_base_url: the first of api_base_urls, where there are several. '
  'credential_fields: name, label, pattern, is_secret, is_required, help. '
  'supported_channels: of sms, mms, whatsapp, voice, email. '
  'features: what the provider offers, the same keys for every provider; message_history is kept by Switchboard. '
  'webhook: where its URL lives, how a request is verified, whether it is signed. '
  'limits: positive numbers with the unit in the name. '
  'country_coverage: listed (in supported_countries, ISO 3166-1 alpha-2), worldwide, or unlisted (no list was found). '
  'mms_countries: where they are known to be fewer. '
  'pricing_model: per_message, per_segment or monthly_plan. '
  'documentation_url, setup_instructions (step_1 and on), notes: what an admin would not expect.';

alter table public.service_providers enable row level security;
revoke all on public.service_providers from anon, authenticated, service_role;
grant select on public.service_providers to authenticated, service_role;
create policy service_providers_select_signed_in on public.service_providers
  for select to authenticated
  using (true);
create trigger service_providers_set_updated_at before update on public.service_providers
  for each row execute function public.update_updated_at_column();
