import type { CallStatus, ProviderStatus } from "../provider.ts";

// https://developer.vonage.com/en/messages/guides/messages-status-callbacks (read 2026-11-20)
const STATUSES: ReadonlyMap<string, ProviderStatus> = new Map([
  ["submitted", "sent"],
  ["delivered", "delivered"],
  ["read", "read"],
  ["undeliverable", "undelivered"],
  ["rejected", "failed"],
]);

export function readVonageStatus(word: string): ProviderStatus {
  return STATUSES.get(word) ?? "unknown";
}

// https://developer.vonage.com/en/voice/voice-api/webhook-reference (read 2026-11-20)
const CALL_STATUSES: ReadonlyMap<string, CallStatus> = new Map([
  ["started", "queued"],
  ["ringing", "ringing"],
  ["answered", "in_progress"],
  ["human", "in_progress"],
  ["machine", "in_progress"],
  ["completed", "completed"],
  ["busy", "busy"],
  ["unanswered", "no_answer"],
  ["timeout", "no_answer"],
  ["cancelled", "canceled"],
  ["rejected", "failed"],
  ["failed", "failed"],
]);

export function readVonageCallStatus(word: string): CallStatus {
  return CALL_STATUSES.get(word) ?? "unknown";
}
