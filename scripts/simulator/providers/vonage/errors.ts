import { withRetryAfter } from "../../shared/answers.ts";
import { Refusal } from "../../shared/serve.ts";

// https://developer.vonage.com/en/api-errors/messages
export const TITLES: Readonly<Record<string, string>> = {
  1000: "Throttled",
  1030: "Internal error",
  1050: "Number barred",
  1120: "Illegal Sender Address - rejected",
  1170: "Invalid or Missing Msisdn Param",
  1180: "Absent Subscriber Temporary",
  1190: "Absent Subscriber Permanent",
  1210: "Anti-Spam Rejection",
  1240: "Illegal Number",
  1300: "Not part of the provider network",
  1340: "Outside of the allowed window",
};

/** RFC 7807; codes are numbers of the Messages API, words of all others. */
export function problem(status: number, code: string): Response {
  const isNumber = /^\d+$/.test(code);
  const title = TITLES[code] ?? code;
  return Response.json({
    type: `https://developer.nexmo.com/api-errors/${isNumber ? "messages-olympus" : ""}#${code}`,
    title,
    detail: title,
    instance: crypto.randomUUID().replaceAll("-", ""),
  }, { status });
}

export function refuse(status: number, code: string): Refusal {
  return new Refusal(problem(status, code));
}

/** What changes of numbers answer. */
export function outcome(status: number, label: string): Response {
  return Response.json({ "error-code": String(status), "error-code-label": label }, { status });
}

/** How Vonage words the answers that faults ask for. */
export const FAULT_ANSWERS = {
  rateLimited: (retryAfterSeconds: number | undefined): Response =>
    withRetryAfter(problem(429, "1000"), retryAfterSeconds),
  serverError: (status: number): Response => problem(status, "1030"),
};
