import * as z from "zod/mini";
import { optionalText, orElse } from "../json.ts";
import { readCallStatus } from "../laml/calls.ts";
import {
  type CallReceipt,
  type NumberWebhooks,
  UnreadableWebhookError,
  type WebhookAnswer,
  type WebhookEvent,
  type WebhookKey,
  type WebhookRequest,
} from "../provider.ts";
import { isForm, readWebhookForm, readWebhookJson, readWebhookValue } from "../webhook_body.ts";
import { telnyxMessage, toTelnyxReceipt } from "./receipt.ts";

const TOLERANCE_MS = 300_000;

/** The fallback differs in its query only, so that both deliver, and deduplicate, the same event. */
export function telnyxWebhookUrls(connectionUrl: string): NumberWebhooks {
  const separator = connectionUrl.includes("?") ? "&" : "?";
  return { inboundUrl: connectionUrl, fallbackUrl: `${connectionUrl}${separator}fallback=1` };
}

/** https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks (read 2026-11-20) */
export async function verifyTelnyxWebhook(
  { headers, body }: WebhookRequest,
  { secret, nowMs }: WebhookKey,
): Promise<boolean> {
  const timestamp = headers.get("telnyx-timestamp") ?? "";
  if (!/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(nowMs - Number(timestamp) * 1000) > TOLERANCE_MS) return false;
  const signature = decodeBase64(headers.get("telnyx-signature-ed25519") ?? "", 64);
  const publicKey = decodeBase64(secret, 32);
  if (!signature || !publicKey) return false;
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    const head = new TextEncoder().encode(`${timestamp}|`);
    const signed = new Uint8Array([...head, ...body]);
    return await crypto.subtle.verify("Ed25519", key, signature, signed);
  } catch {
    return false;
  }
}

function decodeBase64(text: string, length: number): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return null;
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return bytes.length === length ? bytes : null;
  } catch {
    return null;
  }
}

const envelope = z.object({
  data: z.object({
    event_type: z.string(),
    id: z.string().check(z.minLength(1)),
    payload: z.record(z.string(), z.unknown()),
  }),
});

/** Calls by TeXML are reported by form; everything else in JSON, by the name of the event. */
export function readTelnyxWebhook(request: WebhookRequest): WebhookEvent[] {
  if (isForm(request)) return [{ kind: "call", ...readCall(request) }];
  const { event_type, id, payload } = readWebhookJson(envelope, request).data;
  if (event_type === "message.received") return [readInbound(payload)];
  if (event_type.startsWith("number_order.")) {
    const { id: orderId } = readWebhookValue(order, payload);
    return [{ kind: "number_order", externalId: id, orderId }];
  }
  if (event_type === "message.sent" || event_type === "message.finalized") {
    return [{ kind: "status", ...toTelnyxReceipt(readWebhookValue(telnyxMessage, payload)) }];
  }
  return [];
}

export function telnyxWebhookAnswer(): WebhookAnswer {
  return { status: 200, headers: {}, body: "" };
}

const order = z.object({ id: z.string().check(z.minLength(1)) });

const medium = z.object({
  url: z.string().check(z.regex(/^https:\/\/[^\s\p{Cc}]+$/u)),
  content_type: optionalText,
});

const whatsAppMedium = z.optional(z.object({
  link: optionalText,
  caption: optionalText,
  mime_type: optionalText,
}));

/** The content of WhatsApp, in the form in which Telnyx gives back what was sent. */
const whatsAppBody = z.object({
  text: z.optional(z.object({ body: z.string() })),
  image: whatsAppMedium,
  audio: whatsAppMedium,
  video: whatsAppMedium,
  document: whatsAppMedium,
  sticker: whatsAppMedium,
});

const address = z.object({ phone_number: z.string().check(z.regex(/^[\p{L}\p{N}+][^\p{Cc}]*$/u)) });

const inbound = z.object({
  id: z.string().check(z.minLength(1)),
  type: optionalText,
  from: address,
  to: z.array(address).check(z.minLength(1)),
  text: optionalText,
  media: z.optional(z.nullable(z.array(medium))),
  parts: orElse(z.number(), 0),
  body: orElse(z.optional(whatsAppBody), undefined),
});

function readInbound(payload: unknown): WebhookEvent {
  const message = readWebhookValue(inbound, payload);
  const [to] = message.to;
  if (!to) throw new UnreadableWebhookError("Cannot read webhook: no recipient");
  const isWhatsApp = message.type.toUpperCase() === "WHATSAPP";
  const content = isWhatsApp ? readWhatsApp(message.body) : { text: "", media: [] };
  return {
    kind: "message",
    externalId: message.id,
    channel: isWhatsApp ? "whatsapp" : "sms",
    from: message.from.phone_number,
    to: to.phone_number,
    text: message.text || content.text,
    media: [
      ...(message.media ?? []).map(({ url, content_type }) => ({ url, contentType: content_type })),
      ...content.media,
    ],
    ...(!isWhatsApp && message.parts > 0 ? { segmentCount: message.parts } : {}),
  };
}

function readWhatsApp(body: z.output<typeof whatsAppBody> | undefined) {
  const media = [body?.image, body?.audio, body?.video, body?.document, body?.sticker]
    .filter((one) => one !== undefined)
    .filter(({ link }) => /^https:\/\/[^\s\p{Cc}]+$/u.test(link));
  return {
    text: body?.text?.body ?? media.find(({ caption }) => caption)?.caption ?? "",
    media: media.map(({ link, mime_type }) => ({ url: link, contentType: mime_type })),
  };
}

/** https://developers.telnyx.com/api-reference/callbacks/texml-call-completed (read 2026-11-20) */
function readCall(request: WebhookRequest): CallReceipt {
  const parameters = readWebhookForm(request);
  const externalId = parameters.get("CallSid");
  const word = parameters.get("CallStatus");
  if (!externalId || word === undefined) {
    throw new UnreadableWebhookError("Cannot read webhook: no call");
  }
  const duration = parameters.get("CallDuration") ?? "";
  const errorCode = parameters.get("ErrorCode");
  const errorMessage = parameters.get("ErrorMessage");
  return {
    externalId,
    status: readCallStatus(word),
    providerStatus: word,
    ...(/^\d{1,6}$/.test(duration) ? { durationSeconds: Number(duration) } : {}),
    ...(errorCode ? { errorCode } : {}),
    ...(errorMessage ? { errorMessage } : {}),
  };
}
