import * as z from "zod/mini";
import { basicAuthorization } from "../credentials.ts";
import { orElse, readJson } from "../json.ts";
import {
  type Credentials,
  type ProviderRequest,
  type ProviderResponse,
  RefusedAnswerError,
} from "../provider.ts";
import { explainClickSendErrorCode } from "./errors.ts";

export const CLICKSEND_HOST = "rest.clicksend.com";
const BASE = `https://${CLICKSEND_HOST}/v3`;

/** ClickSend's most per page, and the least that it accepts. */
export const LONGEST_PAGE = 100;
export const SHORTEST_PAGE = 15;

type Fields = ReadonlyArray<readonly [string, string]>;

/** ClickSend's documents ask for the content type on every request, also without a body. */
export function clickSendRequest(
  credentials: Credentials,
  method: "GET" | "POST" | "PUT",
  path: string,
  fields: { query?: Fields; json?: unknown } = {},
): ProviderRequest {
  return {
    method,
    url: `${BASE}${path}`,
    headers: { ...authorization(credentials), "content-type": "application/json" },
    ...fields,
  };
}

/** A further page, at the address that `nextPage` made. */
export function pageRequest(credentials: Credentials, pageUrl: string): ProviderRequest {
  return clickSendRequest(credentials, "GET", pageUrl.slice(BASE.length));
}

/** User names may hold any letter: they are encoded as UTF-8, as RFC 7617 advises. */
function authorization({ username = "", api_key = "" }: Credentials): Record<string, string> {
  const bytes = new TextEncoder().encode(username);
  return basicAuthorization(String.fromCharCode(...bytes), api_key);
}

const envelope = z.object({
  response_code: z.string(),
  response_msg: orElse(z.string(), ""),
  data: z.unknown(),
});

/** The `data` of an answer. A status of success alone says nothing: the envelope has its own code. */
export function readData<Schema extends z.ZodMiniType>(
  schema: Schema,
  { json }: ProviderResponse,
): z.output<Schema> {
  const { response_code, response_msg, data } = readJson(envelope, json);
  if (response_code !== "SUCCESS") throw refusedAnswer(response_code, response_msg);
  return readJson(schema, data);
}

/** A no inside an answer of success. */
export function refusedAnswer(word: string, reason: string): RefusedAnswerError {
  return new RefusedAnswerError({
    ...explainClickSendErrorCode(word),
    providerCode: word,
    message: reason || word,
  });
}

const count = orElse(z.number(), 1);
export const pageFields = { current_page: count, last_page: count };

/** `next_page_url` is relative to nothing in some lists, so that the page is counted on instead. */
export function nextPage(
  path: string,
  query: Fields,
  { current_page, last_page }: { current_page: number; last_page: number },
): { nextPageUrl?: string } {
  if (current_page >= last_page) return {};
  const next = new URL(`${BASE}${path}`);
  for (const [name, value] of query) next.searchParams.append(name, value);
  next.searchParams.set("page", String(current_page + 1));
  return { nextPageUrl: next.href };
}

/** The currency beside prices: `_currency`, or `currency` in older answers. */
const currencyName = z.nullish(z.object({ currency_name_short: orElse(z.string(), "") }));
export const currencyFields = {
  _currency: orElse(currencyName, null),
  currency: orElse(currencyName, null),
};

export function readCurrency(
  given: { [Field in keyof typeof currencyFields]?: z.output<typeof currencyName> },
): string {
  return (given._currency ?? given.currency)?.currency_name_short.toUpperCase() ?? "";
}

/** Refuses what is no identifier of a message, so that nothing else gets into a search. */
export function checkMessageId(id: string): string {
  if (/^[0-9A-Za-z-]{1,64}$/.test(id)) return id;
  throw new Error("no ClickSend message identifier");
}
