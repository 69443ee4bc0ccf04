import { generateKeyPairSync } from "node:crypto";
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
import { listOf, newHex, recordOf, textOf, textsOf } from "../../shared/values.ts";
import { refuse } from "./answers.ts";

type MailCall = Call<MailAccount>;
type MailCourier = Courier<MailAccount, MailMessage>;

const EVENTS = "/v3/user/webhooks/event/settings";
const POLICIES = "/v3/user/webhooks/security/policies";
const PARSE = "/v3/user/webhooks/parse/settings";
const SCOPES = ["mail.send", "user.username.read", "user.webhooks.event.settings.update"];

export function listSendgridRoutes(courier: MailCourier): Route<MailAccount>[] {
  return [
    ["GET", "/v3/scopes", "scopes.list", () => json({ scopes: SCOPES })],
    [
      "GET",
      "/v3/user/username",
      "username.fetch",
      ({ account }) => json({ username: account.sid, user_id: numberOf(account.sid) }),
    ],
    ["GET", "/v3/user/credits", "credits.fetch", readCredits],
    ["GET", "/v3/stats", "stats.list", listStats],
    ["GET", "/v3/verified_senders", "senders.list", listSenders],
    ["GET", "/v3/whitelabel/domains", "domains.list", listDomains],
    ["POST", "/v3/mail/send", "mail.send", (call) => sendMail(courier, call)],
    ["GET", "/v3/messages", "messages.list", findMessages],
    ["POST", "/v3/logs", "logs.search", searchLogs],
    ["GET", `${EVENTS}/all`, "event_webhooks.list", listEventWebhooks],
    ["POST", EVENTS, "event_webhooks.create", createEventWebhook],
    ["PATCH", `${EVENTS}/:id`, "event_webhooks.update", updateEventWebhook],
    ["PATCH", `${EVENTS}/signed/:id`, "event_webhooks.sign", signEventWebhook],
    [
      "GET",
      POLICIES,
      "policies.list",
      ({ account }) =>
        json({ policies: [...resourcesOf(account, "policies").values()].map(showPolicy) }),
    ],
    ["POST", POLICIES, "policies.create", createPolicy],
    [
      "GET",
      PARSE,
      "parse.list",
      ({ account }) => json({ result: [...resourcesOf(account, "parse").values()] }),
    ],
    ["POST", PARSE, "parse.create", createParse],
    ["PATCH", `${PARSE}/:hostname`, "parse.update", updateParse],
  ];
}

async function sendMail(
  courier: MailCourier,
  { account, body, scope }: MailCall,
): Promise<Response> {
  const from = recordOf(body.from);
  const personalization = recordOf(listOf(body.personalizations)[0]);
  const addressesOf = (value: unknown) => listOf(value).map((one) => textOf(recordOf(one).email));
  const [to] = addressesOf(personalization.to);
  if (!to?.includes("@")) {
    return refuse(400, "Does not contain a valid address.", "personalizations.0.to.0.email");
  }
  if (!maySend(account, textOf(from.email))) {
    return refuse(403, "The from address does not match a verified Sender Identity.", "from");
  }
  const content = listOf(body.content).map(textsOf);
  if (content.length === 0) return refuse(400, "The content value is required.", "content");
  if (textOf(body.subject) === "") return refuse(400, "The subject is required.", "subject");
  const name = textOf(from.name);
  const valueOf = (type: string) => content.find((one) => one.type === type)?.value ?? "";
  const message = newMail(account, {
    sid: newMessageSid(),
    from: name ? `"${name}" <${textOf(from.email)}>` : textOf(from.email),
    to,
    cc: addressesOf(personalization.cc),
    subject: textOf(body.subject),
    text: valueOf("text/plain"),
    html: valueOf("text/html"),
    headers: textsOf(body.headers),
    marks: textsOf(personalization.custom_args),
  });
  await courier.accept(account, message, changesFor(account, message.to), scope);
  return new Response(null, { status: 202, headers: { "x-message-id": message.sid } });
}

function listSenders({ account }: MailCall): Response {
  const addresses = account.senders.filter((sender) => !sender.startsWith("*@"));
  const results = addresses.map((from_email, index) => ({
    id: index + 1,
    nickname: from_email,
    from_email,
    from_name: "",
    verified: true,
    locked: false,
  }));
  return json({ results });
}

function listDomains({ account }: MailCall): Response {
  return json(domainsOf(account).map((domain, index) => ({ id: index + 1, domain, valid: true })));
}

function readCredits({ account }: MailCall): Response {
  const used = sentBy(account).length;
  return json({ remain: 10_000 - used, total: 10_000, overage: 0, used });
}

function listStats({ account, query }: MailCall): Response {
  const sent = sentBy(account);
  const count = (...statuses: string[]) =>
    sent.filter(({ status }) => statuses.includes(status)).length;
  const metrics = {
    requests: sent.length,
    delivered: count("delivered", "opened"),
    bounces: count("bounced"),
    opens: count("opened"),
  };
  return json([{ date: query.get("start_date"), stats: [{ metrics }] }]);
}

