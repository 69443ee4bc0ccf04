import * as z from "zod/mini";
import { readMailbox } from "../inbound_email.ts";
import { isoTime, optionalText, orElse, readJson } from "../json.ts";
import type { FoundMessage, MessageReceipt, MessageSearch, Operation, Page } from "../provider.ts";
import { apiRequest, apiUrl, checkId, pageRequest } from "./request.ts";
import { readResendStatus, toIsoText } from "./words.ts";

const email = z.object({
  id: z.string().check(z.minLength(1)),
  last_event: optionalText,
  from: optionalText,
  to: orElse(z.array(z.string()), []),
  text: optionalText,
  created_at: optionalText,
});

export const lookUpResendMessage: Operation<{ externalId: string }, MessageReceipt> = {
  toRequest: ({ externalId }, credentials) =>
    apiRequest(credentials, "GET", `/emails/${checkId(externalId)}`),
  readResponse: ({ json }) => toReceipt(readJson(email, json)),
};

function toReceipt({ id, last_event }: z.output<typeof email>): MessageReceipt {
  return { externalId: id, status: readResendStatus(last_event), providerStatus: last_event };
}

const emails = z.object({ has_more: orElse(z.boolean(), false), data: z.array(email) });

/** The list cannot be narrowed, is newest first, and does not say what a message was tagged with. */
export const searchResendMessages: Operation<
  MessageSearch & { pageUrl?: string },
  Page<FoundMessage>
> = {
  toRequest({ from, to, since, pageUrl }, credentials) {
    if (!isoTime(since)) throw new Error("since is no time");
    if (!from && !to) throw new Error("neither from nor to");
    if (pageUrl) return pageRequest(credentials, pageUrl);
    return apiRequest(credentials, "GET", "/emails", { query: [["limit", "100"]] });
  },
  readResponse({ json }, { from, to, since }) {
    const page = readJson(emails, json);
    const sinceMs = Date.parse(since);
    const all = page.data.map(toFound);
    const recent = all.filter(({ createdAt }) => !createdAt || Date.parse(createdAt) >= sinceMs);
    const items = recent.filter((found) =>
      (!from || found.from === from.toLowerCase()) && (!to || found.to === to.toLowerCase())
    );
    const last = page.data.at(-1);
    return page.has_more && last && recent.length === all.length
      ? { items, nextPageUrl: apiUrl(`/emails?limit=100&after=${encodeURIComponent(last.id)}`) }
      : { items };
  },
};

function toFound(given: z.output<typeof email>): FoundMessage {
  const createdAt = isoTime(toIsoText(given.created_at));
  const [recipient = ""] = given.to;
  return {
    ...toReceipt(given),
    from: readMailbox(given.from)?.address ?? given.from,
    to: readMailbox(recipient)?.address ?? recipient,
    text: given.text,
    direction: "outbound",
    ...(createdAt ? { createdAt } : {}),
  };
}
