import type { ProviderStatus } from "../provider.ts";

// https://developers.clicksend.com/docs/messaging/sms (read 2026-11-20)
const STATUSES: ReadonlyMap<string, ProviderStatus> = new Map([
  // Of a message that was just taken.
  ["SUCCESS", "queued"],
  // Of the history. `Completed` means added to the queue of delivery.
  ["Queued", "queued"],
  ["Queued:WaitSend", "queued"],
  ["Completed", "queued"],
  ["Scheduled", "queued"],
  ["WaitApproval", "queued"],
  ["Sent", "sent"],
  ["Received", "received"],
  ["Failed", "failed"],
  ["Cancelled", "failed"],
  ["CancelledAfterReview", "failed"],
  // `status_code` of receipts and of the history.
  ["200", "sent"],
  ["201", "delivered"],
  ["300", "undelivered"],
  ["301", "undelivered"],
  // Temporary: ClickSend goes on trying.
  ["302", "sending"],
]);

export function readClickSendStatus(word: string): ProviderStatus {
  return STATUSES.get(word) ?? "unknown";
}

/** What the GSM alphabet holds; the second line costs two characters each. */
const GSM = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡" +
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const GSM_EXTENSION = new Set("^{}\\[~]|€\f");

/** Its length as ClickSend counts it, and whether it is sent as Unicode. */
export function measureText(text: string): { length: number; isUnicode: boolean } {
  let length = 0;
  for (const character of text) {
    if (GSM.has(character)) length += 1;
    else if (GSM_EXTENSION.has(character)) length += 2;
    else return { length: text.length, isUnicode: true };
  }
  return { length, isUnicode: false };
}
