import * as z from "zod/mini";
import { optionalText } from "../json.ts";
import { readLamlWebhook } from "../laml/webhooks.ts";
import { fallbackUrl } from "../webhook_url.ts";
import type { NumberWebhooks, WebhookEvent, WebhookRequest } from "../provider.ts";
import { isForm, readWebhookJson } from "../webhook_body.ts";
import { UUID } from "./request.ts";
import { readSignalwireStatus } from "./words.ts";

export function signalwireWebhookUrls(connectionUrl: string): NumberWebhooks {
  return { inboundUrl: connectionUrl, fallbackUrl: fallbackUrl(connectionUrl) };
}

/** A form from the Compatibility API; JSON for what was sent by the other one, as WhatsApp is. */
export function readSignalwireWebhook(request: WebhookRequest): WebhookEvent[] {
  if (request.method === "GET" || isForm(request)) {
    return readLamlWebhook(request, {
      messageId: UUID,
      callId: UUID,
      readStatus: readSignalwireStatus,
    });
  }
  return [readStatus(request)];
}

/** `MessageStatusCallbackPayload` in signalwire/docs, signalwire-rest/openapi.yaml at 668371b2. */
const statusCallback = z.object({
  id: z.string().check(z.regex(UUID)),
  status: z.string(),
  error_code: optionalText,
  error_message: optionalText,
});

function readStatus(request: WebhookRequest): WebhookEvent {
  const { id, status, error_code, error_message } = readWebhookJson(statusCallback, request);
  return {
    kind: "status",
    externalId: id,
    status: readSignalwireStatus(status),
    providerStatus: status,
    ...(error_code ? { errorCode: error_code } : {}),
    ...(error_message ? { errorMessage: error_message } : {}),
  };
}
