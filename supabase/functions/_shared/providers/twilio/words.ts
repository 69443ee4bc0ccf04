import type { ProviderStatus } from "../provider.ts";

// https://www.twilio.com/docs/messaging/api/message-resource#message-status-values (read 2026-11-20)
const STATUSES: ReadonlyMap<string, ProviderStatus> = new Map([
  ["accepted", "queued"],
  ["scheduled", "queued"],
  ["queued", "queued"],
  ["sending", "sending"],
  ["sent", "sent"],
  // A group message that reached some of its recipients: delivery to the one is not claimed.
  ["partially_delivered", "sent"],
  ["delivered", "delivered"],
  ["read", "read"],
  ["undelivered", "undelivered"],
  ["failed", "failed"],
  ["canceled", "failed"],
  ["receiving", "received"],
  ["received", "received"],
]);

export function readTwilioStatus(word: string): ProviderStatus {
  return STATUSES.get(word) ?? "unknown";
}
