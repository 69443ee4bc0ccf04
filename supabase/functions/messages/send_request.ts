import * as z from "zod/mini";
import { listOf, storableText, text, uuid } from "../_shared/http/fields.ts";
import { idempotencyKey } from "../_shared/http/idempotency_key.ts";
import { toE164 } from "./phone_address.ts";
import { scheduleFields } from "./schedule_fields.ts";

const textsByName = z.record(text(255), storableText(), { error: "must be an object of texts" });

const variable = z.union([storableText(), z.number()], { error: "must be text or a number" });

/** Named by one of its id, its name, or for WhatsApp the provider's id. */
const template = z.strictObject({
  template_id: z.optional(uuid()),
  name: z.optional(text(100)),
  external_id: z.optional(text(255)),
  language: z.optional(text(35)),
  variables: z.optional(
    z.record(text(255), variable, { error: "must be an object of texts and numbers" }),
  ),
});

const attachment = z.strictObject({
  file_name: text(255),
  content_type: text(255),
  /** Base64. */
  content: storableText(),
  content_id: z.optional(text(255)),
});

/** A file in the bucket `message-media`. */
export const storedMedium = z.strictObject({ path: text(512) });

export const sendRequest = z.strictObject({
  workspace_id: uuid(),
  channel: z.optional(
    z.enum(["sms", "whatsapp", "email"], { error: "must be sms, whatsapp or email" }),
  ),
  message_class: z.optional(
    z.enum(["conversation", "one_time_code"], { error: "must be conversation or one_time_code" }),
  ),
  to: z.optional(text(254)),
  conversation_id: z.optional(uuid()),
  body: z.optional(storableText()),
  media_urls: z.optional(listOf(text(2048), 100)),
  media: z.optional(listOf(storedMedium, 100)),
  template: z.optional(template),
  subject: z.optional(text(998)),
  html: z.optional(storableText()),
  cc: z.optional(listOf(text(254), 50)),
  bcc: z.optional(listOf(text(254), 50)),
  reply_to: z.optional(text(254)),
  headers: z.optional(textsByName),
  attachments: z.optional(listOf(attachment, 100)),
  from: z.optional(text(254)),
  phone_number_id: z.optional(uuid()),
  idempotency_key: z.optional(idempotencyKey()),
  scheduled_at: z.optional(scheduleFields.scheduled_at),
  time_zone: z.optional(scheduleFields.time_zone),
  unless: z.optional(scheduleFields.unless),
  recurrence: z.optional(scheduleFields.recurrence),
  quiet_hours: z.optional(scheduleFields.quiet_hours),
}).check(
  z.refine((request) => (request.to === undefined) !== (request.conversation_id === undefined), {
    error: "must be given, or conversation_id, and not both",
    path: ["to"],
  }),
);

type SendRequest = z.output<typeof sendRequest>;

/** A request as `enqueue_messages` takes it; what is not given is left out. */
export function toMessage(request: SendRequest, key: string | undefined) {
  const { workspace_id: _, to, from, body, media_urls, cc, bcc, reply_to, ...rest } = request;
  const isEmail = request.channel === "email";
  const given = {
    ...rest,
    body: body ?? "",
    media_urls: media_urls ?? [],
    to_address: to && (isEmail ? canonical(to) : toE164(to, "to")),
    from_address: from && (isEmail || from.includes("@") ? canonical(from) : toE164(from, "from")),
    cc: cc?.map(canonical),
    bcc: bcc?.map(canonical),
    reply_to: reply_to && canonical(reply_to),
    idempotency_key: key,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** E-mail addresses are kept in lower case. */
function canonical(address: string): string {
  return address.trim().toLowerCase();
}
