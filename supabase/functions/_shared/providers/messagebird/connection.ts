import * as z from "zod/mini";
import { optionalText, orElse, readJson } from "../json.ts";
import type {
  ConnectionWebhooks,
  ConnectionWebhookSetup,
  Credentials,
  Procedure,
  ProviderRequest,
  ProviderResponse,
} from "../provider.ts";
import { checkId, CONVERSATIONS, messageBirdRequest } from "./request.ts";

const WEBHOOKS = `${CONVERSATIONS}/webhooks`;
const PAGE_SIZE = 20;
/** MessageBird allows 15 webhooks, so that a second page is one too many already. */
const MOST_PAGES = 5;

const webhook = z.object({
  id: z.string().check(z.minLength(1)),
  channelId: optionalText,
  url: optionalText,
});
const webhookPage = z.object({
  totalCount: orElse(z.number(), 0),
  items: z.array(webhook),
});

/**
 * The WhatsApp channel's webhook. Inbound SMS follow a flow, which people make in Flow Builder: for a
 * connection without a channel there is nothing to set. Statuses of what we send come to the URL of
 * each message, so that the webhook asks for new messages only.
 * https://github.com/messagebird/go-rest-api, conversation/webhook.go (read 2026-11-20)
 */
export const configureMessageBirdConnection: Procedure<
  { webhooks: ConnectionWebhooks; settings: Record<string, string> },
  ConnectionWebhookSetup
> = {
  *steps({ webhooks, settings }, credentials) {
    const channelId = credentials.whatsapp_channel_id;
    if (!channelId) return {};
    const url = webhooks.inboundUrl;
    const wanted = { channelId, url, knownId: settings.whatsapp_webhook_id };
    const id = yield* findWebhook(credentials, wanted);
    const events = ["message.created"];
    const response = yield id === ""
      ? messageBirdRequest(credentials, "POST", WEBHOOKS, { json: { channelId, events, url } })
      : messageBirdRequest(credentials, "PATCH", `${WEBHOOKS}/${checkId(id)}`, {
        json: { events, url, status: "enabled" },
      });
    return { settings: { whatsapp_webhook_id: readJson(webhook, response.json).id } };
  },
};

/** The identifier of our webhook, or else of one that calls the same URL; empty without any. */
function* findWebhook(
  credentials: Credentials,
  { channelId, url, knownId }: { channelId: string; url: string; knownId: string | undefined },
): Generator<ProviderRequest, string, ProviderResponse> {
  let ofThisUrl = "";
  for (let page = 0; page < MOST_PAGES; page++) {
    const offset = page * PAGE_SIZE;
    const response = yield messageBirdRequest(credentials, "GET", WEBHOOKS, {
      query: [["limit", String(PAGE_SIZE)], ["offset", String(offset)]],
    });
    const { items, totalCount } = readJson(webhookPage, response.json);
    for (const one of items) {
      if (one.channelId !== channelId) continue;
      if (one.id === knownId) return one.id;
      if (one.url === url) ofThisUrl ||= one.id;
    }
    if (items.length === 0 || offset + items.length >= totalCount) break;
  }
  return ofThisUrl;
}
