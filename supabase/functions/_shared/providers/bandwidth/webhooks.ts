import * as z from "zod/mini";
import { optionalDecimal, optionalText } from "../json.ts";
import type { NumberWebhooks, WebhookEvent, WebhookRequest } from "../provider.ts";
import { readWebhookJson, readWebhookValue } from "../webhook_body.ts";
import { readBandwidthStatus, toE164 } from "./words.ts";

/** Callbacks are the application's, which has one URL for each kind and none to fall back on. */
export function bandwidthWebhookUrls(connectionUrl: string): NumberWebhooks {
  return { inboundUrl: connectionUrl, fallbackUrl: connectionUrl };
}

const text = z.string().check(z.minLength(1));

const inbound = z.object({
  to: text,
  message: z.object({
    id: text,
    from: text,
    text: optionalText,
    segmentCount: optionalDecimal,
    media: z.nullish(z.array(z.string().check(z.regex(/^https:\/\/[^\s\p{Cc}]+$/u)))),
  }),
});

const receipt = z.object({
  description: optionalText,
  errorCode: optionalDecimal,
  message: z.object({ id: text, segmentCount: optionalDecimal, tag: optionalText }),
});

/** An array in the guide and in fact; the reference shows the one event that it holds. */
export function readBandwidthWebhook(request: WebhookRequest): WebhookEvent[] {
  const body = readWebhookJson(z.unknown(), request);
  return (Array.isArray(body) ? body : [body]).flatMap(readEvent);
}

function readEvent(event: unknown): WebhookEvent[] {
  const { type } = readWebhookValue(z.object({ type: text }), event);
  if (type === "message-received") return [readMessage(event)];
  // What RCS and other products tell is none of a message that was sent from here.
  return type.startsWith("message-") ? [readReceipt(type, event)] : [];
}

/** The media need our credentials, and are gone after two days. */
function readMessage(event: unknown): WebhookEvent {
  const { to, message } = readWebhookValue(inbound, event);
  const segmentCount = Number(message.segmentCount ?? 0);
  return {
    kind: "message",
    externalId: message.id,
    channel: "sms",
    from: toE164(message.from),
    to: toE164(to),
    text: message.text,
    media: (message.media ?? []).map((url) => ({ url, contentType: "" })),
    ...(segmentCount > 0 ? { segmentCount } : {}),
  };
}

function readReceipt(type: string, event: unknown): WebhookEvent {
  const { description, errorCode = "0", message } = readWebhookValue(receipt, event);
  const segmentCount = Number(message.segmentCount ?? 0);
  return {
    kind: "status",
    externalId: message.id,
    status: readBandwidthStatus(type, errorCode),
    providerStatus: type,
    ...(segmentCount > 0 ? { segmentCount } : {}),
    ...(errorCode === "0" ? {} : { errorCode }),
    ...(type === "message-failed" && description ? { errorMessage: description } : {}),
    ...(message.tag ? { reference: message.tag } : {}),
  };
}
