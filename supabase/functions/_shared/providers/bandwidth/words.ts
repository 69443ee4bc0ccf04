import type { ProviderStatus } from "../provider.ts";

/** No receipt came in time: what became of the message is unknown, and may be good. */
const RECEIPT_EXPIRED = "9902";

// `statusCallbackTypeEnum` and `messageStatusEnum` in Bandwidth/node-sdk, bandwidth.yml at 4ba8cac8.
const CALLBACK_TYPES: ReadonlyMap<string, ProviderStatus> = new Map([
  ["message-sending", "sending"],
  ["message-sent", "sent"],
  ["message-delivered", "delivered"],
  ["message-failed", "failed"],
  ["message-read", "read"],
]);

const LISTED: ReadonlyMap<string, ProviderStatus> = new Map([
  ["QUEUED", "queued"],
  ["ACCEPTED", "queued"],
  ["SENDING", "sending"],
  ["SENT", "sent"],
  ["DELIVERED", "delivered"],
  ["UNDELIVERED", "undelivered"],
  ["FAILED", "failed"],
  ["RECEIVED", "received"],
  // Seen in the examples of page links only.
  ["DLR_EXPIRED", "sent"],
]);

/** The type of a callback or the status in a list; the code tells the kinds of failure apart. */
export function readBandwidthStatus(word: string, errorCode: string): ProviderStatus {
  const status = CALLBACK_TYPES.get(word) ?? LISTED.get(word) ?? "unknown";
  if (status !== "failed") return status;
  if (errorCode === RECEIPT_EXPIRED) return "sent";
  // The carrier had it, and gave it back.
  return /^47\d\d$/.test(errorCode) ? "undelivered" : "failed";
}

/** Ten digits are how numbers of the United States and Canada are written in version 1. */
export function toE164(number: string): string {
  return /^\d{10}$/.test(number) ? `+1${number}` : number;
}

/** Zero until it is known. */
export function toSegmentCount(given: string | undefined): { segmentCount?: number } {
  const segmentCount = Number(given ?? 0);
  return segmentCount > 0 ? { segmentCount } : {};
}
