import { Buffer } from "node:buffer";
import { randomBytes, sign } from "node:crypto";
import type { Voice } from "../../shared/courier.ts";
import { rememberInbound } from "../../shared/phone/inbound.ts";
import type { PhoneMessage } from "../../shared/phone/message.ts";
import { type SignatureKind, signWebhook } from "../../shared/signed_webhook.ts";
import type { RetryPolicy, Webhook } from "../../webhooks.ts";
import type { Order, TelnyxAccount } from "./account.ts";
import { representMessage, representOrder } from "./representation.ts";

/** Three tries at each URL, 2 s each. */
const POLICY: RetryPolicy = {
  maximumRetries: 2,
  attemptTimeoutMs: 2_000,
  totalTimeoutMs: 6_000,
  shouldRetry: ({ status }) => status === null || status >= 300,
};

function prepare(
  account: TelnyxAccount,
  signature: SignatureKind,
  { subject, ...webhook }:
    & Pick<Webhook, "purpose" | "url" | "parameters">
    & { subject: string; body: string; contentType: string },
): Webhook {
  const timestamp = String(Math.floor(Date.now() / 1000));
  return signWebhook({ sid: subject, accountSid: account.sid }, signature, {
    ...webhook,
    provider: "telnyx",
    headers: { "user-agent": "telnyx-webhooks", "telnyx-timestamp": timestamp },
    policy: POLICY,
    sign(isValid) {
      const bytes = Buffer.from(`${timestamp}|${webhook.body}`);
      const signed = isValid ? sign(null, bytes, account.privateKey) : randomBytes(64);
      return { "telnyx-signature-ed25519": signed.toString("base64") };
    },
  });
}

function eventWebhook(
  account: TelnyxAccount,
  signature: SignatureKind,
  event: { type: string; url: string; subject: string; status: string; payload: unknown },
): Webhook {
  const { type, url, subject, status, payload } = event;
  const id = crypto.randomUUID();
  return prepare(account, signature, {
    purpose: type === "message.received" ? "inbound" : "status",
    subject,
    url,
    parameters: { event_type: type, id: subject, status },
    contentType: "application/json",
    body: JSON.stringify({
      data: {
        event_type: type,
        id,
        occurred_at: new Date().toISOString(),
        payload,
        record_type: "event",
      },
      meta: { attempt: 1, delivered_to: url },
    }),
  });
}

/** Telnyx reports that a message was sent, and how it ended; nothing in between. */
const REPORTED: Readonly<Record<string, string>> = { sent: "message.sent" };

export const telnyxVoice: Voice<TelnyxAccount, PhoneMessage> = {
  onInbound: rememberInbound,
  statusWebhook(account, message, signature) {
    const url = message.statusUrl ?? account.profile.webhookUrl;
    if (!url) return undefined;
    if (message.kind === "call") return callWebhook(account, message, url, signature);
    return eventWebhook(account, signature, {
      type: REPORTED[message.status] ?? "message.finalized",
      url,
      subject: message.sid,
      status: message.status,
      payload: representMessage(account, message),
    });
  },
  inboundWebhooks(account, message, signature) {
    const urls = [account.profile.webhookUrl, account.profile.failoverUrl];
    return urls.filter((url) => url !== null).map((url) =>
      eventWebhook(account, signature, {
        type: "message.received",
        url,
        subject: message.sid,
        status: message.status,
        payload: representMessage(account, message),
      })
    );
  },
};

export function orderWebhook(account: TelnyxAccount, order: Order): Webhook | undefined {
  const url = account.profile.webhookUrl;
  return url === null ? undefined : eventWebhook(account, "valid", {
    type: "number_order.complete",
    url,
    subject: order.id,
    status: order.status,
    payload: representOrder(order),
  });
}

function callWebhook(
  account: TelnyxAccount,
  message: PhoneMessage,
  url: string,
  signature: SignatureKind,
): Webhook {
  const parameters = {
    AccountSid: account.sid,
    CallSid: message.sid,
    CallStatus: message.status,
    CallbackSource: "call-progress-events",
    ConnectionId: account.connectionId,
    From: message.from,
    To: message.to,
    ...(message.status === "completed" ? { CallDuration: "12" } : {}),
  };
  return prepare(account, signature, {
    purpose: "status",
    subject: message.sid,
    url,
    parameters,
    contentType: "application/x-www-form-urlencoded",
    body: new URLSearchParams(parameters).toString(),
  });
}
