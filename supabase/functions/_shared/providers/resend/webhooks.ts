import * as z from "zod/mini";
import { readMailbox } from "../inbound_email.ts";
import { optionalText, orElse } from "../json.ts";
import { REFERENCE_NAME, referenceOf } from "../outbound_email.ts";
import {
  type NumberWebhooks,
  UnreadableWebhookError,
  type WebhookAnswer,
  type WebhookEvent,
  type WebhookRequest,
} from "../provider.ts";
import { readWebhookJson, readWebhookValue } from "../webhook_body.ts";
import { mailHead, toInboundEmail } from "./inbound.ts";
import { fromTagValue, readResendStatus } from "./words.ts";

const event = z.object({ type: z.string().check(z.minLength(1)), data: z.unknown() });
const uuid = z.string().check(z.regex(/^[0-9a-fA-F-]{36}$/));
const sent = z.object({
  email_id: uuid,
  to: orElse(z.array(z.string()), []),
  tags: orElse(z.record(z.string(), z.unknown()), {}),
  bounce: z.optional(
    z.object({ type: optionalText, subType: optionalText, message: optionalText }),
  ),
  failed: z.optional(z.object({ reason: optionalText })),
  suppressed: z.optional(z.object({ reason: optionalText, message: optionalText })),
});
type Sent = z.output<typeof sent>;
const receivedMail = z.object({ ...mailHead, email_id: uuid });

/** Of contacts and domains there is nothing that concerns a message. */
export function readResendWebhook(request: WebhookRequest): WebhookEvent[] {
  const { type, data } = readWebhookJson(event, request);
  if (!type.startsWith("email.")) return [];
  const word = type.slice("email.".length);
  if (word === "received") return [readReceived(data)];
  const given = readWebhookValue(sent, data);
  const reference = readReference(given.tags);
  if (word === "complained") {
    const recipient = readMailbox(given.to[0] ?? "");
    if (!recipient) throw new UnreadableWebhookError("Cannot read webhook: nobody complained");
    return [{
      kind: "opt_out",
      externalId: `complained.${given.email_id}`,
      address: recipient.address,
      isOptedOut: true,
      source: "complaint",
      ...reference,
    }];
  }
  return [{
    kind: "status",
    externalId: given.email_id,
    status: readResendStatus(word),
    providerStatus: word,
    ...readFailure(given),
    ...reference,
  }];
}

function readReceived(data: unknown): WebhookEvent {
  const head = readWebhookValue(receivedMail, data);
  const email = toInboundEmail(head.email_id, head);
  if (!email) throw new UnreadableWebhookError("Cannot read webhook: no sender or no recipient");
  return email;
}

/** Words that tell less than the kind of bounce beside them. */
const VAGUE = new Set(["", "General", "Undetermined"]);

function readFailure(
  { bounce, failed, suppressed }: Sent,
): { errorCode?: string; errorMessage?: string } {
  let errorCode = "";
  let errorMessage = "";
  if (bounce) {
    errorCode = VAGUE.has(bounce.subType) ? bounce.type : bounce.subType;
    errorMessage = bounce.message;
  } else if (failed) {
    errorCode = failed.reason;
    errorMessage = failed.reason;
  } else if (suppressed) {
    errorCode = suppressed.reason;
    errorMessage = suppressed.message;
  }
  return { ...(errorCode && { errorCode }), ...(errorMessage && { errorMessage }) };
}

function readReference(tags: Record<string, unknown>): { reference?: string } {
  const value = tags[REFERENCE_NAME];
  return typeof value === "string" ? referenceOf({ [REFERENCE_NAME]: fromTagValue(value) }) : {};
}

export function resendWebhookUrls(connectionUrl: string): NumberWebhooks {
  return { inboundUrl: connectionUrl, fallbackUrl: connectionUrl };
}

export function resendWebhookAnswer(): WebhookAnswer {
  return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: "OK" };
}
