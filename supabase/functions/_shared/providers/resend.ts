import { readResendInbound } from "./resend/inbound.ts";
import { resendIntake } from "./resend/intake.ts";
import { resendReading } from "./resend/reading.ts";
import { resendReconciling } from "./resend/reconciling.ts";
import { resendSending } from "./resend/sending.ts";
import { checkFields } from "./credentials.ts";
import type { CredentialField, Provider } from "./provider.ts";
import { listResendSenders, validateResendCredentials } from "./resend/account.ts";
import { configureResendConnection } from "./resend/connection.ts";
import { resendWebhookUrls } from "./resend/webhooks.ts";

const credentialFields: ReadonlyArray<CredentialField> = [
  {
    name: "api_key",
    label: "API Key",
    pattern: /^[\x21-\x7e]{8,255}$/,
    isRequired: true,
    isSecret: true,
    remedy: "Resend shows it once, when it is created: it starts with re_",
  },
  {
    name: "from_address",
    label: "From Address",
    pattern: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
    isRequired: true,
    isSecret: false,
    remedy: "Give an address of a verified domain",
  },
  {
    name: "webhook_signing_secret",
    label: "Webhook Signing Secret",
    pattern: /^whsec_[A-Za-z0-9+/=]{16,255}$/,
    isRequired: false,
    isSecret: true,
    remedy: "Copy it from the page of the webhook: it starts with whsec_",
  },
];

export const resend: Provider = {
  ...resendSending,
  ...resendReconciling,
  ...resendReading,
  ...resendIntake,
  readInbound: readResendInbound,
  features: ["email", "webhook_configuration", "message_lookup", "message_search", "usage"],
  credentialFields,
  checkCredentials: (input) => checkFields(credentialFields, input),
  // Only for a webhook that a person created; else Resend makes the secret when we create it.
  webhookSecret: ({ webhook_signing_secret }) => webhook_signing_secret,
  validateCredentials: validateResendCredentials,
  listEmailSenders: listResendSenders,
  configureConnection: configureResendConnection,
  webhookUrls: resendWebhookUrls,
};
