import * as z from "zod/mini";
import { optionalDecimal, optionalText, orElse, withoutSign } from "../json.ts";
import { type MessageReceipt, UnreadableAnswerError } from "../provider.ts";
import { toNetworkErrorCode } from "./errors.ts";
import { readMessageBirdStatus } from "./words.ts";

/** Numbers in some answers, text in others. */
const word = z.transform((given: unknown): string =>
  typeof given === "string" || typeof given === "number" ? String(given) : ""
);

export const messageFields = {
  id: z.string().check(z.minLength(1)),
  recipients: z.object({
    items: z.array(z.object({
      recipient: word,
      status: optionalText,
      statusReason: optionalText,
      statusErrorCode: word,
      messagePartCount: optionalDecimal,
      price: orElse(
        z.nullish(z.object({ amount: optionalDecimal, currency: optionalText })),
        null,
      ),
    })),
  }),
};
const message = z.object(messageFields);

/** We send to one recipient at a time. */
export function toReceipt({ id, recipients }: z.output<typeof message>): MessageReceipt {
  const [recipient] = recipients.items;
  if (!recipient) throw new UnreadableAnswerError("unexpected recipients.items");
  const { price, messagePartCount } = recipient;
  return {
    ...describeStatus(id, recipient),
    ...(price?.amount && price.currency
      ? { price: withoutSign(price.amount), priceCurrency: price.currency.toUpperCase() }
      : {}),
    ...countSegments(messagePartCount),
  };
}

export function countSegments(parts: string | undefined): { segmentCount?: number } {
  const segmentCount = Math.round(Number(parts ?? 0));
  return segmentCount > 0 ? { segmentCount } : {};
}

/** What an answer and a report both say, by the same names. */
export function describeStatus(
  externalId: string,
  given: { status: string; statusReason: string; statusErrorCode: string },
): MessageReceipt {
  const status = readMessageBirdStatus(given.status);
  const errorCode = toNetworkErrorCode(given.statusErrorCode);
  // The reason tells of successes, too.
  const errorMessage = status === "undelivered" ? given.statusReason : "";
  return {
    externalId,
    status,
    providerStatus: given.status,
    ...(errorCode ? { errorCode } : {}),
    ...(errorMessage ? { errorMessage } : {}),
  };
}
