import { createHmac } from "node:crypto";
import type { Webhook } from "../../webhooks.ts";
import type { Voice } from "../../shared/courier.ts";
import { type MailAccount, resourcesOf } from "../../shared/mail/account.ts";
import type { MailMessage } from "../../shared/mail/message.ts";
import { suppress } from "../../shared/mail/outcome.ts";
import { QUICK_RETRIES, type SignatureKind, signWebhook } from "../../shared/signed_webhook.ts";
import { listOf, newHex, textOf } from "../../shared/values.ts";
import { wordOf } from "./operations.ts";

const DETAILS: Partial<Record<MailMessage["status"], Record<string, unknown>>> = {
  bounced: {
    bounce: {
      type: "Permanent",
      subType: "NoEmail",
      message: "The recipient's mailbox does not exist",
      diagnosticCode: ["smtp; 550 5.1.1"],
    },
  },
  dropped: {
    suppressed: {
      type: "OnAccountSuppressionList",
      reason: "previous_bounce",
      message: "The recipient is on the suppression list",
      diagnosticCode: [],
    },
  },
};

export const resendVoice: Voice<MailAccount, MailMessage> = {
  onStatus: suppress,
  statusWebhook,
  inboundWebhooks: (...inbound) => [inboundWebhook(...inbound)],
};

/** Resend has no unsubscriptions of single e-mails. */
function statusWebhook(
  account: MailAccount,
  message: MailMessage,
  signature: SignatureKind,
): Webhook | undefined {
  const { status } = message;
  if (status === "unsubscribed") return undefined;
  const data = {
    email_id: message.sid,
    created_at: new Date(message.createdAt).toISOString(),
    from: message.from,
    to: [message.to],
    subject: message.subject,
    tags: message.marks,
    ...DETAILS[status],
  };
  return prepare(account, message, "status", `email.${wordOf(status)}`, data, signature);
}

/** The head of the e-mail only: the rest has to be fetched. */
function inboundWebhook(
  account: MailAccount,
  message: MailMessage,
  signature: SignatureKind,
): Webhook | undefined {
  const data = {
    email_id: message.sid,
    created_at: new Date(message.createdAt).toISOString(),
    from: message.from,
    to: [message.to],
    cc: message.cc,
    bcc: [],
    subject: message.subject,
    message_id: message.headers["Message-ID"] ?? "",
    attachments: [],
  };
  return prepare(account, message, "inbound", "email.received", data, signature);
}

function prepare(
  account: MailAccount,
  message: MailMessage,
  purpose: string,
  type: string,
  data: Record<string, unknown>,
  signature: SignatureKind,
): Webhook | undefined {
  const webhook = [...resourcesOf(account, "webhooks").values()]
    .find(({ events, status }) => status === "enabled" && listOf(events).includes(type));
  if (!webhook) return undefined;
  const body = JSON.stringify({ type, created_at: new Date().toISOString(), data });
  const id = `msg_${newHex()}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  return signWebhook(message, signature, {
    provider: "resend",
    purpose,
    url: textOf(webhook.endpoint),
    headers: { "svix-id": id, "svix-timestamp": timestamp },
    contentType: "application/json",
    body,
    parameters: { body },
    policy: QUICK_RETRIES,
    sign(isValid) {
      const secret = isValid ? textOf(webhook.signing_secret) : "whsec_Zm9yZ2Vk";
      const key = Uint8Array.from(atob(secret.replace("whsec_", "")), (one) => one.charCodeAt(0));
      const signed = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`);
      return { "svix-signature": `v1,${signed.digest("base64")}` };
    },
  });
}
