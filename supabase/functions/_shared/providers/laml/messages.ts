/** Messages as Twilio's API describes them, and SignalWire's after it. */
import * as z from "zod/mini";
import { isoTime, optionalDecimal, optionalText, withoutSign } from "../json.ts";
import type { FoundMessage, MessageReceipt, ProviderStatus } from "../provider.ts";
import { toNeutralAddress } from "./address.ts";

export function messageSchema(sid: RegExp) {
  return z.object(messageFields(sid));
}

export function foundPageSchema(sid: RegExp) {
  return z.object({
    next_page_uri: z.nullish(z.string()),
    messages: z.array(z.object({
      ...messageFields(sid),
      from: optionalText,
      to: optionalText,
      body: optionalText,
      direction: optionalText,
      date_created: optionalText,
    })),
  });
}

function messageFields(sid: RegExp) {
  return {
    sid: z.string().check(z.regex(sid)),
    status: optionalText,
    num_segments: optionalDecimal,
    price: optionalDecimal,
    price_unit: optionalText,
    error_code: optionalDecimal,
    error_message: optionalText,
  };
}

type ReadStatus = (word: string) => ProviderStatus;
type GivenMessage = z.output<ReturnType<typeof messageSchema>>;
type GivenPage = z.output<ReturnType<typeof foundPageSchema>>;

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

/** What of a page was created since then; `isLast` once a page holds nothing so recent. */
export function toFoundMessages(
  page: GivenPage,
  since: string,
  readStatus: ReadStatus,
): { items: FoundMessage[]; isLast: boolean } {
  // The times have whole seconds.
  const sinceMs = Math.floor(Date.parse(since) / 1000) * 1000;
  const isOlder = (createdAt?: string) => !!createdAt && Date.parse(createdAt) < sinceMs;
  const found = page.messages.map((given): FoundMessage => {
    const createdAt = isoTime(given.date_created);
    return {
      ...toReceipt(given, readStatus),
      from: toNeutralAddress(given.from).address,
      to: toNeutralAddress(given.to).address,
      text: given.body,
      direction: given.direction === "inbound" ? "inbound" : "outbound",
      ...(createdAt ? { createdAt } : {}),
    };
  });
  const items = found.filter(({ createdAt }) => !isOlder(createdAt));
  // Newest first: once a page holds nothing recent, no later page does.
  return { items, isLast: found.length > 0 && items.length === 0 };
}
