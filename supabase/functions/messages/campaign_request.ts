import * as z from "zod/mini";
import { checkFields } from "../_shared/http/body.ts";
import { storableText, text, uuid } from "../_shared/http/fields.ts";
import { idempotencyKey } from "../_shared/http/idempotency_key.ts";

const textsByName = z.record(text(100), storableText(), { error: "must be an object of texts" });

const fields = {
  channel: z.optional(
    z.enum(["sms", "whatsapp", "email"], { error: "must be sms, whatsapp or email" }),
  ),
  body: z.optional(z.nullable(storableText())),
  subject: z.optional(z.nullable(text(998))),
  template: z.optional(z.nullable(
    z.strictObject({ template_id: uuid(), variables: z.optional(textsByName) }),
  )),
  variables: z.optional(textsByName),
  phone_number_id: z.optional(z.nullable(uuid())),
  email_sender_id: z.optional(uuid()),
  from_address: z.optional(z.nullable(text(254))),
  default_country: z.optional(z.nullable(text(2))),
  scheduled_at: z.optional(z.nullable(text(40))),
};

export const newCampaign = z.strictObject({
  workspace_id: uuid(),
  name: text(200),
  ...fields,
  idempotency_key: z.optional(idempotencyKey()),
});

export const campaignChanges = z.strictObject({ name: z.optional(text(200)), ...fields });

export const campaignStart = z.strictObject({
  max_cost: z.optional(
    z.number({ error: "must be a number" }).check(z.nonnegative("must not be negative")),
  ),
  idempotency_key: z.optional(idempotencyKey()),
});

/** What finds contacts; the database says what it may hold. */
export const audience = z.strictObject({
  filter: z.optional(z.record(text(50), z.unknown(), { error: "must be an object" })),
});

const uploadQuery = z.object({
  first_row: z._default(
    z.coerce.number().check(z.int(), z.positive("must be counted from 1"), z.lte(100_000_000)),
    1,
  ),
  address_column: z.optional(text(100)),
});

/** How the rows of an upload are to be read. */
export function readUploadQuery(query: Record<string, string>) {
  return checkFields(query, uploadQuery);
}
