import { checkFields } from "./credentials.ts";
import type { CredentialCheck, CredentialField, Provider } from "./provider.ts";
import { readTwilioBalance, readTwilioUsage, validateTwilioCredentials } from "./twilio_account.ts";
import { explainTwilioErrorCode, readTwilioError } from "./twilio_errors.ts";
import {
  lookUpTwilioMessage,
  refuseTwilioMessage,
  searchTwilioMessages,
  sendTwilioMessage,
} from "./twilio_messages.ts";
import {
  configureTwilioNumber,
  listTwilioNumbers,
  purchaseTwilioNumber,
  releaseTwilioNumber,
  searchTwilioNumbers,
} from "./twilio_numbers.ts";
import { TWILIO_HOST } from "./twilio_request.ts";
import {
  readTwilioWebhook,
  twilioWebhookAnswer,
  twilioWebhookUrls,
  verifyTwilioWebhook,
} from "./twilio_webhooks.ts";

const credentialFields: ReadonlyArray<CredentialField> = [
  {
    name: "account_sid",
    label: "Account SID",
    pattern: /^AC[0-9a-fA-F]{32}$/,
    isRequired: true,
    isSecret: false,
    remedy: 'Copy it from "Account Info" in the Twilio Console: AC and 32 hexadecimal digits',
  },
  {
    name: "auth_token",
    label: "Auth Token",
    pattern: /^[0-9a-fA-F]{32}$/,
    isRequired: true,
    isSecret: true,
    remedy: 'Copy it from "Account Info" in the Twilio Console: 32 hexadecimal digits',
  },
  {
    name: "api_key_sid",
    label: "API Key SID",
    pattern: /^SK[0-9a-fA-F]{32}$/,
    isRequired: false,
    isSecret: false,
    remedy: "It is shown when the API key is created: SK and 32 hexadecimal digits",
  },
  {
    name: "api_key_secret",
    label: "API Key Secret",
    pattern: /^[\x21-\x7e]{16,128}$/,
    isRequired: false,
    isSecret: true,
    remedy: "Twilio shows it once: create another API key if it is lost",
  },
];

/** An API key has two halves, of which one alone is of no use. */
function checkTwilioCredentials(input: Readonly<Record<string, unknown>>): CredentialCheck {
  const check = checkFields(credentialFields, input);
  if (!check.ok) return check;
  const { api_key_sid, api_key_secret } = check.credentials;
  if (!api_key_sid === !api_key_secret) return check;
  const field = api_key_sid ? "api_key_secret" : "api_key_sid";
  return { ok: false, issues: [{ field, message: "Give both halves of the API key, or neither" }] };
}

export const twilio: Provider = {
  id: "twilio",
  displayName: "Twilio",
  features: [
    "sms",
    "mms",
    "number_search",
    "number_purchase",
    "number_release",
    "webhook_configuration",
    "message_lookup",
    "message_search",
    "usage",
    "balance",
  ],
  hosts: [TWILIO_HOST],
  credentialFields,
  checkCredentials: checkTwilioCredentials,
  // Twilio signs with the auth token, also where an API key signs in.
  webhookSecret: ({ auth_token = "" }) => auth_token,

  readError: readTwilioError,
  explainErrorCode: explainTwilioErrorCode,

  validateCredentials: validateTwilioCredentials,
  refuseMessage: refuseTwilioMessage,
  sendMessage: sendTwilioMessage,
  lookUpMessage: lookUpTwilioMessage,
  searchMessages: searchTwilioMessages,
  listNumbers: listTwilioNumbers,
  searchNumbers: searchTwilioNumbers,
  purchaseNumber: purchaseTwilioNumber,
  configureNumber: configureTwilioNumber,
  releaseNumber: releaseTwilioNumber,
  readUsage: readTwilioUsage,
  readBalance: readTwilioBalance,

  webhookUrls: twilioWebhookUrls,
  verifyWebhook: (request, secret) => Promise.resolve(verifyTwilioWebhook(request, secret)),
  readWebhook: readTwilioWebhook,
  webhookAnswer: twilioWebhookAnswer,
};
