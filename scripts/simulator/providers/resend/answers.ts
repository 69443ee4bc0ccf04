import { json } from "../../shared/answers.ts";

/** An answer of Resend's API that is not a success. */
export function refuse(statusCode: number, name: string, message: string): Response {
  return json({ statusCode, name, message }, statusCode);
}

/** How Resend words the answers that faults ask for. */
export const RESEND_FAULT_ANSWERS = {
  rateLimited(retryAfterSeconds: number | undefined): Response {
    const answer = refuse(429, "rate_limit_exceeded", "Too many requests.");
    if (retryAfterSeconds !== undefined) {
      answer.headers.set("retry-after", String(retryAfterSeconds));
      answer.headers.set("ratelimit-remaining", "0");
    }
    return answer;
  },
  serverError: (status: number): Response =>
    refuse(status, "application_error", "An unexpected error occurred"),
};
