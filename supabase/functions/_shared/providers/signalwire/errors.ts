import { readLamlError, tabulate } from "../laml/errors.ts";
import type {
  ErrorMeaning,
  ProviderErrorCode,
  ProviderRefusal,
  ProviderResponse,
} from "../provider.ts";
import { meaningOf } from "../provider_errors.ts";

// signalwire/docs at 131a70f2, compatibility-api/overview/error-codes.mdx (read 2026-11-20)
const CODES: Partial<Record<ProviderErrorCode, number[]>> = {
  authentication_failed: [20003],
  account_suspended: [30002],
  permission_missing: [10001, 10002, 10003, 10004, 21219],
  insufficient_funds: [4001],
  invalid_request: [4000, 10000, 21212, 21602, 21604, 21617, 21620, 21623, 30010, 63019],
  not_found: [20404],
  invalid_recipient: [21211, 21217, 30005],
  unreachable_recipient: [30003, 30004, 30006],
  recipient_opted_out: [21610],
  invalid_sender: [21210, 21601, 21603],
  content_refused: [11751, 30007],
  // Twilio's code and that of WhatsApp itself, which SignalWire passes on without a list of its own.
  outside_window: [63016, 131047],
  registration_required: [21717],
  rate_limited: [20429, 21611, 30022, 30027],
  provider_unavailable: [15002, 20500, 53603],
  rejected: [30008],
};

/** A handset that is switched off, and a failure that SignalWire cannot name, may pass. */
const MEANINGS = tabulate(CODES, new Set([30003, 30008]));

/** The meaning of a SignalWire error code; `rejected` when it is not listed. */
export function explainSignalwireErrorCode(providerCode: string): ErrorMeaning {
  return MEANINGS.get(providerCode) ?? meaningOf("rejected");
}

export function readSignalwireError(response: ProviderResponse): ProviderRefusal {
  return readLamlError("SignalWire", MEANINGS, response);
}
