import * as z from "zod/mini";
import { isoTime, optionalDecimal, optionalText, readJson } from "../json.ts";
import {
  type FoundMessage,
  type MessageReceipt,
  type MessageSearch,
  type Operation,
  type Page,
  RefusedAnswerError,
} from "../provider.ts";
import { meaningOf } from "../provider_errors.ts";
import { messagesRequest, nextPage, pageRequest } from "./request.ts";
import { readBandwidthStatus, toSegmentCount } from "./words.ts";

const listedMessage = z.object({
  messageId: z.string().check(z.minLength(1)),
  messageStatus: optionalText,
  errorCode: optionalDecimal,
  segmentCount: optionalDecimal,
  sourceTn: optionalText,
  destinationTn: optionalText,
  messageDirection: optionalText,
  receiveTime: optionalText,
});
const messageList = z.object({
  messages: z.array(listedMessage),
  pageInfo: z.nullish(z.object({ nextPage: optionalText })),
});

function toReceipt(given: z.output<typeof listedMessage>): MessageReceipt {
  const { messageId, messageStatus, errorCode = "0", segmentCount } = given;
  return {
    externalId: messageId,
    status: readBandwidthStatus(messageStatus, errorCode),
    providerStatus: messageStatus,
    ...toSegmentCount(segmentCount),
    ...(errorCode === "0" ? {} : { errorCode }),
  };
}

/** There is no address for one message: it is looked for among those of 14 days. */
export const lookUpBandwidthMessage: Operation<{ externalId: string }, MessageReceipt> = {
  toRequest({ externalId }, credentials, context) {
    if (externalId === "") throw new Error("no Bandwidth identifier");
    return messagesRequest(credentials, context, { query: [["messageId", externalId]] });
  },
  readResponse({ json }, { externalId }) {
    const { messages } = readJson(messageList, json);
    const found = messages.find(({ messageId }) => messageId === externalId);
    if (found) return toReceipt(found);
    const message = "no such message, or none that is listed already";
    throw new RefusedAnswerError({ ...meaningOf("not_found"), message });
  },
};

/** Lists hold neither the text nor the tag: messages are known by addresses and time alone. */
export const searchBandwidthMessages: Operation<
  MessageSearch & { pageUrl?: string },
  Page<FoundMessage>
> = {
  toRequest({ channel = "sms", from, to, since, pageUrl }, credentials, context) {
    if (channel !== "sms") throw new Error(`Bandwidth lists no messages of channel ${channel}`);
    if (pageUrl) return pageRequest(context, pageUrl, "application/json");
    const fromDateTime = isoTime(since);
    if (!fromDateTime) throw new Error("since is no time");
    if (!from && !to) throw new Error("neither from nor to");
    const query: [string, string][] = [];
    if (from) query.push(["sourceTn", from]);
    if (to) query.push(["destinationTn", to]);
    query.push(["fromDateTime", fromDateTime], ["limit", "200"]);
    return messagesRequest(credentials, context, { query });
  },
  readResponse({ json }) {
    const { messages, pageInfo } = readJson(messageList, json);
    const items = messages.map((given): FoundMessage => {
      const createdAt = isoTime(given.receiveTime);
      return {
        ...toReceipt(given),
        from: given.sourceTn,
        to: given.destinationTn,
        direction: given.messageDirection === "INBOUND" ? "inbound" : "outbound",
        ...(createdAt ? { createdAt } : {}),
      };
    });
    return { items, ...nextPage(pageInfo?.nextPage ?? "") };
  },
};
