import { messagebirdIntake } from "./messagebird/intake.ts";
import { messagebirdReading } from "./messagebird/reading.ts";
import { messagebirdReconciling } from "./messagebird/reconciling.ts";
import { messagebirdSending } from "./messagebird/sending.ts";
import { checkFields } from "./credentials.ts";
import { validateMessageBirdCredentials } from "./messagebird/account.ts";
import { configureMessageBirdConnection } from "./messagebird/connection.ts";
import {
  listMessageBirdNumbers,
  purchaseMessageBirdNumber,
  releaseMessageBirdNumber,
} from "./messagebird/numbers.ts";
import { messageBirdWebhookUrls } from "./messagebird/webhooks.ts";
import type { CredentialField, Provider } from "./provider.ts";

const credentialFields: ReadonlyArray<CredentialField> = [
  {
    name: "access_key",
    label: "Access Key",
    pattern: /^[\x21-\x7e]{16,128}$/,
    isRequired: true,
    isSecret: true,
    remedy: 'Copy a live key from "API access" under "Developers" in the MessageBird dashboard',
  },
  {
    name: "signing_key",
    label: "Signing Key",
    pattern: /^[\x21-\x7e]{8,255}$/,
    isRequired: true,
    isSecret: true,
    remedy: 'Copy it from "Developers" in the MessageBird dashboard; it is not the access key',
  },
  {
    name: "whatsapp_channel_id",
    label: "WhatsApp Channel ID",
    pattern: /^[\x21-\x7e]{1,128}$/,
    isRequired: false,
    isSecret: false,
    remedy: 'Copy it from "Channels" in the MessageBird dashboard; only WhatsApp needs it',
  },
];

/** The classic API, to which live keys of MessageBird's dashboard belong; Bird's newer ones differ. */
export const messagebird: Provider = {
  ...messagebirdSending,
  ...messagebirdReconciling,
  ...messagebirdReading,
  ...messagebirdIntake,
  features: [
    "sms",
    "mms",
    "whatsapp",
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
  webhookSecret: ({ signing_key = "" }) => signing_key,
  validateCredentials: validateMessageBirdCredentials,
  listNumbers: listMessageBirdNumbers,
  purchaseNumber: purchaseMessageBirdNumber,
  releaseNumber: releaseMessageBirdNumber,
  configureConnection: configureMessageBirdConnection,
  webhookUrls: messageBirdWebhookUrls,
};
