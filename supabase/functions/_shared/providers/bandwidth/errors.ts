import * as z from "zod/mini";
import { orElse } from "../json.ts";
import { tabulate } from "../laml/errors.ts";
import type {
  ErrorMeaning,
  ProviderErrorCode,
  ProviderRefusal,
  ProviderResponse,
} from "../provider.ts";
import { meaningOf, meaningOfStatus } from "../provider_errors.ts";
import { parseXml, textAt, type XmlElement } from "../xml.ts";

// Each by its name in Bandwidth's list: dev.bandwidth.com/docs/messaging/errors, in a public copy.
const CODES: Partial<Record<ProviderErrorCode, number[]>> = {
  invalid_request: [4301, 4360, 4410, 4411, 4412, 4435, 4452, 4710, 4711, 4712, 4751, 4752],
  invalid_sender: [4302, 4403, 4405, 4407, 4431, 4433, 4481, 4740, 4790, 4792, 4793],
  invalid_recipient: [4303, 4350, 4404, 4406, 4408, 4720],
  permission_missing: [4001, 4432],
  unreachable_recipient: [4420, 4421, 4482, 4702, 4721, 4730, 4772],
  content_refused: [4470, 4750, 4770, 4771],
  registration_required: [4476, 4773, 4774, 4791, 4795],
  // 4475 is Bandwidth's own list, 4775 that of the carrier.
  recipient_opted_out: [4475, 4775],
  rate_limited: [4780, 4781, 4785],
  // deno-fmt-ignore
  provider_unavailable: [
    4701, 5100, 5101, 5111, 5201, 5211, 5220, 5231, 5500, 5501, 5600, 5610, 5620, 5630, 5650,
  ],
};

/** A subscriber who cannot be reached now may be later. */
const MEANINGS = tabulate(CODES, new Set([4702]));

/** The meaning of a receipt's error code; `rejected` when it is not listed. */
export function explainBandwidthErrorCode(providerCode: string): ErrorMeaning {
  return MEANINGS.get(providerCode) ?? meaningOf("rejected");
}

const jsonError = z.object({
  type: z.string(),
  description: z.string(),
  fieldErrors: orElse(
    z.array(z.object({ fieldName: z.string(), description: orElse(z.string(), "") })),
    [],
  ),
});

/** Whose fault a field is. */
const FIELDS: ReadonlyMap<string, ProviderErrorCode> = new Map([
  ["to", "invalid_recipient"],
  ["from", "invalid_sender"],
]);

/** Messages answer in JSON, numbers in XML, and a proxy in anything. */
export function readBandwidthError(response: ProviderResponse): ProviderRefusal {
  const { status, json, text } = response;
  const usual = meaningOfStatus(status);
  const given = z.safeParse(jsonError, json);
  if (given.success) {
    const { type, description, fieldErrors } = given.data;
    const field = status === 400 ? FIELDS.get(fieldErrors[0]?.fieldName ?? "") : undefined;
    const reasons = fieldErrors.map((error) => error.description).filter((reason) => reason !== "");
    return {
      ...(field ? meaningOf(field) : usual),
      providerCode: type,
      message: [description, ...reasons].join("; "),
    };
  }
  const error = findXmlError(parseXml(text));
  return error
    ? { ...usual, providerCode: error.code, message: error.description }
    : { ...usual, message: `Cannot call Bandwidth: status ${status}` };
}

/** The first error of a document: documents of different parts of the API hold theirs differently. */
export function findXmlError(
  element: XmlElement | undefined,
): { code: string; description: string } | undefined {
  if (!element) return undefined;
  const code = textAt(element, "Code") || textAt(element, "ErrorCode");
  if (code) return { code, description: textAt(element, "Description") || `error ${code}` };
  for (const child of element.children) {
    const found = findXmlError(child);
    if (found) return found;
  }
  return undefined;
}
