import { clicksendIntake } from "./clicksend/intake.ts";
import { clicksendReading } from "./clicksend/reading.ts";
import { clicksendReconciling } from "./clicksend/reconciling.ts";
import { clicksendSending } from "./clicksend/sending.ts";
import { validateClickSendCredentials } from "./clicksend/account.ts";
import { configureClickSendConnection } from "./clicksend/automations.ts";
import { listClickSendNumbers, purchaseClickSendNumber } from "./clicksend/numbers.ts";
import { clickSendWebhookUrls } from "./clicksend/webhooks.ts";
import { checkFields } from "./credentials.ts";
import type { CredentialField, Provider } from "./provider.ts";

const credentialFields: ReadonlyArray<CredentialField> = [
  {
    name: "username",
    label: "Username",
    pattern: /^[^\s:]{1,255}$/,
    isRequired: true,
    isSecret: false,
    remedy: 'Copy it from "API Credentials" in the ClickSend dashboard',
  },
  {
    name: "api_key",
    label: "API Key",
    pattern: /^[\x21-\x7e]{16,128}$/,
    isRequired: true,
    isSecret: true,
    remedy: 'Copy it from "API Credentials" in the ClickSend dashboard; it is not your password',
  },
];

export const clicksend: Provider = {
  ...clicksendSending,
  ...clicksendReconciling,
  ...clicksendReading,
  ...clicksendIntake,
  // Numbers can be given up in the dashboard only.
  features: [
    "sms",
    "mms",
    "number_search",
    "number_purchase",
    "webhook_configuration",
    "message_lookup",
    "message_search",
    "usage",
    "balance",
  ],
  credentialFields,
  checkCredentials: (input) => checkFields(credentialFields, input),
  webhookSecret: () => "",
  validateCredentials: validateClickSendCredentials,
  listNumbers: listClickSendNumbers,
  purchaseNumber: purchaseClickSendNumber,
  configureConnection: configureClickSendConnection,
  webhookUrls: clickSendWebhookUrls,
};
