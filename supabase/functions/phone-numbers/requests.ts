import * as z from "zod/mini";
import { text, uuid } from "../_shared/http/fields.ts";
import { idempotencyKey } from "../_shared/http/idempotency_key.ts";

const phoneNumber = () =>
  z.string({ error: "must be an E.164 number such as +14155550100" })
    .check(z.regex(/^\+[1-9]\d{4,14}$/, "must be an E.164 number such as +14155550100"));

export const country = () =>
  z.string({ error: "must be a country code such as US" })
    .check(z.regex(/^[A-Z]{2}$/, "must be a country code such as US"));

export const addRequest = z.strictObject({
  connection_id: uuid(),
  phone_number: phoneNumber(),
  friendly_name: z.optional(text(100)),
  idempotency_key: z.optional(idempotencyKey()),
});

export const purchaseRequest = z.strictObject({
  connection_id: uuid(),
  phone_number: phoneNumber(),
  country: country(),
  friendly_name: z.optional(text(100)),
  idempotency_key: z.optional(idempotencyKey()),
});
