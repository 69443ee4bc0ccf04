import { twilioCalling } from "./twilio/calling.ts";
import { twilioIntake } from "./twilio/intake.ts";
import { twilioReading } from "./twilio/reading.ts";
import { twilioReconciling } from "./twilio/reconciling.ts";
import { twilioSending } from "./twilio/sending.ts";
import { checkFields } from "./credentials.ts";
import type { CredentialCheck, CredentialField, Provider } from "./provider.ts";
import { validateTwilioCredentials } from "./twilio/account.ts";
import { twilioNumbers } from "./twilio/numbers.ts";
import { twilioWebhookUrls } from "./twilio/webhook_urls.ts";

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
  ...twilioSending,
  ...twilioReconciling,
  ...twilioReading,
  ...twilioCalling,
  ...twilioIntake,
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
    "usage",
    "balance",
  ],
  credentialFields,
  checkCredentials: checkTwilioCredentials,
  // Twilio signs with the auth token, also where an API key signs in.
  webhookSecret: ({ auth_token = "" }) => auth_token,
  validateCredentials: validateTwilioCredentials,
  ...twilioNumbers,
  webhookUrls: twilioWebhookUrls,
};
