import { createHash, randomBytes } from "node:crypto";
import type { Voice } from "../../shared/courier.ts";
import { rememberInbound } from "../../shared/phone/inbound.ts";
import type { PhoneMessage } from "../../shared/phone/message.ts";
import { type SignatureKind, signToken, signWebhook } from "../../shared/signed_webhook.ts";
import type { RetryPolicy, Webhook } from "../../webhooks.ts";
import { type VonageAccount, webhookUrl } from "./account.ts";
import { TITLES } from "./errors.ts";

/** Vonage repeats for a day; here, three times at once. Of the answers with 4xx only 429 counts. */
const POLICY: RetryPolicy = {
  maximumRetries: 3,
  attemptTimeoutMs: 15_000,
  totalTimeoutMs: 60_000,
  shouldRetry: ({ status }) => status === null || status === 429 || status >= 500,
};

function prepare(
  account: VonageAccount,
  message: PhoneMessage,
  signature: SignatureKind,
  { purpose, url, content }: { purpose: string; url: string; content: Record<string, unknown> },
): Webhook {
  const body = JSON.stringify(content);
  return signWebhook(message, signature, {
    provider: "vonage",
    purpose,
    url,
    contentType: "application/json",
    body,
    parameters: { id: message.sid, status: message.status },
    policy: POLICY,
    sign(isValid) {
      const claims = {
        iat: Math.floor(Date.now() / 1000),
        jti: crypto.randomUUID(),
        iss: "Vonage",
        payload_hash: createHash("sha256").update(body).digest("hex"),
        api_key: account.sid,
        application_id: account.application.id,
      };
      const key = isValid ? account.signatureSecret : randomBytes(20).toString("hex");
      return { authorization: `Bearer ${signToken(claims, key)}` };
    },
  });
}

function withoutPlus(address: string): string {
  return address.replace(/^\+/, "");
}

function headOf(message: PhoneMessage): Record<string, unknown> {
  return {
    channel: message.channel,
    message_uuid: message.sid,
    to: withoutPlus(message.to),
    from: withoutPlus(message.from),
    timestamp: new Date().toISOString(),
  };
}

export const vonageVoice: Voice<VonageAccount, PhoneMessage> = {
  onInbound: rememberInbound,
  statusWebhook(account, message, signature) {
    const url = message.statusUrl ?? webhookUrl(account.application, "status_url");
    if (url === null) return undefined;
    const content = message.kind === "call" ? callEvent(message) : statusEvent(message);
    return prepare(account, message, signature, { purpose: "status", url, content });
  },
  inboundWebhooks(account, message, signature) {
    const url = webhookUrl(account.application, "inbound_url");
    if (url === null) return [];
    const content = inboundEvent(message);
    return [prepare(account, message, signature, { purpose: "inbound", url, content })];
  },
};

function statusEvent(message: PhoneMessage): Record<string, unknown> {
  const { status, errorCode, reference } = message;
  const isPaid = status === (message.channel === "whatsapp" ? "delivered" : "submitted");
  return {
    ...headOf(message),
    status,
    ...(reference === null ? {} : { client_ref: reference }),
    ...(isPaid ? { usage: { currency: "EUR", price: "0.0333" } } : {}),
    ...(errorCode === null ? {} : {
      error: {
        type: `https://developer.nexmo.com/api-errors/messages-olympus#${errorCode}`,
        title: Number(errorCode),
        detail: TITLES[errorCode] ?? "Unknown",
        instance: message.sid,
      },
    }),
  };
}

function inboundEvent(message: PhoneMessage): Record<string, unknown> {
  const { channel, text, mediaUrls: [url], segmentCount } = message;
  const content = url
    ? { message_type: "image", image: { url, ...(text === "" ? {} : { caption: text }) } }
    : { message_type: "text", text };
  return {
    ...headOf(message),
    ...content,
    ...(channel === "sms" ? { sms: { num_messages: String(segmentCount) } } : {}),
    ...(channel === "whatsapp" ? { profile: { name: "Simulated contact" } } : {}),
  };
}

function callEvent(message: PhoneMessage): Record<string, unknown> {
  return {
    uuid: message.sid,
    conversation_uuid: `CON-${message.sid}`,
    status: message.status,
    direction: message.direction,
    from: withoutPlus(message.from),
    to: withoutPlus(message.to),
    timestamp: new Date().toISOString(),
    ...(message.status === "completed" ? { duration: "12", rate: "0.0127", price: "0.0025" } : {}),
  };
}
