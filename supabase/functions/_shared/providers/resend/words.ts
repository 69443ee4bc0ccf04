import type { ProviderStatus } from "../provider.ts";

// https://resend.com/docs/dashboard/emails/introduction#understand-email-events (read 2026-11-20)
const STATUSES: ReadonlyMap<string, ProviderStatus> = new Map([
  ["queued", "queued"],
  ["scheduled", "queued"],
  ["sent", "sent"],
  ["delivery_delayed", "sending"],
  ["delivered", "delivered"],
  // Somebody complains of what has arrived.
  ["complained", "delivered"],
  ["opened", "read"],
  ["clicked", "read"],
  ["bounced", "undelivered"],
  ["failed", "failed"],
  ["suppressed", "failed"],
  ["canceled", "failed"],
]);

export function readResendStatus(word: string): ProviderStatus {
  return STATUSES.get(word) ?? "unknown";
}

/** Tags take no dot, and our references no underscore. */
export function toTagValue(reference: string): string {
  return reference.replaceAll(".", "_");
}

export function fromTagValue(value: string): string {
  return value.replaceAll("_", ".");
}

/** Postgres' own way of writing a time, with a space and hours of offset only, among others. */
export function toIsoText(time: string): string {
  return time.replace(" ", "T").replace(/([+-]\d{2})$/, "$1:00");
}
