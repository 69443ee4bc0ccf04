import { signalwireCalling } from "./signalwire/calling.ts";
import { signalwireIntake } from "./signalwire/intake.ts";
import { signalwireReading } from "./signalwire/reading.ts";
import { signalwireReconciling } from "./signalwire/reconciling.ts";
import { signalwireSending } from "./signalwire/sending.ts";
import { checkFields } from "./credentials.ts";
import type { CredentialField, Provider } from "./provider.ts";
import { validateSignalwireCredentials } from "./signalwire/account.ts";
import { signalwireNumbers } from "./signalwire/numbers.ts";
import { signalwireWebhookUrls } from "./signalwire/webhooks.ts";

const credentialFields: ReadonlyArray<CredentialField> = [
  {
    name: "space",
    label: "Space",
    pattern: /^[a-z0-9-]{1,63}(\.signalwire\.com)?$/,
    isRequired: true,
    isSecret: false,
    remedy: "It is the part before .signalwire.com in the address of the dashboard",
  },
  {
    name: "project_id",
    label: "Project ID",
    pattern: /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
    isRequired: true,
    isSecret: false,
    remedy: 'Copy it from "API" in the dashboard: 32 hexadecimal digits in five groups',
  },
  {
    name: "api_token",
    label: "API Token",
    pattern: /^PT[0-9A-Za-z]{8,128}$/,
    isRequired: true,
    isSecret: true,
    remedy:
      'Create it under "API" with the scopes Messaging, Numbers, Voice and Management: it starts with PT',
  },
  {
    name: "signing_key",
    label: "Signing Key",
    pattern: /^PSK[0-9A-Za-z_-]{8,128}$/,
    isRequired: true,
    isSecret: true,
    remedy: 'Copy it from "API" in the dashboard: it starts with PSK',
  },
];

export const signalwire: Provider = {
  ...signalwireSending,
  ...signalwireReconciling,
  ...signalwireReading,
  ...signalwireCalling,
  ...signalwireIntake,
  features: [
    "sms",
    "mms",
    "whatsapp",
    "voice",
    "number_search",
    "number_purchase",
    "number_release",
    "webhook_configuration",
    "message_lookup",
    "message_search",
  ],
  credentialFields,
  checkCredentials: (input) => checkFields(credentialFields, input),
  webhookSecret: ({ signing_key = "" }) => signing_key,
  validateCredentials: validateSignalwireCredentials,
  ...signalwireNumbers,
  webhookUrls: signalwireWebhookUrls,
};
