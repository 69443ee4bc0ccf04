import * as z from "zod/mini";
import { optionalText, readJson } from "../json.ts";
import {
  type ConnectionWebhooks,
  type ConnectionWebhookSetup,
  type Credentials,
  type Procedure,
  type ProviderRequest,
  type ProviderResponse,
  UnreadableAnswerError,
} from "../provider.ts";
import { apiRequest, checkId } from "./request.ts";

const EVENTS_PATH = "/user/webhooks/event/settings";
const POLICIES_PATH = "/user/webhooks/security/policies";
const PARSE_PATH = "/user/webhooks/parse/settings";
const NAME = "Switchboard";

/** Without webhooks SendGrid lists one empty object. */
const webhooks = z.object({
  webhooks: z.array(z.object({ id: optionalText, url: optionalText, public_key: optionalText })),
});
const created = z.object({ id: z.string().check(z.minLength(1)) });
const signed = z.object({ public_key: z.string().check(z.minLength(1)) });
const policy = z.object({
  id: z.string().check(z.minLength(1)),
  name: optionalText,
  signature: z.nullish(z.object({ public_key: optionalText })),
});
/** Whether an account without policies has an empty list or none is not documented. */
const policies = z.union([z.object({ policies: z.array(policy) }), z.strictObject({})]);
const parseSettings = z.object({ result: z.array(z.object({ hostname: optionalText })) });
const parseSetting = z.object({ hostname: z.string(), url: z.string() });

type Steps<Output> = Generator<ProviderRequest, Output, ProviderResponse>;

/**
 * The event webhook, its signature switched on; and, where `settings.inbound_hostname` names the host
 * that receives mail, its inbound parse with a security policy that signs.
 */
export const configureSendgridConnection: Procedure<
  { webhooks: ConnectionWebhooks; settings: Record<string, string> },
  ConnectionWebhookSetup
> = {
  *steps({ webhooks: { statusUrl, inboundUrl }, settings }, credentials) {
    const hostname = readHostname(settings.inbound_hostname);
    const event = yield* configureEvents(statusUrl, settings.event_webhook_id, credentials);
    if (!hostname) return { secret: event.publicKey, settings: { event_webhook_id: event.id } };

    const inbound = yield* findPolicy(settings.security_policy_id, credentials);
    yield* configureParse(hostname, inboundUrl, inbound.id, credentials);
    return {
      secret: [...new Set([event.publicKey, inbound.publicKey])].join(" "),
      settings: {
        event_webhook_id: event.id,
        security_policy_id: inbound.id,
        inbound_hostname: hostname,
      },
    };
  },
};

function* configureEvents(
  url: string,
  knownId: string | undefined,
  credentials: Credentials,
): Steps<{ id: string; publicKey: string }> {
  const list = yield apiRequest(credentials, "GET", `${EVENTS_PATH}/all`);
  const existing = readJson(webhooks, list.json).webhooks.filter((webhook) => webhook.id !== "");
  const known = existing.find((webhook) => webhook.id === knownId) ??
    existing.find((webhook) => webhook.url === url);
  const json = {
    enabled: true,
    url,
    friendly_name: NAME,
    processed: true,
    deferred: true,
    delivered: true,
    bounce: true,
    dropped: true,
    open: true,
    click: true,
    spam_report: true,
    unsubscribe: true,
    group_unsubscribe: true,
    group_resubscribe: true,
  };
  const path = known ? `${EVENTS_PATH}/${checkId(known.id)}` : EVENTS_PATH;
  const saved = yield apiRequest(credentials, known ? "PATCH" : "POST", path, { json });
  const { id } = readJson(created, saved.json);
  // Switching the signature on again could replace the key that webhooks under way are signed with.
  if (known?.public_key) return { id, publicKey: known.public_key };
  const toggled = yield apiRequest(credentials, "PATCH", `${EVENTS_PATH}/signed/${checkId(id)}`, {
    json: { enabled: true },
  });
  return { id, publicKey: readJson(signed, toggled.json).public_key };
}

function* findPolicy(
  knownId: string | undefined,
  credentials: Credentials,
): Steps<{ id: string; publicKey: string }> {
  const list = yield apiRequest(credentials, "GET", POLICIES_PATH);
  const found = readJson(policies, list.json);
  const existing = "policies" in found ? found.policies : [];
  const signing = existing.filter((one) => one.signature?.public_key);
  const known = signing.find((one) => one.id === knownId) ??
    signing.find((one) => one.name === NAME);
  if (known) return toPolicy(known);
  const answer = yield apiRequest(credentials, "POST", POLICIES_PATH, {
    json: { name: NAME, signature: { enabled: true } },
  });
  return toPolicy(readJson(z.object({ policy }), answer.json).policy);
}

function toPolicy({ id, signature }: z.output<typeof policy>): { id: string; publicKey: string } {
  const publicKey = signature?.public_key;
  if (!publicKey) throw new UnreadableAnswerError("unexpected public_key");
  return { id, publicKey };
}

/** A policy is attached by an update only. Mail that comes before is refused, and tried again. */
function* configureParse(
  hostname: string,
  url: string,
  policyId: string,
  credentials: Credentials,
): Steps<void> {
  const list = yield apiRequest(credentials, "GET", PARSE_PATH);
  const isKnown = readJson(parseSettings, list.json).result
    .some((setting) => setting.hostname.toLowerCase() === hostname);
  const json = { url, spam_check: false, send_raw: false };
  if (!isKnown) {
    const answer = yield apiRequest(credentials, "POST", PARSE_PATH, {
      json: { hostname, ...json },
    });
    readJson(parseSetting, answer.json);
  }
  const answer = yield apiRequest(credentials, "PATCH", `${PARSE_PATH}/${hostname}`, {
    json: { ...json, security_policy: policyId },
  });
  readJson(parseSetting, answer.json);
}

function readHostname(given: string | undefined): string | undefined {
  if (!given) return undefined;
  const hostname = given.trim().toLowerCase();
  if (/^([a-z0-9-]{1,63}\.)+[a-z]{2,63}$/.test(hostname)) return hostname;
  throw new Error("inbound_hostname is no host name");
}
