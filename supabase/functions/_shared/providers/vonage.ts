import { vonageCalling } from "./vonage/calling.ts";
import { vonageIntake } from "./vonage/intake.ts";
import { vonageReading } from "./vonage/reading.ts";
import { vonageReconciling } from "./vonage/reconciling.ts";
import { vonageSending } from "./vonage/sending.ts";
import { checkFields } from "./credentials.ts";
import type { CredentialField, Provider } from "./provider.ts";
import { configureVonageConnection, validateVonageCredentials } from "./vonage/account.ts";
import {
  configureVonageNumber,
  listVonageNumbers,
  purchaseVonageNumber,
  readVonageNumberOrder,
  releaseVonageNumber,
} from "./vonage/numbers.ts";
import { vonageWebhookUrls } from "./vonage/webhooks.ts";

const credentialFields: ReadonlyArray<CredentialField> = [
  {
    name: "api_key",
    label: "API Key",
    pattern: /^[0-9A-Za-z]{4,64}$/,
    isRequired: true,
    isSecret: false,
    remedy: "Copy it from the start page of the Vonage dashboard: letters and digits",
  },
  {
    name: "api_secret",
    label: "API Secret",
    pattern: /^[\x21-\x7e]{8,128}$/,
    isRequired: true,
    isSecret: true,
    remedy: "Copy it from the settings of the Vonage dashboard: at least 8 characters, no spaces",
  },
  {
    name: "application_id",
    label: "Application ID",
    pattern: /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
    isRequired: true,
    isSecret: false,
    remedy: "Copy it from the application that the numbers are linked to: a UUID",
  },
  {
    name: "private_key",
    label: "Private Key",
    pattern: /^-----BEGIN PRIVATE KEY-----[A-Za-z0-9+/=\s]+-----END PRIVATE KEY-----\s*$/,
    isRequired: false,
    isSecret: true,
    remedy: "Paste the whole file that the application gave when the key was generated",
  },
  {
    name: "signature_secret",
    label: "Signature Secret",
    pattern: /^[\x21-\x7e]{8,255}$/,
    isRequired: true,
    isSecret: true,
    remedy: "Copy it from the settings of the Vonage dashboard; it is not the API secret",
  },
];

export const vonage: Provider = {
  ...vonageSending,
  ...vonageReconciling,
  ...vonageReading,
  ...vonageCalling,
  ...vonageIntake,
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
    "balance",
  ],
  credentialFields,
  checkCredentials: (input) => checkFields(credentialFields, input),
  webhookSecret: ({ signature_secret = "" }) => signature_secret,
  validateCredentials: validateVonageCredentials,
  listNumbers: listVonageNumbers,
  purchaseNumber: purchaseVonageNumber,
  readNumberOrder: readVonageNumberOrder,
  releaseNumber: releaseVonageNumber,
  configureNumber: configureVonageNumber,
  configureConnection: configureVonageConnection,
  webhookUrls: vonageWebhookUrls,
};
