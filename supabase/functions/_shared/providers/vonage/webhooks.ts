import * as z from "zod/mini";
import { optionalDecimal, optionalText, orElse, withoutSign } from "../json.ts";
import type {
  NumberWebhooks,
  WebhookAnswer,
  WebhookEvent,
  WebhookKey,
  WebhookRequest,
} from "../provider.ts";
import { readWebhookJson, readWebhookValue } from "../webhook_body.ts";
import { problem, toReason } from "./errors.ts";
import { toNeutralAddress } from "./request.ts";
import { isSame, readSignedClaims, sha256Hex } from "./token.ts";
import { readVonageCallStatus, readVonageStatus } from "./words.ts";

/**
 * Vonage's tokens have no end. It repeats a webhook for 24 hours, and does not say whether it signs
 * anew: a shorter window could lose what comes late, and what comes twice is told by its identifier.
 */
const LONGEST_AGE_MS = (24 * 60 + 5) * 60 * 1000;
const LONGEST_AHEAD_MS = 5 * 60 * 1000;

/** An application has one URL for each kind: nothing is called in its place. */
export function vonageWebhookUrls(connectionUrl: string): NumberWebhooks {
  return { inboundUrl: connectionUrl, fallbackUrl: connectionUrl };
}

/** https://developer.vonage.com/en/getting-started/concepts/webhooks (read 2026-11-20) */
export async function verifyVonageWebhook(
  { headers, body }: WebhookRequest,
  { secret, nowMs }: WebhookKey,
): Promise<boolean> {
  const [, token] = /^Bearer ([\w.-]{1,8192})$/.exec(headers.get("authorization") ?? "") ?? [];
  if (!token) return false;
  try {
    const claims = await readSignedClaims(token, secret);
    const { iat, payload_hash: hash } = claims ?? {};
    if (typeof iat !== "number" || typeof hash !== "string") return false;
    const ageMs = nowMs - iat * 1000;
    if (!(ageMs <= LONGEST_AGE_MS && ageMs >= -LONGEST_AHEAD_MS)) return false;
    return isSame(hash.toLowerCase(), await sha256Hex(body));
  } catch {
    return false;
  }
}

const id = z.string().check(z.minLength(1));
const address = z.string().check(z.regex(/^[\p{L}\p{N}+][^\p{Cc}]*$/u));
const usage = orElse(
  z.optional(z.object({ price: optionalDecimal, currency: optionalText })),
  undefined,
);

/** Enough of a body to tell which one it is. */
const anyWebhook = z.looseObject({
  message_uuid: z.optional(z.string()),
  uuid: z.optional(z.string()),
  channel: optionalText,
  status: z.optional(z.string()),
});

/** Statuses of messages name a status; inbound messages do not. Calls have a `uuid` of their own. */
export function readVonageWebhook(request: WebhookRequest): WebhookEvent[] {
  const body = readWebhookJson(anyWebhook, request);
  if (body.message_uuid === undefined && body.uuid !== undefined) {
    return body.status === undefined ? [] : [readCall(body)];
  }
  if (body.status !== undefined) return [readStatus(body)];
  const isServed = ["sms", "mms", "whatsapp"].includes(body.channel);
  return isServed || body.message_uuid === undefined ? [readInbound(body)] : [];
}

export function vonageWebhookAnswer(): WebhookAnswer {
  return { status: 200, headers: {}, body: "" };
}

const status = z.object({
  message_uuid: id,
  status: z.string(),
  client_ref: optionalText,
  error: orElse(z.optional(problem), undefined),
  usage,
  sms: orElse(z.optional(z.object({ count_total: optionalDecimal })), undefined),
});

function readStatus(body: unknown): WebhookEvent {
  const given = readWebhookValue(status, body);
  const { code, message } = given.error ? toReason(given.error) : { code: "", message: "" };
  const segmentCount = Number(given.sms?.count_total ?? 0);
  return {
    kind: "status",
    externalId: given.message_uuid,
    status: readVonageStatus(given.status),
    providerStatus: given.status,
    ...toPrice(given.usage?.price, given.usage?.currency),
    ...(segmentCount > 0 ? { segmentCount } : {}),
    ...(code ? { errorCode: code } : {}),
    ...(message ? { errorMessage: message } : {}),
    ...(given.client_ref ? { reference: given.client_ref } : {}),
  };
}

function toPrice(price: string | undefined, currency: string | undefined) {
  return price && currency
    ? { price: withoutSign(price), priceCurrency: currency.toUpperCase() }
    : {};
}

const medium = z.optional(z.object({
  url: z.string().check(z.regex(/^https:\/\/[^\s\p{Cc}]+$/u)),
  caption: optionalText,
}));

const inbound = z.object({
  channel: z.enum(["sms", "mms", "whatsapp"]),
  message_uuid: id,
  from: address,
  to: address,
  text: optionalText,
  image: medium,
  audio: medium,
  video: medium,
  file: medium,
  vcard: medium,
  sticker: medium,
  reply: orElse(z.optional(z.object({ title: z.string() })), undefined),
  button: orElse(z.optional(z.object({ text: z.string() })), undefined),
  profile: orElse(z.optional(z.object({ name: z.string() })), undefined),
  sms: orElse(z.optional(z.object({ num_messages: optionalDecimal })), undefined),
});

function readInbound(body: unknown): WebhookEvent {
  const message = readWebhookValue(inbound, body);
  const { image, audio, video, file, vcard, sticker } = message;
  const media = [image, audio, video, file, vcard, sticker].filter((one) => one !== undefined);
  const caption = media.find((one) => one.caption)?.caption;
  const segmentCount = Number(message.sms?.num_messages ?? 0);
  const senderName = message.profile?.name;
  return {
    kind: "message",
    externalId: message.message_uuid,
    channel: message.channel === "whatsapp" ? "whatsapp" : "sms",
    from: toNeutralAddress(message.from),
    to: toNeutralAddress(message.to),
    text: message.text || (caption ?? message.reply?.title ?? message.button?.text ?? ""),
    // Vonage tells what kind a medium is of, not its type.
    media: media.map(({ url }) => ({ url, contentType: "" })),
    ...(segmentCount > 0 ? { segmentCount } : {}),
    ...(senderName ? { senderName } : {}),
  };
}

const call = z.object({
  uuid: id,
  status: z.string(),
  duration: optionalDecimal,
  price: optionalDecimal,
  detail: optionalText,
});

function readCall(body: unknown): WebhookEvent {
  const given = readWebhookValue(call, body);
  const durationSeconds = Number(given.duration ?? 0);
  return {
    kind: "call",
    externalId: given.uuid,
    status: readVonageCallStatus(given.status),
    providerStatus: given.status,
    ...(durationSeconds > 0 ? { durationSeconds } : {}),
    // Always in euros, as all that Vonage bills.
    ...toPrice(given.price, "EUR"),
    ...(given.detail ? { errorMessage: given.detail } : {}),
  };
}
