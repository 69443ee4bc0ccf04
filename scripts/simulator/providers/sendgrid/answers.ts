import { json } from "../../shared/answers.ts";

/** An answer of SendGrid's API that is not a success. */
export function refuse(status: number, message: string, field: string | null = null): Response {
  return json({ errors: [{ message, field, help: null }] }, status);
}

/** How SendGrid words the answers that faults ask for. */
export const SENDGRID_FAULT_ANSWERS = {
  rateLimited(retryAfterSeconds: number | undefined): Response {
    const answer = refuse(429, "too many requests");
    if (retryAfterSeconds !== undefined) {
      const now = Math.floor(Date.now() / 1000);
      answer.headers.set("date", new Date(now * 1000).toUTCString());
      answer.headers.set("x-ratelimit-remaining", "0");
      answer.headers.set("x-ratelimit-reset", String(now + retryAfterSeconds));
    }
    return answer;
  },
  serverError: (status: number): Response => refuse(status, "internal server error"),
};
