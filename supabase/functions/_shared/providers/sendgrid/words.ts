import type { ProviderStatus } from "../provider.ts";

// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event (read 2026-11-20);
// the summary words of Email Activity and Email Logs are in the same table.
const STATUSES: ReadonlyMap<string, ProviderStatus> = new Map([
  ["accepted", "queued"],
  ["processed", "sent"],
  ["deferred", "sending"],
  ["delivered", "delivered"],
  ["bounce", "undelivered"],
  ["bounced", "undelivered"],
  ["blocked", "undelivered"],
  ["not_delivered", "undelivered"],
  ["dropped", "failed"],
  ["open", "read"],
  ["click", "read"],
]);

export function readSendgridStatus(word: string): ProviderStatus {
  return STATUSES.get(word) ?? "unknown";
}

/** Events that are about an address rather than about what became of a message. */
export const CONSENT_EVENTS: ReadonlyMap<
  string,
  { isOptedOut: boolean; source: "complaint" | "unsubscribe_link" }
> = new Map([
  ["spamreport", { isOptedOut: true, source: "complaint" }],
  ["unsubscribe", { isOptedOut: true, source: "unsubscribe_link" }],
  ["group_unsubscribe", { isOptedOut: true, source: "unsubscribe_link" }],
  ["group_resubscribe", { isOptedOut: false, source: "unsubscribe_link" }],
]);

/** `sg_message_id` is the `X-Message-Id` of the send, a dot, and where it went from there. */
export function toExternalId(sgMessageId: string): string {
  return sgMessageId.split(".", 1)[0] ?? "";
}
