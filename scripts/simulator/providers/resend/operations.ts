import { json } from "../../shared/answers.ts";
import type { Courier } from "../../shared/courier.ts";
import {
  domainsOf,
  type MailAccount,
  maySend,
  resourcesOf,
  sentBy,
} from "../../shared/mail/account.ts";
import { type MailMessage, newMail } from "../../shared/mail/message.ts";
import { changesFor } from "../../shared/mail/outcome.ts";
import type { Call, Route } from "../../shared/serve.ts";
import { listOf, textOf, textsOf } from "../../shared/values.ts";
import { refuse } from "./answers.ts";

type MailCall = Call<MailAccount>;
type MailCourier = Courier<MailAccount, MailMessage>;

export function listResendRoutes(courier: MailCourier): Route<MailAccount>[] {
  return [
    ["GET", "/domains", "domains.list", listDomains],
    ["POST", "/emails", "emails.send", (call) => sendMail(courier, call)],
    ["GET", "/emails", "emails.list", listMails],
    ["GET", "/emails/metrics", "metrics.fetch", readMetrics],
    ["GET", "/emails/receiving/:mail", "received.fetch", fetchReceived],
    ["GET", "/emails/:mail", "emails.fetch", fetchMail],
    ["GET", "/webhooks", "webhooks.list", listWebhooks],
    ["POST", "/webhooks", "webhooks.create", createWebhook],
    ["GET", "/webhooks/:id", "webhooks.fetch", fetchWebhook],
    ["PATCH", "/webhooks/:id", "webhooks.update", updateWebhook],
  ];
}

function listDomains({ account }: MailCall): Response {
  const data = domainsOf(account).map((name) => ({
    id: name,
    name,
    status: "verified",
    region: "us-east-1",
    capabilities: { sending: "enabled", receiving: "enabled" },
  }));
  return json({ object: "list", has_more: false, data });
}

/** A key that was used before stands for the message that was sent then. */
async function sendMail(courier: MailCourier, call: MailCall): Promise<Response> {
  const { account, body, headers, scope } = call;
  const key = headers.get("idempotency-key");
  const known = key === null ? undefined : account.repeatable.get(key);
  const fingerprint = JSON.stringify(body);
  if (known) {
    return known.body === fingerprint
      ? json({ id: known.sid })
      : refuse(409, "invalid_idempotent_request", "This key was used with another payload");
  }
  const from = textOf(body.from);
  const [to] = listOf(body.to).map(textOf);
  if (!to?.includes("@")) return refuse(422, "validation_error", "Invalid `to` field");
  if (!from.includes("@")) return refuse(422, "invalid_from_address", "Invalid `from` field");
  if (!maySend(account, from)) {
    return refuse(403, "validation_error", `The domain of ${from} is not verified`);
  }
  if (textOf(body.subject) === "") {
    return refuse(422, "missing_required_field", "Missing `subject` field");
  }
  const tags = listOf(body.tags).map(textsOf);
  if (tags.some(({ name = "", value = "" }) => !/^[\w-]{1,256}$/.test(name + value))) {
    return refuse(422, "validation_error", "Tags should only contain ASCII letters");
  }
  const message = newMail(account, {
    from,
    to,
    cc: listOf(body.cc).map(textOf),
    subject: textOf(body.subject),
    text: textOf(body.text),
    html: textOf(body.html),
    headers: textsOf(body.headers),
    marks: Object.fromEntries(tags.map(({ name = "", value = "" }) => [name, value])),
  });
  await courier.accept(account, message, changesFor(account, message.to), scope);
  if (key !== null) account.repeatable.set(key, { body: fingerprint, sid: message.sid });
  return json({ id: message.sid });
}

function listMails({ account, query }: MailCall): Response {
  const all = sentBy(account).reverse();
  const start = all.findIndex(({ sid }) => sid === query.get("after")) + 1;
  const page = all.slice(start, start + Number(query.get("limit") ?? 20));
  const has_more = start + page.length < all.length;
  return json({ object: "list", has_more, data: page.map(showMail) });
}

function fetchMail({ account, path }: MailCall): Response {
  const message = account.messages.get(path.mail ?? "");
  return message?.direction === "outbound"
    ? json(showMail(message))
    : refuse(404, "not_found", "Email not found");
}

function showMail(message: MailMessage): Record<string, unknown> {
  return {
    object: "email",
    id: message.sid,
    to: [message.to],
    from: message.from,
    cc: message.cc,
    subject: message.subject,
    text: message.text,
    html: message.html,
    created_at: new Date(message.createdAt).toISOString().replace("T", " ").replace("Z", "+00"),
    last_event: message.status === "queued" ? "queued" : wordOf(message.status),
  };
}

/** Resend's words for what becomes of an e-mail. */
export function wordOf(status: MailMessage["status"]): string {
  switch (status) {
    case "processed":
    case "unsubscribed":
      return "sent";
    case "deferred":
      return "delivery_delayed";
    case "dropped":
      return "suppressed";
    default:
      return status;
  }
}

/** What the webhook of a received e-mail leaves out. */
function fetchReceived({ account, path }: MailCall): Response {
  const message = account.messages.get(path.mail ?? "");
  if (message?.direction !== "inbound") return refuse(404, "not_found", "Email not found");
  return json({
    object: "email",
    id: message.sid,
    to: [message.to],
    from: message.from,
    cc: message.cc,
    bcc: null,
    reply_to: null,
    subject: message.subject,
    message_id: message.headers["Message-ID"] ?? "",
    text: message.text || null,
    html: message.html || null,
    headers: message.headers,
    created_at: new Date(message.createdAt).toISOString(),
    attachments: [],
  });
}

function readMetrics({ account, query }: MailCall): Response {
  const words = [...account.messages.values()].map(({ status }) => wordOf(status));
  const count = (name: string) => words.filter((word) => word === name).length;
  const totals = Object.fromEntries(
    (query.get("metrics") ?? "").split(",").map((name) => [
      name,
      name === "sent" ? words.filter((word) => word !== "received").length : count(name),
    ]),
  );
  return json({ object: "metrics", dimensions: [], granularity: "daily", totals });
}

function listWebhooks({ account }: MailCall): Response {
  const data = [...resourcesOf(account, "webhooks").values()].map(
    ({ signing_secret: _secret, ...webhook }) => webhook,
  );
  return json({ object: "list", has_more: false, data });
}

function createWebhook({ account, body }: MailCall): Response {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const webhook = {
    object: "webhook",
    id: crypto.randomUUID(),
    status: "enabled",
    created_at: new Date().toISOString(),
    ...body,
    signing_secret: `whsec_${btoa(String.fromCharCode(...bytes))}`,
  };
  resourcesOf(account, "webhooks").set(webhook.id, webhook);
  const { object, id, signing_secret } = webhook;
  return json({ object, id, signing_secret }, 201);
}

function fetchWebhook({ account, path }: MailCall): Response {
  const webhook = resourcesOf(account, "webhooks").get(path.id ?? "");
  return webhook ? json(webhook) : refuse(404, "not_found", "Webhook not found");
}

function updateWebhook({ account, body, path }: MailCall): Response {
  const webhook = resourcesOf(account, "webhooks").get(path.id ?? "");
  if (!webhook) return refuse(404, "not_found", "Webhook not found");
  Object.assign(webhook, body);
  return json({ object: "webhook", id: webhook.id });
}
