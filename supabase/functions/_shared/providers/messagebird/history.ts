import * as z from "zod/mini";
import { isoTime, optionalText, orElse, readJson } from "../json.ts";
import {
  type FoundMessage,
  type MessageReceipt,
  type MessageSearch,
  type Operation,
  type Page,
  UnreadableAnswerError,
} from "../provider.ts";
import { messageFields, toReceipt } from "./receipt.ts";
import { checkId, CONVERSATIONS, messageBirdRequest, nextPage, REST } from "./request.ts";
import { readSentWhatsApp } from "./whatsapp.ts";
import { readConversationMessageId, toMsisdn, toNeutralAddress } from "./words.ts";

const message = z.object(messageFields);

/** SMS and WhatsApp. An MMS is at a third place, which its identifier does not tell. */
export const lookUpMessageBirdMessage: Operation<{ externalId: string }, MessageReceipt> = {
  toRequest({ externalId }, credentials) {
    const id = readConversationMessageId(externalId);
    const url = id === undefined
      ? `${REST}/messages/${checkId(externalId)}`
      : `${CONVERSATIONS}/messages/${checkId(id)}`;
    return messageBirdRequest(credentials, "GET", url);
  },
  readResponse({ json }, { externalId }) {
    const receipt = readConversationMessageId(externalId) === undefined
      ? toReceipt(readJson(message, json))
      : readSentWhatsApp(json);
    if (receipt.externalId !== externalId) throw new UnreadableAnswerError("unexpected id");
    return receipt;
  },
};

const count = orElse(z.number(), 0);
const foundPage = z.object({
  offset: count,
  count,
  totalCount: count,
  items: z.array(z.object({
    ...messageFields,
    direction: optionalText,
    originator: z.transform((given: unknown) => String(given ?? "")),
    body: optionalText,
    reference: optionalText,
    createdDatetime: optionalText,
  })),
});

const PAGE_SIZE = "50";

function searchQuery({ from, to, since }: MessageSearch): [string, string][] {
  const sinceTime = isoTime(since);
  if (!sinceTime) throw new Error("since is no time");
  if (!from && !to) throw new Error("neither from nor to");
  const query: [string, string][] = [];
  if (from) query.push(["originator", toMsisdn(from)]);
  if (to) query.push(["recipient", toMsisdn(to)]);
  query.push(["from", sinceTime.replace(/\.\d+Z$/, "Z")], ["limit", PAGE_SIZE]);
  return query;
}

export const searchMessageBirdMessages: Operation<
  MessageSearch & { pageUrl?: string },
  Page<FoundMessage>
> = {
  toRequest: ({ pageUrl, ...search }, credentials) =>
    pageUrl
      ? messageBirdRequest(credentials, "GET", pageUrl)
      : messageBirdRequest(credentials, "GET", `${REST}/messages`, { query: searchQuery(search) }),
  readResponse({ json }, search) {
    const page = readJson(foundPage, json);
    const items = page.items.map((given): FoundMessage => {
      const createdAt = isoTime(given.createdDatetime);
      return {
        ...toReceipt(given),
        from: toNeutralAddress(given.originator),
        to: toNeutralAddress(given.recipients.items[0]?.recipient ?? ""),
        text: given.body,
        direction: given.direction === "mo" ? "inbound" : "outbound",
        ...(createdAt ? { createdAt } : {}),
        ...(given.reference ? { reference: given.reference } : {}),
      };
    });
    return { items, ...nextPage(`${REST}/messages`, searchQuery(search), page) };
  },
};
