import * as z from "zod/mini";
import { readJson } from "../json.ts";
import type {
  MessageReceipt,
  Operation,
  OutboundMessage,
  OutboundText,
  ProviderError,
  ProviderErrorCode,
} from "../provider.ts";
import { E164, refusePhoneMessage, TEXT_SENDER } from "../phone_message.ts";
import { refusal } from "../provider_errors.ts";
import { messageFields, toReceipt } from "./receipt.ts";
import { messageBirdRequest, REST } from "./request.ts";
import { refuseWhatsApp } from "../whatsapp.ts";
import { readSentWhatsApp, TEMPLATE, whatsAppRequest } from "./whatsapp.ts";
import { toMsisdn } from "./words.ts";

/** MessageBird itself refuses texts that are too long. */
const LIMITS = { sender: TEXT_SENDER, longestText: Infinity, mostMedia: 10 };

export function refuseMessageBirdMessage(message: OutboundMessage): ProviderError | null {
  const refuse = (code: ProviderErrorCode, state: string) =>
    refusal(code, `Cannot send by MessageBird: ${state}`);
  if (message.channel === "email") {
    return refuse("unsupported", "channel email is not supported");
  }
  if (message.channel === "whatsapp") {
    if (message.template && !TEMPLATE.test(message.template.externalId)) {
      return refuse("invalid_request", "the template is not named as namespace/name");
    }
    return refuseWhatsApp("MessageBird", message);
  }
  if (message.mediaUrls.length > 0 && !E164.test(message.from)) {
    return refuse("invalid_sender", "media are sent from a number only");
  }
  return refusePhoneMessage("MessageBird", message, LIMITS);
}

const message = z.object(messageFields);

export const sendMessageBirdMessage: Operation<OutboundMessage, MessageReceipt> = {
  toRequest(message, credentials) {
    if (message.channel === "email") throw new Error("no text message");
    if (message.channel === "whatsapp") return whatsAppRequest(message, credentials);
    return message.mediaUrls.length > 0
      ? messageBirdRequest(credentials, "POST", `${REST}/mms`, { json: toMms(message) })
      : messageBirdRequest(credentials, "POST", `${REST}/messages`, { json: toSms(message) });
  },
  readResponse: ({ json }, { channel }) =>
    channel === "whatsapp" ? readSentWhatsApp(json) : toReceipt(readJson(message, json)),
};

function toSms({ from, to, text, reference, statusUrl }: OutboundText) {
  return {
    originator: toMsisdn(from),
    recipients: [toMsisdn(to)],
    body: text,
    // By itself `plain`, which replaces what GSM does not have.
    datacoding: "auto",
    // Without it there are no reports.
    reference,
    reportUrl: statusUrl,
  };
}

/** Takes no URL for reports: they go where the account says, and hold the reference. */
function toMms({ from, to, text, mediaUrls, reference }: OutboundText) {
  return {
    originator: toMsisdn(from),
    recipients: [toMsisdn(to)],
    ...(text === "" ? {} : { body: text }),
    mediaUrls,
    reference,
  };
}
