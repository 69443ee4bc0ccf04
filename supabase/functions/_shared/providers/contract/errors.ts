/** Who has to act before the same request can succeed. */
export type ErrorOwner = "caller" | "recipient" | "account" | "provider";

export const PROVIDER_ERROR_CODES = [
  "authentication_failed",
  "account_suspended",
  "permission_missing",
  "insufficient_funds",
  "invalid_request",
  "invalid_recipient",
  "unreachable_recipient",
  "recipient_opted_out",
  "invalid_sender",
  "content_refused",
  "outside_window",
  "unsupported",
  "not_found",
  "number_unavailable",
  "registration_required",
  "rate_limited",
  "provider_unavailable",
  "connection_refused",
  "timeout",
  "connection_lost",
  "unreadable",
  "rejected",
] as const;
export type ProviderErrorCode = typeof PROVIDER_ERROR_CODES[number];

/** What one failure means to us, whoever reported it and by which code. */
export interface ErrorMeaning {
  /** One of ours, stable: see `PROVIDER_ERROR_CODES`. */
  code: ProviderErrorCode;
  owner: ErrorOwner;
  /** The same request may succeed later, unchanged. */
  isRetryable: boolean;
}

/** What an adapter reads out of an answer that says no. */
export interface ProviderRefusal extends ErrorMeaning {
  /** The provider's own code, as text, when it gave one. */
  providerCode?: string;
  /** The provider's own reason, or what the transport saw. */
  message: string;
  /** Milliseconds the provider asked us to wait. */
  retryAfterMs?: number;
}

/** Why a call did not succeed, in words that are safe to store and to show: no credential in it. */
export interface ProviderError extends ProviderRefusal {
  /** The provider may have acted although no readable success came back. The transport's verdict. */
  isAmbiguous: boolean;
  httpStatus?: number;
}

/** The outcome of one call. */
export type Result<Value> = { ok: true; value: Value } | { ok: false; error: ProviderError };

/** Thrown by a reader: names the field that is not as documented, never its value. */
export class UnreadableAnswerError extends Error {
  override name = "UnreadableAnswerError";
}

/**
 * Thrown by a reader of an answer with a status of success that says no all the same, as ClickSend's
 * and Postmark's batches do: nothing was done.
 */
export class RefusedAnswerError extends Error {
  override name = "RefusedAnswerError";
  constructor(readonly refusal: ProviderRefusal) {
    super("refused");
  }
}

/** Thrown by `readWebhook` for a body that is not as documented; holds nothing of that body. */
export class UnreadableWebhookError extends Error {
  override name = "UnreadableWebhookError";
}
