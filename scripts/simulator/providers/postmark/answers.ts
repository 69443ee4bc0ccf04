import { json, withRetryAfter } from "../../shared/answers.ts";

/** An answer of Postmark's API that is not a success. */
export function refuse(status: number, ErrorCode: number, Message: string): Response {
  return json({ ErrorCode, Message }, status);
}

/** How Postmark words the answers that faults ask for. */
export const POSTMARK_FAULT_ANSWERS = {
  rateLimited: (retryAfterSeconds: number | undefined): Response =>
    withRetryAfter(refuse(429, 429, "Rate limit exceeded."), retryAfterSeconds),
  serverError(status: number): Response {
    if (status === 503) return refuse(503, 100, "The Postmark API is offline for maintenance.");
    return new Response(null, { status });
  },
};
