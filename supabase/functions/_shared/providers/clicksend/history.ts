import * as z from "zod/mini";
import { isoTime, optionalDecimal, optionalText } from "../json.ts";
import type { FoundMessage, MessageReceipt, MessageSearch, Operation, Page } from "../provider.ts";
import { toReceipt } from "./receipt.ts";
import {
  checkMessageId,
  clickSendRequest,
  currencyFields,
  LONGEST_PAGE,
  nextPage,
  pageFields,
  pageRequest,
  readCurrency,
  readData,
  refusedAnswer,
  SHORTEST_PAGE,
} from "./request.ts";

/** Numbers, in these lists, are text in some answers and numbers in others. */
const optionalWord = z.transform((given: unknown): string =>
  typeof given === "string" || typeof given === "number" ? String(given) : ""
);

const foundFields = z.object({
  message_id: z.string().check(z.minLength(1)),
  status: optionalText,
  status_code: optionalWord,
  status_text: optionalText,
  error_code: optionalWord,
  error_text: optionalText,
  message_parts: optionalDecimal,
  message_price: optionalDecimal,
  from: optionalText,
  to: optionalText,
  body: optionalText,
  direction: optionalText,
  date: optionalDecimal,
  custom_string: optionalText,
});
const history = z.object({ data: z.array(foundFields), ...pageFields, ...currencyFields });

/** Holds texts only: what became of an MMS is at another address, and is told by its receipt. */
const HISTORY = "/sms/history";

export const lookUpClickSendMessage: Operation<{ externalId: string }, MessageReceipt> = {
  toRequest: ({ externalId }, credentials) =>
    clickSendRequest(credentials, "GET", HISTORY, {
      query: [["q", `message_id:${checkMessageId(externalId)}`], ["limit", String(SHORTEST_PAGE)]],
    }),
  readResponse(response, { externalId }) {
    const data = readData(history, response);
    const given = data.data.find(({ message_id }) => message_id === externalId);
    if (!given) throw refusedAnswer("NOT_FOUND", "no such message in the history");
    return toReceipt(given, readCurrency(data));
  },
};

/**
 * By recipient where there is one: ClickSend may send from another number than the one it was given,
 * and a search for that one would miss the message.
 */
function historyQuery({ from, to, since }: MessageSearch): [string, string][] {
  const sinceTime = isoTime(since);
  if (!sinceTime) throw new Error("since is no time");
  const address = to ?? from;
  if (!address) throw new Error("neither from nor to");
  return [
    ["q", to ? `to:${address}` : `from:${address}`],
    ["date_from", String(Math.floor(Date.parse(sinceTime) / 1000))],
    ["order_by", "date:desc"],
    ["limit", String(LONGEST_PAGE)],
  ];
}

export const searchClickSendMessages: Operation<
  MessageSearch & { pageUrl?: string },
  Page<FoundMessage>
> = {
  toRequest: ({ pageUrl, ...search }, credentials) =>
    pageUrl
      ? pageRequest(credentials, pageUrl)
      : clickSendRequest(credentials, "GET", HISTORY, { query: historyQuery(search) }),
  readResponse(response, search) {
    const data = readData(history, response);
    const currency = readCurrency(data);
    const items = data.data.map((given): FoundMessage => {
      const createdAt = isoTime(new Date(Number(given.date) * 1000).toString());
      return {
        ...toReceipt(given, currency),
        from: given.from,
        to: given.to,
        text: given.body,
        direction: given.direction === "in" ? "inbound" : "outbound",
        ...(createdAt ? { createdAt } : {}),
        ...(given.custom_string ? { reference: given.custom_string } : {}),
      };
    });
    return { items, ...nextPage(HISTORY, historyQuery(search), data) };
  },
};
