import * as z from "zod/mini";
import { optionalText } from "../json.ts";
import type {
  ErrorMeaning,
  ProviderErrorCode,
  ProviderRefusal,
  ProviderResponse,
} from "../provider.ts";
import { meaningOf, meaningOfStatus } from "../provider_errors.ts";

// https://resend.com/docs/api-reference/errors and the words of its events for bounces and
// suppressions, https://resend.com/docs/dashboard/emails/email-bounces (both read 2026-11-20)
const CODES: Partial<Record<ProviderErrorCode, string[]>> = {
  authentication_failed: ["missing_api_key", "invalid_api_key"],
  permission_missing: ["restricted_api_key", "invalid_access"],
  invalid_request: [
    "validation_error",
    "missing_required_field",
    "missing_required_fields",
    "invalid_parameter",
    "invalid_attachment",
    "invalid_idempotency_key",
    "invalid_idempotent_request",
    "method_not_allowed",
  ],
  invalid_sender: ["invalid_from_address"],
  not_found: ["not_found"],
  rate_limited: ["rate_limit_exceeded", "daily_quota_exceeded", "reached_daily_quota"],
  insufficient_funds: ["monthly_quota_exceeded", "reached_monthly_quota"],
  provider_unavailable: [
    "application_error",
    "internal_server_error",
    "concurrent_idempotent_requests",
  ],
  invalid_recipient: ["NoEmail"],
  unreachable_recipient: [
    "Permanent",
    "Transient",
    "Undetermined",
    "MailboxFull",
    "previous_bounce",
  ],
  content_refused: ["MessageTooLarge", "ContentRejected", "AttachmentRejected"],
  recipient_opted_out: ["previous_complaint"],
};

const MAY_PASS = new Set(["Transient", "MailboxFull"]);
/** A day's quota is used up until the next day: asking again before is of no use. */
const ARE_FINAL = new Set(["daily_quota_exceeded", "reached_daily_quota"]);

const MEANINGS: ReadonlyMap<string, ErrorMeaning> = new Map(
  Object.entries(CODES).flatMap(([code, names]) =>
    names.map((name): [string, ErrorMeaning] => {
      const meaning = meaningOf(code as ProviderErrorCode);
      const isRetryable = MAY_PASS.has(name) || (meaning.isRetryable && !ARE_FINAL.has(name));
      return [name, { ...meaning, isRetryable }];
    })
  ),
);

export function explainResendErrorCode(providerCode: string): ErrorMeaning {
  return MEANINGS.get(providerCode) ?? meaningOf("rejected");
}

const errorBody = z.object({ name: optionalText, message: optionalText });

/** Reads `{statusCode, name, message}`, or whatever a proxy put in its place. */
export function readResendError({ status, json }: ProviderResponse): ProviderRefusal {
  const body = z.safeParse(errorBody, json);
  const { name = "", message = "" } = body.success ? body.data : {};
  return {
    ...meaningOfError(status, name),
    message: message || `Cannot call Resend: status ${status}`,
    ...(name ? { providerCode: name } : {}),
  };
}

function meaningOfError(status: number, name: string): ErrorMeaning {
  // By this name and status Resend refuses a domain that is not verified.
  if (status === 403 && name === "validation_error") return meaningOf("invalid_sender");
  return MEANINGS.get(name) ?? meaningOfStatus(status);
}
