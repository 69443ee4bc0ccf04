import { isoTime, readJson } from "../json.ts";
import { toWhatsAppAddress } from "../laml/address.ts";
import { foundPageSchema, messageSchema, toFoundMessages, toReceipt } from "../laml/messages.ts";
import type {
  Channel,
  FoundMessage,
  MessageReceipt,
  MessageSearch,
  Operation,
  OutboundMessage,
  Page,
} from "../provider.ts";
import { accountRequest, checkSid, nextPage, pageRequest } from "./request.ts";
import { withRetries } from "./webhook_urls.ts";
import { readTwilioStatus } from "./words.ts";

const SID = /^(SM|MM)[0-9a-fA-F]{32}$/;
const message = messageSchema(SID);
const foundPage = foundPageSchema(SID);

function toTwilioAddress(channel: Channel, address: string): string {
  return channel === "whatsapp" ? toWhatsAppAddress(address) : address;
}

export const sendTwilioMessage: Operation<OutboundMessage, MessageReceipt> = {
  toRequest(message, credentials) {
    if (message.channel === "email") throw new Error("no text message");
    const { channel, statusUrl } = message;
    const form: [string, string][] = [
      ["To", toTwilioAddress(channel, message.to)],
      ["From", toTwilioAddress(channel, message.from)],
    ];
    const template = channel === "whatsapp" ? message.template : undefined;
    if (template) {
      // The identifier stands for one language, too; the text is what the template says.
      form.push(["ContentSid", template.externalId]);
      form.push(["ContentVariables", JSON.stringify(template.variables)]);
    } else {
      if (message.text !== "") form.push(["Body", message.text]);
      for (const url of message.mediaUrls) form.push(["MediaUrl", url]);
    }
    form.push(["StatusCallback", withRetries(statusUrl)]);
    return accountRequest(credentials, "POST", "/Messages.json", { form });
  },
  readResponse: ({ json }) => toReceipt(readJson(message, json), readTwilioStatus),
};

export const lookUpTwilioMessage: Operation<{ externalId: string }, MessageReceipt> = {
  toRequest: ({ externalId }, credentials) =>
    accountRequest(credentials, "GET", `/Messages/${checkSid(externalId, "SM|MM")}.json`),
  readResponse: ({ json }) => toReceipt(readJson(message, json), readTwilioStatus),
};

/** Half of a page of the longest messages stays within the transport's limit on bodies. */
const PAGE_SIZE = "200";

/**
 * `DateSent>` means "on or after" and compares the day on which Twilio sent. A message that waits
 * has no such day, and would be missed; a search for one pair of addresses is short without it.
 */
export const searchTwilioMessages: Operation<
  MessageSearch & { pageUrl?: string },
  Page<FoundMessage>
> = {
  toRequest({ channel = "sms", from, to, since, pageUrl }, credentials) {
    if (pageUrl) return pageRequest(credentials, pageUrl);
    if (channel === "email") throw new Error("no text messages");
    const sinceTime = isoTime(since);
    if (!sinceTime) throw new Error("since is no time");
    if (!from && !to) throw new Error("neither from nor to");
    const query: [string, string][] = [];
    if (to) query.push(["To", toTwilioAddress(channel, to)]);
    if (from) query.push(["From", toTwilioAddress(channel, from)]);
    if (!from || !to) query.push(["DateSent>", sinceTime.slice(0, 10)]);
    query.push(["PageSize", PAGE_SIZE]);
    return accountRequest(credentials, "GET", "/Messages.json", { query });
  },
  readResponse({ json }, { since }) {
    const page = readJson(foundPage, json);
    const { items, isLast } = toFoundMessages(page, since, readTwilioStatus);
    return isLast ? { items } : { items, ...nextPage(page.next_page_uri) };
  },
};
