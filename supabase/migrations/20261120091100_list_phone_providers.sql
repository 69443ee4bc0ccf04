-- Four of the phone providers: Twilio, Telnyx, SignalWire and ClickSend.
insert into public.service_providers (name, display_name, is_enabled, scopes_supported, configuration_metadata)
values (
  'twilio',
  'Twilio',
  true,
  '["sms", "mms", "whatsapp", "voice", "history", "delivery_receipts", "balance", "usage", "numbers"]',
  $json${
    "authentication_type": "basic_auth",
    "auth_header_format": "Basic {base64(account_sid:auth_token)} or Basic {base64(api_key_sid:api_key_secret)}",
    "api_base_url": "https://api.twilio.com/2010-04-01",
    "api_base_urls": {
      "messages": "https://api.twilio.com/2010-04-01",
      "messaging_services": "https://messaging.twilio.com/v1",
      "templates": "https://content.twilio.com/v1",
      "pricing": "https://pricing.twilio.com/v1"
    },
    "credential_fields": [
      { "name": "account_sid", "label": "Account SID", "pattern": "^AC[0-9a-fA-F]{32}$", "is_secret": false, "is_required": true },
      { "name": "auth_token", "label": "Auth Token", "pattern": "^[0-9a-fA-F]{32}$", "is_secret": true, "is_required": true },
      { "name": "api_key_sid", "label": "API Key SID", "pattern": "^SK[0-9a-fA-F]{32}$", "is_secret": false, "is_required": false },
      { "name": "api_key_secret", "label": "API Key Secret", "pattern": "^[\\x21-\\x7e]{16,128}$", "is_secret": true, "is_required": false }
    ],
    "supported_channels": ["sms", "mms", "whatsapp", "voice"],
    "features": {
      "sms_sending": true, "mms_sending": true, "whatsapp_sending": true, "voice_calls": true, "email_sending": false,
      "inbound_messages": true, "delivery_receipts": true, "scheduled_messages": true, "idempotent_sending": false,
      "message_lookup": true, "message_history": true,
      "number_search": true, "number_purchase": true, "number_release": true,
      "balance_checking": true, "usage_reports": true,
      "webhook_configuration": true, "webhook_signatures": true
    },
    "webhook": {
      "location": "number", "verification": "twilio_hmac_sha1", "is_signed": true, "answer_within_seconds": 15
    },
    "limits": {
      "sms_max_length": 1600, "mms_max_size_mb": 5, "mms_media_max_count": 10,
      "messages_per_second_long_code": 1, "messages_per_second_toll_free": 3, "calls_per_second": 1
    },
    "country_coverage": "worldwide",
    "supported_countries": [],
    "mms_countries": ["US", "CA", "AU"],
    "pricing_model": "per_segment",
    "documentation_url": "https://www.twilio.com/docs/messaging",
    "setup_instructions": {
      "step_1": "Sign in at https://console.twilio.com",
      "step_2": "Copy the Account SID and the auth token from Account Info",
      "step_3": "Optionally create an API key under API keys & tokens; the auth token is still needed to verify webhooks",
      "step_4": "Enter them here: the numbers of the account are imported and their webhooks set"
    },
    "notes": [
      "A country has to be allowed under Messaging Geographic Permissions before texts reach it.",
      "WhatsApp outside the 24 hours after the contact's last message takes an approved template."
    ]
  }$json$
), (
  'telnyx',
  'Telnyx',
  true,
  '["sms", "mms", "whatsapp", "voice", "history", "delivery_receipts", "balance", "usage", "numbers"]',
  $json${
    "authentication_type": "bearer_token",
    "auth_header_format": "Bearer {api_key}",
    "api_base_url": "https://api.telnyx.com/v2",
    "credential_fields": [
      { "name": "api_key", "label": "API Key", "pattern": "^[\\x21-\\x7e]{16,255}$", "is_secret": true, "is_required": true,
        "help": "Shown once, when it is created in the portal; starts with KEY" },
      { "name": "public_key", "label": "Public Key", "pattern": "^[A-Za-z0-9+/]{43}=$", "is_secret": false, "is_required": true,
        "help": "From the portal, 44 characters ending in =; webhooks are verified with it" },
      { "name": "messaging_profile_id", "label": "Messaging Profile ID", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", "is_secret": false, "is_required": true,
        "help": "The profile that the numbers belong to: it holds their webhook URL" },
      { "name": "connection_id", "label": "Voice Connection ID", "pattern": "^[0-9A-Za-z-]{1,64}$", "is_secret": false, "is_required": false,
        "help": "Needed for calls only" }
    ],
    "supported_channels": ["sms", "mms", "whatsapp", "voice"],
    "features": {
      "sms_sending": true, "mms_sending": true, "whatsapp_sending": true, "voice_calls": true, "email_sending": false,
      "inbound_messages": true, "delivery_receipts": true, "scheduled_messages": true, "idempotent_sending": false,
      "message_lookup": true, "message_history": true,
      "number_search": true, "number_purchase": true, "number_release": true,
      "balance_checking": true, "usage_reports": true,
      "webhook_configuration": true, "webhook_signatures": true
    },
    "webhook": {
      "location": "messaging_profile", "verification": "telnyx_ed25519", "is_signed": true,
      "replay_window_seconds": 300, "answer_within_seconds": 2
    },
    "limits": {
      "mms_max_size_mb": 1, "messages_per_second_account": 50, "mms_per_second_account": 15,
      "messages_per_second_toll_free": 20, "messages_per_second_short_code": 1000
    },
    "country_coverage": "worldwide",
    "supported_countries": [],
    "pricing_model": "per_segment",
    "documentation_url": "https://developers.telnyx.com/docs/messaging",
    "setup_instructions": {
      "step_1": "Sign in at https://portal.telnyx.com",
      "step_2": "Create an API key and copy it together with the account's public key",
      "step_3": "Create a messaging profile, allow the countries you text under it, and copy its ID",
      "step_4": "Enter them here: the webhook is set on the profile"
    },
    "notes": [
      "A bought number is ordered: it becomes active when Telnyx has completed the order.",
      "A number cannot be released while its deletion lock is on."
    ]
  }$json$
), (
  'signalwire',
  'SignalWire',
  true,
  '["sms", "mms", "whatsapp", "voice", "history", "delivery_receipts", "numbers"]',
  $json${
    "authentication_type": "basic_auth",
    "auth_header_format": "Basic {base64(project_id:api_token)}",
    "api_base_url": "https://{space}.signalwire.com/api/laml/2010-04-01",
    "api_base_urls": {
      "compatibility": "https://{space}.signalwire.com/api/laml/2010-04-01",
      "rest": "https://{space}.signalwire.com/api"
    },
    "credential_fields": [
      { "name": "space", "label": "Space", "pattern": "^[a-z0-9-]{1,63}(\\.signalwire\\.com)?$", "is_secret": false, "is_required": true,
        "help": "The part before .signalwire.com in the address of the dashboard" },
      { "name": "project_id", "label": "Project ID", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", "is_secret": false, "is_required": true,
        "help": "From the API page of the dashboard" },
      { "name": "api_token", "label": "API Token", "pattern": "^PT[0-9A-Za-z]{8,128}$", "is_secret": true, "is_required": true,
        "help": "Starts with PT; not the signing key" },
      { "name": "signing_key", "label": "Signing Key", "pattern": "^PSK[0-9A-Za-z_-]{8,128}$", "is_secret": true, "is_required": true,
        "help": "Starts with PSK; webhooks are verified with it" }
    ],
    "supported_channels": ["sms", "mms", "whatsapp", "voice"],
    "features": {
      "sms_sending": true, "mms_sending": true, "whatsapp_sending": true, "voice_calls": true, "email_sending": false,
      "inbound_messages": true, "delivery_receipts": true, "scheduled_messages": false, "idempotent_sending": false,
      "message_lookup": true, "message_history": true,
      "number_search": true, "number_purchase": true, "number_release": true,
      "balance_checking": false, "usage_reports": false,
      "webhook_configuration": true, "webhook_signatures": true
    },
    "webhook": { "location": "number", "verification": "signalwire_hmac_sha1", "is_signed": true },
    "limits": {
      "sms_max_length": 1600, "mms_media_max_count": 8,
      "messages_per_second_10dlc": 4, "messages_per_second_toll_free": 3, "messages_per_second_short_code": 10,
      "queued_messages": 10000, "calls_per_second": 1
    },
    "country_coverage": "unlisted",
    "supported_countries": [],
    "pricing_model": "per_segment",
    "documentation_url": "https://signalwire.com/docs",
    "setup_instructions": {
      "step_1": "Sign in at https://signalwire.com and open your space",
      "step_2": "Open API and copy the project ID, an API token and the signing key",
      "step_3": "Enter them here with the name of the space: the numbers are imported and their webhooks set"
    },
    "notes": [
      "MMS has no delivery receipts: it stays at sent.",
      "There is no balance and no usage report: costs are added up from the messages."
    ]
  }$json$
), (
  -- From the ClickSend document, with countries as ISO 3166: UK is GB, and EU is written out as its members.
  'clicksend_sms',
  'ClickSend SMS/MMS',
  true,
  '["sms", "mms", "balance", "history", "delivery_receipts"]',
  $json${
    "authentication_type": "basic_auth",
    "auth_header_format": "Basic {base64(username:api_key)}",
    "api_base_url": "https://rest.clicksend.com/v3",
    "credential_fields": [
      { "name": "username", "label": "Username", "pattern": "^[^\\s:]{1,255}$", "is_secret": false, "is_required": true,
        "help": "Often the email address you sign in with" },
      { "name": "api_key", "label": "API Key", "pattern": "^[\\x21-\\x7e]{16,128}$", "is_secret": true, "is_required": true,
        "help": "From API Credentials; not your password" }
    ],
    "supported_channels": ["sms", "mms"],
    "supported_message_types": ["sms", "mms"],
    "features": {
      "sms_sending": true, "mms_sending": true, "whatsapp_sending": false, "voice_calls": false, "email_sending": false,
      "inbound_messages": true, "delivery_receipts": true, "scheduled_messages": true, "idempotent_sending": false,
      "message_lookup": true, "message_history": true, "message_tracking": true,
      "number_search": true, "number_purchase": true, "number_release": false,
      "balance_checking": true, "usage_reports": true,
      "webhook_configuration": true, "webhook_signatures": false
    },
    "webhook": { "location": "automation_rule", "verification": "secret_url", "is_signed": false },
    "limits": {
      "sms_max_length": 1600, "mms_max_size_mb": 5, "mms_media_max_count": 1, "mms_media_max_size_kb": 250,
      "rate_limit_per_hour": 1000, "concurrent_requests": 10, "messages_per_request": 1000
    },
    "country_coverage": "listed",
    "supported_countries": [
      "US", "CA", "AU", "GB",
      "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
      "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"
    ],
    "pricing_model": "per_message",
    "documentation_url": "https://developers.clicksend.com/",
    "setup_instructions": {
      "step_1": "Sign up for ClickSend account at https://clicksend.com",
      "step_2": "Navigate to API Credentials in your dashboard",
      "step_3": "Copy your Username and API Key",
      "step_4": "Enter credentials in Switchboard integration setup"
    },
    "notes": [
      "An MMS carries one attachment, of at most 250 kB.",
      "A number can be released in ClickSend's dashboard only.",
      "Webhooks are not signed: their URL is secret, and a receipt is confirmed with ClickSend before it counts.",
      "Messages of new customers that hold a link are paused for review."
    ]
  }$json$
);
