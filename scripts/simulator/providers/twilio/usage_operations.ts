import type { TwilioCall, TwilioHandler } from "./call.ts";
import { badRequest, json } from "./errors.ts";
import { listAnswer } from "./paging.ts";
import { accountPath, API_VERSION, formatPrice } from "./representation.ts";
import { USAGE_CATEGORIES } from "./usage_ledger.ts";

const DAY_MS = 86_400_000;
const MAXIMUM_DAYS = 400;

/** The path segments below `Usage/Records`. */
export const USAGE_SPANS = [
  "AllTime",
  "Daily",
  "LastMonth",
  "Monthly",
  "ThisMonth",
  "Today",
  "Yearly",
  "Yesterday",
] as const;
type Span = typeof USAGE_SPANS[number];

interface UsageRecord {
  category: string;
  startDate: string;
  endDate: string;
}

/** `GET Usage/Records.json`, or one of its spans. */
export function listUsage(span?: Span): TwilioHandler {
  return (call) => {
    const category = call.query.get("Category");
    const categories = category === null
      ? Object.keys(USAGE_CATEGORIES)
      : Object.keys(USAGE_CATEGORIES).filter((known) => known === category);
    const records = readPeriods(call, span).flatMap(([startDate, endDate]) =>
      categories.map((name) => ({ category: name, startDate, endDate }))
    );
    return listAnswer(
      call,
      "usage_records",
      records,
      (_, index) => index,
      (record) => representRecord(call, record),
    );
  };
}

/** `GET Balance.json` */
export function fetchBalance(call: TwilioCall): Response {
  return json({
    account_sid: call.account.sid,
    balance: formatPrice(call.account.balanceMicros),
    currency: "USD",
  });
}

function representRecord(call: TwilioCall, record: UsageRecord): Record<string, unknown> {
  const { category, startDate, endDate } = record;
  const { description, unit, parts } = USAGE_CATEGORIES[category] ?? {
    description: category,
    unit: "",
    parts: [],
  };
  const used = call.account.usage.sum(parts, startDate, endDate);
  const price = formatPrice(used.priceMicros);
  const isTotal = category === "totalprice";
  const path = `${accountPath(call.account.sid)}/Usage/Records`;
  return {
    account_sid: call.account.sid,
    api_version: API_VERSION,
    as_of: `${new Date().toISOString().slice(0, 19)}+00:00`,
    category,
    count: isTotal ? null : String(used.count),
    count_unit: isTotal ? "" : unit,
    description,
    end_date: endDate,
    price,
    price_unit: "usd",
    start_date: startDate,
    subresource_uris: Object.fromEntries(
      USAGE_SPANS.map((span) => [snakeCase(span), `${path}/${span}.json?Category=${category}`]),
    ),
    uri: `${path}.json?Category=${category}&StartDate=${startDate}&EndDate=${endDate}`,
    usage: isTotal ? price : String(used.usage),
    usage_unit: unit,
  };
}

function snakeCase(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
}

/** First and last day of each record, newest first. */
function readPeriods(call: TwilioCall, span: Span | undefined): Array<[string, string]> {
  const today = dayOf(Date.now());
  const created = dayOf(call.account.createdAt);
  const start = readDate(call, "StartDate") ?? created;
  const end = readDate(call, "EndDate") ?? today;
  const month = today.slice(0, 7);
  const yesterday = dayOf(Date.now() - DAY_MS);
  const lastMonthEnd = dayOf(Date.parse(`${month}-01`) - DAY_MS);
  switch (span) {
    case "Today":
      return [[today, today]];
    case "Yesterday":
      return [[yesterday, yesterday]];
    case "ThisMonth":
      return [[`${month}-01`, today]];
    case "LastMonth":
      return [[`${lastMonthEnd.slice(0, 7)}-01`, lastMonthEnd]];
    case "Daily":
      return groupDays(start, end, 10);
    case "Monthly":
      return groupDays(start, end, 7);
    case "Yearly":
      return groupDays(start, end, 4);
    default:
      return [[start, end]];
  }
}

/** Days whose first `length` characters agree become one period. */
function groupDays(start: string, end: string, length: number): Array<[string, string]> {
  const periods: Array<[string, string]> = [];
  const last = Date.parse(end);
  const first = Math.max(Date.parse(start), last - MAXIMUM_DAYS * DAY_MS);
  for (let at = last; at >= first; at -= DAY_MS) {
    const day = dayOf(at);
    const period = periods.at(-1);
    if (period && period[1].slice(0, length) === day.slice(0, length)) period[0] = day;
    else periods.push([day, day]);
  }
  return periods;
}

/** `YYYY-MM-DD`, or an offset from today such as `-30days`. */
function readDate(call: TwilioCall, name: string): string | undefined {
  const value = call.query.get(name);
  if (!value) return undefined;
  const offset = /^([+-]\d+)days?$/.exec(value);
  if (offset) return dayOf(Date.now() + Number(offset[1]) * DAY_MS);
  if (/^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value))) return value;
  throw badRequest(`Invalid parameter: ${name}`);
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
