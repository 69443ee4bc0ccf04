import * as z from "zod/mini";
import { optionalText, readJson } from "../json.ts";
import { asEmail, formatMailbox, marksOf, RECIPIENT_NAME, refuseEmail } from "../outbound_email.ts";
import {
  type Credentials,
  type MessageReceipt,
  type Operation,
  type OutboundEmail,
  type OutboundMessage,
  type ProviderError,
  RefusedAnswerError,
} from "../provider.ts";
import { explainPostmarkErrorCode } from "./errors.ts";
import { messageStream, serverRequest } from "./request.ts";

// https://postmarkapp.com/developer/user-guide/send-email-with-api (read 2026-11-20)
const LIMITS = {
  recipientCount: 50,
  byteCount: 10 * 1024 * 1024,
  needsSubject: false,
  ownHeaders: ["received", "dkim-signature"],
};
/** Of the value of a piece of metadata; a longer address is left out. */
const LONGEST_METADATA = 80;

export function refusePostmarkMessage(message: OutboundMessage): ProviderError | null {
  return refuseEmail("Postmark", message, LIMITS);
}

function toMail(message: OutboundEmail, credentials: Credentials): Record<string, unknown> {
  const { from, fromName, to, cc, bcc, replyTo, subject, text, html } = message;
  const { attachments, headers } = message;
  const marks = marksOf(message);
  if ((marks[RECIPIENT_NAME] ?? "").length > LONGEST_METADATA) delete marks[RECIPIENT_NAME];
  return {
    From: formatMailbox(from, fromName),
    To: to,
    ...(cc.length > 0 ? { Cc: cc.join(",") } : {}),
    ...(bcc.length > 0 ? { Bcc: bcc.join(",") } : {}),
    ...(replyTo ? { ReplyTo: replyTo } : {}),
    Subject: subject,
    ...(text === "" ? {} : { TextBody: text }),
    ...(html === "" ? {} : { HtmlBody: html }),
    ...(Object.keys(headers).length === 0 ? {} : {
      Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
    }),
    ...(attachments.length === 0 ? {} : {
      Attachments: attachments.map(({ fileName, contentType, content, contentId }) => ({
        Name: fileName,
        Content: content,
        ContentType: contentType,
        ...(contentId ? { ContentID: `cid:${contentId}` } : {}),
      })),
    }),
    MessageStream: messageStream(credentials),
    Metadata: marks,
  };
}

const submitted = z.object({
  ErrorCode: z.number(),
  Message: optionalText,
  MessageID: optionalText,
});
const submittedId = z.object({ MessageID: z.string().check(z.minLength(1)) });

export const sendPostmarkMessage: Operation<OutboundMessage, MessageReceipt> = {
  toRequest: (message, credentials) =>
    serverRequest(credentials, "POST", "/email", { json: toMail(asEmail(message), credentials) }),
  readResponse({ json }) {
    const { ErrorCode, Message } = readJson(submitted, json);
    if (ErrorCode !== 0) {
      const providerCode = String(ErrorCode);
      throw new RefusedAnswerError({
        ...explainPostmarkErrorCode(providerCode),
        message: Message || `error ${providerCode}`,
        providerCode,
      });
    }
    const { MessageID } = readJson(submittedId, json);
    return { externalId: MessageID, status: "queued", providerStatus: Message };
  },
};
