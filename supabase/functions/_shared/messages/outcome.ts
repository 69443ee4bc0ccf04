import type { MessageReceipt, ProviderError } from "../providers/provider.ts";
import type { LeasedAttempt, Outcome } from "./job.ts";

export function accepted(attempt: LeasedAttempt, receipt: MessageReceipt): Outcome {
  return {
    message_id: attempt.message_id,
    outcome: "accepted",
    external_id: receipt.externalId,
    status: receipt.status,
    ...(receipt.segmentCount === undefined ? {} : { segment_count: receipt.segmentCount }),
    ...(receipt.price === undefined || receipt.priceCurrency === undefined
      ? {}
      : { price: receipt.price, price_currency: receipt.priceCurrency }),
    ...(receipt.errorCode === undefined ? {} : { error_code: receipt.errorCode }),
    ...(receipt.errorMessage === undefined ? {} : { error_message: receipt.errorMessage }),
  };
}

export function refused(job: LeasedAttempt, error: ProviderError): Outcome {
  return {
    message_id: job.message_id,
    outcome: error.isAmbiguous ? "unknown" : "rejected",
    error_code: error.code,
    error_message: error.message,
    is_retryable: error.isRetryable,
    owner: error.owner,
    ...(error.providerCode === undefined ? {} : { provider_code: error.providerCode }),
    ...(error.retryAfterMs === undefined ? {} : { retry_after_ms: error.retryAfterMs }),
  };
}

/** Nothing was done: the message is to be tried again. */
export function putBack(
  job: LeasedAttempt,
  reason = "The credentials could not be read",
): Outcome {
  return {
    message_id: job.message_id,
    outcome: "rejected",
    error_code: "internal",
    error_message: reason,
    is_retryable: true,
  };
}

export function disconnected(job: LeasedAttempt): Outcome {
  return {
    message_id: job.message_id,
    outcome: "rejected",
    error_code: "sender_inactive",
    error_message: "The connection was disconnected, or its secrets cannot be read",
    is_retryable: false,
    owner: "account",
  };
}

/** Nothing was found out: to be asked again, until nobody would know any more. */
export function stillUnknown(attempt: LeasedAttempt): Outcome {
  return { message_id: attempt.message_id, outcome: "unknown" };
}