export function newMessageSid(): string {
  return newHex().slice(0, 22);
}

/** Email Activity: by the beginning of an identifier. */
function findMessages({ account, query }: MailCall): Response {
  const start = /^msg_id LIKE "([\w-]+)%"$/.exec(query.get("query") ?? "")?.[1];
  if (start === undefined) return refuse(400, "invalid syntax");
  const found = sentBy(account).filter(({ sid }) => sid.startsWith(start));
  return json({
    messages: found.map((message) => ({
      msg_id: sgMessageId(message),
      from_email: message.from,
      to_email: message.to,
      subject: message.subject,
      status: summaryOf(message, "not_delivered"),
    })),
  });
}

/** Email Logs: by recipient. */
function searchLogs({ account, body }: MailCall): Response {
  const query = textOf(body.query);
  const to = /to_email = "([^"]+)"/.exec(query)?.[1];
  const since = Date.parse(/>= TIMESTAMP "([^"]+)"/.exec(query)?.[1] ?? "");
  const found = sentBy(account).filter((message) =>
    (to === undefined || message.to === to.toLowerCase()) && !(message.createdAt < since)
  );
  return json({
    messages: found.map((message) => ({
      from_email: message.from.replace(/^.*<|>$/g, ""),
      sg_message_id: sgMessageId(message),
      subject: message.subject,
      to_email: message.to,
      status: summaryOf(message, "bounced"),
      sg_message_id_created_at: new Date(message.createdAt).toISOString(),
    })),
  });
}

/** An account without webhooks has one empty object in its list. */
function listEventWebhooks({ account }: MailCall): Response {
  const webhooks = [...resourcesOf(account, "events").values()].map(withoutPrivateKey);
  return json({ max_allowed: 5, webhooks: webhooks.length > 0 ? webhooks : [{}] });
}

function createEventWebhook({ account, body }: MailCall): Response {
  const webhooks = resourcesOf(account, "events");
  const isKnown = [...webhooks.values()].some(({ url }) => url === body.url);
  if (isKnown) return refuse(400, `Webhook at '${body.url}' already exists.`);
  const webhook = { ...body, id: crypto.randomUUID() };
  webhooks.set(webhook.id, webhook);
  return json(webhook, 201);
}

function updateEventWebhook({ account, body, path }: MailCall): Response {
  const webhook = resourcesOf(account, "events").get(path.id ?? "");
  if (!webhook) return refuse(404, "Invalid id provided.");
  return json(withoutPrivateKey(Object.assign(webhook, body)));
}

function signEventWebhook({ account, body, path }: MailCall): Response {
  const webhook = resourcesOf(account, "events").get(path.id ?? "");
  if (!webhook) return refuse(404, "Invalid id provided.");
  if (body.enabled !== true) {
    delete webhook.public_key;
    delete webhook.private_key;
  } else if (webhook.public_key === undefined) {
    Object.assign(webhook, newKeyPair());
  }
  return json({ id: webhook.id, public_key: webhook.public_key ?? "" });
}

function createPolicy({ account, body }: MailCall): Response {
  const policy = { id: crypto.randomUUID(), name: textOf(body.name), ...newKeyPair() };
  resourcesOf(account, "policies").set(policy.id, policy);
  return json({ policy: showPolicy(policy) }, 201);
}

function showPolicy({ id, name, public_key }: Record<string, unknown>): Record<string, unknown> {
  return { id, name, signature: { public_key } };
}

function createParse({ account, body }: MailCall): Response {
  const hostname = textOf(body.hostname);
  const settings = resourcesOf(account, "parse");
  if (settings.has(hostname)) return refuse(400, "hostname already exists", "hostname");
  settings.set(hostname, { ...body });
  return json(body, 201);
}

function updateParse({ account, body, path }: MailCall): Response {
  const setting = resourcesOf(account, "parse").get(path.hostname ?? "");
  return setting ? json(Object.assign(setting, body)) : refuse(404, "not found");
}

function newKeyPair(): { public_key: string; private_key: string } {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    public_key: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

function withoutPrivateKey(webhook: Record<string, unknown>): Record<string, unknown> {
  const { private_key: _key, ...shown } = webhook;
  return shown;
}

function summaryOf({ status }: MailMessage, failed: string): string {
  if (["bounced", "dropped"].includes(status)) return failed;
  return ["delivered", "opened"].includes(status) ? "delivered" : "processed";
}

/** What a send returns is the beginning of what events and logs say. */
export function sgMessageId({ sid }: MailMessage): string {
  return `${sid}.recvd-85abf8d92c-3qfgp-2-7890E356-43C.0`;
}

function numberOf(text: string): number {
  return [...text].reduce((sum, character) => sum + character.charCodeAt(0), 0);
}
