import type { ErrorMeaning, ErrorOwner, ProviderError, ProviderErrorCode } from "./provider.ts";

/** Who has to act on each code, and whether waiting helps, unless a provider knows better. */
const TRAITS: Record<ProviderErrorCode, readonly [owner: ErrorOwner, isRetryable: boolean]> = {
  authentication_failed: ["account", false],
  account_suspended: ["account", false],
  permission_missing: ["account", false],
  insufficient_funds: ["account", false],
  invalid_request: ["caller", false],
  invalid_recipient: ["recipient", false],
  unreachable_recipient: ["recipient", false],
  recipient_opted_out: ["recipient", false],
  invalid_sender: ["account", false],
  content_refused: ["caller", false],
  outside_window: ["caller", false],
  unsupported: ["caller", false],
  not_found: ["caller", false],
  number_unavailable: ["caller", false],
  registration_required: ["account", false],
  rate_limited: ["provider", true],
  provider_unavailable: ["provider", true],
  connection_refused: ["provider", true],
  timeout: ["provider", true],
  connection_lost: ["provider", true],
  unreadable: ["provider", false],
  rejected: ["provider", false],
};

/** The usual meaning of one of our codes. */
export function meaningOf(code: ProviderErrorCode): ErrorMeaning {
  const [owner, isRetryable] = TRAITS[code];
  return { code, owner, isRetryable };
}

const CODE_BY_STATUS: ReadonlyMap<number, ProviderErrorCode> = new Map([
  [400, "invalid_request"],
  [401, "authentication_failed"],
  [402, "insufficient_funds"],
  [403, "permission_missing"],
  [404, "not_found"],
  [405, "invalid_request"],
  [408, "timeout"],
  [413, "invalid_request"],
  [415, "invalid_request"],
  [422, "invalid_request"],
  [425, "provider_unavailable"],
  [429, "rate_limited"],
]);

/** The meaning of an HTTP status when the provider gave no code that we list. */
export function meaningOfStatus(status: number): ErrorMeaning {
  if (status >= 500) return meaningOf("provider_unavailable");
  return meaningOf(CODE_BY_STATUS.get(status) ?? "rejected");
}

/** A refusal of our own, made before any request: nothing can have happened. */
export function refusal(code: ProviderErrorCode, message: string): ProviderError {
  return { ...meaningOf(code), message, isAmbiguous: false };
}
