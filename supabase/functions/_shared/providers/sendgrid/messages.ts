import { asEmail, marksOf, refuseEmail } from "../outbound_email.ts";
import {
  type MessageReceipt,
  type Operation,
  type OutboundEmail,
  type OutboundMessage,
  type ProviderError,
  UnreadableAnswerError,
} from "../provider.ts";
import { apiRequest } from "./request.ts";
import { readSendgridStatus } from "./words.ts";

// https://www.twilio.com/docs/sendgrid/api-reference/mail-send/limitations (read 2026-11-20)
const LIMITS = {
  recipientCount: 1000,
  byteCount: 30 * 1024 * 1024,
  needsSubject: true,
  ownHeaders: ["x-sg-id", "x-sg-eid", "received", "dkim-signature"],
};

export function refuseSendgridMessage(message: OutboundMessage): ProviderError | null {
  return refuseEmail("SendGrid", message, LIMITS);
}

/** Plain text has to come before HTML; empty lists and texts are refused. */
function toMail(message: OutboundEmail): Record<string, unknown> {
  const { from, fromName, to, cc, bcc, replyTo, subject, text, html, attachments, headers } =
    message;
  const toAddresses = (addresses: ReadonlyArray<string>) => addresses.map((email) => ({ email }));
  return {
    personalizations: [{
      to: [{ email: to }],
      ...(cc.length > 0 ? { cc: toAddresses(cc) } : {}),
      ...(bcc.length > 0 ? { bcc: toAddresses(bcc) } : {}),
      custom_args: marksOf(message),
    }],
    from: { email: from, ...(fromName ? { name: fromName } : {}) },
    ...(replyTo ? { reply_to: { email: replyTo } } : {}),
    subject,
    content: [
      ...(text === "" ? [] : [{ type: "text/plain", value: text }]),
      ...(html === "" ? [] : [{ type: "text/html", value: html }]),
    ],
    ...(attachments.length === 0 ? {} : {
      attachments: attachments.map(({ fileName, contentType, content, contentId }) => ({
        content,
        type: contentType,
        filename: fileName,
        disposition: contentId ? "inline" : "attachment",
        ...(contentId ? { content_id: contentId } : {}),
      })),
    }),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
  };
}

/** 202 has no body; the identifier is in a header. */
export const sendSendgridMessage: Operation<OutboundMessage, MessageReceipt> = {
  toRequest: (message, credentials) =>
    apiRequest(credentials, "POST", "/mail/send", { json: toMail(asEmail(message)) }),
  readResponse({ status, headers }) {
    const externalId = headers.get("x-message-id") ?? "";
    if (status !== 202) throw new UnreadableAnswerError("expected 202");
    if (!/^[\w-]{1,128}$/.test(externalId)) throw new UnreadableAnswerError("no X-Message-Id");
    return { externalId, status: readSendgridStatus("accepted"), providerStatus: "accepted" };
  },
};
