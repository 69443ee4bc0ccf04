import * as z from "zod/mini";
import { listOf, text } from "../_shared/http/fields.ts";

const EVERY = ["day", "week", "month"];
const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

const wholeNumber = (highest: number) => {
  const error = `must be a whole number from 1 to ${highest}`;
  return z.int({ error }).check(z.minimum(1, error), z.maximum(highest, error));
};

/** How a message comes again; the wall clock shows the same time at each. */
const recurrence = z.strictObject({
  every: z.enum(EVERY, { error: "must be day, week or month" }),
  interval: z.optional(wholeNumber(365)),
  /** Of a week only. */
  weekdays: z.optional(listOf(z.enum(WEEKDAYS, { error: "must be a word such as monday" }), 7)),
  /** The last day, such as 2027-06-30. */
  until: z.optional(text(10)),
  count: z.optional(wholeNumber(999)),
});

/** When a message is to be sent. What fits together, and which times there are, the database says. */
export const scheduleFields = {
  /** ISO 8601 with an offset; with a time zone a local time without one. */
  scheduled_at: text(40),
  /** IANA name, or recipient. */
  time_zone: text(64),
  /** What cancels it when it is due. */
  unless: listOf(
    z.enum(["replied", "conversation_closed"], { error: "must be replied or conversation_closed" }),
    2,
  ),
  recurrence,
  quiet_hours: z.enum(["respect", "ignore"], { error: "must be respect or ignore" }),
};
