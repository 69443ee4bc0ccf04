import type { Context } from "hono";
import * as z from "zod/mini";
import { AppError } from "./error.ts";
import { text } from "./fields.ts";

/** A key that makes a repeated request the same request. */
export const idempotencyKey = () => text(255);

/** The key of the header or of the body; both only if they say the same. */
export function readIdempotencyKey(c: Context, inBody: string | undefined): string | undefined {
  const inHeader = c.req.header("idempotency-key");
  if (inHeader === undefined) return inBody;
  if (inBody !== undefined && inBody !== inHeader) {
    throw refuse("differs from the Idempotency-Key header");
  }
  const { error } = z.safeParse(idempotencyKey(), inHeader);
  if (error) throw refuse(error.issues[0]!.message);
  return inHeader;
}

/** The same where nothing may be done without one. */
export function requireIdempotencyKey(c: Context, inBody: string | undefined): string {
  const key = readIdempotencyKey(c, inBody);
  if (key === undefined) throw refuse("must be given, here or in the Idempotency-Key header");
  return key;
}

function refuse(message: string): AppError {
  return new AppError(
    "invalid_request",
    `Cannot take the request: idempotency_key ${message}`,
    { issues: [{ field: "idempotency_key", message }] },
  );
}
