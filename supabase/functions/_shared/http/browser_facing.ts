import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";

/** Lets front ends of any origin call: what they may do hangs on their token alone. */
export function browserFacing(): MiddlewareHandler {
  return cors({
    origin: "*",
    allowMethods: ["GET", "POST", "PATCH", "DELETE"],
    allowHeaders: [
      "authorization",
      "apikey",
      "content-type",
      "idempotency-key",
      "x-client-info",
      "x-request-id",
    ],
    exposeHeaders: ["idempotent-replayed", "retry-after", "x-request-id"],
    maxAge: 86400,
  });
}
