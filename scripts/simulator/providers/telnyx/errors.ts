import { withRetryAfter } from "../../shared/answers.ts";
import { Refusal } from "../../shared/serve.ts";

// https://developers.telnyx.com/docs/messaging/messages/error-codes
export const TITLES: Readonly<Record<string, string>> = {
  10005: "Resource not found",
  10007: "Unexpected error",
  10009: "Authentication failed",
  10011: "Too many requests",
  10015: "Bad Request",
  40001: "Not routable",
  40002: "Blocked as spam - temporary",
  40003: "Blocked as spam - permanent",
  40006: "Recipient server unavailable",
  40008: "Undeliverable",
  40300: "Blocked due to STOP message",
  40305: "Invalid 'from' address",
  40310: "Invalid 'to' address",
  131047: "Re-engagement message",
};

function errorResponse(status: number, code: string): Response {
  const title = TITLES[code] ?? "Bad Request";
  const meta = { url: `https://developers.telnyx.com/docs/overview/errors/${code}` };
  return Response.json({ errors: [{ code, title, detail: `${title}.`, meta }] }, { status });
}

export function refuse(status: number, code: string): Refusal {
  return new Refusal(errorResponse(status, code));
}

/** How Telnyx words the answers that faults ask for. */
export const FAULT_ANSWERS = {
  rateLimited: (retryAfterSeconds: number | undefined): Response =>
    withRetryAfter(errorResponse(429, "10011"), retryAfterSeconds),
  serverError: (status: number): Response => errorResponse(status, "10007"),
};
