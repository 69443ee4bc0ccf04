import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import type { RetryPolicy, Webhook } from "../webhooks.ts";
import type { Message } from "./store.ts";

/** Which signature a webhook carries. */
export const SIGNATURES = ["valid", "forged", "missing"] as const;
export type SignatureKind = typeof SIGNATURES[number];

/** A webhook that nobody has signed yet. */
interface Unsigned extends Pick<Webhook, "provider" | "purpose" | "url" | "parameters" | "policy"> {
  headers?: Record<string, string>;
  contentType?: string;
  /** Undefined where all is in the URL, which is then fetched. */
  body: string | undefined;
  /** The headers by which the provider signs, with its own key or with another. */
  sign?(isValid: boolean): Record<string, string>;
}

/** A webhook about something of an account, ready to be sent. */
export function signWebhook(
  { sid, accountSid }: Pick<Message, "sid" | "accountSid">,
  signature: SignatureKind,
  { headers, contentType, sign, ...webhook }: Unsigned,
): Webhook {
  return {
    ...webhook,
    accountSid,
    messageSid: sid,
    method: webhook.body === undefined ? "GET" : "POST",
    headers: {
      ...(contentType === undefined ? {} : { "content-type": contentType }),
      ...headers,
      ...(signature === "missing" ? {} : sign?.(signature === "valid")),
    },
  };
}

/** A JSON Web Token, by HMAC-SHA256. */
export function signToken(claims: Record<string, unknown>, key: string): string {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

/** One try. */
export const NO_RETRIES: RetryPolicy = {
  maximumRetries: 0,
  attemptTimeoutMs: 15_000,
  totalTimeoutMs: 15_000,
  shouldRetry: () => false,
};

/** Providers retry for hours; here what fails is tried again at once, and not often. */
export const QUICK_RETRIES: RetryPolicy = {
  maximumRetries: 2,
  attemptTimeoutMs: 15_000,
  totalTimeoutMs: 15_000,
  shouldRetry: ({ status }) => status === null || status < 200 || status > 299,
};
