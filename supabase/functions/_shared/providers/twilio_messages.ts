import * as z from "zod/mini";
import { isoTime, optionalDecimal, optionalText, readJson, withoutSign } from "./json.ts";
import type {
  FoundMessage,
  MessageReceipt,
  MessageSearch,
  Operation,
  OutboundMessage,
  Page,
  ProviderError,
} from "./provider.ts";
import { refusal } from "./provider_errors.ts";
import { accountRequest, checkSid, nextPage, pageRequest } from "./twilio_request.ts";
import { withRetries } from "./twilio_webhooks.ts";
import { readTwilioStatus, toNeutralAddress } from "./twilio_words.ts";

// https://www.twilio.com/docs/messaging/api/message-resource (read 2026-11-20)
const LONGEST_BODY = 1600;
const MOST_MEDIA = 10;
const E164 = /^\+[1-9]\d{6,14}$/;
/** A number, a short code or an alphanumeric sender: never another channel behind a prefix. */
const SENDER = /^(\+[1-9]\d{6,14}|\d{3,8}|[A-Za-z0-9 ]{1,11})$/;

export function refuseTwilioMessage(message: OutboundMessage): ProviderError | null {
  const { channel, from, to, text, mediaUrls } = message;
  const refuse = (code: Parameters<typeof refusal>[0], state: string) =>
    refusal(code, `Cannot send by Twilio: ${state}`);
  if (channel !== "sms") return refuse("unsupported", `channel ${channel} is not supported`);
  if (!E164.test(to)) return refuse("invalid_recipient", "the recipient is not in E.164");
  if (!SENDER.test(from)) return refuse("invalid_sender", "the sender is no number and no name");
  if (from === to) return refuse("invalid_request", "the sender is the recipient");
  if (text.trim() === "" && mediaUrls.length === 0) {
    return refuse("invalid_request", "neither text nor media");
  }
  if ([...text].length > LONGEST_BODY) {
    return refuse("invalid_request", `the text is longer than ${LONGEST_BODY} characters`);
  }
  if (mediaUrls.length > MOST_MEDIA) {
    return refuse("invalid_request", `more than ${MOST_MEDIA} media`);
  }
  if (!mediaUrls.every((url) => URL.parse(url)?.protocol === "https:")) {
    return refuse("invalid_request", "a media URL is not https");
  }
  return null;
}

const messageFields = {
  sid: z.string().check(z.regex(/^(SM|MM)[0-9a-fA-F]{32}$/)),
  status: optionalText,
  num_segments: optionalDecimal,
  price: optionalDecimal,
  price_unit: optionalText,
  error_code: optionalDecimal,
  error_message: optionalText,
};
const message = z.object(messageFields);
const foundPage = z.object({
  next_page_uri: z.nullish(z.string()),
  messages: z.array(z.object({
    ...messageFields,
    from: optionalText,
    to: optionalText,
    body: optionalText,
    direction: optionalText,
    date_created: optionalText,
  })),
});

/** What Twilio bills is negative, and null until it knows; segments are counted in text. */
function toReceipt(given: z.output<typeof message>): MessageReceipt {
  const { sid, status, num_segments, price, price_unit, error_code, error_message } = given;
  const segmentCount = Number(num_segments ?? 0);
  return {
    externalId: sid,
    status: readTwilioStatus(status),
    providerStatus: status,
    ...(price && price_unit
      ? { price: withoutSign(price), priceCurrency: price_unit.toUpperCase() }
      : {}),
    ...(segmentCount > 0 ? { segmentCount } : {}),
    ...(error_code ? { errorCode: error_code } : {}),
    ...(error_message ? { errorMessage: error_message } : {}),
  };
}

export const sendTwilioMessage: Operation<OutboundMessage, MessageReceipt> = {
  toRequest({ from, to, text, mediaUrls, statusUrl }, credentials) {
    const form: [string, string][] = [["To", to], ["From", from]];
    if (text !== "") form.push(["Body", text]);
    for (const url of mediaUrls) form.push(["MediaUrl", url]);
    form.push(["StatusCallback", withRetries(statusUrl)]);
    return accountRequest(credentials, "POST", "/Messages.json", { form });
  },
  readResponse: ({ json }) => toReceipt(readJson(message, json)),
};

export const lookUpTwilioMessage: Operation<{ externalId: string }, MessageReceipt> = {
  toRequest: ({ externalId }, credentials) =>
    accountRequest(credentials, "GET", `/Messages/${checkSid(externalId, "SM|MM")}.json`),
  readResponse: ({ json }) => toReceipt(readJson(message, json)),
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
  toRequest({ from, to, since, pageUrl }, credentials) {
    if (pageUrl) return pageRequest(credentials, pageUrl);
    const sinceTime = isoTime(since);
    if (!sinceTime) throw new Error("since is no time");
    if (!from && !to) throw new Error("neither from nor to");
    const query: [string, string][] = [];
    if (to) query.push(["To", to]);
    if (from) query.push(["From", from]);
    if (!from || !to) query.push(["DateSent>", sinceTime.slice(0, 10)]);
    query.push(["PageSize", PAGE_SIZE]);
    return accountRequest(credentials, "GET", "/Messages.json", { query });
  },
  readResponse({ json }, { since }) {
    const page = readJson(foundPage, json);
    // Twilio's times have whole seconds.
    const sinceMs = Math.floor(Date.parse(since) / 1000) * 1000;
    const isOlder = (createdAt?: string) => !!createdAt && Date.parse(createdAt) < sinceMs;
    const found = page.messages.map((given): FoundMessage => {
      const createdAt = isoTime(given.date_created);
      return {
        ...toReceipt(given),
        from: toNeutralAddress(given.from).address,
        to: toNeutralAddress(given.to).address,
        text: given.body,
        direction: given.direction === "inbound" ? "inbound" : "outbound",
        ...(createdAt ? { createdAt } : {}),
      };
    });
    const items = found.filter(({ createdAt }) => !isOlder(createdAt));
    // Newest first: once a page holds nothing recent, no later page does.
    return found.length > 0 && items.length === 0
      ? { items }
      : { items, ...nextPage(page.next_page_uri) };
  },
};
