import { postmarkIntake } from "./postmark/intake.ts";
import { postmarkReading } from "./postmark/reading.ts";
import { postmarkReconciling } from "./postmark/reconciling.ts";
import { postmarkSending } from "./postmark/sending.ts";
import { checkFields } from "./credentials.ts";
import { listPostmarkSenders, validatePostmarkCredentials } from "./postmark/account.ts";
import { configurePostmarkConnection } from "./postmark/connection.ts";
import { postmarkWebhookUrls } from "./postmark/webhooks.ts";
import type { CredentialField, Provider } from "./provider.ts";

const credentialFields: ReadonlyArray<CredentialField> = [
  {
    name: "server_token",
    label: "Server API Token",
    pattern: /^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|POSTMARK_API_TEST)$/,
    isRequired: true,
    isSecret: true,
    remedy: 'Copy it from "API Tokens" of the server that sends',
  },
  {
    name: "account_token",
    label: "Account API Token",
    pattern: /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
    isRequired: false,
    isSecret: true,
    remedy: 'Copy it from "API Tokens" of the account, or leave it out',
  },
  {
    name: "from_address",
    label: "From Address",
    pattern: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
    isRequired: true,
    isSecret: false,
    remedy: "Give a confirmed sender signature, or an address of a confirmed domain",
  },
  {
    name: "message_stream",
    label: "Message Stream",
    pattern: /^[A-Za-z0-9_-]{1,64}$/,
    isRequired: false,
    isSecret: false,
    remedy: "Give its ID, such as outbound, or leave it out",
  },
];

export const postmark: Provider = {
  ...postmarkSending,
  ...postmarkReconciling,
  ...postmarkReading,
  ...postmarkIntake,
  features: ["email", "webhook_configuration", "message_lookup", "message_search", "usage"],
  credentialFields,
  checkCredentials: (input) => checkFields(credentialFields, input),
  // Postmark signs nothing: it signs in, with the password that we give it.
  webhookSecret: () => undefined,
  validateCredentials: validatePostmarkCredentials,
  listEmailSenders: listPostmarkSenders,
  configureConnection: configurePostmarkConnection,
  webhookUrls: postmarkWebhookUrls,
};
