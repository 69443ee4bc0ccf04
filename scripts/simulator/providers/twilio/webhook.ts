import { createHmac } from "node:crypto";
import type { Attempt, RetryPolicy, Webhook } from "../../webhooks.ts";
import { newSid } from "./store.ts";

/** Which signature a webhook carries. */
export type SignatureKind = "valid" | "forged" | "missing";

/** A webhook that Twilio is about to send. */
export interface TwilioWebhook {
  accountSid: string;
  authToken: string;
  purpose: string;
  messageSid: string;
  method: string;
  /** As registered, with connection overrides in the fragment. */
  url: string;
  parameters: Record<string, string>;
  signature: SignatureKind;
}

/** Prepares a webhook: parameters placed, signed, and with the retries its URL asks for. */
export function prepareWebhook(webhook: TwilioWebhook): Webhook {
  const [bareUrl, fragment] = splitFragment(webhook.url);
  const isGet = webhook.method === "GET";
  const encoded = new URLSearchParams(webhook.parameters).toString();
  const url = isGet ? `${bareUrl}${bareUrl.includes("?") ? "&" : "?"}${encoded}` : bareUrl;
  const signed = isGet ? {} : webhook.parameters;
  const key = webhook.signature === "valid" ? webhook.authToken : newSid("");
  return {
    provider: "twilio",
    accountSid: webhook.accountSid,
    purpose: webhook.purpose,
    messageSid: webhook.messageSid,
    method: isGet ? "GET" : "POST",
    url,
    headers: {
      ...(isGet ? {} : { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" }),
      ...(webhook.signature === "missing" ? {} : { "x-twilio-signature": sign(key, url, signed) }),
      "i-twilio-idempotency-token": crypto.randomUUID(),
      "user-agent": "TwilioProxy/1.1",
      accept: "*/*",
    },
    body: isGet ? undefined : encoded,
    parameters: webhook.parameters,
    policy: readConnectionOverrides(fragment),
  };
}

/**
 * base64(HMAC-SHA1(auth token, URL + each name and value in order of the names)).
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security
 */
export function sign(authToken: string, url: string, parameters: Record<string, string>): string {
  const names = Object.keys(parameters).sort();
  const data = url + names.map((name) => name + parameters[name]).join("");
  return createHmac("sha1", authToken).update(data, "utf8").digest("base64");
}

/**
 * `#rc=5&rp=5xx,ct`: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 * Values out of range count as absent. A retry follows at once, within 15 s altogether.
 */
export function readConnectionOverrides(fragment: string): RetryPolicy {
  const overrides = new URLSearchParams(fragment);
  const read = (name: string, minimum: number, maximum: number, otherwise: number) => {
    const text = overrides.get(name) ?? "";
    const value = /^\d+$/.test(text) ? Number(text) : otherwise;
    return value >= minimum && value <= maximum ? value : otherwise;
  };
  const causes = new Set((overrides.get("rp") ?? "ct").split(","));
  return {
    maximumRetries: read("rc", 0, 5, 1),
    // On loopback a connection is made or refused at once, so its own timeout (ct) never counts.
    attemptTimeoutMs: read("rt", 100, 15_000, 15_000),
    totalTimeoutMs: read("tt", 100, 15_000, 15_000),
    shouldRetry(attempt) {
      const cause = causeOf(attempt);
      return cause !== undefined && (causes.has("all") || causes.has(cause));
    },
  };
}

/** Why an attempt failed, in the words of `rp`; undefined when it did not. */
function causeOf(attempt: Attempt): string | undefined {
  if (attempt.failure === "connection") return "ct";
  if (attempt.failure !== null) return "rt";
  const status = attempt.status ?? 0;
  if (status >= 500) return "5xx";
  return status >= 400 ? "4xx" : undefined;
}

function splitFragment(url: string): [string, string] {
  const hash = url.indexOf("#");
  return hash === -1 ? [url, ""] : [url.slice(0, hash), url.slice(hash + 1)];
}

/** An absolute URL that Twilio would accept as a callback. */
export function isCallbackUrl(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && ["http:", "https:"].includes(url.protocol) && value.length <= 4_000 &&
    !url.hostname.includes("_");
}
