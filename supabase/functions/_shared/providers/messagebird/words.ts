import type { ProviderStatus } from "../provider.ts";

const STATUSES: ReadonlyMap<string, ProviderStatus> = new Map([
  // Of SMS and MMS: https://developers.messagebird.com/api/sms-messaging (read 2026-11-20)
  ["scheduled", "queued"],
  ["buffered", "sending"],
  ["sent", "sent"],
  ["delivered", "delivered"],
  ["expired", "undelivered"],
  ["delivery_failed", "undelivered"],
  // Of conversations: https://developers.messagebird.com/api/conversations (read 2026-11-20)
  ["accepted", "queued"],
  ["pending", "queued"],
  ["read", "read"],
  ["rejected", "failed"],
  ["failed", "failed"],
  ["received", "received"],
]);

export function readMessageBirdStatus(word: string): ProviderStatus {
  return STATUSES.get(word) ?? "unknown";
}

/** MessageBird writes numbers without the plus. */
export function toMsisdn(address: string): string {
  return /^\+\d+$/.test(address) ? address.slice(1) : address;
}

/** Its numbers as E.164; names and short codes, which have up to six digits, as they are. */
export function toNeutralAddress(address: string): string {
  return /^[1-9]\d{6,14}$/.test(address) ? `+${address}` : address;
}

/**
 * Messages of conversations are found elsewhere than texts, and their identifiers look the same: ours
 * tell them apart.
 */
const CONVERSATION_PREFIX = "conversation-";

export function toConversationMessageId(id: string): string {
  return CONVERSATION_PREFIX + id;
}

/** The identifier at MessageBird of a message of a conversation; undefined for a text's. */
export function readConversationMessageId(externalId: string): string | undefined {
  return externalId.startsWith(CONVERSATION_PREFIX)
    ? externalId.slice(CONVERSATION_PREFIX.length)
    : undefined;
}
