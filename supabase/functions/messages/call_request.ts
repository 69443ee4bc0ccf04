import * as z from "zod/mini";
import { storableText, text, uuid } from "../_shared/http/fields.ts";
import { idempotencyKey } from "../_shared/http/idempotency_key.ts";
import { toE164 } from "./phone_address.ts";

export const callRequest = z.strictObject({
  workspace_id: uuid(),
  to: text(50),
  text: storableText(),
  language: z.optional(text(35)),
  from: z.optional(text(50)),
  phone_number_id: z.optional(uuid()),
  idempotency_key: z.optional(idempotencyKey()),
});

/** A request as `start_call` takes it; what is not given is left out. */
export function toCall(
  request: z.output<typeof callRequest>,
  key: string | undefined,
): Record<string, string> {
  const { to, from, text, language = "en-US", phone_number_id } = request;
  return {
    text,
    language,
    ...(phone_number_id === undefined ? {} : { phone_number_id }),
    to_address: toE164(to, "to"),
    ...(from === undefined ? {} : { from_address: toE164(from, "from") }),
    ...(key === undefined ? {} : { idempotency_key: key }),
  };
}
