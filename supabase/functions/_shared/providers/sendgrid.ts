import { sendgridIntake } from "./sendgrid/intake.ts";
import { sendgridReading } from "./sendgrid/reading.ts";
import { sendgridReconciling } from "./sendgrid/reconciling.ts";
import { sendgridSending } from "./sendgrid/sending.ts";
import { checkFields } from "./credentials.ts";
import type { CredentialField, Provider } from "./provider.ts";
import { listSendgridSenders, validateSendgridCredentials } from "./sendgrid/account.ts";
import { configureSendgridConnection } from "./sendgrid/connection.ts";
import { sendgridWebhookUrls } from "./sendgrid/webhooks.ts";

const credentialFields: ReadonlyArray<CredentialField> = [
  {
    name: "api_key",
    label: "API Key",
    pattern: /^[\x21-\x7e]{16,255}$/,
    isRequired: true,
    isSecret: true,
    remedy: "SendGrid shows it once, when it is created: it starts with SG.",
  },
  {
    name: "from_address",
    label: "From Address",
    pattern: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
    isRequired: true,
    isSecret: false,
    remedy: "Give a verified sender, or an address of an authenticated domain",
  },
  {
    name: "webhook_public_key",
    label: "Webhook Public Key",
    pattern: /^[A-Za-z0-9+/]{64,255}={0,2}$/,
    isRequired: false,
    isSecret: false,
    remedy: 'Copy the "Verification Key" of the event webhook, or leave it out',
  },
];

export const sendgrid: Provider = {
  ...sendgridSending,
  ...sendgridReconciling,
  ...sendgridReading,
  ...sendgridIntake,
  features: [
    "email",
    "webhook_configuration",
    "message_lookup",
    "message_search",
    "usage",
    "balance",
  ],
  credentialFields,
  checkCredentials: (input) => checkFields(credentialFields, input),
  // Only for a webhook that a person created; else SendGrid makes the key when we create it.
  webhookSecret: ({ webhook_public_key }) => webhook_public_key,
  validateCredentials: validateSendgridCredentials,
  listEmailSenders: listSendgridSenders,
  configureConnection: configureSendgridConnection,
  webhookUrls: sendgridWebhookUrls,
};
