import type { ProviderStatus } from "../provider.ts";

// https://developers.telnyx.com/api-reference/messages/send-a-message (read 2026-11-20)
const STATUSES: ReadonlyMap<string, ProviderStatus> = new Map([
  ["scheduled", "queued"],
  ["queued", "queued"],
  ["sending", "sending"],
  ["sent", "sent"],
  // The carrier sends no receipt: that it was sent is all that is known.
  ["delivery_unconfirmed", "sent"],
  ["delivered", "delivered"],
  ["read", "read"],
  ["delivery_failed", "undelivered"],
  ["expired", "undelivered"],
  ["sending_failed", "failed"],
  ["cancelled", "failed"],
  ["received", "received"],
  ["webhook_delivered", "received"],
]);

export function readTelnyxStatus(word: string): ProviderStatus {
  return STATUSES.get(word) ?? "unknown";
}
