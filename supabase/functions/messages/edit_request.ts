import * as z from "zod/mini";
import { listOf, storableText, text } from "../_shared/http/fields.ts";
import { scheduleFields } from "./schedule_fields.ts";
import { storedMedium } from "./send_request.ts";

/** What may change of a message that waits. What is not given stays; null takes a part of its schedule away. */
export const editRequest = z.strictObject({
  body: z.optional(storableText()),
  media_urls: z.optional(listOf(text(2048), 100)),
  media: z.optional(listOf(storedMedium, 100)),
  subject: z.optional(text(998)),
  html: z.optional(storableText()),
  scheduled_at: z.optional(z.nullable(scheduleFields.scheduled_at)),
  time_zone: z.optional(z.nullable(scheduleFields.time_zone)),
  unless: z.optional(z.nullable(scheduleFields.unless)),
  recurrence: z.optional(z.nullable(scheduleFields.recurrence)),
  quiet_hours: z.optional(z.nullable(scheduleFields.quiet_hours)),
}).check(
  z.refine((request) => Object.keys(request).length > 0, { error: "must change something" }),
);
