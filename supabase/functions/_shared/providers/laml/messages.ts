/** A message as Twilio's API describes it, and SignalWire's after it. */
import * as z from "zod/mini";
import { optionalDecimal, optionalText, readJson, withoutSign } from "../json.ts";
import type { MessageReceipt, ProviderResponse, ProviderStatus } from "../provider.ts";
import type { LamlApi } from "./api.ts";

export function messageFields({ messageId }: LamlApi) {
  return {
    sid: z.string().check(z.regex(messageId)),
    status: optionalText,
    num_segments: optionalDecimal,
    price: optionalDecimal,
    price_unit: optionalText,
    error_code: optionalDecimal,
    error_message: optionalText,
  };
}

export type ReadStatus = (word: string) => ProviderStatus;
type GivenMessage = z.output<z.ZodMiniObject<ReturnType<typeof messageFields>>>;

/** Reads the one message that is sent or looked up. */
export function receiptReader(
  api: LamlApi,
  readStatus: ReadStatus,
): (response: ProviderResponse) => MessageReceipt {
  const message = z.object(messageFields(api));
  return ({ json }) => toReceipt(readJson(message, json), readStatus);
}

/** Twilio's prices are negative text, SignalWire's are numbers; null until they are known. */
export function toReceipt(given: GivenMessage, readStatus: ReadStatus): MessageReceipt {
  const { sid, status, num_segments, price, price_unit, error_code, error_message } = given;
  const segmentCount = Number(num_segments ?? 0);
  return {
    externalId: sid,
    status: readStatus(status),
    providerStatus: status,
    ...(price && price_unit
      ? { price: withoutSign(price), priceCurrency: price_unit.toUpperCase() }
      : {}),
    ...(segmentCount > 0 ? { segmentCount } : {}),
    ...(error_code ? { errorCode: error_code } : {}),
    ...(error_message ? { errorMessage: error_message } : {}),
  };
}
