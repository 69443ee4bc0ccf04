import { readLamlWebhook } from "../laml/webhooks.ts";
import type { WebhookEvent, WebhookRequest } from "../provider.ts";
import { twilioApi } from "./request.ts";
import { readTwilioStatus } from "./words.ts";

/** https://www.twilio.com/docs/messaging/guides/webhook-request (read 2026-11-20) */
export function readTwilioWebhook(request: WebhookRequest): WebhookEvent[] {
  return readLamlWebhook(request, {
    messageId: /^[A-Z]{2}[0-9a-fA-F]{32}$/,
    callId: twilioApi.callId,
    readStatus: readTwilioStatus,
  });
}
