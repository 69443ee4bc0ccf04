import type { TwilioCall } from "./call.ts";
import { badRequest, json, TwilioError } from "./errors.ts";

const DEFAULT_PAGE_SIZE = 50;
const MAXIMUM_PAGE_SIZE = 1_000;

/** The page size that a query asks for. */
export function readPageSize(query: URLSearchParams): number {
  const pageSize = readWholeNumber(query, "PageSize", DEFAULT_PAGE_SIZE);
  if (pageSize > MAXIMUM_PAGE_SIZE) throw new TwilioError(400, 20007, "Page size too large");
  if (pageSize < 1) throw badRequest("Invalid parameter: PageSize");
  return pageSize;
}

/**
 * One page of a list in Twilio's envelope. The page token is a cursor: the page begins after a
 * position, whatever was added or deleted since. Positions rise along the list, and an item keeps
 * its own. `Page` is only the client's count.
 */
export function listAnswer<Item>(
  call: TwilioCall,
  key: string,
  items: readonly Item[],
  positionOf: (item: Item, index: number) => number,
  represent: (item: Item) => unknown,
): Response {
  const pageSize = readPageSize(call.query);
  const page = readWholeNumber(call.query, "Page", 0);
  const after = readToken(call.query);
  const begin = items.findIndex((item, index) => positionOf(item, index) > after);
  const offset = begin === -1 ? items.length : begin;
  const shown = items.slice(offset, offset + pageSize);
  const tokenAt = (index: number) => {
    const item = items[index];
    return item === undefined ? undefined : `PA${positionOf(item, index)}`;
  };
  const hasMore = offset + shown.length < items.length;
  const start = page * pageSize;
  const uri = (number: number, token?: string) => pageUri(call, number, pageSize, token);
  return json({
    end: Math.max(start, start + shown.length - 1),
    first_page_uri: uri(0),
    [key]: shown.map(represent),
    next_page_uri: hasMore ? uri(page + 1, tokenAt(offset + shown.length - 1)) : null,
    page,
    page_size: pageSize,
    previous_page_uri: page === 0 ? null : uri(page - 1, tokenAt(offset - pageSize - 1)),
    start,
    uri: uri(page, call.query.get("PageToken") ?? undefined),
  });
}

function readToken(query: URLSearchParams): number {
  const token = query.get("PageToken");
  if (!token) return -Infinity;
  const position = Number(/^PA(-?\d+)$/.exec(token)?.[1] ?? Number.NaN);
  if (Number.isNaN(position)) throw badRequest("Invalid parameter: PageToken");
  return position;
}

function pageUri(call: TwilioCall, page: number, pageSize: number, token?: string): string {
  const query = new URLSearchParams(call.query);
  query.set("PageSize", String(pageSize));
  query.set("Page", String(page));
  query.delete("PageToken");
  if (token !== undefined) query.set("PageToken", token);
  return `${call.pathname}?${query}`;
}

function readWholeNumber(query: URLSearchParams, name: string, otherwise: number): number {
  const value = query.get(name);
  if (value === null || value === "") return otherwise;
  if (!/^\d+$/.test(value)) throw badRequest(`Invalid parameter: ${name}`);
  return Number(value);
}
