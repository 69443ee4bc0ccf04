import { type Impossible, update } from "./statements.ts";

const provider = (change: string) => update("public.service_providers", change, "name = 'twilio'");
const metadata = (change: string) =>
  provider(`configuration_metadata = configuration_metadata ${change}`);
const capability = (change: string) =>
  update("public.integration_capabilities", change, "capability_key = 'twilio_get_balance'");
const neutral = (change: string) =>
  update("public.integration_capabilities", change, "capability_key = 'find_contact'");

const REQUIRED = [
  "authentication_type",
  "auth_header_format",
  "api_base_url",
  "credential_fields",
  "supported_channels",
  "features",
  "webhook",
  "limits",
  "country_coverage",
  "supported_countries",
  "pricing_model",
  "documentation_url",
  "setup_instructions",
];

/** The catalogue of providers and what they can do. */
export const PROVIDERS: Impossible = {
  integration_capabilities_arguments_are_closed: () => [
    capability("arguments_schema = arguments_schema - 'additionalProperties'"),
    capability("arguments_schema = arguments_schema - 'type'"),
    capability("arguments_schema = arguments_schema - 'properties'"),
    capability("arguments_schema = arguments_schema - 'required'"),
  ],
  integration_capabilities_arguments_are_described: () =>
    capability(
      `arguments_schema = jsonb_set(arguments_schema, '{properties}', '{"x": {"type": "string"}}')`,
    ),
  integration_capabilities_description_has_length: () => [
    capability("description = ''"),
    capability("description = repeat('x', 1025)"),
  ],
  integration_capabilities_family_ends_key: () => [
    capability("family = 'get_usage'"),
    capability("family = 'et_balance'"),
    neutral("family = 'contact'"),
  ],
  integration_capabilities_key_is_plain: () => capability("capability_key = 'Twilio_get_balance'"),
  integration_capabilities_label_has_length: () => [
    capability("display_label = ''"),
    capability("display_label = repeat('x', 61)"),
  ],
  integration_capabilities_order_is_positive: () => capability("display_order = 0"),
  integration_capabilities_provider_requires_scope: () => [
    capability("required_scope = null"),
    neutral("required_scope = 'history'"),
  ],
  integration_capabilities_read_only_destroys_nothing: () => capability("is_destructive = true"),
  integration_capabilities_reading_is_idempotent: () => capability("is_idempotent = false"),
  integration_capabilities_scopes_suffice: () => [
    capability("sufficient_scopes = '{usage}'"),
    neutral("sufficient_scopes = '{}'"),
    neutral("sufficient_scopes = '{history,null}'"),
  ],
  service_providers_authentication_is_known: () =>
    metadata(`|| '{"authentication_type": "handshake"}'`),
  service_providers_channels_are_known: () => [
    metadata(`|| '{"supported_channels": ["pigeon"]}'`),
    metadata(`|| '{"supported_channels": []}'`),
  ],
  service_providers_countries_are_iso_3166: () => [
    metadata(`|| '{"mms_countries": ["usa"]}'`),
    metadata(`|| '{"mms_countries": "US"}'`),
    metadata(`|| '{"country_coverage": "listed", "supported_countries": ["usa"]}'`),
    metadata(`|| '{"country_coverage": "listed", "supported_countries": [1]}'`),
  ],
  service_providers_countries_are_listed_when_said: () => [
    metadata(`|| '{"country_coverage": "listed", "supported_countries": []}'`),
    metadata(`|| '{"country_coverage": "worldwide", "supported_countries": ["US"]}'`),
    metadata(`|| '{"country_coverage": "some", "supported_countries": []}'`),
  ],
  service_providers_credential_fields_are_described: () => [
    metadata(`|| '{"credential_fields": []}'`),
    ...["name", "label", "pattern", "is_secret", "is_required"].map((key) =>
      metadata(`#- '{credential_fields,0,${key}}'`)
    ),
  ],
  service_providers_display_name_has_length: () => [
    provider("display_name = ''"),
    provider("display_name = repeat('x', 61)"),
  ],
  service_providers_features_are_yes_or_no: () =>
    metadata(`|| '{"features": {"sms_sending": "maybe"}}'`),
  service_providers_limits_are_positive: () => [
    metadata(`|| '{"limits": {"sms_max_length": 0}}'`),
    metadata(`|| '{"limits": {"sms_max_length": "long"}}'`),
  ],
  service_providers_metadata_is_an_object: () => provider("configuration_metadata = '[]'"),
  service_providers_metadata_is_complete: () => REQUIRED.map((key) => metadata(`- '${key}'`)),
  service_providers_name_is_plain: () =>
    `insert into public.service_providers (name, display_name, scopes_supported, configuration_metadata)
      select 'No Name', 'x', '[]', configuration_metadata
      from public.service_providers where name = 'twilio'`,
  service_providers_opt_out_words_are_listed: () => [
    metadata("#- '{opt_out_words,start}'"),
    metadata(`|| '{"opt_out_words": {"stop": "STOP", "start": []}}'`),
    metadata(`|| '{"opt_out_words": {"stop": ["stop"], "start": []}}'`),
    metadata(`|| '{"opt_out_words": {"stop": [1], "start": []}}'`),
  ],
  service_providers_pricing_is_known: () => metadata(`|| '{"pricing_model": "barter"}'`),
  service_providers_scopes_are_a_list: () =>
    `insert into public.service_providers (name, display_name, scopes_supported, configuration_metadata)
      select 'no_list', 'x', '"sms"', configuration_metadata
      from public.service_providers where name = 'twilio'`,
  service_providers_scopes_are_known: () =>
    provider(`scopes_supported = scopes_supported || '["everything"]'`),
  service_providers_setup_is_in_steps: () => [
    metadata(`|| '{"setup_instructions": {"step_2": "Stop"}}'`),
    metadata(`|| '{"setup_instructions": {"step_1": "Go", "next": "Stop"}}'`),
    metadata(`|| '{"setup_instructions": {"step_1": "Go", "step_2": ""}}'`),
  ],
  service_providers_urls_are_https: () => [
    metadata(`|| '{"documentation_url": "http://x"}'`),
    metadata(`|| '{"api_base_url": "http://x"}'`),
  ],
  service_providers_webhook_is_described: () => [
    metadata("#- '{webhook,location}'"),
    metadata("#- '{webhook,verification}'"),
    metadata("#- '{webhook,is_signed}'"),
  ],
};

/** What a trigger refuses in the name of a constraint, since it looks at two tables. */
export const KEPT_BY_TRIGGER: Impossible = {
  campaign_recipients_campaign_of_workspace: (w, o) => `
    insert into public.campaign_recipients (workspace_id, campaign_id, address)
    values ('${w.workspaceId}', '${o.campaignId}', '+14155550123')`,
  campaign_recipients_keep_campaign: (w, o) => `
    update public.campaign_recipients set campaign_id = '${o.campaignId}'
    where campaign_id = '${w.campaignId}'`,
  integration_capabilities_scope_is_supported: () =>
    capability("required_scope = 'email', sufficient_scopes = '{email}'"),
  service_providers_scopes_serve_capabilities: () =>
    provider("scopes_supported = scopes_supported - 'balance'"),
};
