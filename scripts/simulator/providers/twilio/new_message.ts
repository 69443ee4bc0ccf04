import type { Draft } from "./message_rules.ts";
import { countSegments } from "./segments.ts";
import { type Account, type Media, type Message, newSid, nextSequence } from "./store.ts";

const TRIAL_PREFIX = "Sent from your Twilio trial account - ";

/** The message that a draft becomes when it is accepted. */
export function newMessage(
  account: Account,
  draft: Draft,
  direction: Message["direction"],
): Message {
  const now = Date.now();
  const hasMedia = draft.mediaUrls.length > 0;
  const template = draft.contentSid === undefined ? "" : `Content template ${draft.contentSid}`;
  const prefix = account.type === "Trial" ? TRIAL_PREFIX : "";
  const body = prefix + (draft.body || template);
  return {
    sid: newSid(hasMedia ? "MM" : "SM"),
    sequence: nextSequence(),
    accountSid: account.sid,
    direction,
    from: draft.service && direction === "outbound-api" ? null : draft.from,
    to: draft.to,
    body,
    status: draft.sendAt !== undefined ? "scheduled" : draft.service ? "accepted" : "queued",
    errorCode: null,
    segmentCount: draft.service ? 0 : hasMedia ? 1 : countSegments(body),
    media: draft.mediaUrls.map((url) => newMedia(url, now)),
    priceMicros: null,
    messagingServiceSid: draft.service?.sid ?? null,
    statusCallback: draft.statusCallback,
    createdAt: now,
    updatedAt: now,
    sentAt: null,
  };
}

const CONTENT_TYPES: Record<string, string> = {
  gif: "image/gif",
  png: "image/png",
  pdf: "application/pdf",
  mp4: "video/mp4",
};

function newMedia(sourceUrl: string, createdAt: number): Media {
  const extension = new URL(sourceUrl).pathname.split(".").at(-1) ?? "";
  return {
    sid: newSid("ME"),
    contentType: CONTENT_TYPES[extension.toLowerCase()] ?? "image/jpeg",
    sourceUrl,
    bytes: new Uint8Array(),
    createdAt,
  };
}
