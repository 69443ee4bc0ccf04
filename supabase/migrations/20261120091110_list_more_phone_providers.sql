-- The other phone providers: Vonage, MessageBird and Bandwidth.
insert into public.service_providers (name, display_name, is_enabled, scopes_supported, configuration_metadata)
values (
  'vonage',
  'Vonage',
  true,
  '["sms", "mms", "whatsapp", "voice", "history", "delivery_receipts", "balance", "numbers"]',
  $json${
    "authentication_type": "basic_auth_or_jwt",
    "auth_header_format": "Basic {base64(api_key:api_secret)} or Bearer {jwt}",
    "api_base_url": "https://api.nexmo.com",
    "api_base_urls": {
      "messages": "https://api.nexmo.com",
      "numbers_and_account": "https://rest.nexmo.com"
    },
    "credential_fields": [
      { "name": "api_key", "label": "API Key", "pattern": "^[0-9A-Za-z]{4,64}$", "is_secret": false, "is_required": true,
        "help": "Names the account; shown on the start page of the dashboard" },
      { "name": "api_secret", "label": "API Secret", "pattern": "^[\\x21-\\x7e]{8,128}$", "is_secret": true, "is_required": true,
        "help": "From the settings of the dashboard" },
      { "name": "application_id", "label": "Application ID", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", "is_secret": false, "is_required": true,
        "help": "The application that the numbers are linked to: it holds their webhook URLs" },
      { "name": "private_key", "label": "Private Key", "pattern": "^-----BEGIN PRIVATE KEY-----[A-Za-z0-9+/=\\s]+-----END PRIVATE KEY-----\\s*$", "is_secret": true, "is_required": false,
        "help": "The application's key in PEM form, downloaded when it was generated; needed for calls" },
      { "name": "signature_secret", "label": "Signature Secret", "pattern": "^[\\x21-\\x7e]{8,255}$", "is_secret": true, "is_required": true,
        "help": "From the settings of the dashboard; not the API secret. Webhooks are verified with it" }
    ],
    "supported_channels": ["sms", "mms", "whatsapp", "voice"],
    "features": {
      "sms_sending": true, "mms_sending": true, "whatsapp_sending": true, "voice_calls": true, "email_sending": false,
      "inbound_messages": true, "delivery_receipts": true, "scheduled_messages": false, "idempotent_sending": false,
      "message_lookup": true, "message_history": true,
      "number_search": true, "number_purchase": true, "number_release": true,
      "balance_checking": true, "usage_reports": false,
      "webhook_configuration": true, "webhook_signatures": true
    },
    "webhook": { "location": "application", "verification": "vonage_jwt_hs256", "is_signed": true },
    "limits": { "sms_max_length": 1000, "requests_per_second": 30 },
    "country_coverage": "worldwide",
    "supported_countries": [],
    "mms_countries": ["US"],
    "pricing_model": "per_segment",
    "documentation_url": "https://developer.vonage.com/en/messages/overview",
    "setup_instructions": {
      "step_1": "Sign in at https://dashboard.vonage.com",
      "step_2": "Copy the API key, the API secret and the signature secret from the settings",
      "step_3": "Create an application with the Messages capability (and Voice for calls), link your numbers to it, and copy its ID and private key",
      "step_4": "Enter them here: the webhooks are set on the application"
    },
    "notes": [
      "A sent message can be looked up through the Reports API only.",
      "Balances and prices are in euros."
    ]
  }$json$
), (
  -- The classic MessageBird API, to which the keys of existing customers belong; Bird's newer ones differ.
  'messagebird',
  'MessageBird',
  true,
  '["sms", "mms", "whatsapp", "history", "delivery_receipts", "balance", "numbers"]',
  $json${
    "authentication_type": "api_key_header",
    "auth_header_format": "AccessKey {access_key}",
    "api_base_url": "https://rest.messagebird.com",
    "api_base_urls": {
      "messages": "https://rest.messagebird.com",
      "numbers": "https://numbers.messagebird.com/v1",
      "whatsapp": "https://conversations.messagebird.com/v1"
    },
    "credential_fields": [
      { "name": "access_key", "label": "Access Key", "pattern": "^[\\x21-\\x7e]{16,128}$", "is_secret": true, "is_required": true,
        "help": "A live key, from API access under Developers" },
      { "name": "signing_key", "label": "Signing Key", "pattern": "^[\\x21-\\x7e]{8,255}$", "is_secret": true, "is_required": true,
        "help": "From the dashboard; not the access key. Webhooks are verified with it" },
      { "name": "whatsapp_channel_id", "label": "WhatsApp Channel ID", "pattern": "^[\\x21-\\x7e]{1,128}$", "is_secret": false, "is_required": false,
        "help": "Needed for WhatsApp only" }
    ],
    "supported_channels": ["sms", "mms", "whatsapp"],
    "features": {
      "sms_sending": true, "mms_sending": true, "whatsapp_sending": true, "voice_calls": false, "email_sending": false,
      "inbound_messages": true, "delivery_receipts": true, "scheduled_messages": true, "idempotent_sending": false,
      "message_lookup": true, "message_history": true,
      "number_search": true, "number_purchase": true, "number_release": true,
      "balance_checking": true, "usage_reports": false,
      "webhook_configuration": true, "webhook_signatures": true
    },
    "webhook": {
      "location": "flow", "verification": "messagebird_signature_jwt", "is_signed": true, "replay_window_seconds": 60
    },
    "limits": { "recipients_per_request": 50 },
    "country_coverage": "worldwide",
    "supported_countries": [],
    "mms_countries": ["US", "CA"],
    "pricing_model": "per_segment",
    "documentation_url": "https://developers.messagebird.com",
    "setup_instructions": {
      "step_1": "Sign in at https://dashboard.messagebird.com",
      "step_2": "Open API access under Developers and copy a live access key and the signing key",
      "step_3": "Enter them here and copy the webhook URL of the connection",
      "step_4": "In Flow Builder, make a flow for your numbers that forwards inbound messages to that URL"
    },
    "notes": [
      "Inbound messages reach a flow, not a number: its webhook URL is set by hand. Receipts need no flow.",
      "Keys of the newer Bird platform belong to another API and are refused."
    ]
  }$json$
), (
  'bandwidth',
  'Bandwidth',
  true,
  '["sms", "mms", "history", "delivery_receipts", "numbers"]',
  $json${
    "authentication_type": "oauth2_client_credentials",
    "auth_header_format": "Bearer {access_token}",
    "token_url": "https://api.bandwidth.com/api/v1/oauth2/token",
    "api_base_url": "https://messaging.bandwidth.com/api/v2",
    "api_base_urls": {
      "messages": "https://messaging.bandwidth.com/api/v2",
      "numbers": "https://dashboard.bandwidth.com/api"
    },
    "credential_fields": [
      { "name": "account_id", "label": "Account ID", "pattern": "^[0-9]{1,20}$", "is_secret": false, "is_required": true,
        "help": "The number of the account, shown in the Bandwidth App" },
      { "name": "client_id", "label": "Client ID", "pattern": "^[\\x21-\\x39\\x3b-\\x7e]{1,255}$", "is_secret": false, "is_required": true,
        "help": "Of an API credential; user names and passwords stop working on 2026-12-02" },
      { "name": "client_secret", "label": "Client Secret", "pattern": "^[\\x21-\\x7e]{8,255}$", "is_secret": true, "is_required": true,
        "help": "Shown when the API credential is created" },
      { "name": "application_id", "label": "Application ID", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", "is_secret": false, "is_required": true,
        "help": "Of the messaging application: it holds the webhook URLs" },
      { "name": "site_id", "label": "Sub-account ID", "pattern": "^[0-9A-Za-z-]{1,64}$", "is_secret": false, "is_required": true,
        "help": "Also called site; numbers are bought into it" },
      { "name": "sip_peer_id", "label": "Location ID", "pattern": "^[0-9A-Za-z-]{1,64}$", "is_secret": false, "is_required": true,
        "help": "Also called SIP peer; the application is attached to it" }
    ],
    "supported_channels": ["sms", "mms"],
    "features": {
      "sms_sending": true, "mms_sending": true, "whatsapp_sending": false, "voice_calls": false, "email_sending": false,
      "inbound_messages": true, "delivery_receipts": true, "scheduled_messages": false, "idempotent_sending": false,
      "message_lookup": true, "message_history": true,
      "number_search": true, "number_purchase": true, "number_release": true,
      "balance_checking": false, "usage_reports": false,
      "webhook_configuration": true, "webhook_signatures": false
    },
    "webhook": {
      "location": "application", "verification": "http_basic", "is_signed": false, "answer_within_seconds": 10
    },
    "limits": {
      "sms_max_length": 2048, "mms_max_size_mb": 3.5, "message_lookup_days": 14, "message_lookups_per_5_minutes": 3500
    },
    "country_coverage": "unlisted",
    "supported_countries": [],
    "pricing_model": "per_segment",
    "documentation_url": "https://dev.bandwidth.com/docs/messaging",
    "setup_instructions": {
      "step_1": "Sign in at https://dashboard.bandwidth.com and create an API credential (OAuth client)",
      "step_2": "Create a messaging application, a sub-account and a location with messaging, and attach the application to the location",
      "step_3": "Copy the account, application, sub-account and location IDs",
      "step_4": "Enter them here: the webhooks are set on the application, with a user and password that Switchboard makes up"
    },
    "notes": [
      "Numbers are ordered and released by request: they change when Bandwidth has completed it.",
      "There is no balance, no cost of a message, and no usage report that answers at once.",
      "Received media can be fetched for two days."
    ]
  }$json$
);
