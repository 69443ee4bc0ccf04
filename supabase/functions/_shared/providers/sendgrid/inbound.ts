import * as z from "zod/mini";
import { readMailbox, readMailboxes, readRawHeaders, readThreading } from "../inbound_email.ts";
import { type InboundEmail, UnreadableWebhookError } from "../provider.ts";
import { storableText } from "../text.ts";

const charsets = z.record(z.string(), z.string());
const envelope = z.object({ to: z.array(z.string()) });

/**
 * https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook (read 2026-11-20)
 *
 * There is no identifier. That of the mail itself is its sender's choice, and would let one mail pass
 * for another, so that a digest of what every retry repeats takes its place.
 */
export async function readSendgridInbound(
  body: Uint8Array,
  contentType: string,
): Promise<InboundEmail> {
  const field = await readForm(body, contentType);
  const header = readRawHeaders(field("headers"));
  const sender = readMailbox(field("from"));
  const recipients = readJsonField(envelope, field("envelope"))?.to ?? [];
  const recipient = readMailboxes([...recipients, field("to")].join(",")).at(0);
  if (!sender || !recipient) {
    throw new UnreadableWebhookError("Cannot read webhook: no sender or no recipient");
  }
  const html = storableText(field("html"));
  const identity = ["envelope", "headers", "subject", "text", "html"].map(field);
  return {
    kind: "message",
    channel: "email",
    externalId: await digest(JSON.stringify(identity)),
    from: sender.address,
    to: recipient.address,
    cc: readMailboxes(field("cc") || header("cc")).map(({ address }) => address),
    subject: storableText(field("subject")),
    text: storableText(field("text")),
    html,
    // Attachments come inside of the form: there is no address to fetch them from.
    media: [],
    ...readThreading(header),
    ...(sender.name ? { senderName: sender.name } : {}),
  };
}

/**
 * Each field is in the character set of the mail, which `charsets` names. Reading the form byte by
 * byte keeps the fields as they came until that is known.
 */
async function readForm(
  body: Uint8Array,
  contentType: string,
): Promise<(name: string) => string> {
  let form: FormData;
  try {
    const headers = { "content-type": contentType };
    form = await new Response(toByteString(body), { headers }).formData();
  } catch {
    throw new UnreadableWebhookError("Cannot read webhook: not a form with parts");
  }
  const bytesOf = (name: string) => {
    const value = form.get(name);
    return typeof value === "string" ? toBytes(value) : new Uint8Array();
  };
  const names = readJsonField(charsets, decode(bytesOf("charsets"), "utf-8")) ?? {};
  return (name) => decode(bytesOf(name), names[name] ?? "utf-8");
}

function toByteString(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 8192) {
    text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return text;
}

function toBytes(byteString: string): Uint8Array {
  return Uint8Array.from(byteString, (character) => character.charCodeAt(0));
}

function decode(bytes: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}

function readJsonField<Schema extends z.ZodMiniType>(
  schema: Schema,
  text: string,
): z.output<Schema> | undefined {
  try {
    return z.parse(schema, JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
