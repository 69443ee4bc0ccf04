import * as z from "zod/mini";
import { optionalText, readJson } from "../json.ts";
import type { ConnectionWebhooks, ConnectionWebhookSetup, Procedure } from "../provider.ts";
import { apiRequest, checkId } from "./request.ts";

const EVENTS = [
  "email.scheduled",
  "email.sent",
  "email.delivered",
  "email.delivery_delayed",
  "email.bounced",
  "email.complained",
  "email.opened",
  "email.clicked",
  "email.failed",
  "email.suppressed",
  "email.received",
];

const webhooks = z.object({ data: z.array(z.object({ id: z.string(), endpoint: optionalText })) });
const updated = z.object({ id: z.string().check(z.minLength(1)) });
const withSecret = z.object({
  id: z.string().check(z.minLength(1)),
  signing_secret: z.string().check(z.minLength(1)),
});

/** One webhook takes all events, inbound mail among them. Its secret can be read again later. */
export const configureResendConnection: Procedure<
  { webhooks: ConnectionWebhooks; settings: Record<string, string> },
  ConnectionWebhookSetup
> = {
  *steps({ webhooks: { statusUrl: endpoint }, settings }, credentials) {
    const list = yield apiRequest(credentials, "GET", "/webhooks", { query: [["limit", "100"]] });
    const existing = readJson(webhooks, list.json).data;
    const known = existing.find((webhook) => webhook.id === settings.webhook_id) ??
      existing.find((webhook) => webhook.endpoint === endpoint);
    const json = { endpoint, events: EVENTS };
    let saved;
    if (known) {
      const path = `/webhooks/${checkId(known.id)}`;
      const patched = yield apiRequest(credentials, "PATCH", path, {
        json: { ...json, status: "enabled" },
      });
      readJson(updated, patched.json);
      saved = yield apiRequest(credentials, "GET", path);
    } else {
      saved = yield apiRequest(credentials, "POST", "/webhooks", { json });
    }
    const { id, signing_secret } = readJson(withSecret, saved.json);
    return { secret: signing_secret, settings: { webhook_id: id } };
  },
};
