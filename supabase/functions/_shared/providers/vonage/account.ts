import * as z from "zod/mini";
import { optionalDecimal, optionalText, orElse, readJson } from "../json.ts";
import {
  type AccountInfo,
  type Balance,
  type ConnectionWebhooks,
  type ConnectionWebhookSetup,
  type Credentials,
  type Operation,
  type Procedure,
  UnreadableAnswerError,
} from "../provider.ts";
import { apiRequest, checkUuid, restRequest } from "./request.ts";

function applicationPath({ application_id = "" }: Credentials): string {
  return `/v2/applications/${checkUuid(application_id)}`;
}

const namedApplication = z.object({ id: z.string(), name: optionalText });

function checkApplication(id: string, { application_id = "" }: Credentials): void {
  if (id.toLowerCase() !== application_id.toLowerCase()) {
    throw new UnreadableAnswerError("unexpected id");
  }
}

/** The application proves itself and the account's key and secret. */
export const validateVonageCredentials: Operation<void, AccountInfo> = {
  toRequest: (_input, credentials) => apiRequest(credentials, "GET", applicationPath(credentials)),
  readResponse({ json }, _input, credentials) {
    const { id, name } = readJson(namedApplication, json);
    checkApplication(id, credentials);
    const { api_key = "" } = credentials;
    return {
      externalAccountId: api_key,
      displayName: name || api_key,
      isActive: true,
      // Vonage has no word for it: an account that is barred cannot sign in.
      providerStatus: "",
    };
  },
};

const anything = z.record(z.string(), z.unknown());

/** As much of an application as can be set. A private key, which Vonage gives once, is left behind. */
const application = z.object({
  id: z.string(),
  name: z.string(),
  capabilities: orElse(anything, {}),
  privacy: z.optional(anything),
  keys: z.optional(z.object({ public_key: z.optional(z.string()) })),
});

/** Setting an application replaces all of it: what is there is read first, and kept. */
export const configureVonageConnection: Procedure<
  { webhooks: ConnectionWebhooks },
  ConnectionWebhookSetup
> = {
  *steps({ webhooks }, credentials) {
    const path = applicationPath(credentials);
    const { json } = yield apiRequest(credentials, "GET", path);
    const { id, name, capabilities, privacy, keys } = readJson(application, json);
    checkApplication(id, credentials);
    const answer = yield apiRequest(credentials, "PUT", path, {
      json: {
        name,
        capabilities: { ...capabilities, messages: toMessages(capabilities.messages, webhooks) },
        ...(privacy ? { privacy } : {}),
        ...(keys?.public_key ? { keys: { public_key: keys.public_key } } : {}),
      },
    });
    checkApplication(readJson(namedApplication, answer.json).id, credentials);
    return {};
  },
};

/** `v1` is the form in which webhooks are read here. */
function toMessages(given: unknown, { inboundUrl, statusUrl }: ConnectionWebhooks): unknown {
  const messages = z.safeParse(anything, given);
  return {
    ...(messages.success ? messages.data : {}),
    version: "v1",
    webhooks: {
      inbound_url: { address: inboundUrl, http_method: "POST" },
      status_url: { address: statusUrl, http_method: "POST" },
    },
  };
}

const balance = z.object({ value: optionalDecimal });

/** https://developer.vonage.com/en/api/account (read 2026-11-20): always in euros. */
export const readVonageBalance: Operation<void, Balance> = {
  toRequest: (_input, credentials) => restRequest(credentials, "GET", "/account/get-balance"),
  readResponse({ json }) {
    const { value } = readJson(balance, json);
    if (value === undefined) throw new UnreadableAnswerError("unexpected value");
    return { amount: value, currency: "EUR" };
  },
};
