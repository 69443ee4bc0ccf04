import { countSegments } from "../../providers/twilio/segments.ts";
import type { Message } from "../store.ts";

export type PhoneChannel = "sms" | "mms" | "whatsapp";

/** A message, or a call, in either direction. */
export interface PhoneMessage extends Message {
  kind: "message" | "call";
  channel: PhoneChannel;
  /** E.164, or a name. */
  from: string;
  text: string;
  mediaUrls: string[];
  errorCode: string | null;
  segmentCount: number;
  /** Where receipts of this message go; null where the account says so, or nowhere. */
  statusUrl: string | null;
  /** Of the sender, as the provider gives it back. */
  reference: string | null;
}

/** A message that was just sent; what is not given is as of a text. */
export function newPhoneMessage(
  { sid: accountSid }: { sid: string },
  given: Partial<PhoneMessage> & Pick<PhoneMessage, "from" | "to" | "text" | "status">,
): PhoneMessage {
  return {
    sid: crypto.randomUUID(),
    accountSid,
    kind: "message",
    direction: "outbound",
    channel: "sms",
    mediaUrls: [],
    errorCode: null,
    segmentCount: countSegments(given.text),
    statusUrl: null,
    reference: null,
    createdAt: Date.now(),
    ...given,
  };
}
