import * as z from "zod/mini";
import { isoTime, optionalText, orElse, readJson } from "../json.ts";
import { referenceOf } from "../outbound_email.ts";
import type { FoundMessage, MessageReceipt, MessageSearch, Operation, Page } from "../provider.ts";
import { checkMessageId, listUrl, nextPageUrl, serverRequest } from "./request.ts";
import { readPostmarkEvent, readPostmarkStatus } from "./words.ts";

const person = z.object({ Email: optionalText });
const details = z.object({
  MessageID: z.string().check(z.minLength(1)),
  Status: optionalText,
  To: orElse(z.array(person), []),
  MessageEvents: orElse(
    z.array(z.object({
      Recipient: optionalText,
      Type: optionalText,
      Details: orElse(z.object({ Summary: optionalText }), { Summary: "" }),
    })),
    [],
  ),
});

/** From the least telling to the most: a message may bounce after it was taken. */
const FURTHEST = ["sending", "delivered", "read", "undelivered"];

export const lookUpPostmarkMessage: Operation<{ externalId: string }, MessageReceipt> = {
  toRequest: ({ externalId }, credentials) =>
    serverRequest(
      credentials,
      "GET",
      `/messages/outbound/${checkMessageId(externalId)}/details`,
    ),
  readResponse({ json }) {
    const { MessageID, Status, To, MessageEvents } = readJson(details, json);
    const recipients = To.map(({ Email }) => Email.toLowerCase());
    const [furthest] = MessageEvents
      .filter(({ Recipient }) => recipients.includes(Recipient.toLowerCase()))
      .map((event) => ({ ...event, status: readPostmarkEvent(event.Type) }))
      .filter(({ status }) => FURTHEST.includes(status))
      .sort((one, other) => FURTHEST.indexOf(other.status) - FURTHEST.indexOf(one.status));
    if (!furthest) {
      return { externalId: MessageID, status: readPostmarkStatus(Status), providerStatus: Status };
    }
    const { status, Type, Details: { Summary } } = furthest;
    const errorMessage = status === "undelivered" && Summary ? { errorMessage: Summary } : {};
    return { externalId: MessageID, status, providerStatus: Type, ...errorMessage };
  },
};

const foundPage = z.object({
  TotalCount: z.number(),
  Messages: z.array(z.object({
    MessageID: z.string().check(z.minLength(1)),
    Status: optionalText,
    From: optionalText,
    To: orElse(z.array(person), []),
    ReceivedAt: optionalText,
    Metadata: orElse(z.record(z.string(), z.unknown()), {}),
  })),
});

const DAY_MS = 24 * 60 * 60 * 1000;

/** Days are those of the east of the United States, and start up to five hours after ours. */
export const searchPostmarkMessages: Operation<
  MessageSearch & { pageUrl?: string },
  Page<FoundMessage>
> = {
  toRequest: (search, credentials) => {
    const request = serverRequest(credentials, "GET", "");
    return { ...request, url: searchUrl(search) };
  },
  readResponse({ json }, search) {
    const { Messages, TotalCount } = readJson(foundPage, json);
    const sinceMs = Date.parse(search.since);
    const items = Messages.map((message): FoundMessage => {
      const createdAt = isoTime(message.ReceivedAt);
      return {
        externalId: message.MessageID,
        status: readPostmarkStatus(message.Status),
        providerStatus: message.Status,
        from: /<([^<>]+)>\s*$/.exec(message.From)?.[1] ?? message.From,
        to: message.To[0]?.Email ?? "",
        direction: "outbound",
        ...(createdAt ? { createdAt } : {}),
        ...referenceOf(message.Metadata),
      };
    }).filter(({ createdAt }) => !createdAt || Date.parse(createdAt) >= sinceMs);
    const next = nextPageUrl(searchUrl(search), TotalCount);
    // Lists are newest first: what follows an older message is older.
    return items.length < Messages.length || next === undefined
      ? { items }
      : { items, nextPageUrl: next };
  },
};

function searchUrl({ from, to, since, pageUrl }: MessageSearch & { pageUrl?: string }): string {
  if (pageUrl) return pageUrl;
  const sinceTime = isoTime(since);
  if (!sinceTime) throw new Error("since is no time");
  if (!from && !to) throw new Error("neither from nor to");
  const dayBefore = new Date(Date.parse(sinceTime) - DAY_MS).toISOString().slice(0, 10);
  return listUrl("/messages/outbound", [
    ["count", "500"],
    ["offset", "0"],
    ...(to ? [["recipient", to] as const] : []),
    ...(from ? [["fromemail", from] as const] : []),
    ["fromdate", dayBefore],
  ]);
}
