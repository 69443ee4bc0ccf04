import { readLamlError, tabulate } from "../laml/errors.ts";
import type {
  ErrorMeaning,
  ProviderErrorCode,
  ProviderRefusal,
  ProviderResponse,
} from "../provider.ts";
import { meaningOf } from "../provider_errors.ts";

// https://www.twilio.com/docs/api/errors (read 2026-11-20)
const CODES: Partial<Record<ProviderErrorCode, number[]>> = {
  authentication_failed: [20003],
  account_suspended: [10001, 20005, 30002],
  permission_missing: [20006, 20008, 21215, 21216, 21219, 21408, 21608, 63015],
  invalid_request: [20001, 21266, 21602, 21604, 21617, 21619, 21620, 21655, 21656, 63028],
  not_found: [20404],
  invalid_recipient: [21211, 21217, 21614, 30005, 63003, 63024],
  unreachable_recipient: [21214, 21612, 30003, 30004, 30006],
  recipient_opted_out: [21610],
  invalid_sender: [21210, 21212, 21603, 21606, 21621, 21703, 21704, 63007],
  content_refused: [30007, 63005, 63013, 63021, 63027, 63029],
  outside_window: [63016],
  number_unavailable: [21421, 21422, 21452],
  registration_required: [21649, 21650, 21651, 30032, 30033, 30034, 30035],
  // 30450 and 30453 are blocks of minutes to hours by Twilio's protection against pumping.
  rate_limited: [
    10004,
    20429,
    21611,
    30001,
    30022,
    30023,
    30027,
    30450,
    30453,
    63017,
    63018,
    63038,
  ],
  provider_unavailable: [20500, 20503, 30017, 63009, 63010, 63012],
  rejected: [30008],
};

/** A handset that is switched off, and a failure that Twilio cannot name, may pass. */
const MAY_PASS = new Set([30003, 30008]);

const MEANINGS = tabulate(CODES, MAY_PASS);

/** The meaning of a Twilio error code; `rejected` when it is not listed. */
export function explainTwilioErrorCode(providerCode: string): ErrorMeaning {
  return MEANINGS.get(providerCode) ?? meaningOf("rejected");
}

export function readTwilioError(response: ProviderResponse): ProviderRefusal {
  return readLamlError("Twilio", MEANINGS, response);
}
