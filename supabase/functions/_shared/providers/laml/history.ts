/** What became of messages, asked in the same way wherever Twilio's API is offered. */
import * as z from "zod/mini";
import { isoTime, optionalText, readJson } from "../json.ts";
import type { FoundMessage, MessageReceipt, MessageSearch, Operation, Page } from "../provider.ts";
import { toNeutralAddress } from "./address.ts";
import { checkLamlId, type LamlApi, lamlPageRequest, lamlRequest, nextLamlPage } from "./api.ts";
import { type LamlDialect, MESSAGES_PATH } from "./message_operations.ts";
import { messageFields, type ReadStatus, receiptReader, toReceipt } from "./messages.ts";

/** Half of a page of the longest messages stays within the transport's limit on bodies. */
const PAGE_SIZE = "200";

interface HistoryDialect extends LamlDialect {
  /** The day for `DateSent>` which leaves out nothing that was sent since an ISO 8601 time. */
  firstDay(since: string): string;
}

export function lamlHistory(api: LamlApi, { readStatus, toAddress, firstDay }: HistoryDialect) {
  const foundPage = foundPageSchema(api);

  const lookUpMessage: Operation<{ externalId: string }, MessageReceipt> = {
    toRequest: ({ externalId }, credentials) => {
      const path = `${MESSAGES_PATH}/${checkLamlId(api, "messageId", externalId)}`;
      return lamlRequest(api, credentials, "GET", path);
    },
    readResponse: receiptReader(api, readStatus),
  };

  /**
   * A message that waits has no day on which it was sent, and `DateSent>` would miss it. A search
   * for one pair of addresses is short without.
   */
  function searchFields({ channel = "sms", from, to, since }: MessageSearch) {
    const sinceTime = isoTime(since);
    if (!sinceTime) throw new Error("since is no time");
    if (!from && !to) throw new Error("neither from nor to");
    const query: [string, string][] = [];
    if (to) query.push(["To", toAddress(channel, to)]);
    if (from) query.push(["From", toAddress(channel, from)]);
    if (!from || !to) query.push(["DateSent>", firstDay(sinceTime)]);
    query.push(["PageSize", PAGE_SIZE]);
    return query;
  }

  const searchMessages: Operation<MessageSearch & { pageUrl?: string }, Page<FoundMessage>> = {
    toRequest: ({ pageUrl, ...search }, credentials) =>
      lamlPageRequest(api, credentials, pageUrl, MESSAGES_PATH, () => searchFields(search)),
    readResponse({ json }, { since }, credentials) {
      const page = readJson(foundPage, json);
      const { items, isLast } = toFoundMessages(page, since, readStatus);
      return isLast ? { items } : { items, ...nextLamlPage(api, credentials, page.next_page_uri) };
    },
  };

  return { lookUpMessage, searchMessages };
}

function foundPageSchema(api: LamlApi) {
  return z.object({
    next_page_uri: z.nullish(z.string()),
    messages: z.array(z.object({
      ...messageFields(api),
      from: optionalText,
      to: optionalText,
      body: optionalText,
      direction: optionalText,
      date_created: optionalText,
    })),
  });
}

/** What of a page was created since then; `isLast` once a page holds nothing so recent. */
function toFoundMessages(
  page: z.output<ReturnType<typeof foundPageSchema>>,
  since: string,
  readStatus: ReadStatus,
): { items: FoundMessage[]; isLast: boolean } {
  // The times have whole seconds.
  const sinceMs = Math.floor(Date.parse(since) / 1000) * 1000;
  const isOlder = (createdAt?: string) => !!createdAt && Date.parse(createdAt) < sinceMs;
  const found = page.messages.map((given): FoundMessage => {
    const createdAt = isoTime(given.date_created);
    return {
      ...toReceipt(given, readStatus),
      from: toNeutralAddress(given.from).address,
      to: toNeutralAddress(given.to).address,
      text: given.body,
      direction: given.direction === "inbound" ? "inbound" : "outbound",
      ...(createdAt ? { createdAt } : {}),
    };
  });
  const items = found.filter(({ createdAt }) => !isOlder(createdAt));
  // Newest first: once a page holds nothing recent, no later page does.
  return { items, isLast: found.length > 0 && items.length === 0 };
}
