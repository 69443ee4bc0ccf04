import type { ProviderStatus } from "../provider.ts";

/**
 * The resource says `initiated` where callbacks say `sending`; `read` is WhatsApp's. MMS has no
 * receipts: it stays at `sent`.
 * `MessageStatus` and `SmsStatusCallbackPayload` in signalwire/docs, compatibility/openapi.yaml, and
 * `Message.MessageStatus` in signalwire-rest/openapi.yaml, both at 668371b2.
 */
const STATUSES: ReadonlyMap<string, ProviderStatus> = new Map([
  ["queued", "queued"],
  ["initiated", "sending"],
  ["sending", "sending"],
  ["sent", "sent"],
  ["delivered", "delivered"],
  ["read", "read"],
  ["undelivered", "undelivered"],
  ["failed", "failed"],
  ["receiving", "received"],
  ["received", "received"],
]);

export function readSignalwireStatus(word: string): ProviderStatus {
  return STATUSES.get(word) ?? "unknown";
}
