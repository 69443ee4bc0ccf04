import * as z from "zod/mini";
import { optionalText, orElse } from "../json.ts";
import { isAboutRecipient, referenceOf } from "../outbound_email.ts";
import {
  type NumberWebhooks,
  UnreadableWebhookError,
  type WebhookAnswer,
  type WebhookEvent,
  type WebhookRequest,
} from "../provider.ts";
import { readWebhookJson } from "../webhook_body.ts";
import { readSendgridInbound } from "./inbound.ts";
import { CONSENT_EVENTS, readSendgridStatus, toExternalId } from "./words.ts";

const event = z.looseObject({
  event: z.string().check(z.minLength(1)),
  email: optionalText,
  sg_event_id: optionalText,
  sg_message_id: optionalText,
  reason: optionalText,
  response: optionalText,
  type: optionalText,
  bounce_classification: optionalText,
  sg_machine_open: orElse(z.boolean(), false),
});
type SendgridEvent = z.output<typeof event>;

/** Events come as a JSON list, inbound mail as a form with parts. */
export async function readSendgridWebhook(request: WebhookRequest): Promise<WebhookEvent[]> {
  const contentType = request.headers.get("content-type") ?? "";
  if (/^multipart\/form-data\b/i.test(contentType)) {
    return [await readSendgridInbound(request.body, contentType)];
  }
  return readWebhookJson(z.array(event), request).flatMap(readEvent);
}

function readEvent(given: SendgridEvent): WebhookEvent[] {
  const consent = CONSENT_EVENTS.get(given.event);
  if (consent) {
    if (given.email === "" || given.sg_event_id === "") {
      throw new UnreadableWebhookError(`Cannot read webhook: incomplete ${given.event}`);
    }
    return [{
      kind: "opt_out",
      externalId: given.sg_event_id,
      address: given.email.toLowerCase(),
      ...consent,
      ...referenceOf(given),
    }];
  }
  const externalId = toExternalId(given.sg_message_id);
  // Without a message it is about the account. A machine that loads images has read nothing.
  if (externalId === "" || given.sg_machine_open) return [];
  if (!isAboutRecipient(given, given.email)) return [];
  return [{
    kind: "status",
    externalId,
    status: readSendgridStatus(given.event),
    providerStatus: given.event,
    ...readFailure(given),
    ...referenceOf(given),
  }];
}

function readFailure(given: SendgridEvent): { errorCode?: string; errorMessage?: string } {
  const { reason, response, bounce_classification, type } = given;
  switch (given.event) {
    case "bounce": {
      const errorCode = bounce_classification || type;
      return { ...(errorCode && { errorCode }), ...(reason && { errorMessage: reason }) };
    }
    case "dropped":
      return reason ? { errorCode: reason.trim(), errorMessage: reason } : {};
    case "deferred":
      return response ? { errorMessage: response } : {};
    default:
      return {};
  }
}

/** One URL takes both kinds, so that there is no fallback to register. */
export function sendgridWebhookUrls(connectionUrl: string): NumberWebhooks {
  return { inboundUrl: connectionUrl, fallbackUrl: connectionUrl };
}

export function sendgridWebhookAnswer(): WebhookAnswer {
  return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: "OK" };
}
