import * as z from "zod/mini";
import { type Mailbox, readMailbox, readMessageIds, readThreading } from "../inbound_email.ts";
import { optionalText, orElse, readJson } from "../json.ts";
import {
  type InboundEmail,
  type Operation,
  UnreadableAnswerError,
  type WebhookMedia,
} from "../provider.ts";
import { apiRequest, apiUrl, checkId } from "./request.ts";

const uuid = z.string().check(z.regex(/^[0-9a-fA-F-]{36}$/));
const attachments = orElse(
  z.array(z.object({ id: uuid, content_type: optionalText })),
  [],
);

/** What webhook and answer have in common. */
export const mailHead = {
  from: z.string(),
  to: z.array(z.string()),
  cc: orElse(z.array(z.string()), []),
  subject: optionalText,
  message_id: optionalText,
  attachments,
};

type MailHead = z.output<ReturnType<typeof z.object<typeof mailHead>>>;

/** Undefined without a sender or a recipient. */
export function toInboundEmail(externalId: string, head: MailHead): InboundEmail | undefined {
  const sender = readMailbox(head.from);
  const recipient = readMailbox(head.to[0] ?? "");
  if (!sender || !recipient) return undefined;
  return {
    kind: "message",
    channel: "email",
    externalId,
    from: sender.address,
    to: recipient.address,
    cc: head.cc.flatMap((one): Mailbox[] => {
      const mailbox = readMailbox(one);
      return mailbox ? [mailbox] : [];
    }).map(({ address }) => address),
    subject: head.subject,
    text: "",
    html: "",
    media: head.attachments.map(({ id, content_type }): WebhookMedia => ({
      url: apiUrl(`/emails/receiving/${externalId}/attachments/${id}`),
      contentType: content_type,
    })),
    messageId: readMessageIds(head.message_id)[0] ?? head.message_id.trim(),
    references: [],
    ...(sender.name ? { senderName: sender.name } : {}),
  };
}

const received = z.object({
  ...mailHead,
  id: uuid,
  text: optionalText,
  html: optionalText,
  headers: orElse(z.record(z.string(), z.unknown()), {}),
});

/** The webhook of a received e-mail has neither its text nor its headers. */
export const readResendInbound: Operation<{ externalId: string }, InboundEmail> = {
  toRequest: ({ externalId }, credentials) =>
    apiRequest(credentials, "GET", `/emails/receiving/${checkId(externalId)}`),
  readResponse({ json }) {
    const mail = readJson(received, json);
    const email = toInboundEmail(mail.id, mail);
    if (!email) throw new UnreadableAnswerError("unexpected from or to");
    const headers = new Map(
      Object.entries(mail.headers).map(([name, value]) => [
        name.toLowerCase(),
        typeof value === "string" ? value : "",
      ]),
    );
    const { messageId, references } = readThreading((name) => headers.get(name) ?? "");
    return {
      ...email,
      text: mail.text,
      html: mail.html,
      messageId: email.messageId || messageId,
      references,
    };
  },
};
