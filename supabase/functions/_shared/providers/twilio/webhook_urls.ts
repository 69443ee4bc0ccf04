import type { NumberWebhooks } from "../provider.ts";
import { fallbackUrl, withoutFragment } from "../webhook_url.ts";

/**
 * Twilio retries a webhook once, and only when it cannot connect. Asked to, it retries up to five
 * times within 15 s; a shorter read timeout is what leaves time for that. The fragment is neither
 * sent nor signed.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides (read 2026-11-20)
 */
const RETRIES = "#rc=5&rp=5xx,ct,rt&rt=4000";

export function withRetries(url: string): string {
  return withoutFragment(url) + RETRIES;
}

/** The fallback differs in its query only, so that both deliver, and deduplicate, the same event. */
export function twilioWebhookUrls(connectionUrl: string): NumberWebhooks {
  return {
    inboundUrl: withRetries(connectionUrl),
    fallbackUrl: withRetries(fallbackUrl(connectionUrl)),
  };
}
