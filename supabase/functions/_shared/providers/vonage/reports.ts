/** What became of messages: the Messages API itself tells nothing that was not asked for by webhook. */
import * as z from "zod/mini";
import { isoTime, optionalDecimal, optionalText, readJson } from "../json.ts";
import {
  type Credentials,
  type FoundMessage,
  type MessageReceipt,
  type MessageSearch,
  type Operation,
  type Page,
  RefusedAnswerError,
  UnreadableAnswerError,
} from "../provider.ts";
import { meaningOf } from "../provider_errors.ts";
import {
  apiRequest,
  checkUuid,
  pageRequest,
  toNeutralAddress,
  toVonageAddress,
} from "./request.ts";
import { readVonageStatus } from "./words.ts";

const PATH = "/v2/reports/records";
const LONGEST_WINDOW_MS = 24 * 60 * 60 * 1000;

const report = z.object({
  request_status: z.string(),
  received_at: optionalText,
  records: z.array(z.object({
    message_id: z.string().check(z.minLength(1)),
    from: optionalText,
    to: optionalText,
    status: optionalText,
    error_code: optionalText,
    error_code_description: optionalText,
    total_price: optionalDecimal,
    currency: optionalText,
    client_ref: optionalText,
    message_body: optionalText,
    date_received: optionalText,
  })),
});

/** A report that is cut off would hide what it is asked for. */
function readReport(json: unknown): z.output<typeof report> {
  const given = readJson(report, json);
  if (given.request_status !== "SUCCESS") {
    throw new UnreadableAnswerError("unexpected request_status");
  }
  return given;
}

function toReceipt(record: z.output<typeof report>["records"][number]): MessageReceipt {
  const { message_id, status, error_code, error_code_description, total_price, currency } = record;
  const hasError = error_code !== "" && error_code !== "0";
  return {
    externalId: message_id,
    status: readVonageStatus(status),
    providerStatus: status,
    ...(total_price && currency
      ? { price: total_price, priceCurrency: currency.toUpperCase() }
      : {}),
    ...(hasError ? { errorCode: error_code } : {}),
    ...(hasError && error_code_description ? { errorMessage: error_code_description } : {}),
  };
}

function query({ api_key = "" }: Credentials, more: [string, string][]): [string, string][] {
  return [
    ["account_id", api_key],
    ["product", "MESSAGES"],
    ["direction", "outbound"],
    ...more,
  ];
}

export const lookUpVonageMessage: Operation<{ externalId: string }, MessageReceipt> = {
  toRequest: ({ externalId }, credentials) =>
    apiRequest(credentials, "GET", PATH, {
      query: query(credentials, [["id", checkUuid(externalId)]]),
    }),
  readResponse({ json }, { externalId }) {
    const record = readReport(json).records.find(({ message_id }) => message_id === externalId);
    if (record) return toReceipt(record);
    const message = "Vonage's reports do not hold this message, or not yet";
    throw new RefusedAnswerError({ ...meaningOf("not_found"), message });
  },
};

/**
 * One page is one window of time, the longest that Vonage reports on; who wrote to whom is ours to
 * pick out of it.
 */
export const searchVonageMessages: Operation<
  MessageSearch & { pageUrl?: string },
  Page<FoundMessage>
> = {
  toRequest({ from, to, since, pageUrl }, credentials) {
    if (pageUrl) return pageRequest(credentials, pageUrl);
    if (!from && !to) throw new Error("neither from nor to");
    const sinceTime = isoTime(since);
    if (!sinceTime) throw new Error("since is no time");
    return apiRequest(credentials, "GET", PATH, { query: windowQuery(credentials, sinceTime) });
  },
  readResponse({ json }, { from, to, since, pageUrl }, credentials) {
    const { records, received_at } = readReport(json);
    const found = records.map((record): FoundMessage => {
      const createdAt = isoTime(record.date_received);
      return {
        ...toReceipt(record),
        from: toNeutralAddress(record.from),
        to: toNeutralAddress(record.to),
        text: record.message_body,
        direction: "outbound",
        ...(createdAt ? { createdAt } : {}),
        ...(record.client_ref ? { reference: record.client_ref } : {}),
      };
    });
    const isWanted = (address: string, wanted?: string) =>
      !wanted || toVonageAddress(address) === toVonageAddress(wanted);
    const items = found.filter((one) => isWanted(one.from, from) && isWanted(one.to, to));
    const end = pageUrl
      ? new URL(pageUrl).searchParams.get("date_end") ?? ""
      : windowEnd(isoTime(since) ?? "");
    const isLast = !(Date.parse(end) < Date.parse(received_at));
    return isLast ? { items } : { items, nextPageUrl: windowUrl(credentials, end) };
  },
};

function windowEnd(start: string): string {
  return new Date(Date.parse(start) + LONGEST_WINDOW_MS).toISOString();
}

function windowQuery(credentials: Credentials, start: string): [string, string][] {
  return query(credentials, [
    ["date_start", start],
    ["date_end", windowEnd(start)],
    ["include_message", "true"],
  ]);
}

function windowUrl(credentials: Credentials, start: string): string {
  const url = new URL(apiRequest(credentials, "GET", PATH).url);
  for (const [name, value] of windowQuery(credentials, start)) url.searchParams.append(name, value);
  return url.href;
}
