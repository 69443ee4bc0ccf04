import * as z from "zod/mini";
import { optionalText, orElse } from "../json.ts";
import { tabulate } from "../laml/errors.ts";
import type {
  ErrorMeaning,
  ProviderErrorCode,
  ProviderRefusal,
  ProviderResponse,
} from "../provider.ts";
import { meaningOf, meaningOfStatus } from "../provider_errors.ts";

// https://developers.telnyx.com/docs/messaging/messages/error-codes and
// https://developers.telnyx.com/development/api-fundamentals/api-errors (read 2026-11-20);
// from 100,000 on, Meta's codes for WhatsApp, which Telnyx passes on.
const CODES: Partial<Record<ProviderErrorCode, number[]>> = {
  authentication_failed: [10009],
  permission_missing: [10010, 40309],
  invalid_request: [10003, 10004, 10006, 10015, 10027, 40009, 132000],
  not_found: [10005],
  invalid_recipient: [10002, 10016, 40001, 40012, 40310, 131026],
  unreachable_recipient: [40004, 40005, 40006, 40008],
  recipient_opted_out: [40300],
  invalid_sender: [10001, 40013, 40305, 40321],
  content_refused: [40003, 40015, 132015],
  outside_window: [131047],
  rate_limited: [10011, 40002, 40011, 40014, 40318],
  provider_unavailable: [10007, 10008],
};

/** The recipient's carrier is down, or refused without a reason: that may pass. */
const MAY_PASS = new Set([40004, 40006]);

const MEANINGS = tabulate(CODES, MAY_PASS);

/** One of the errors that answers and messages list. Codes are text in most answers. */
export const telnyxError = z.object({
  code: orElse(z.union([z.string(), z.number()]), ""),
  title: optionalText,
  detail: optionalText,
});

/** The meaning of a Telnyx error code; `rejected` when it is not listed. */
export function explainTelnyxErrorCode(providerCode: string): ErrorMeaning {
  return MEANINGS.get(providerCode) ?? meaningOf("rejected");
}

const errorBody = z.object({ errors: z.array(telnyxError).check(z.minLength(1)) });

/** Reads `{errors: [{code, title, detail}]}`, or whatever a proxy put in its place. */
export function readTelnyxError({ status, json }: ProviderResponse): ProviderRefusal {
  const body = z.safeParse(errorBody, json);
  const { code, message } = toReason(body.success ? body.data.errors : []);
  const meaning = MEANINGS.get(code) ?? meaningOfStatus(status);
  const refused = { ...meaning, message: message || `Cannot call Telnyx: status ${status}` };
  return code ? { ...refused, providerCode: code } : refused;
}

/** The first of the errors that are listed, which are seldom more than one. */
export function toReason(
  [error]: ReadonlyArray<z.output<typeof telnyxError>>,
): { code: string; message: string } {
  if (!error) return { code: "", message: "" };
  const { code, title, detail } = error;
  return { code: String(code), message: [title, detail].filter((part) => part).join(": ") };
}
