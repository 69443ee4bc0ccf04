import * as z from "zod/mini";
import { optionalText } from "../json.ts";
import type {
  ErrorMeaning,
  ProviderErrorCode,
  ProviderRefusal,
  ProviderResponse,
} from "../provider.ts";
import { meaningOf, meaningOfStatus } from "../provider_errors.ts";

// https://postmarkapp.com/developer/api/overview#error-codes and
// https://postmarkapp.com/developer/api/bounce-api#bounce-types (both read 2026-11-20)
const CODES: Partial<Record<ProviderErrorCode, string[]>> = {
  authentication_failed: ["10"],
  provider_unavailable: ["100"],
  invalid_sender: ["400", "401", "DMARCPolicy"],
  insufficient_funds: ["405"],
  // The address bounced, complained or unsubscribed: Postmark sends nothing more to it.
  recipient_opted_out: ["406", "ManuallyDeactivated"],
  invalid_request: [
    "300",
    "402",
    "403",
    "409",
    "410",
    "1235",
    "SMTPApiError",
    "TemplateRenderingFailed",
  ],
  content_refused: ["411", "SpamNotification", "VirusNotification", "Blocked"],
  account_suspended: ["412", "413"],
  rate_limited: ["429"],
  not_found: ["701"],
  invalid_recipient: ["BadEmailAddress"],
  unreachable_recipient: ["HardBounce", "SoftBounce", "Transient", "DnsError"],
};

/** A full mailbox and a name server that does not answer may pass. */
const MAY_PASS = new Set(["SoftBounce", "Transient", "DnsError"]);

const MEANINGS: ReadonlyMap<string, ErrorMeaning> = new Map(
  Object.entries(CODES).flatMap(([code, words]) =>
    words.map((word): [string, ErrorMeaning] => {
      const meaning = meaningOf(code as ProviderErrorCode);
      return [word, MAY_PASS.has(word) ? { ...meaning, isRetryable: true } : meaning];
    })
  ),
);

export function explainPostmarkErrorCode(providerCode: string): ErrorMeaning {
  return MEANINGS.get(providerCode) ?? meaningOf("rejected");
}

const errorBody = z.object({ ErrorCode: z.number(), Message: optionalText });

/** Reads `{ErrorCode, Message}`, or whatever a proxy put in its place. */
export function readPostmarkError({ status, json }: ProviderResponse): ProviderRefusal {
  const body = z.safeParse(errorBody, json);
  const fallback = `Cannot call Postmark: status ${status}`;
  if (!body.success || body.data.ErrorCode === 0) {
    return { ...meaningOfStatus(status), message: fallback };
  }
  const providerCode = String(body.data.ErrorCode);
  const meaning = MEANINGS.get(providerCode) ?? meaningOfStatus(status);
  return { ...meaning, message: body.data.Message || fallback, providerCode };
}
