import type { Voice } from "../../shared/courier.ts";
import { rememberInbound } from "../../shared/phone/inbound.ts";
import type { PhoneMessage } from "../../shared/phone/message.ts";
import { type SignatureKind, signWebhook } from "../../shared/signed_webhook.ts";
import type { RetryPolicy, Webhook } from "../../webhooks.ts";
import type { BandwidthAccount } from "./account.ts";

/** Bandwidth tries for a day until it is answered with success; a few times have to do here. */
const POLICY: RetryPolicy = {
  maximumRetries: 3,
  attemptTimeoutMs: 10_000,
  totalTimeoutMs: 30_000,
  shouldRetry: ({ status }) => status === null || status < 200 || status > 299,
};

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  "message-sending": "Message is sending to carrier.",
  "message-sent": "Message sent to carrier.",
  "message-delivered": "Message delivered to carrier.",
  "message-failed": "Message could not be delivered.",
  "message-received": "Incoming message received",
};

/** Callbacks are the application's; of those of a message, only such as were asked for are sent. */
export const bandwidthVoice: Voice<BandwidthAccount, PhoneMessage> = {
  onInbound: rememberInbound,
  statusWebhook(account, message, kind) {
    const { outboundUrl, types } = account.callbacks;
    return outboundUrl && types.includes(message.status)
      ? webhook(account, message, "status", outboundUrl, kind)
      : undefined;
  },
  inboundWebhooks(account, message, kind) {
    const { inboundUrl } = account.callbacks;
    const isHeard = inboundUrl && account.attachedTo === account.applicationId;
    return isHeard ? [webhook(account, message, "inbound", inboundUrl, kind)] : [];
  },
};

/** An array with one event, and the user and password that were set. */
function webhook(
  account: BandwidthAccount,
  message: PhoneMessage,
  purpose: string,
  url: string,
  kind: SignatureKind,
): Webhook {
  const isInbound = message.direction === "inbound";
  const type = isInbound ? "message-received" : message.status;
  const { user, password } = account.callbacks;
  const event = {
    time: new Date().toISOString(),
    type,
    to: message.to,
    description: DESCRIPTIONS[type] ?? type,
    ...(message.errorCode === null ? {} : { errorCode: Number(message.errorCode) }),
    message: {
      id: message.sid,
      owner: isInbound ? message.to : message.from,
      applicationId: account.applicationId,
      time: new Date(message.createdAt).toISOString(),
      segmentCount: message.segmentCount,
      direction: isInbound ? "in" : "out",
      to: [message.to],
      from: message.from,
      text: message.text,
      ...(message.mediaUrls.length > 0 ? { media: message.mediaUrls } : {}),
      ...(message.reference === null ? {} : { tag: message.reference }),
    },
  };
  return signWebhook(message, kind, {
    provider: "bandwidth",
    purpose,
    url,
    contentType: "application/json; charset=utf-8",
    body: JSON.stringify([event]),
    parameters: { type },
    policy: POLICY,
    sign: (isValid) => ({
      authorization: `Basic ${btoa(`${user}:${isValid ? password : "forged"}`)}`,
    }),
  });
}
