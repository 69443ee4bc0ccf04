import * as z from "zod/mini";
import type {
  ErrorMeaning,
  ProviderErrorCode,
  ProviderRefusal,
  ProviderResponse,
} from "../provider.ts";
import { meaningOf, meaningOfStatus } from "../provider_errors.ts";

/**
 * Words of the envelope, of single messages, and codes of receipts.
 * https://developers.clicksend.com/docs/#application-status-codes (read 2026-11-20)
 */
const CODES: Partial<Record<ProviderErrorCode, string[]>> = {
  authentication_failed: ["UNAUTHORIZED", "MISSING_CREDENTIALS", "INVALID_CREDENTIALS"],
  account_suspended: ["ACCOUNT_NOT_ACTIVATED"],
  permission_missing: ["FORBIDDEN", "COUNTRY_NOT_ENABLED", "NOT_ENOUGH_PERMISSION_TO_LIST_ID"],
  insufficient_funds: ["INSUFFICIENT_CREDIT"],
  invalid_request: [
    "BAD_REQUEST",
    "ALREADY_EXISTS",
    "EMPTY_MESSAGE",
    "TOO_MANY_RECIPIENTS",
    "MISSING_REQUIRED_FIELDS",
    "INVALID_SCHEDULE",
    "SUBJECT_REQUIRED",
    "INVALID_MEDIA_FILE",
  ],
  invalid_recipient: ["INVALID_RECIPIENT"],
  unreachable_recipient: ["300", "301"],
  invalid_sender: ["INVALID_SENDER_ID"],
  not_found: ["NOT_FOUND"],
  // The same text went to the same recipient moments ago.
  rate_limited: ["TOO_MANY_REQUESTS", "THROTTLED"],
  // 302 is a temporary failure of routing.
  provider_unavailable: ["INTERNAL_SERVER_ERROR", "INTERNAL_ERROR", "302"],
  rejected: ["SOMETHING_IS_WRONG"],
};

const MEANINGS: ReadonlyMap<string, ErrorMeaning> = new Map(
  Object.entries(CODES).flatMap(([code, words]) =>
    words.map((word): [string, ErrorMeaning] => [word, meaningOf(code as ProviderErrorCode)])
  ),
);

/** Whether ClickSend's documents give this word as a failure. */
export function isClickSendErrorCode(word: string): boolean {
  return MEANINGS.has(word);
}

/** The meaning of one of ClickSend's words or receipt codes; `rejected` when it is not listed. */
export function explainClickSendErrorCode(providerCode: string): ErrorMeaning {
  return MEANINGS.get(providerCode) ?? meaningOf("rejected");
}

const errorBody = z.object({
  response_code: z.nullish(z.string()),
  response_msg: z.nullish(z.string()),
});

/** Reads `{http_code, response_code, response_msg, data}`, or whatever a proxy put in its place. */
export function readClickSendError({ status, json }: ProviderResponse): ProviderRefusal {
  const body = z.safeParse(errorBody, json);
  const code = (body.success && body.data.response_code) || undefined;
  const message = (body.success && body.data.response_msg) ||
    `Cannot call ClickSend: status ${status}`;
  const meaning = (code && MEANINGS.get(code)) || meaningOfStatus(status);
  return code ? { ...meaning, message, providerCode: code } : { ...meaning, message };
}
