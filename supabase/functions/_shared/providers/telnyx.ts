import { telnyxCalling } from "./telnyx/calling.ts";
import { telnyxIntake } from "./telnyx/intake.ts";
import { telnyxReading } from "./telnyx/reading.ts";
import { telnyxReconciling } from "./telnyx/reconciling.ts";
import { telnyxSending } from "./telnyx/sending.ts";
import { checkFields } from "./credentials.ts";
import type { CredentialField, Provider } from "./provider.ts";
import { configureTelnyxConnection, validateTelnyxCredentials } from "./telnyx/account.ts";
import {
  configureTelnyxNumber,
  listTelnyxNumbers,
  purchaseTelnyxNumber,
  readTelnyxNumberOrder,
  releaseTelnyxNumber,
} from "./telnyx/numbers.ts";
import { telnyxWebhookUrls } from "./telnyx/webhooks.ts";

const credentialFields: ReadonlyArray<CredentialField> = [
  {
    name: "api_key",
    label: "API Key",
    pattern: /^[\x21-\x7e]{16,255}$/,
    isRequired: true,
    isSecret: true,
    remedy: "It is shown once, when it is created in the Telnyx portal, and starts with KEY",
  },
  {
    name: "public_key",
    label: "Public Key",
    pattern: /^[A-Za-z0-9+/]{43}=$/,
    isRequired: true,
    isSecret: false,
    remedy: 'Copy it from "Public Key" in the Telnyx portal: 44 characters, of which the last is =',
  },
  {
    name: "messaging_profile_id",
    label: "Messaging Profile ID",
    pattern: /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
    isRequired: true,
    isSecret: false,
    remedy: "Copy it from the messaging profile that the numbers belong to: a UUID",
  },
  {
    name: "connection_id",
    label: "Voice Connection ID",
    pattern: /^[0-9A-Za-z-]{1,64}$/,
    isRequired: false,
    isSecret: false,
    remedy: "Copy the ID of the TeXML application that calls are made with",
  },
];

/**
 * No search for messages: Telnyx's detail records hold neither the text nor anything of ours to
 * recognise a message by.
 */
export const telnyx: Provider = {
  ...telnyxSending,
  ...telnyxReconciling,
  ...telnyxReading,
  ...telnyxCalling,
  ...telnyxIntake,
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
    "usage",
    "balance",
  ],
  credentialFields,
  checkCredentials: (input) => checkFields(credentialFields, input),
  webhookSecret: ({ public_key = "" }) => public_key,
  validateCredentials: validateTelnyxCredentials,
  listNumbers: listTelnyxNumbers,
  purchaseNumber: purchaseTelnyxNumber,
  readNumberOrder: readTelnyxNumberOrder,
  releaseNumber: releaseTelnyxNumber,
  configureNumber: configureTelnyxNumber,
  configureConnection: configureTelnyxConnection,
  webhookUrls: telnyxWebhookUrls,
};
