import { validateRequest, validateRequestWithBody } from "twilio/lib/webhooks/webhooks.js";
import {
  type MessageReceipt,
  type NumberWebhooks,
  UnreadableWebhookError,
  type WebhookAnswer,
  type WebhookEvent,
  type WebhookMedia,
  type WebhookRequest,
} from "./provider.ts";
import { storableText } from "./text.ts";
import { readTwilioStatus, toNeutralAddress } from "./twilio_words.ts";

/**
 * Twilio retries a webhook once, and only when it cannot connect. Asked to, it retries up to five
 * times within 15 s; a shorter read timeout is what leaves time for that. The fragment is neither
 * sent nor signed.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides (read 2026-11-20)
 */
const RETRIES = "#rc=5&rp=5xx,ct,rt&rt=4000";

export function withRetries(url: string): string {
  return withoutFragment(url) + RETRIES;
}

/** The fallback differs in its query only, so that both deliver, and deduplicate, the same event. */
export function twilioWebhookUrls(connectionUrl: string): NumberWebhooks {
  const separator = connectionUrl.includes("?") ? "&" : "?";
  return {
    inboundUrl: withRetries(connectionUrl),
    fallbackUrl: withRetries(`${connectionUrl}${separator}fallback=1`),
  };
}

/**
 * Form parameters are signed with the URL; any other body by its hash in the URL.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-security (read 2026-11-20)
 */
export function verifyTwilioWebhook(request: WebhookRequest, authToken: string): boolean {
  const signature = request.headers.get("x-twilio-signature");
  if (!signature || !authToken) return false;
  const url = withoutFragment(request.url);
  try {
    const body = decodeBody(request.body);
    // A hash in the URL is checked for every body, lest an emptied one pass for a request without.
    if (new URL(url).searchParams.has("bodySHA256")) {
      return validateRequestWithBody(authToken, signature, url, body);
    }
    if (body !== "" && !isForm(request.headers)) return false;
    return validateRequest(authToken, signature, url, groupByName(new URLSearchParams(body)));
  } catch {
    return false;
  }
}

/** https://www.twilio.com/docs/messaging/guides/webhook-request (read 2026-11-20) */
export function readTwilioWebhook(request: WebhookRequest): WebhookEvent[] {
  const parameters = readParameters(request);
  const externalId = required(parameters, "MessageSid", /^[A-Z]{2}[0-9a-fA-F]{32}$/);
  // Inbound messages carry `SmsStatus=received` and no `MessageStatus`; receipts carry both.
  const word = parameters.get("MessageStatus") ?? parameters.get("SmsStatus") ?? "received";
  const status = readTwilioStatus(word);
  if (status === "received") return [readMessage(externalId, parameters)];
  const receipt: MessageReceipt = { externalId, status, providerStatus: storableText(word) };
  const errorCode = parameters.get("ErrorCode");
  const errorMessage = parameters.get("ErrorMessage") || parameters.get("ChannelStatusMessage");
  if (errorCode && errorCode !== "0") receipt.errorCode = storableText(errorCode);
  if (errorMessage) receipt.errorMessage = storableText(errorMessage);
  return [{ kind: "status", ...receipt }];
}

export function twilioWebhookAnswer(): WebhookAnswer {
  return {
    status: 200,
    headers: { "content-type": "text/xml; charset=utf-8" },
    body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
  };
}

/** A number, a short code or a sender's name; other prefixes are channels that we do not serve. */
const ADDRESS = /^(whatsapp:)?[\p{L}\p{N}+][^:\p{Cc}]*$/u;

const OPT_OUT_HINTS: ReadonlyMap<string, "stop" | "start" | "help"> = new Map([
  ["STOP", "stop"],
  ["START", "start"],
  ["HELP", "help"],
]);

function readMessage(externalId: string, parameters: URLSearchParams): WebhookEvent {
  const sender = toNeutralAddress(required(parameters, "From", ADDRESS));
  const recipient = toNeutralAddress(required(parameters, "To", ADDRESS));
  const segmentCount = Number(optional(parameters, "NumSegments", /^\d{1,3}$/) ?? 0);
  const senderName = parameters.get("ProfileName");
  const optOutHint = OPT_OUT_HINTS.get(parameters.get("OptOutType")?.toUpperCase() ?? "");
  return {
    kind: "message",
    externalId,
    channel: sender.channel,
    from: sender.address,
    to: recipient.address,
    text: storableText(parameters.get("Body") ?? ""),
    media: readMedia(parameters),
    ...(segmentCount > 0 ? { segmentCount } : {}),
    ...(senderName ? { senderName: storableText(senderName) } : {}),
    ...(optOutHint ? { optOutHint } : {}),
  };
}

function readMedia(parameters: URLSearchParams): WebhookMedia[] {
  const count = Number(optional(parameters, "NumMedia", /^\d{1,2}$/) ?? 0);
  return Array.from({ length: count }, (_, index) => ({
    url: required(parameters, `MediaUrl${index}`, /^https:\/\/[^\s\p{Cc}]+$/u),
    contentType: storableText(parameters.get(`MediaContentType${index}`) ?? ""),
  }));
}

function readParameters(request: WebhookRequest): URLSearchParams {
  if (request.method === "GET") {
    const url = URL.parse(request.url);
    if (!url) throw new UnreadableWebhookError("Cannot read webhook: no URL");
    return url.searchParams;
  }
  if (!isForm(request.headers)) throw new UnreadableWebhookError("Cannot read webhook: not a form");
  try {
    return new URLSearchParams(decodeBody(request.body));
  } catch {
    throw new UnreadableWebhookError("Cannot read webhook: not UTF-8");
  }
}

function required(parameters: URLSearchParams, name: string, pattern: RegExp): string {
  const value = optional(parameters, name, pattern);
  if (value === undefined) throw new UnreadableWebhookError(`Cannot read webhook: no ${name}`);
  return value;
}

function optional(parameters: URLSearchParams, name: string, pattern: RegExp): string | undefined {
  const value = parameters.get(name);
  if (!value) return undefined;
  if (pattern.test(value)) return value;
  throw new UnreadableWebhookError(`Cannot read webhook: malformed ${name}`);
}

function isForm(headers: Headers): boolean {
  const [type = ""] = (headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase() === "application/x-www-form-urlencoded";
}

/** Throws for bytes that are not UTF-8: replacing them would sign something that was not sent. */
function decodeBody(body: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
}

function groupByName(parameters: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(parameters.keys())];
  return Object.fromEntries(names.map((name) => {
    const values = parameters.getAll(name);
    return [name, values.length > 1 ? values : values[0] ?? ""];
  }));
}

function withoutFragment(url: string): string {
  return url.split("#", 1)[0] ?? "";
}
