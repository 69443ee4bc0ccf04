import * as z from "zod/mini";
import { optionalText } from "../json.ts";
import type {
  ErrorMeaning,
  ProviderErrorCode,
  ProviderRefusal,
  ProviderResponse,
} from "../provider.ts";
import { meaningOf, meaningOfStatus } from "../provider_errors.ts";

/**
 * Events carry words, not codes: the reason of a drop, the class of a bounce, or its type.
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event (read 2026-11-20)
 */
const CODES: Partial<Record<ProviderErrorCode, string[]>> = {
  recipient_opted_out: ["Unsubscribed Address", "Spam Reporting Address"],
  unreachable_recipient: ["Bounced Address", "Mailbox Unavailable", "bounce"],
  invalid_recipient: ["Invalid", "Invalid Address"],
  content_refused: ["Spam Content", "Content", "Reputation"],
  rate_limited: ["Frequency or Volume Too High"],
  insufficient_funds: ["Recipient List over Package Quota"],
  invalid_request: ["Invalid SMTPAPI header"],
  provider_unavailable: ["Technical", "blocked"],
};

const MEANINGS: ReadonlyMap<string, ErrorMeaning> = new Map(
  Object.entries(CODES).flatMap(([code, words]) =>
    words.map((word): [string, ErrorMeaning] => [word, meaningOf(code as ProviderErrorCode)])
  ),
);

export function explainSendgridErrorCode(providerCode: string): ErrorMeaning {
  return MEANINGS.get(providerCode) ?? meaningOf("rejected");
}

const errorBody = z.object({
  errors: z.array(z.object({ message: optionalText, field: optionalText })),
});

/** Reads `{errors: [{message, field}]}`, or whatever a proxy put in its place. There are no codes. */
export function readSendgridError({ status, headers, json }: ProviderResponse): ProviderRefusal {
  const body = z.safeParse(errorBody, json);
  const first = body.success ? body.data.errors[0] : undefined;
  const { message = "", field = "" } = first ?? {};
  const retryAfterMs = readReset(status, headers);
  return {
    ...meaningOfError(status, field, message),
    message: message || `Cannot call SendGrid: status ${status}`,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function meaningOfError(status: number, field: string, message: string): ErrorMeaning {
  // An account without credits is told so by the status of a wrong key.
  if (status === 401 && /maximum credits exceeded/i.test(message)) {
    return meaningOf("insufficient_funds");
  }
  if (status === 400 || status === 403) {
    if (/^from\b/.test(field)) return meaningOf("invalid_sender");
    if (/^personalizations\.\d+\.(to|cc|bcc)\b/.test(field)) return meaningOf("invalid_recipient");
  }
  return meaningOfStatus(status);
}

/** The limit ends at a time by SendGrid's clock, which the same answer shows. */
function readReset(status: number, headers: Headers): number | undefined {
  if (status !== 429) return undefined;
  const resetMs = Number(headers.get("x-ratelimit-reset") || NaN) * 1000;
  const waitMs = resetMs - Date.parse(headers.get("date") ?? "");
  return waitMs >= 0 && waitMs <= 60 * 60 * 1000 ? waitMs : undefined;
}
