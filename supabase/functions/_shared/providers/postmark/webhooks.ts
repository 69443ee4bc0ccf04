import * as z from "zod/mini";
import { readRawHeaders, readThreading } from "../inbound_email.ts";
import { optionalText, orElse } from "../json.ts";
import { isAboutRecipient, referenceOf } from "../outbound_email.ts";
import type {
  InboundEmail,
  NumberWebhooks,
  WebhookAnswer,
  WebhookEvent,
  WebhookRequest,
} from "../provider.ts";
import { readWebhookJson, readWebhookValue } from "../webhook_body.ts";
import { readPostmarkBounce, readPostmarkEvent } from "./words.ts";

const text = z.string().check(z.minLength(1));
const address = z.string().check(z.regex(/^[^\s@]+@[^\s@]+$/));
const marks = orElse(z.record(z.string(), z.unknown()), {});
const anyRecord = z.looseObject({ RecordType: z.optional(text) });

const messageRecord = z.object({ MessageID: text, Recipient: optionalText, Metadata: marks });
const bounce = z.object({
  ID: z.number(),
  Type: text,
  MessageID: optionalText,
  Email: address,
  Description: optionalText,
  Details: optionalText,
  Metadata: marks,
});
const complaint = z.object({ ID: z.number(), Email: address, Metadata: marks });
const subscription = z.object({
  Recipient: address,
  ChangedAt: text,
  Origin: optionalText,
  SuppressSending: z.boolean(),
  SuppressionReason: optionalText,
  Metadata: marks,
});

/** One event, told by its `RecordType`; inbound mail has none. */
export function readPostmarkWebhook(request: WebhookRequest): WebhookEvent[] {
  const record = readWebhookJson(anyRecord, request);
  switch (record.RecordType) {
    case undefined:
    case "Inbound":
      return [readMail(record)];
    case "Bounce":
      return readBounce(record);
    case "SpamComplaint": {
      const { ID, Email, Metadata } = readWebhookValue(complaint, record);
      return [toOptOut(`SpamComplaint.${ID}`, Email, true, "complaint", Metadata)];
    }
    case "SubscriptionChange":
      return readSubscription(record);
    default: {
      const { MessageID, Recipient, Metadata } = readWebhookValue(messageRecord, record);
      if (!isAboutRecipient(Metadata, Recipient)) return [];
      return [{
        kind: "status",
        externalId: MessageID,
        status: readPostmarkEvent(record.RecordType),
        providerStatus: record.RecordType,
        ...referenceOf(Metadata),
      }];
    }
  }
}

function readBounce(record: unknown): WebhookEvent[] {
  const { ID, Type, MessageID, Email, Description, Details, Metadata } = readWebhookValue(
    bounce,
    record,
  );
  if (Type === "Unsubscribe") {
    return [toOptOut(`Bounce.${ID}`, Email, true, "unsubscribe_link", Metadata)];
  }
  if (Type === "SpamComplaint") {
    return [toOptOut(`SpamComplaint.${ID}`, Email, true, "complaint", Metadata)];
  }
  const status = readPostmarkBounce(Type);
  if (status === null || MessageID === "" || !isAboutRecipient(Metadata, Email)) return [];
  const errorMessage = Details || Description;
  return [{
    kind: "status",
    externalId: MessageID,
    status,
    providerStatus: Type,
    ...(status === "unknown" ? {} : { errorCode: Type }),
    ...(errorMessage ? { errorMessage } : {}),
    ...referenceOf(Metadata),
  }];
}

/**
 * A bounce suppresses an address, too, and is told on its own. That somebody else lifts a suppression
 * is no word from the recipient.
 */
function readSubscription(record: unknown): WebhookEvent[] {
  const change = readWebhookValue(subscription, record);
  const { Recipient, ChangedAt, Origin, SuppressSending, SuppressionReason, Metadata } = change;
  const isOwnWish = Origin === "Recipient";
  if (SuppressSending ? SuppressionReason === "HardBounce" : !isOwnWish) return [];
  const source = SuppressionReason === "SpamComplaint"
    ? "complaint"
    : isOwnWish
    ? "unsubscribe_link"
    : "provider";
  const externalId = `SubscriptionChange.${Recipient.toLowerCase()}.${ChangedAt}`;
  return [toOptOut(externalId, Recipient, SuppressSending, source, Metadata)];
}

function toOptOut(
  externalId: string,
  recipient: string,
  isOptedOut: boolean,
  source: "provider" | "unsubscribe_link" | "complaint",
  metadata: Record<string, unknown>,
): WebhookEvent {
  return {
    kind: "opt_out",
    externalId,
    address: recipient.toLowerCase(),
    isOptedOut,
    source,
    ...referenceOf(metadata),
  };
}

const person = z.object({ Email: address, Name: optionalText });
const mail = z.object({
  MessageID: text,
  FromFull: person,
  ToFull: orElse(z.array(person), []),
  CcFull: orElse(z.array(person), []),
  OriginalRecipient: optionalText,
  Subject: optionalText,
  TextBody: optionalText,
  HtmlBody: optionalText,
  Headers: orElse(z.array(z.object({ Name: z.string(), Value: z.string() })), []),
});

function readMail(record: unknown): InboundEmail {
  const given = readWebhookValue(mail, record);
  const recipient = readWebhookValue(address, findRecipient(given));
  const headers = given.Headers
    .map(({ Name, Value }) => `${Name}: ${Value.replace(/\s+/g, " ")}`)
    .join("\n");
  const { Email, Name } = given.FromFull;
  return {
    kind: "message",
    channel: "email",
    externalId: given.MessageID,
    from: Email.toLowerCase(),
    to: recipient.toLowerCase(),
    cc: given.CcFull.map((one) => one.Email.toLowerCase()),
    subject: given.Subject,
    text: given.TextBody,
    html: given.HtmlBody,
    // Attachments come inside of the body: there is no address to fetch them from.
    media: [],
    ...readThreading(readRawHeaders(headers)),
    ...(Name ? { senderName: Name } : {}),
  };
}

/** Mail that is forwarded to Postmark's own address was written to the one in its header. */
function findRecipient({ OriginalRecipient, ToFull }: z.output<typeof mail>): string {
  const isOwn = OriginalRecipient !== "" &&
    !OriginalRecipient.toLowerCase().endsWith("@inbound.postmarkapp.com");
  return isOwn ? OriginalRecipient : ToFull[0]?.Email ?? OriginalRecipient;
}

export function postmarkWebhookUrls(connectionUrl: string): NumberWebhooks {
  return { inboundUrl: connectionUrl, fallbackUrl: connectionUrl };
}

/** Nothing but 200 counts. */
export function postmarkWebhookAnswer(): WebhookAnswer {
  return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: "OK" };
}
