import * as z from "zod/mini";
import { storableText, text } from "../_shared/http/fields.ts";

/** The arguments are the tool's own: what is wrong with them is told to the model and written down. */
export const executeRequest = z.strictObject({
  tool: text(64),
  arguments: z.optional(z.unknown()),
  run_id: text(255),
  call_id: text(255),
  reason: z.optional(storableText().check(z.maxLength(1000, "must have at most 1000 characters"))),
  agent_id: z.optional(text(100)),
});

export const decisionRequest = z.strictObject({
  decision: z.enum(["approve", "refuse"], { error: "must be approve or refuse" }),
  note: z.optional(text(1000)),
});
