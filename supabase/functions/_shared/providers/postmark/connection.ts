import * as z from "zod/mini";
import { WEBHOOK_USER } from "../basic_webhook.ts";
import { optionalText, readJson } from "../json.ts";
import type { ConnectionWebhooks, ConnectionWebhookSetup, Procedure } from "../provider.ts";
import { messageStream, serverRequest } from "./request.ts";

/** The answers also hold user and password, which these schemas leave behind. */
const webhook = z.object({ ID: z.number(), Url: optionalText });
const webhooks = z.object({ Webhooks: z.array(webhook) });
const server = z.object({ ID: z.number() });

/**
 * One webhook on the message stream for what becomes of messages, and one URL on the server for
 * inbound mail, which has no other place for user and password.
 * https://postmarkapp.com/developer/api/webhooks-api
 * https://postmarkapp.com/developer/webhooks/webhooks-overview#protecting-your-webhook (both read 2026-11-20)
 */
export const configurePostmarkConnection: Procedure<
  { webhooks: ConnectionWebhooks; settings: Record<string, string> },
  ConnectionWebhookSetup
> = {
  *steps({ webhooks: { statusUrl, inboundUrl, password }, settings }, credentials) {
    const stream = messageStream(credentials);
    const list = yield serverRequest(credentials, "GET", "/webhooks", {
      query: [["MessageStream", stream]],
    });
    const existing = readJson(webhooks, list.json).Webhooks;
    const known = existing.find(({ ID }) => String(ID) === settings.webhook_id) ??
      existing.find(({ Url }) => Url === statusUrl);
    const json = {
      Url: statusUrl,
      HttpAuth: { Username: WEBHOOK_USER, Password: password },
      Triggers: {
        Open: { Enabled: true, PostFirstOpenOnly: true },
        Click: { Enabled: true },
        Delivery: { Enabled: true },
        Bounce: { Enabled: true, IncludeContent: false },
        SpamComplaint: { Enabled: true, IncludeContent: false },
        SubscriptionChange: { Enabled: true },
      },
    };
    const saved = known
      ? yield serverRequest(credentials, "PUT", `/webhooks/${known.ID}`, { json })
      : yield serverRequest(credentials, "POST", "/webhooks", {
        json: { ...json, MessageStream: stream },
      });
    const { ID } = readJson(webhook, saved.json);

    const answer = yield serverRequest(credentials, "PUT", "/server", {
      json: { InboundHookUrl: withPassword(inboundUrl, password) },
    });
    readJson(server, answer.json);
    return { settings: { webhook_id: String(ID) } };
  },
};

function withPassword(url: string, password: string): string {
  const signedIn = new URL(url);
  signedIn.username = WEBHOOK_USER;
  signedIn.password = encodeURIComponent(password);
  return signedIn.href;
}
