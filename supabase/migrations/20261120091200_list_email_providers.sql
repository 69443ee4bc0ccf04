-- The email providers: SendGrid, Postmark and Resend.
insert into public.service_providers (name, display_name, is_enabled, scopes_supported, configuration_metadata)
values (
  'sendgrid',
  'SendGrid',
  true,
  '["email", "history", "delivery_receipts", "balance", "usage"]',
  $json${
    "authentication_type": "bearer_token",
    "auth_header_format": "Bearer {api_key}",
    "api_base_url": "https://api.sendgrid.com",
    "api_base_urls": { "global": "https://api.sendgrid.com", "eu": "https://api.eu.sendgrid.com" },
    "credential_fields": [
      { "name": "api_key", "label": "API Key", "pattern": "^[\\x21-\\x7e]{16,255}$", "is_secret": true, "is_required": true,
        "help": "Shown once, when it is created; starts with SG. and needs the permission to send mail" },
      { "name": "from_address", "label": "From Address", "pattern": "^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$", "is_secret": false, "is_required": true,
        "help": "A verified sender, or an address of an authenticated domain" },
      { "name": "webhook_public_key", "label": "Webhook Public Key", "pattern": "^[A-Za-z0-9+/]{64,255}={0,2}$", "is_secret": false, "is_required": false,
        "help": "Comes back when Switchboard creates the event webhook; enter it for one you created yourself" }
    ],
    "supported_channels": ["email"],
    "features": {
      "sms_sending": false, "mms_sending": false, "whatsapp_sending": false, "voice_calls": false, "email_sending": true,
      "inbound_messages": true, "delivery_receipts": true, "scheduled_messages": true, "idempotent_sending": false,
      "message_lookup": true, "message_history": true,
      "number_search": false, "number_purchase": false, "number_release": false,
      "balance_checking": true, "usage_reports": true,
      "webhook_configuration": true, "webhook_signatures": true
    },
    "webhook": { "location": "account", "verification": "sendgrid_ecdsa_p256_sha256", "is_signed": true },
    "limits": { "messages_per_request": 1000, "schedule_max_hours": 72 },
    "country_coverage": "worldwide",
    "supported_countries": [],
    "pricing_model": "monthly_plan",
    "documentation_url": "https://www.twilio.com/docs/sendgrid",
    "setup_instructions": {
      "step_1": "Sign in at https://app.sendgrid.com",
      "step_2": "Verify a sender or authenticate a domain under Sender Authentication",
      "step_3": "Create an API key that may send mail, and read and change webhook settings",
      "step_4": "Enter both here: the event webhook is created and its signature switched on"
    },
    "notes": [
      "The balance is counted in credits of the plan, not in money.",
      "A sent message can be looked up where the account has the Email Activity add-on, or in the logs.",
      "Inbound mail needs a host name whose MX record points to SendGrid."
    ]
  }$json$
), (
  'postmark',
  'Postmark',
  true,
  '["email", "history", "delivery_receipts", "usage"]',
  $json${
    "authentication_type": "api_key_header",
    "auth_header_format": "X-Postmark-Server-Token: {server_token}",
    "api_base_url": "https://api.postmarkapp.com",
    "credential_fields": [
      { "name": "server_token", "label": "Server API Token", "pattern": "^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|POSTMARK_API_TEST)$", "is_secret": true, "is_required": true,
        "help": "From API Tokens of the server that sends" },
      { "name": "account_token", "label": "Account API Token", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", "is_secret": true, "is_required": false,
        "help": "Lists the senders and domains that are confirmed" },
      { "name": "from_address", "label": "From Address", "pattern": "^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$", "is_secret": false, "is_required": true,
        "help": "A confirmed sender signature, or an address of a confirmed domain" },
      { "name": "message_stream", "label": "Message Stream", "pattern": "^[A-Za-z0-9_-]{1,64}$", "is_secret": false, "is_required": false,
        "help": "Its ID; outbound when left out" }
    ],
    "supported_channels": ["email"],
    "features": {
      "sms_sending": false, "mms_sending": false, "whatsapp_sending": false, "voice_calls": false, "email_sending": true,
      "inbound_messages": true, "delivery_receipts": true, "scheduled_messages": false, "idempotent_sending": false,
      "message_lookup": true, "message_history": true,
      "number_search": false, "number_purchase": false, "number_release": false,
      "balance_checking": false, "usage_reports": true,
      "webhook_configuration": true, "webhook_signatures": false
    },
    "webhook": { "location": "message_stream", "verification": "http_basic", "is_signed": false },
    "limits": { "messages_per_request": 500, "recipients_per_message": 50 },
    "country_coverage": "worldwide",
    "supported_countries": [],
    "pricing_model": "monthly_plan",
    "documentation_url": "https://postmarkapp.com/developer",
    "setup_instructions": {
      "step_1": "Sign in at https://account.postmarkapp.com",
      "step_2": "Confirm a sender signature or a domain",
      "step_3": "Open your server and copy its token from API Tokens",
      "step_4": "Enter both here: the webhook is set on the message stream, with a user and password that Switchboard makes up"
    },
    "notes": [
      "Recipients who bounced, complained or unsubscribed are refused until they are reactivated at Postmark."
    ]
  }$json$
), (
  'resend',
  'Resend',
  true,
  '["email", "history", "delivery_receipts", "usage"]',
  $json${
    "authentication_type": "bearer_token",
    "auth_header_format": "Bearer {api_key}",
    "api_base_url": "https://api.resend.com",
    "credential_fields": [
      { "name": "api_key", "label": "API Key", "pattern": "^[\\x21-\\x7e]{8,255}$", "is_secret": true, "is_required": true,
        "help": "Shown once, when it is created; starts with re_. With full access Switchboard sets the webhook" },
      { "name": "from_address", "label": "From Address", "pattern": "^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$", "is_secret": false, "is_required": true,
        "help": "An address of a verified domain" },
      { "name": "webhook_signing_secret", "label": "Webhook Signing Secret", "pattern": "^whsec_[A-Za-z0-9+/=]{16,255}$", "is_secret": true, "is_required": false,
        "help": "Comes back when Switchboard creates the webhook; enter it for one you created yourself" }
    ],
    "supported_channels": ["email"],
    "features": {
      "sms_sending": false, "mms_sending": false, "whatsapp_sending": false, "voice_calls": false, "email_sending": true,
      "inbound_messages": true, "delivery_receipts": true, "scheduled_messages": true, "idempotent_sending": true,
      "message_lookup": true, "message_history": true,
      "number_search": false, "number_purchase": false, "number_release": false,
      "balance_checking": false, "usage_reports": true,
      "webhook_configuration": true, "webhook_signatures": true
    },
    "webhook": {
      "location": "account", "verification": "standard_webhooks_v1", "is_signed": true, "replay_window_seconds": 300
    },
    "limits": { "messages_per_request": 100, "recipients_per_message": 50, "requests_per_second": 2 },
    "country_coverage": "worldwide",
    "supported_countries": [],
    "pricing_model": "monthly_plan",
    "documentation_url": "https://resend.com/docs",
    "setup_instructions": {
      "step_1": "Sign in at https://resend.com",
      "step_2": "Add a domain and verify it",
      "step_3": "Create an API key with full access, or one that may only send",
      "step_4": "Enter both here: with full access the webhook is created, otherwise create it yourself and enter its signing secret"
    },
    "notes": [
      "A key that may only send cannot list domains, look up messages or set the webhook.",
      "Quotas by day and by month show only as errors when they are reached."
    ]
  }$json$
);
