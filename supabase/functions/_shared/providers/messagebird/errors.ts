import * as z from "zod/mini";
import { orElse } from "../json.ts";
import type {
  ErrorMeaning,
  ProviderErrorCode,
  ProviderRefusal,
  ProviderResponse,
} from "../provider.ts";
import { meaningOf, meaningOfStatus } from "../provider_errors.ts";

/**
 * The API's own codes, and those of networks in reports behind `EC`, which count from 1 as well.
 * https://github.com/messagebird/php-rest-api, ResponseError.php, and
 * https://docs.bird.com, SMS Platform Extended Error Codes (read 2026-11-20)
 */
const CODES: Partial<Record<ProviderErrorCode, string[]>> = {
  authentication_failed: ["2", "1001"],
  invalid_request: ["9", "10"],
  not_found: ["20"],
  insufficient_funds: ["25"],
  invalid_recipient: ["EC1", "EC5"],
  unreachable_recipient: ["EC2", "EC3", "EC9", "EC10", "EC11", "EC12"],
  // WhatsApp's own codes. That MessageBird hands them on unchanged is not confirmed.
  outside_window: ["470", "131047"],
};

const MEANINGS: ReadonlyMap<string, ErrorMeaning> = new Map(
  Object.entries(CODES).flatMap(([code, words]) =>
    words.map((word): [string, ErrorMeaning] => [word, meaningOf(code as ProviderErrorCode)])
  ),
);

/** A code for a missing or an invalid parameter is told apart by the parameter. */
const PARAMETERS: ReadonlyMap<string, ProviderErrorCode> = new Map([
  ["recipient", "invalid_recipient"],
  ["recipients", "invalid_recipient"],
  ["to", "invalid_recipient"],
  ["originator", "invalid_sender"],
  ["from", "invalid_sender"],
  ["channelId", "invalid_sender"],
]);

/** The meaning of one of MessageBird's codes; `rejected` when it is not listed. */
export function explainMessageBirdErrorCode(providerCode: string): ErrorMeaning {
  return MEANINGS.get(providerCode) ?? meaningOf("rejected");
}

/** The code of a network as our receipts hold it; empty for none. */
export function toNetworkErrorCode(code: string): string {
  return /^[1-9]\d{0,5}$/.test(code) ? `EC${code}` : "";
}

const errorBody = z.object({
  errors: z.array(z.object({
    code: z.nullish(z.union([z.number(), z.string()])),
    description: z.nullish(z.string()),
    /** In place of the description, in answers of the numbers' host. */
    message: z.nullish(z.string()),
    parameter: orElse(z.nullish(z.string()), null),
  })),
});

/** Reads `{errors: [{code, description, parameter}]}`, or whatever a proxy put in its place. */
export function readMessageBirdError({ status, json }: ProviderResponse): ProviderRefusal {
  const body = z.safeParse(errorBody, json);
  const [error] = body.success ? body.data.errors : [];
  const code = error?.code ? String(error.code) : undefined;
  const message = error?.description || error?.message ||
    `Cannot call MessageBird: status ${status}`;
  const ofParameter = PARAMETERS.get(error?.parameter ?? "");
  const listed = code === undefined ? undefined : MEANINGS.get(code);
  const meaning = listed?.code === "invalid_request" && ofParameter
    ? meaningOf(ofParameter)
    : listed ?? meaningOfStatus(status);
  return code ? { ...meaning, message, providerCode: code } : { ...meaning, message };
}
