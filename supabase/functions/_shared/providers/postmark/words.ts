import type { ProviderStatus } from "../provider.ts";

// https://postmarkapp.com/developer/api/messages-api (read 2026-11-20)
const MESSAGE_STATUSES: ReadonlyMap<string, ProviderStatus> = new Map([
  ["OK", "queued"],
  ["Queued", "queued"],
  ["Processed", "queued"],
  ["Sent", "sent"],
]);

/** What happened to a message, by `RecordType` of a webhook or by `Type` of a look-up's event. */
const EVENT_STATUSES: ReadonlyMap<string, ProviderStatus> = new Map([
  ["Transient", "sending"],
  ["Delivery", "delivered"],
  ["Delivered", "delivered"],
  ["Bounced", "undelivered"],
  ["Open", "read"],
  ["Opened", "read"],
  ["Click", "read"],
  ["LinkClicked", "read"],
]);

/**
 * https://postmarkapp.com/developer/api/bounce-api#bounce-types (read 2026-11-20). A soft bounce is
 * reported after the retries; null is an answer to the message rather than a failure of it.
 */
const BOUNCE_STATUSES: ReadonlyMap<string, ProviderStatus | null> = new Map([
  ["HardBounce", "undelivered"],
  ["SoftBounce", "undelivered"],
  ["Transient", "sending"],
  ["DnsError", "undelivered"],
  ["SpamNotification", "undelivered"],
  ["VirusNotification", "undelivered"],
  ["BadEmailAddress", "undelivered"],
  ["Blocked", "undelivered"],
  ["DMARCPolicy", "undelivered"],
  ["Unknown", "undelivered"],
  ["ManuallyDeactivated", "failed"],
  ["SMTPApiError", "failed"],
  ["TemplateRenderingFailed", "failed"],
  ["AutoResponder", null],
  ["AddressChange", null],
  ["ChallengeVerification", null],
  ["Subscribe", null],
  ["Unsubscribe", null],
  ["OpenRelayTest", null],
  ["Unconfirmed", null],
  ["InboundError", null],
  ["SpamComplaint", null],
]);

export function readPostmarkStatus(word: string): ProviderStatus {
  return MESSAGE_STATUSES.get(word) ?? "unknown";
}

export function readPostmarkEvent(word: string): ProviderStatus {
  return EVENT_STATUSES.get(word) ?? "unknown";
}

/** Null where a bounce says nothing of whether the message arrived. */
export function readPostmarkBounce(type: string): ProviderStatus | null {
  const status = BOUNCE_STATUSES.get(type);
  return status === undefined ? "unknown" : status;
}
