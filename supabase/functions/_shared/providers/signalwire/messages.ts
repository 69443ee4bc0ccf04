import * as z from "zod/mini";
import { optionalDecimal, optionalText, readJson } from "../json.ts";
import { contentFields, sendRequest } from "../laml/message_operations.ts";
import { receiptReader, toReceipt } from "../laml/messages.ts";
import { refusePhoneMessage } from "../phone_message.ts";
import type { MessageReceipt, Operation, OutboundMessage, ProviderError } from "../provider.ts";
import { refusal } from "../provider_errors.ts";
import { signalwireDialect } from "./dialect.ts";
import { restRequest, signalwireApi, UUID } from "./request.ts";
import { refuseSignalwireWhatsApp, toWhatsAppBody } from "./whatsapp.ts";
import { readSignalwireStatus } from "./words.ts";

export function refuseSignalwireMessage(message: OutboundMessage): ProviderError | null {
  if (message.channel === "whatsapp") return refuseSignalwireWhatsApp(message);
  if (message.channel !== "sms") {
    const reason = `Cannot send by SignalWire: channel ${message.channel} is not supported`;
    return refusal("unsupported", reason);
  }
  return refusePhoneMessage("SignalWire", message, {
    // A number or a short code: SignalWire has no names.
    sender: /^(\+[1-9]\d{6,14}|\d{3,8})$/,
    longestText: 1600,
    mostMedia: 8,
  });
}

const readReceipt = receiptReader(signalwireApi, readSignalwireStatus);

/** A message of the other API, in which WhatsApp is sent. It tells no price. */
const restMessage = z.object({
  id: z.string().check(z.regex(UUID)),
  status: optionalText,
  number_of_segments: optionalDecimal,
  error_code: optionalDecimal,
  error_message: optionalText,
});

export const sendSignalwireMessage: Operation<OutboundMessage, MessageReceipt> = {
  toRequest(message, credentials) {
    if (message.channel === "whatsapp") {
      return restRequest(credentials, "/messaging/messages", toWhatsAppBody(message));
    }
    if (message.channel !== "sms") throw new Error("no text message");
    const content = contentFields(message);
    content.push(["StatusCallback", message.statusUrl]);
    return sendRequest(signalwireApi, signalwireDialect, credentials, message, content);
  },
  readResponse(response, { channel }) {
    if (channel === "sms") return readReceipt(response);
    const { id, number_of_segments, ...rest } = readJson(restMessage, response.json);
    const given = { sid: id, num_segments: number_of_segments, price_unit: "", ...rest };
    return toReceipt({ ...given, price: undefined }, readSignalwireStatus);
  },
};
