import * as z from "zod/mini";
import type {
  ErrorMeaning,
  ProviderErrorCode,
  ProviderRefusal,
  ProviderResponse,
} from "./provider.ts";
import { meaningOf, meaningOfStatus } from "./provider_errors.ts";

// https://www.twilio.com/docs/api/errors (read 2026-11-20)
const CODES: Partial<Record<ProviderErrorCode, number[]>> = {
  authentication_failed: [20003],
  account_suspended: [20005, 30002],
  permission_missing: [20006, 20008, 21408, 21608, 63015],
  invalid_request: [20001, 21266, 21602, 21604, 21617, 21619, 21620, 63028],
  not_found: [20404],
  invalid_recipient: [21211, 21217, 21614, 30005, 63003, 63024],
  unreachable_recipient: [21214, 21612, 30003, 30004, 30006],
  recipient_opted_out: [21610],
  invalid_sender: [21212, 21603, 21606, 21621, 21703, 21704, 63007],
  content_refused: [30007, 63013, 63016, 63027, 63029],
  number_unavailable: [21421, 21422, 21452],
  registration_required: [21649, 21650, 21651, 30032, 30033, 30034, 30035],
  // 30450 and 30453 are blocks of minutes to hours by Twilio's protection against pumping.
  rate_limited: [20429, 21611, 30001, 30022, 30023, 30027, 30450, 30453, 63017, 63018, 63038],
  provider_unavailable: [20500, 20503, 30017, 63009, 63010, 63012],
  rejected: [30008],
};

/** A handset that is switched off, and a failure that Twilio cannot name, may pass. */
const MAY_PASS = new Set([30003, 30008]);

const MEANINGS: ReadonlyMap<string, ErrorMeaning> = new Map(
  Object.entries(CODES).flatMap(([code, numbers]) =>
    numbers.map((number): [string, ErrorMeaning] => {
      const meaning = meaningOf(code as ProviderErrorCode);
      return [String(number), MAY_PASS.has(number) ? { ...meaning, isRetryable: true } : meaning];
    })
  ),
);

const errorBody = z.object({
  code: z.nullish(z.union([z.number(), z.string()])),
  message: z.nullish(z.string()),
});

/** The meaning of a Twilio error code; `rejected` when it is not listed. */
export function explainTwilioErrorCode(providerCode: string): ErrorMeaning {
  return MEANINGS.get(providerCode) ?? meaningOf("rejected");
}

/** Reads `{code, message, more_info, status}`, or whatever a proxy put in its place. */
export function readTwilioError({ status, json }: ProviderResponse): ProviderRefusal {
  const body = z.safeParse(errorBody, json);
  const code = body.success && body.data.code ? String(body.data.code) : undefined;
  const message = (body.success && body.data.message) || `Cannot call Twilio: status ${status}`;
  const meaning = (code && MEANINGS.get(code)) || meaningOfStatus(status);
  return code ? { ...meaning, message, providerCode: code } : { ...meaning, message };
}
