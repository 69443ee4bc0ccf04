/** Webhooks in Twilio's form, which SignalWire's Compatibility API shares. */
import {
  type MessageReceipt,
  type ProviderStatus,
  UnreadableWebhookError,
  type WebhookAnswer,
  type WebhookEvent,
  type WebhookMedia,
  type WebhookRequest,
} from "../provider.ts";
import { storableText } from "../text.ts";
import { isForm } from "../webhook_body.ts";
import { toNeutralAddress } from "./address.ts";
import { readCallStatus } from "./calls.ts";

/** In what the providers that use this form differ. */
interface LamlDialect {
  messageId: RegExp;
  /** Absent where calls are not read. */
  callId?: RegExp;
  readStatus(word: string): ProviderStatus;
}

export function readLamlWebhook(request: WebhookRequest, dialect: LamlDialect): WebhookEvent[] {
  const parameters = readParameters(request);
  if (dialect.callId && !parameters.has("MessageSid") && parameters.has("CallSid")) {
    return [readCall(required(parameters, "CallSid", dialect.callId), parameters)];
  }
  const externalId = required(parameters, "MessageSid", dialect.messageId);
  // Inbound messages carry `SmsStatus=received` and no `MessageStatus`; receipts carry both.
  const word = parameters.get("MessageStatus") ?? parameters.get("SmsStatus") ?? "received";
  const status = dialect.readStatus(word);
  if (status === "received") return [readMessage(externalId, parameters)];
  const receipt: MessageReceipt = { externalId, status, providerStatus: storableText(word) };
  const errorCode = parameters.get("ErrorCode");
  const errorMessage = parameters.get("ErrorMessage") || parameters.get("ChannelStatusMessage");
  if (errorCode && errorCode !== "0") receipt.errorCode = storableText(errorCode);
  if (errorMessage) receipt.errorMessage = storableText(errorMessage);
  return [{ kind: "status", ...receipt }];
}

/** A document that does nothing: a webhook that sends back anything else is an error. */
export function lamlWebhookAnswer(): WebhookAnswer {
  return {
    status: 200,
    headers: { "content-type": "text/xml; charset=utf-8" },
    body: '<?xml version="1.0" encoding="UTF-8"?><Response></Response>',
  };
}

/** Throws for bytes that are not UTF-8: replacing them would sign something that was not sent. */
export function decodeBody(body: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
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

function readCall(externalId: string, parameters: URLSearchParams): WebhookEvent {
  const word = required(parameters, "CallStatus", /^[^\p{Cc}]{1,64}$/u);
  const duration = optional(parameters, "CallDuration", /^\d{1,9}$/);
  const errorCode = parameters.get("ErrorCode");
  const errorMessage = parameters.get("ErrorMessage");
  return {
    kind: "call",
    externalId,
    status: readCallStatus(word),
    providerStatus: storableText(word),
    ...(duration ? { durationSeconds: Number(duration) } : {}),
    ...(errorCode && errorCode !== "0" ? { errorCode: storableText(errorCode) } : {}),
    ...(errorMessage ? { errorMessage: storableText(errorMessage) } : {}),
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
  if (!isForm(request)) throw new UnreadableWebhookError("Cannot read webhook: not a form");
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
