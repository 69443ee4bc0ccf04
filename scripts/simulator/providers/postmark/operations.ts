import { json } from "../../shared/answers.ts";
import type { Courier } from "../../shared/courier.ts";
import {
  domainsOf,
  type MailAccount,
  maySend,
  resourcesOf,
  sentBy,
} from "../../shared/mail/account.ts";
import { bareAddress, type MailMessage, newMail } from "../../shared/mail/message.ts";
import { changesFor } from "../../shared/mail/outcome.ts";
import type { Call, Route } from "../../shared/serve.ts";
import { listOf, recordOf, textOf, textsOf } from "../../shared/values.ts";
import { refuse } from "./answers.ts";

type MailCall = Call<MailAccount>;
type MailCourier = Courier<MailAccount, MailMessage>;

export function listPostmarkRoutes(courier: MailCourier): Route<MailAccount>[] {
  return [
    ["GET", "/server", "server.fetch", ({ account }) => json(showServer(account))],
    ["PUT", "/server", "server.update", updateServer],
    ["GET", "/senders", "senders.list", listSenders],
    ["GET", "/domains", "domains.list", listDomains],
    ["GET", "/stats/outbound", "stats.fetch", readStats],
    ["POST", "/email", "email.send", (call) => sendMail(courier, call)],
    ["GET", "/messages/outbound", "messages.list", listMessages],
    ["GET", "/messages/outbound/:message/details", "messages.fetch", fetchMessage],
    ["GET", "/webhooks", "webhooks.list", listWebhooks],
    ["POST", "/webhooks", "webhooks.create", createWebhook],
    ["PUT", "/webhooks/:id", "webhooks.update", updateWebhook],
  ];
}

/** With its tokens, as the real one. */
function showServer(account: MailAccount): Record<string, unknown> {
  return {
    ID: 1,
    Name: account.sid,
    ApiTokens: [account.credentials.server_token],
    InboundAddress: "hash@inbound.postmarkapp.com",
    InboundHookUrl: "",
    ...resourcesOf(account, "server").get("server"),
  };
}

function updateServer({ account, body }: MailCall): Response {
  const settings = resourcesOf(account, "server");
  settings.set("server", { ...settings.get("server"), ...body });
  return json(showServer(account));
}

function listSenders({ account }: MailCall): Response {
  const SenderSignatures = account.senders
    .filter((sender) => !sender.startsWith("*@"))
    .map((EmailAddress, index) => ({ ID: index + 1, EmailAddress, Name: "", Confirmed: true }));
  return json({ TotalCount: SenderSignatures.length, SenderSignatures });
}

function listDomains({ account }: MailCall): Response {
  const Domains = domainsOf(account)
    .map((Name, index) => ({ ID: index + 1, Name, SPFVerified: true, DKIMVerified: true }));
  return json({ TotalCount: Domains.length, Domains });
}

function readStats({ account }: MailCall): Response {
  const sent = sentBy(account);
  const count = (status: string) => sent.filter((message) => message.status === status).length;
  return json({
    Sent: sent.length,
    Bounced: count("bounced"),
    SpamComplaints: count("complained"),
    Opens: count("opened"),
  });
}

async function sendMail(
  courier: MailCourier,
  { account, body, scope }: MailCall,
): Promise<Response> {
  const from = textOf(body.From);
  const to = bareAddress(textOf(body.To));
  if (!maySend(account, from)) {
    return refuse(422, 400, "The 'From' address you supplied is not a Sender Signature.");
  }
  if (!to.includes("@")) return refuse(422, 300, "Invalid 'To' address.");
  if (textOf(body.TextBody) + textOf(body.HtmlBody) === "") {
    return refuse(422, 300, "Provide either email TextBody or HtmlBody or both.");
  }
  if (account.suppressed.has(to)) {
    return refuse(422, 406, "You tried to send to recipients that have been marked as inactive.");
  }
  const message = newMail(account, {
    from,
    to,
    cc: textOf(body.Cc) === "" ? [] : textOf(body.Cc).split(","),
    subject: textOf(body.Subject),
    text: textOf(body.TextBody),
    html: textOf(body.HtmlBody),
    headers: Object.fromEntries(
      listOf(body.Headers).map(textsOf).map(({ Name = "", Value = "" }) => [Name, Value]),
    ),
    marks: textsOf(body.Metadata),
  });
  await courier.accept(account, message, changesFor(account, message.to), scope);
  return json({
    To: to,
    SubmittedAt: new Date(message.createdAt).toISOString(),
    MessageID: message.sid,
    ErrorCode: 0,
    Message: "OK",
  });
}

function listMessages({ account, query }: MailCall): Response {
  const [to, from] = [query.get("recipient"), query.get("fromemail")];
  const found = sentBy(account)
    .filter((message) => to === null || message.to === to.toLowerCase())
    .filter((message) => from === null || bareAddress(message.from) === from.toLowerCase())
    .reverse();
  const offset = Number(query.get("offset"));
  const page = found.slice(offset, offset + Number(query.get("count")));
  return json({ TotalCount: found.length, Messages: page.map(showMessage) });
}

const EVENT_TYPES: Partial<Record<MailMessage["status"], string>> = {
  deferred: "Transient",
  delivered: "Delivered",
  opened: "Opened",
  bounced: "Bounced",
};

function fetchMessage({ account, path }: MailCall): Response {
  const message = sentBy(account).find(({ sid }) => sid === path.message);
  if (!message) return refuse(422, 701, "This message was not found.");
  const Type = EVENT_TYPES[message.status];
  const event = { Recipient: message.to, Type, Details: { Summary: "smtp;550 5.1.1" } };
  return json({ ...showMessage(message), MessageEvents: Type === undefined ? [] : [event] });
}

function showMessage(message: MailMessage): Record<string, unknown> {
  return {
    MessageID: message.sid,
    Status: message.status === "queued" ? "Queued" : "Sent",
    From: message.from,
    To: [{ Email: message.to, Name: "" }],
    Subject: message.subject,
    ReceivedAt: new Date(message.createdAt).toISOString(),
    Metadata: message.marks,
  };
}

function listWebhooks({ account, query }: MailCall): Response {
  const stream = query.get("MessageStream");
  const Webhooks = [...resourcesOf(account, "webhooks").values()]
    .filter((webhook) => stream === null || webhook.MessageStream === stream);
  return json({ Webhooks });
}

function createWebhook({ account, body }: MailCall): Response {
  const webhooks = resourcesOf(account, "webhooks");
  const webhook = { ...body, ID: webhooks.size + 1_000_001 };
  webhooks.set(String(webhook.ID), webhook);
  return json(webhook);
}

function updateWebhook({ account, body, path }: MailCall): Response {
  const webhook = resourcesOf(account, "webhooks").get(path.id ?? "");
  return webhook
    ? json(Object.assign(webhook, body))
    : refuse(422, 1109, "The webhook was not found.");
}

/** Whether a webhook asks for events of this kind. */
export function wants(webhook: Record<string, unknown>, trigger: string): boolean {
  return recordOf(recordOf(webhook.Triggers)[trigger]).Enabled === true;
}
