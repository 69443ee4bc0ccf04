/** Calls as Twilio's API describes them, and SignalWire's after it. */
import * as z from "zod/mini";
import { optionalDecimal, optionalText, withoutSign } from "../json.ts";
import { E164 } from "../phone_message.ts";
import type { CallReceipt, CallStatus, OutboundCall } from "../provider.ts";
import { writeXml } from "../xml.ts";

// `call_enum_status` in twilio_api_v2010.json; `initiated` is a word of callbacks.
const STATUSES: ReadonlyMap<string, CallStatus> = new Map([
  ["queued", "queued"],
  ["initiated", "queued"],
  ["ringing", "ringing"],
  ["in-progress", "in_progress"],
  ["completed", "completed"],
  ["busy", "busy"],
  ["no-answer", "no_answer"],
  ["failed", "failed"],
  ["canceled", "canceled"],
]);

export function readCallStatus(word: string): CallStatus {
  return STATUSES.get(word) ?? "unknown";
}

const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;

/** The fields of a new call, told of at every step. Throws for what cannot be called or spoken. */
export function callForm(
  { from, to, text, language }: OutboundCall,
  statusUrl: string,
  longestDocument: number,
): [string, string][] {
  if (!E164.test(to)) throw new Error("the recipient is not in E.164");
  if (!E164.test(from)) throw new Error("the caller is not in E.164");
  if (!LANGUAGE.test(language)) throw new Error("the language is no BCP 47 tag");
  if (text.trim() === "") throw new Error("there is no text to speak");
  const document = speech(text, language);
  if (document.length > longestDocument) throw new Error("the text is too long to be spoken");
  return [
    ["To", to],
    ["From", from],
    ["Twiml", document],
    ["StatusCallback", statusUrl],
    ["StatusCallbackMethod", "POST"],
    ...CALL_EVENTS.map((event): [string, string] => ["StatusCallbackEvent", event]),
  ];
}

/** The document that speaks a text when the call is answered, and hangs up after it. */
function speech(text: string, language: string): string {
  return '<?xml version="1.0" encoding="UTF-8"?>' +
    writeXml("Response", [writeXml("Say", text, { language })]);
}

/** Status words that a caller may hear of; `completed` alone is told by default. */
export const CALL_EVENTS = ["initiated", "ringing", "answered", "completed"] as const;

export function callSchema(sid: RegExp) {
  return z.object({
    sid: z.string().check(z.regex(sid)),
    status: optionalText,
    duration: optionalDecimal,
    price: optionalDecimal,
    price_unit: optionalText,
  });
}

export function toCallReceipt(call: z.output<ReturnType<typeof callSchema>>): CallReceipt {
  const { sid, status, duration, price, price_unit } = call;
  const durationSeconds = Number(duration ?? 0);
  return {
    externalId: sid,
    status: readCallStatus(status),
    providerStatus: status,
    ...(durationSeconds > 0 ? { durationSeconds } : {}),
    ...(price && price_unit
      ? { price: withoutSign(price), priceCurrency: price_unit.toUpperCase() }
      : {}),
  };
}
