import * as z from "zod/mini";
import { isoTime, optionalDecimal, optionalText, readJson } from "../json.ts";
import { foundPageSchema, messageSchema, toFoundMessages, toReceipt } from "../laml/messages.ts";
import { refusePhoneMessage } from "../phone_message.ts";
import type {
  FoundMessage,
  MessageReceipt,
  MessageSearch,
  Operation,
  OutboundMessage,
  Page,
  ProviderError,
} from "../provider.ts";
import { refusal } from "../provider_errors.ts";
import { checkId, nextPage, pageRequest, projectRequest, restRequest, UUID } from "./request.ts";
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

const message = messageSchema(UUID);
const foundPage = foundPageSchema(UUID);

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
    const { from, to, text, mediaUrls, statusUrl } = message;
    const form: [string, string][] = [["To", to], ["From", from]];
    if (text !== "") form.push(["Body", text]);
    for (const url of mediaUrls) form.push(["MediaUrl", url]);
    form.push(["StatusCallback", statusUrl]);
    return projectRequest(credentials, "POST", "/Messages", { form });
  },
  readResponse({ json }, { channel }) {
    if (channel === "sms") return toReceipt(readJson(message, json), readSignalwireStatus);
    const { id, number_of_segments, ...rest } = readJson(restMessage, json);
    const given = { sid: id, num_segments: number_of_segments, price_unit: "", ...rest };
    return toReceipt({ ...given, price: undefined }, readSignalwireStatus);
  },
};

export const lookUpSignalwireMessage: Operation<{ externalId: string }, MessageReceipt> = {
  toRequest: ({ externalId }, credentials) =>
    projectRequest(credentials, "GET", `/Messages/${checkId(externalId)}`),
  readResponse: ({ json }) => toReceipt(readJson(message, json), readSignalwireStatus),
};

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * `DateSent>` compares the day on which a message was sent, which one that waits does not have: it
 * is used only where there would be too much without it. "After" may or may not hold the day itself.
 */
export const searchSignalwireMessages: Operation<
  MessageSearch & { pageUrl?: string },
  Page<FoundMessage>
> = {
  toRequest({ channel = "sms", from, to, since, pageUrl }, credentials) {
    if (channel !== "sms") throw new Error(`SignalWire lists no messages of channel ${channel}`);
    if (pageUrl) return pageRequest(credentials, pageUrl);
    const sinceTime = isoTime(since);
    if (!sinceTime) throw new Error("since is no time");
    if (!from && !to) throw new Error("neither from nor to");
    const query: [string, string][] = [];
    if (to) query.push(["To", to]);
    if (from) query.push(["From", from]);
    if (!from || !to) {
      const dayBefore = new Date(Date.parse(sinceTime) - DAY_MS).toISOString().slice(0, 10);
      query.push(["DateSent>", dayBefore]);
    }
    query.push(["PageSize", "200"]);
    return projectRequest(credentials, "GET", "/Messages", { query });
  },
  readResponse({ json }, { since }, credentials) {
    const page = readJson(foundPage, json);
    const { items, isLast } = toFoundMessages(page, since, readSignalwireStatus);
    return isLast ? { items } : { items, ...nextPage(page.next_page_uri, credentials) };
  },
};
