import type { RetryPolicy, Webhook } from "../../webhooks.ts";
import type { Voice } from "../../shared/courier.ts";
import { type MailAccount, resourcesOf } from "../../shared/mail/account.ts";
import { bareAddress, type MailMessage } from "../../shared/mail/message.ts";
import { suppress } from "../../shared/mail/outcome.ts";
import { QUICK_RETRIES, type SignatureKind, signWebhook } from "../../shared/signed_webhook.ts";
import { recordOf, textOf, textsOf } from "../../shared/values.ts";
import { wants } from "./operations.ts";

/** 403 ends the retries: https://postmarkapp.com/support/article/understanding-inbound-webhook-retries-in-postmark */
const RETRIES: RetryPolicy = {
  ...QUICK_RETRIES,
  shouldRetry: ({ status }) => status !== 200 && status !== 403,
};

export const postmarkVoice: Voice<MailAccount, MailMessage> = {
  onStatus: suppress,
  statusWebhook,
  inboundWebhooks: (...inbound) => [inboundWebhook(...inbound)],
};

/** Nothing is told of what Postmark has only taken on. */
function statusWebhook(
  account: MailAccount,
  message: MailMessage,
  signature: SignatureKind,
): Webhook | undefined {
  const record = recordFor(message);
  if (!record) return undefined;
  const { trigger, ...body } = record;
  const webhook = [...resourcesOf(account, "webhooks").values()].find((one) => wants(one, trigger));
  if (!webhook) return undefined;
  const { Username = "", Password = "" } = textsOf(webhook.HttpAuth);
  const url = new URL(textOf(webhook.Url));
  url.username = encodeURIComponent(Username);
  url.password = encodeURIComponent(Password);
  const common = {
    MessageStream: webhook.MessageStream,
    MessageID: message.sid,
    ServerID: 1,
    Tag: "",
    Metadata: message.marks,
  };
  return prepare(message, "status", url, { ...common, ...body }, signature);
}

function recordFor(
  { to, status }: MailMessage,
): { trigger: string; RecordType: string; [name: string]: unknown } | undefined {
  const at = new Date().toISOString();
  const ID = crypto.getRandomValues(new Uint32Array(1))[0];
  const bounce = (Type: string, TypeCode: number) => ({
    trigger: "Bounce",
    RecordType: "Bounce",
    ID,
    Type,
    TypeCode,
    Description: "The server was unable to deliver your message.",
    Details: "smtp;550 5.1.1 no such user",
    Email: to,
    BouncedAt: at,
    Inactive: Type === "HardBounce",
  });
  switch (status) {
    case "deferred":
      return bounce("Transient", 2);
    case "bounced":
      return bounce("HardBounce", 1);
    case "dropped":
      return bounce("SMTPApiError", 100007);
    case "delivered":
      return {
        trigger: "Delivery",
        RecordType: "Delivery",
        Recipient: to,
        DeliveredAt: at,
        Details: "250 OK",
      };
    case "opened":
      return { trigger: "Open", RecordType: "Open", Recipient: to, ReceivedAt: at };
    case "complained":
      return {
        trigger: "SpamComplaint",
        RecordType: "SpamComplaint",
        ID,
        Type: "SpamComplaint",
        TypeCode: 512,
        Email: to,
        BouncedAt: at,
      };
    case "unsubscribed":
      return {
        trigger: "SubscriptionChange",
        RecordType: "SubscriptionChange",
        ChangedAt: at,
        Recipient: to,
        Origin: "Recipient",
        SuppressSending: true,
        SuppressionReason: "ManualSuppression",
      };
    default:
      return undefined;
  }
}

/** To the server's own URL, which holds user and password. */
function inboundWebhook(
  account: MailAccount,
  message: MailMessage,
  signature: SignatureKind,
): Webhook | undefined {
  const { InboundHookUrl } = recordOf(resourcesOf(account, "server").get("server"));
  if (typeof InboundHookUrl !== "string" || InboundHookUrl === "") return undefined;
  const full = (mailbox: string) => ({
    Email: bareAddress(mailbox),
    Name: /^"?([^"<]*?)"? *</.exec(mailbox)?.[1] ?? "",
    MailboxHash: "",
  });
  const Headers = Object.entries(message.headers).map(([Name, Value]) => ({ Name, Value }));
  return prepare(message, "inbound", new URL(InboundHookUrl), {
    FromName: full(message.from).Name,
    MessageStream: "inbound",
    From: bareAddress(message.from),
    FromFull: full(message.from),
    To: message.to,
    ToFull: [full(message.to)],
    Cc: message.cc.join(", "),
    CcFull: message.cc.map(full),
    Bcc: "",
    BccFull: [],
    OriginalRecipient: message.to,
    Subject: message.subject,
    MessageID: message.sid,
    Date: new Date(message.createdAt).toUTCString(),
    TextBody: message.text,
    HtmlBody: message.html,
    StrippedTextReply: "",
    Headers,
    Attachments: [],
  }, signature);
}

/** User and password leave the URL for the header. */
function prepare(
  message: MailMessage,
  purpose: string,
  url: URL,
  body: Record<string, unknown>,
  signature: SignatureKind,
): Webhook {
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  url.username = "";
  url.password = "";
  const text = JSON.stringify(body);
  return signWebhook(message, signature, {
    provider: "postmark",
    purpose,
    url: url.href,
    contentType: "application/json",
    body: text,
    parameters: { body: text },
    policy: RETRIES,
    sign: (isValid): Record<string, string> =>
      user === ""
        ? {}
        : { authorization: `Basic ${btoa(`${user}:${isValid ? password : "forged"}`)}` },
  });
}
