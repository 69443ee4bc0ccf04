import type { UsageLine } from "../../providers/provider.ts";
import type { JsonObject } from "./ask.ts";
import { readAccount } from "./read_account.ts";

/** Together less than the platform lets a request take. */
const MAX_PAGES = 10;
const PAGE_TIMEOUT_MS = 8_000;
/** A model that is told everything overlooks what matters. */
const MAX_LINES = 25;

export const getUsage = readAccount(
  ({ transport, provider, credentials, ask: { arguments: { start_date, end_date } } }) =>
    transport.listAll(
      provider,
      provider.readUsage,
      { startDate: String(start_date), endDate: String(end_date) },
      credentials,
      { maxPages: MAX_PAGES, timeoutMs: PAGE_TIMEOUT_MS },
    ),
  ({ items, isComplete }, { arguments: { start_date = null, end_date = null } }): JsonObject => {
    const used = items.filter(({ count, cost }) => count !== 0 || Number(cost) !== 0)
      .sort((one, other) => Number(other.cost) - Number(one.cost) || other.count - one.count);
    const leftOut = Math.max(0, used.length - MAX_LINES);
    return {
      start_date,
      end_date,
      usage: used.slice(0, MAX_LINES).map(describeLine),
      is_complete: isComplete && leftOut === 0,
    };
  },
);

/** A price of nothing is what providers that bill by plan say: it is no price. */
function describeLine({ category, count, unit, cost, currency }: UsageLine): JsonObject {
  const isPriced = Number(cost) !== 0;
  return { category, count, unit, ...(isPriced ? { cost, currency } : {}) };
}
