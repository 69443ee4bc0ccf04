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

// https://developer.vonage.com/en/api-errors/messages (read 2026-11-20)
const CODES: Partial<Record<ProviderErrorCode, number[]>> = {
  account_suspended: [1060],
  permission_missing: [1080, 1140, 1160],
  authentication_failed: [1110, 1370],
  insufficient_funds: [1070],
  invalid_request: [1010, 1020, 1021, 1022, 1040, 1090, 1130, 1150],
  invalid_recipient: [1170, 1190, 1300],
  unreachable_recipient: [1050, 1180, 1200, 1220, 1250, 1260, 1280, 1290, 1310, 1360],
  recipient_opted_out: [1240],
  invalid_sender: [1120],
  content_refused: [1210, 1270],
  outside_window: [1340],
  rate_limited: [1000, 1241],
  provider_unavailable: [1030, 1100, 1230],
  rejected: [1320, 1330, 1331, 1350],
};

/** A handset that is off or busy; and an error that a carrier's retry may end. */
const MAY_PASS = new Set([1180, 1220, 1331]);

const MEANINGS = tabulate(CODES, MAY_PASS);

/** The meaning of a code of the Messages API; `rejected` when it is not listed. */
export function explainVonageErrorCode(providerCode: string): ErrorMeaning {
  return MEANINGS.get(providerCode) ?? meaningOf("rejected");
}

/** RFC 7807, in answers and in webhooks. The fragment of the type is the code. */
export const problem = z.object({
  type: optionalText,
  title: orElse(z.union([z.string(), z.number()]), ""),
  detail: optionalText,
});

export function toReason(
  { type, title, detail }: z.output<typeof problem>,
): { code: string; message: string } {
  const [, fragment = ""] = /#([\w-]{1,40})$/.exec(type) ?? [];
  const heading = String(title);
  const isCode = /^\d{1,5}$/.test(heading);
  return {
    code: /^\d+$/.test(fragment) || !isCode ? fragment : heading,
    message: [isCode ? "" : heading, detail].filter((part) => part).join(": "),
  };
}

/** What numbers and the balance answer, in place of a problem. */
const label = z.object({ "error-code": z.string(), "error-code-label": optionalText });

export function readVonageError({ status, json }: ProviderResponse): ProviderRefusal {
  const fallback = `Cannot call Vonage: status ${status}`;
  const labelled = z.safeParse(label, json);
  if (labelled.success) return readLabel(status, labelled.data, fallback);
  const given = z.safeParse(problem, json);
  const { code, message } = given.success ? toReason(given.data) : { code: "", message: "" };
  const meaning = MEANINGS.get(code) ?? meaningOfStatus(status);
  const refused = { ...meaning, message: message || fallback };
  return code ? { ...refused, providerCode: code } : refused;
}

/** These codes are statuses of HTTP; 420 says that the number is not to be had. */
export function readLabel(
  status: number,
  { "error-code": code, "error-code-label": text }: z.output<typeof label>,
  fallback: string,
): ProviderRefusal {
  const meaning = code === "420" ? meaningOf("number_unavailable") : meaningOfStatus(status);
  return { ...meaning, message: text || fallback, providerCode: code };
}
