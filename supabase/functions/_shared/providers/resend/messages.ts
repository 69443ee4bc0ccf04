import * as z from "zod/mini";
import { readJson } from "../json.ts";
import { asEmail, formatMailbox, REFERENCE_NAME, refuseEmail } from "../outbound_email.ts";
import type {
  MessageReceipt,
  Operation,
  OutboundEmail,
  OutboundMessage,
  ProviderError,
} from "../provider.ts";
import { apiRequest } from "./request.ts";
import { readResendStatus, toTagValue } from "./words.ts";

// https://resend.com/docs/api-reference/emails/send-email (read 2026-11-20)
const LIMITS = {
  recipientCount: 50,
  byteCount: 40 * 1024 * 1024,
  needsSubject: true,
  ownHeaders: ["received", "dkim-signature"],
};

export function refuseResendMessage(message: OutboundMessage): ProviderError | null {
  return refuseEmail("Resend", message, LIMITS);
}

function toMail(message: OutboundEmail): Record<string, unknown> {
  const { from, fromName, to, cc, bcc, replyTo, subject, text, html } = message;
  const { attachments, headers, reference } = message;
  return {
    from: formatMailbox(from, fromName),
    to: [to],
    ...(cc.length > 0 ? { cc } : {}),
    ...(bcc.length > 0 ? { bcc } : {}),
    ...(replyTo ? { reply_to: replyTo } : {}),
    subject,
    ...(text === "" ? {} : { text }),
    ...(html === "" ? {} : { html }),
    ...(Object.keys(headers).length > 0 ? { headers } : {}),
    ...(attachments.length === 0 ? {} : {
      attachments: attachments.map(({ fileName, contentType, content, contentId }) => ({
        filename: fileName,
        content,
        content_type: contentType,
        ...(contentId ? { content_id: contentId } : {}),
      })),
    }),
    tags: [{ name: REFERENCE_NAME, value: toTagValue(reference) }],
  };
}

const created = z.object({ id: z.string().check(z.minLength(1)) });

/** The key makes a repeated attempt the same message. */
export const sendResendMessage: Operation<OutboundMessage, MessageReceipt> = {
  toRequest: (message, credentials) =>
    apiRequest(credentials, "POST", "/emails", {
      headers: { "idempotency-key": message.reference },
      json: toMail(asEmail(message)),
    }),
  readResponse: ({ json }) => ({
    externalId: readJson(created, json).id,
    status: readResendStatus("queued"),
    providerStatus: "queued",
  }),
};
