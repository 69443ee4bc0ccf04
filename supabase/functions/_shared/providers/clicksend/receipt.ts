import { withoutSign } from "../json.ts";
import type { MessageReceipt } from "../provider.ts";
import { readClickSendStatus } from "./words.ts";

/** What answers, history and webhooks say of one message, all by the same names. */
interface GivenReceipt {
  message_id: string;
  status: string;
  status_code?: string;
  message_parts?: string | undefined;
  message_price?: string | undefined;
  status_text?: string;
  error_code?: string;
  error_text?: string;
}

/** The code that the network gave says more than the word of ClickSend's own queue. */
export function toReceipt(given: GivenReceipt, currency = ""): MessageReceipt {
  const word = given.status_code || given.status;
  const status = readClickSendStatus(word);
  const hasFailed = status === "failed" || status === "undelivered";
  const segmentCount = Math.round(Number(given.message_parts ?? 0));
  const errorCode = given.error_code || (hasFailed ? given.status_code : "");
  const errorMessage = given.error_text || (hasFailed ? given.status_text : "");
  return {
    externalId: given.message_id,
    status,
    providerStatus: word,
    ...(given.message_price && currency
      ? { price: withoutSign(given.message_price), priceCurrency: currency }
      : {}),
    ...(segmentCount > 0 ? { segmentCount } : {}),
    ...(errorCode ? { errorCode } : {}),
    ...(errorMessage ? { errorMessage } : {}),
  };
}
