import * as z from "zod/mini";
import { optionalDecimal, optionalText, orElse, readJson } from "../json.ts";
import type { MessageReceipt, ProviderResponse } from "../provider.ts";
import { telnyxError, toReason } from "./errors.ts";
import { readTelnyxStatus } from "./words.ts";

const cost = orElse(
  z.nullish(z.object({ amount: optionalDecimal, currency: optionalText })),
  undefined,
);

/** A message, as answers and webhooks hold it. Statuses belong to recipients, of which we name one. */
export const telnyxMessage = z.object({
  id: z.string().check(z.minLength(1)),
  to: z.array(z.object({ status: optionalText })).check(z.minLength(1)),
  parts: optionalDecimal,
  cost,
  errors: orElse(z.array(telnyxError), []),
});

export function toTelnyxReceipt(message: z.output<typeof telnyxMessage>): MessageReceipt {
  const [{ status } = { status: "" }] = message.to;
  const segmentCount = Number(message.parts ?? 0);
  const { code, message: reason } = toReason(message.errors);
  const { amount, currency } = message.cost ?? {};
  return {
    externalId: message.id,
    status: readTelnyxStatus(status),
    providerStatus: status,
    ...(amount && currency ? { price: amount, priceCurrency: currency.toUpperCase() } : {}),
    ...(segmentCount > 0 ? { segmentCount } : {}),
    ...(code ? { errorCode: code } : {}),
    ...(reason ? { errorMessage: reason } : {}),
  };
}

const messageAnswer = z.object({ data: telnyxMessage });

/** The answer to a send and to a look-up. */
export function readTelnyxAnswer({ json }: ProviderResponse): MessageReceipt {
  return toTelnyxReceipt(readJson(messageAnswer, json).data);
}
