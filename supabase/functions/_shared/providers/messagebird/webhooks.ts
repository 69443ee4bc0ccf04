import * as z from "zod/mini";
import { optionalText, orElse } from "../json.ts";
import {
  type NumberWebhooks,
  UnreadableWebhookError,
  type WebhookAnswer,
  type WebhookEvent,
  type WebhookMedia,
  type WebhookRequest,
} from "../provider.ts";
import { storableText } from "../text.ts";
import { isForm, readWebhookForm, readWebhookJson, readWebhookValue } from "../webhook_body.ts";
import { countSegments, describeStatus } from "./receipt.ts";
import { readMessageBirdStatus, toConversationMessageId, toNeutralAddress } from "./words.ts";

/** The fallback is of no use to MessageBird, which has one address for each thing. */
export function messageBirdWebhookUrls(connectionUrl: string): NumberWebhooks {
  const separator = connectionUrl.includes("?") ? "&" : "?";
  return { inboundUrl: connectionUrl, fallbackUrl: `${connectionUrl}${separator}fallback=1` };
}

export function messageBirdWebhookAnswer(): WebhookAnswer {
  return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: "OK" };
}

/**
 * Reports of SMS and MMS come by GET, with everything in the query. Inbound SMS come from a flow that
 * forwards them, as a form, as JSON or in the query; WhatsApp comes as JSON, from a webhook or from
 * the URL of a message.
 */
export function readMessageBirdWebhook(request: WebhookRequest): WebhookEvent[] {
  const isJson = request.body.length > 0 && !isForm(request);
  const body = isJson ? readWebhookJson(z.unknown(), request) : undefined;
  const conversation = z.safeParse(conversationEvent, body);
  if (conversation.success) return readConversationEvent(conversation.data);
  if (z.safeParse(otherEvent, body).success) return [];
  const fields = readFields(request, body);
  if (fields.has("originator")) return [readInboundSms(fields)];
  return [readReport(fields)];
}

const ID = /^[0-9A-Za-z-]{1,64}$/;

function readReport(fields: Map<string, string>): WebhookEvent {
  const reference = fields.get("reference");
  return {
    kind: "status",
    ...describeStatus(required(fields, "id", ID), {
      status: required(fields, "status", /./),
      statusReason: fields.get("statusReason") ?? "",
      statusErrorCode: fields.get("statusErrorCode") ?? "",
    }),
    ...countSegments(/^\d{1,3}$/.exec(fields.get("messagePartCount") ?? "")?.[0]),
    ...(reference ? { reference } : {}),
  };
}

/** A number, a short code or a sender's name. */
const ADDRESS = /^\+?[\p{L}\p{N}][^:\p{Cc}]{0,63}$/u;

/**
 * A flow forwards what its maker lets it: it has to name `id`, `originator` and `recipient`, and the
 * text, which is `payload` in MessageBird's guides and `body` in its reference.
 */
function readInboundSms(fields: Map<string, string>): WebhookEvent {
  const text = fields.get("payload") ?? fields.get("body");
  if (text === undefined) throw new UnreadableWebhookError("Cannot read webhook: no payload");
  return {
    kind: "message",
    externalId: required(fields, "id", ID),
    channel: "sms",
    from: toNeutralAddress(required(fields, "originator", ADDRESS)),
    to: toNeutralAddress(required(fields, "recipient", ADDRESS)),
    text,
    media: [],
  };
}

const media = orElse(z.optional(z.object({ url: z.string(), caption: optionalText })), undefined);
/** Numbers in some places, text in others. */
const text = z.transform((given: unknown) =>
  typeof given === "string" || typeof given === "number" ? String(given) : ""
);

const conversationEvent = z.object({
  type: optionalText,
  contact: orElse(z.optional(z.object({ msisdn: text, displayName: optionalText })), undefined),
  message: z.object({
    id: z.string().check(z.regex(ID)),
    channelId: optionalText,
    platform: optionalText,
    direction: optionalText,
    status: optionalText,
    from: text,
    to: text,
    content: orElse(
      z.optional(
        z.object({ text: optionalText, image: media, video: media, audio: media, file: media }),
      ),
      undefined,
    ),
    error: orElse(z.nullish(z.object({ code: text, description: optionalText })), null),
  }),
});

const otherEvent = z.object({ type: z.string().check(z.regex(/^conversation\./)) });

/**
 * What the URL of a message is sent is not documented: anything that names a message and its status is
 * taken. That one was made is told of ours, too, which tells us nothing.
 */
function readConversationEvent(event: z.output<typeof conversationEvent>): WebhookEvent[] {
  const { message, contact, type } = event;
  const externalId = toConversationMessageId(message.id);
  if (message.direction === "received") {
    if (type !== "message.created" || message.platform !== "whatsapp") return [];
    const [given] = Object.entries(message.content ?? {}).flatMap(([name, value]) =>
      typeof value === "object" ? [{ name, ...value }] : []
    );
    const name = contact?.displayName;
    return [{
      kind: "message",
      externalId,
      channel: "whatsapp",
      from: address(message.from || (contact?.msisdn ?? "")),
      to: address(message.to || message.channelId),
      text: message.content?.text || given?.caption || "",
      media: given ? [toMedia(given)] : [],
      ...(name ? { senderName: name } : {}),
    }];
  }
  if (type === "message.created") return [];
  if (!message.status) throw new UnreadableWebhookError("Cannot read webhook: no status");
  const word = message.status;
  const { code = "", description = "" } = message.error ?? {};
  return [{
    kind: "status",
    externalId,
    status: readMessageBirdStatus(word),
    providerStatus: word,
    ...(code ? { errorCode: code } : {}),
    ...(description ? { errorMessage: description } : {}),
  }];
}

function address(given: string): string {
  if (!ADDRESS.test(given)) throw new UnreadableWebhookError("Cannot read webhook: no address");
  return toNeutralAddress(given);
}

/** The kind is all that MessageBird says of the file. */
function toMedia({ name, url }: { name: string; url: string }): WebhookMedia {
  if (!/^https:\/\/[^\s\p{Cc}]+$/u.test(url)) {
    throw new UnreadableWebhookError("Cannot read webhook: malformed media");
  }
  return { url, contentType: name === "file" ? "" : `${name}/*` };
}

/** Text and numbers by name, of a form or of the URL. */
function readFields(request: WebhookRequest, json: unknown): Map<string, string> {
  if (json === undefined) {
    return isForm(request) ? readWebhookForm(request) : new Map(
      [...URL.parse(request.url)?.searchParams ?? []]
        .map(([name, value]) => [name, storableText(value)]),
    );
  }
  const fields = readWebhookValue(z.record(z.string(), z.unknown()), json);
  return new Map(
    Object.entries(fields).flatMap(([name, value]): [string, string][] =>
      typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : []
    ),
  );
}

function required(fields: Map<string, string>, name: string, pattern: RegExp): string {
  const value = fields.get(name);
  if (value && pattern.test(value)) return value;
  throw new UnreadableWebhookError(`Cannot read webhook: no ${name}`);
}
