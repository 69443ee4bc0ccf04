import type { OutboundEmail, OutboundMessage, ProviderError } from "./provider.ts";
import { refusal } from "./provider_errors.ts";

/** What one provider takes in one e-mail. */
interface EmailLimits {
  /** `to`, `cc` and `bcc` together. */
  recipientCount: number;
  /** Text, HTML and attachments in base64 together. */
  byteCount: number;
  needsSubject: boolean;
  /** Names, in lower case, that are the provider's own to set. */
  ownHeaders: ReadonlyArray<string>;
}

/** A mailbox as it is written without quotes or comments: nothing that could end a header or a list. */
export const EMAIL_ADDRESS = /^[^\s@<>()[\]",:;\\\p{Cc}]{1,64}@[^\s@<>()[\]",:;\\\p{Cc}]{1,253}$/u;
/** The characters of a header's name (RFC 5322, 3.6.8). */
const HEADER_NAME = /^[!-9;-~]{1,76}$/;
const MEDIA_TYPE = /^[A-Za-z0-9!#$&^_.+-]+\/[A-Za-z0-9!#$&^_.+-]+(;[ -~]*)?$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** A line break would start another header. */
const CONTROL_CHARACTER = /[\p{Cc}\u2028\u2029]/u;

/** Headers that a message has fields for; a second copy could contradict them. */
const FIELD_HEADERS = [
  "to",
  "from",
  "cc",
  "bcc",
  "subject",
  "reply-to",
  "sender",
  "content-type",
  "content-transfer-encoding",
  "mime-version",
];

/** Why this provider cannot send this e-mail at all, or null. */
export function refuseEmail(
  displayName: string,
  message: OutboundMessage,
  limits: EmailLimits,
): ProviderError | null {
  const refuse = (code: Parameters<typeof refusal>[0], state: string) =>
    refusal(code, `Cannot send by ${displayName}: ${state}`);
  if (message.channel !== "email") {
    return refuse("unsupported", `channel ${message.channel} is not supported`);
  }
  const { from, fromName, to, cc, bcc, replyTo, subject, text, html } = message;
  if (!EMAIL_ADDRESS.test(from)) return refuse("invalid_sender", "the sender is no address");
  if (fromName !== undefined && CONTROL_CHARACTER.test(fromName)) {
    return refuse("invalid_sender", "the sender's name holds a control character");
  }
  const recipients = [to, ...cc, ...bcc];
  if (!recipients.every((address) => EMAIL_ADDRESS.test(address))) {
    return refuse("invalid_recipient", "a recipient is no address");
  }
  if (recipients.length > limits.recipientCount) {
    return refuse("invalid_request", `more than ${limits.recipientCount} recipients`);
  }
  if (replyTo !== undefined && !EMAIL_ADDRESS.test(replyTo)) {
    return refuse("invalid_request", "the address for replies is no address");
  }
  if (CONTROL_CHARACTER.test(subject)) {
    return refuse("invalid_request", "the subject holds a control character");
  }
  if (limits.needsSubject && subject.trim() === "") return refuse("invalid_request", "no subject");
  if (text.trim() === "" && html.trim() === "") {
    return refuse("invalid_request", "neither text nor HTML");
  }
  const flaw = findHeaderFlaw(message, limits.ownHeaders) ?? findAttachmentFlaw(message);
  if (flaw) return refuse("invalid_request", flaw);
  if (countBytes(message) > limits.byteCount) {
    return refuse("invalid_request", `more than ${limits.byteCount} bytes`);
  }
  return null;
}

function findHeaderFlaw(
  { headers }: OutboundEmail,
  own: ReadonlyArray<string>,
): string | undefined {
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name)) return "a header's name is malformed";
    if (CONTROL_CHARACTER.test(value)) return "a header's value holds a control character";
    const lowerCase = name.toLowerCase();
    if (FIELD_HEADERS.includes(lowerCase) || own.includes(lowerCase)) {
      return `the header ${name} is not free to set`;
    }
  }
  return undefined;
}

function findAttachmentFlaw({ attachments }: OutboundEmail): string | undefined {
  for (const { fileName, contentType, content, contentId } of attachments) {
    if (fileName.trim() === "") return "an attachment has no name";
    if (CONTROL_CHARACTER.test(fileName + (contentId ?? ""))) {
      return "an attachment's name holds a control character";
    }
    if (!MEDIA_TYPE.test(contentType)) return "an attachment's content type is malformed";
    if (!BASE64.test(content)) return "an attachment is not in base64";
  }
  return undefined;
}

function countBytes({ text, html, attachments }: OutboundEmail): number {
  const encoder = new TextEncoder();
  const bodies = encoder.encode(text).length + encoder.encode(html).length;
  return attachments.reduce((sum, { content }) => sum + content.length, bodies);
}

/** `"Name" <address>`; quotes keep a comma or an angle in the name from being read as syntax. */
export function formatMailbox(address: string, name: string | undefined): string {
  if (!name) return address;
  return `"${name.replace(/["\\]/g, "\\$&")}" <${address}>`;
}

/** The message, or an error for a channel that `refuseEmail` would have refused. */
export function asEmail(message: OutboundMessage): OutboundEmail {
  if (message.channel !== "email") throw new Error("no e-mail");
  return message;
}

/** What is kept beside each message at the provider, and given back in its reports. */
export const REFERENCE_NAME = "switchboard_attempt";
/** The one recipient whose delivery decides the status; copies to others do not. */
export const RECIPIENT_NAME = "switchboard_to";

/** Our marks on a message; the recipient only where reports could be about somebody else. */
export function marksOf({ reference, to, cc, bcc }: OutboundEmail): Record<string, string> {
  return {
    [REFERENCE_NAME]: reference,
    ...(cc.length + bcc.length > 0 ? { [RECIPIENT_NAME]: to } : {}),
  };
}

/** False for a report about a copy that went to somebody else. */
export function isAboutRecipient(marks: Record<string, unknown>, address: string): boolean {
  const recipient = marks[RECIPIENT_NAME];
  return typeof recipient !== "string" || recipient.toLowerCase() === address.toLowerCase();
}

export function referenceOf(marks: Record<string, unknown>): { reference?: string } {
  const reference = marks[REFERENCE_NAME];
  return typeof reference === "string" && /^[A-Za-z0-9.-]{1,64}$/.test(reference)
    ? { reference }
    : {};
}
