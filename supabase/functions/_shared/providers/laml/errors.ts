/** Errors in Twilio's form, `{code, message, more_info, status}`, and tables of their codes. */
import * as z from "zod/mini";
import type {
  ErrorMeaning,
  ProviderErrorCode,
  ProviderRefusal,
  ProviderResponse,
} from "../provider.ts";
import { meaningOf, meaningOfStatus } from "../provider_errors.ts";

export type Meanings = ReadonlyMap<string, ErrorMeaning>;

/** A provider's codes by their meaning; those of `mayPass` may succeed later all the same. */
export function tabulate(
  codes: Partial<Record<ProviderErrorCode, ReadonlyArray<number | string>>>,
  mayPass: ReadonlySet<number | string> = new Set(),
): Meanings {
  return new Map(
    Object.entries(codes).flatMap(([code, given]) =>
      given.map((one): [string, ErrorMeaning] => {
        const meaning = meaningOf(code as ProviderErrorCode);
        return [String(one), mayPass.has(one) ? { ...meaning, isRetryable: true } : meaning];
      })
    ),
  );
}

const oneError = z.object({
  code: z.nullish(z.union([z.number(), z.string()])),
  message: z.nullish(z.string()),
});
const errorList = z.object({ errors: z.array(oneError) });

/** Reads one error, the first of a list, or whatever a proxy put in their place. */
export function readLamlError(
  name: string,
  meanings: Meanings,
  { status, json }: ProviderResponse,
): ProviderRefusal {
  const list = z.safeParse(errorList, json);
  const body = z.safeParse(oneError, list.success ? list.data.errors[0] : json);
  const code = body.success && body.data.code ? String(body.data.code) : undefined;
  const message = (body.success && body.data.message) || `Cannot call ${name}: status ${status}`;
  const meaning = (code && meanings.get(code)) || meaningOfStatus(status);
  return code ? { ...meaning, message, providerCode: code } : { ...meaning, message };
}
