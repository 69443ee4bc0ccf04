import type { FaultAnswers } from "../../calls.ts";
import { withRetryAfter } from "../../shared/answers.ts";
import { Refusal } from "../../shared/serve.ts";

/** `{code, message, more_info, status}`. https://signalwire.com/docs/compatibility-api/rest/error-codes */
export function errorResponse(status: number, code: number, message: string): Response {
  const more_info = "https://signalwire.com/docs/compatibility-api/rest/error-codes";
  return Response.json({ code, message, more_info, status }, { status });
}

export function refuse(status: number, code: number, message: string): Refusal {
  return new Refusal(errorResponse(status, code, message));
}

export function notFound(): Refusal {
  return refuse(404, 20404, "The requested resource was not found");
}

/** As the other API words it. */
export function refuseField(attribute: string): Refusal {
  const url = "https://signalwire.com/docs/apis/error-codes";
  const message = `${attribute} is invalid`;
  const error = { type: "validation_error", code: "invalid_parameter", message, attribute, url };
  return new Refusal(Response.json({ errors: [error] }, { status: 422 }));
}

/** How SignalWire words the answers that faults ask for. */
export const FAULT_ANSWERS: FaultAnswers = {
  rateLimited: (retryAfterSeconds) =>
    withRetryAfter(errorResponse(429, 20429, "Too Many Requests"), retryAfterSeconds),
  serverError: (status) => errorResponse(status, 20500, "Internal Server Error"),
};
