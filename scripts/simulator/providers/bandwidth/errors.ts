import type { FaultAnswers } from "../../calls.ts";
import { withRetryAfter } from "../../shared/answers.ts";
import { Refusal } from "../../shared/serve.ts";
import { element, xmlResponse } from "./xml.ts";

/** An error of messages: `{type, description, fieldErrors?}`. */
export function refuseMessage(
  status: number,
  type: string,
  description: string,
  fieldErrors?: { fieldName: string; description: string }[],
): Refusal {
  return new Refusal(Response.json({ type, description, fieldErrors }, { status }));
}

export function refuseField(fieldName: string, description: string): Refusal {
  const reason = "Your request could not be accepted.";
  return refuseMessage(400, "request-validation", reason, [{ fieldName, description }]);
}

/** An error of what the account owns, in XML. */
export function refuseXml(status: number, code: string, description: string): Refusal {
  const error = element("Error", element("Code", code) + element("Description", description));
  return new Refusal(xmlResponse(element("ErrorResponse", element("ErrorList", error)), status));
}

/** How Bandwidth words the answers that faults ask for. */
export const FAULT_ANSWERS: FaultAnswers = {
  rateLimited(retryAfterSeconds) {
    const description = "The message queue is full";
    const body = { type: "max-message-queue-size-exceeded", description };
    return withRetryAfter(Response.json(body, { status: 429 }), retryAfterSeconds);
  },
  serverError: (status) =>
    Response.json({ type: "internal-server-error", description: "Try again later" }, { status }),
};
