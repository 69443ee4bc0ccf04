import type { ProviderError } from "../providers/provider.ts";
import { AppError, type ErrorCode } from "./error.ts";

const CREDENTIAL_FAULTS = new Set<string>([
  "authentication_failed",
  "permission_missing",
  "account_suspended",
]);

/** What a provider's refusal is to our caller: theirs to mend, or a matter of waiting. */
export function toAppError(error: ProviderError): AppError {
  const details = error.providerCode === undefined ? {} : { provider_code: error.providerCode };
  const retryAfterSeconds = error.retryAfterMs === undefined
    ? undefined
    : Math.ceil(error.retryAfterMs / 1000);
  return new AppError(codeOf(error), error.message, details, retryAfterSeconds);
}

function codeOf(error: ProviderError): ErrorCode {
  if (CREDENTIAL_FAULTS.has(error.code)) return "credentials_refused";
  if (error.code === "rate_limited") return "rate_limited";
  if (error.code === "unsupported") return "unsupported";
  if (error.code === "number_unavailable") return "number_unavailable";
  if (error.isRetryable || error.isAmbiguous) return "provider_unavailable";
  return "provider_refused";
}
