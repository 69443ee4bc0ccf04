import { createSign, generateKeyPairSync } from "node:crypto";
import type { Webhook } from "../../webhooks.ts";
import type { Voice } from "../../shared/courier.ts";
import { type MailAccount, resourcesOf } from "../../shared/mail/account.ts";
import type { MailMessage } from "../../shared/mail/message.ts";
import { suppress } from "../../shared/mail/outcome.ts";
import { QUICK_RETRIES, type SignatureKind, signWebhook } from "../../shared/signed_webhook.ts";
import { textOf } from "../../shared/values.ts";
import { sgMessageId } from "./operations.ts";

interface MailEvent {
  event: string;
  setting: string;
  details?: object;
}

/** The events, and the settings by which they are asked for. */
const EVENTS: Partial<Record<MailMessage["status"], MailEvent>> = {
  processed: { event: "processed", setting: "processed" },
  deferred: { event: "deferred", setting: "deferred", details: { response: "451 later" } },
  delivered: { event: "delivered", setting: "delivered", details: { response: "250 OK" } },
  opened: { event: "open", setting: "open" },
  bounced: {
    event: "bounce",
    setting: "bounce",
    details: {
      type: "bounce",
      status: "5.1.1",
      reason: "550 5.1.1 no such user",
      bounce_classification: "Invalid Address",
    },
  },
  dropped: { event: "dropped", setting: "dropped", details: { reason: "Bounced Address" } },
  complained: { event: "spamreport", setting: "spam_report" },
  unsubscribed: { event: "unsubscribe", setting: "unsubscribe" },
};

export const sendgridVoice: Voice<MailAccount, MailMessage> = {
  onStatus: suppress,
  statusWebhook,
  inboundWebhooks: (...inbound) => [inboundWebhook(...inbound)],
};

/** Signed only where that was switched on. */
function statusWebhook(
  account: MailAccount,
  message: MailMessage,
  signature: SignatureKind,
): Webhook | undefined {
  const told = EVENTS[message.status];
  if (!told) return undefined;
  const { event, setting, details } = told;
  const webhook = [...resourcesOf(account, "events").values()]
    .find((one) => one.enabled === true && one[setting] === true);
  if (!webhook) return undefined;
  const body = JSON.stringify([{
    email: message.to,
    timestamp: Math.floor(Date.now() / 1000),
    "smtp-id": `<${message.sid}@ismtpd0001.sendgrid.net>`,
    event,
    sg_event_id: btoa(crypto.randomUUID()),
    sg_message_id: sgMessageId(message),
    ...details,
    ...message.marks,
  }]);
  return prepare(message, "status", webhook, `${body}\r\n`, "application/json", signature);
}

/** As a form with parts, to the parse setting of the recipient's host. */
function inboundWebhook(
  account: MailAccount,
  message: MailMessage,
  signature: SignatureKind,
): Webhook | undefined {
  const host = message.to.split("@").at(-1) ?? "";
  const setting = resourcesOf(account, "parse").get(host);
  if (!setting) return undefined;
  const policy = resourcesOf(account, "policies").get(textOf(setting.security_policy));
  const headers = Object.entries({ Subject: message.subject, ...message.headers })
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
  const names = ["to", "from", "subject", "text", "html"];
  const boundary = `xYzZY${message.sid}`;
  const body = formOf(boundary, {
    headers,
    dkim: "{@example.com : pass}",
    to: message.to,
    cc: message.cc.join(", "),
    from: message.from,
    subject: message.subject,
    text: message.text,
    html: message.html,
    sender_ip: "127.0.0.1",
    envelope: JSON.stringify({ to: [message.to], from: message.from }),
    attachments: "0",
    charsets: JSON.stringify(Object.fromEntries(names.map((name) => [name, "UTF-8"]))),
    SPF: "pass",
  });
  const signed = { url: setting.url, private_key: policy?.private_key };
  const contentType = `multipart/form-data; boundary=${boundary}`;
  return prepare(message, "inbound", signed, body, contentType, signature);
}

function formOf(boundary: string, fields: Record<string, string>): string {
  const parts = Object.entries(fields).map(([name, value]) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  );
  return `${parts.join("")}--${boundary}--\r\n`;
}

function prepare(
  message: MailMessage,
  purpose: string,
  { url, private_key }: Record<string, unknown>,
  body: string,
  contentType: string,
  signature: SignatureKind,
): Webhook {
  const timestamp = String(Math.floor(Date.now() / 1000));
  return signWebhook(message, signature, {
    provider: "sendgrid",
    purpose,
    url: textOf(url),
    contentType,
    body,
    parameters: { body },
    policy: QUICK_RETRIES,
    sign(isValid): Record<string, string> {
      if (private_key === undefined) return {};
      const key = isValid ? textOf(private_key) : forger.privateKey;
      const signed = createSign("sha256").update(timestamp).update(body).sign(key, "base64");
      return {
        "x-twilio-email-event-webhook-signature": signed,
        "x-twilio-email-event-webhook-timestamp": timestamp,
      };
    },
  });
}

const forger = generateKeyPairSync("ec", { namedCurve: "P-256" });
