import * as z from "zod/mini";
import { optionalDecimal, optionalText, orElse } from "../json.ts";
import {
  type AccountInfo,
  type Balance,
  type Operation,
  type Page,
  type ProviderRequest,
  UnreadableAnswerError,
  type UsageLine,
  type UsageQuery,
} from "../provider.ts";
import { clickSendRequest, currencyFields, readCurrency, readData } from "./request.ts";

const flag = orElse(z.number(), 0);

/** The answer also holds the API key of a subaccount, which this schema leaves behind. */
const account = z.object({
  user_id: z.number(),
  username: optionalText,
  account_name: optionalText,
  active: flag,
  banned: flag,
  balance: optionalDecimal,
  ...currencyFields,
});

const accountRequest = (
  _input: void,
  credentials: Readonly<Record<string, string>>,
): ProviderRequest => clickSendRequest(credentials, "GET", "/account");

export const validateClickSendCredentials: Operation<void, AccountInfo> = {
  toRequest: accountRequest,
  readResponse(response) {
    const { user_id, username, account_name, active, banned } = readData(account, response);
    const isActive = active === 1 && banned === 0;
    return {
      externalAccountId: String(user_id),
      displayName: account_name || username || String(user_id),
      isActive,
      providerStatus: isActive ? "active" : banned === 0 ? "inactive" : "banned",
    };
  },
};

export const readClickSendBalance: Operation<void, Balance> = {
  toRequest: accountRequest,
  readResponse(response) {
    const data = readData(account, response);
    const currency = readCurrency(data);
    if (data.balance === undefined) throw new UnreadableAnswerError("unexpected balance");
    if (!currency) throw new UnreadableAnswerError("unexpected _currency");
    return { amount: data.balance, currency };
  },
};

const line = z.object({ count: orElse(z.number(), 0), price: orElse(z.number(), 0) });
const statistics = z.object({
  stat: z.array(z.object({ date: z.number(), outbound: line, inbound: line, bounced: line })),
  ...currencyFields,
});

const DAY_MS = 24 * 60 * 60 * 1000;
const DAYS_KEPT = 30;

/** Days of the last thirty, each as one line per direction in the answer. */
export const readClickSendUsage: Operation<UsageQuery & { pageUrl?: string }, Page<UsageLine>> = {
  toRequest({ startDate }, credentials, { nowMs }) {
    const startMs = Date.parse(startDate);
    if (Number.isNaN(startMs)) throw new Error("startDate is no date");
    if (startMs < nowMs - (DAYS_KEPT + 1) * DAY_MS) {
      throw new Error(`statistics go back ${DAYS_KEPT} days only`);
    }
    return clickSendRequest(credentials, "GET", "/statistics/sms");
  },
  readResponse(response, { startDate, endDate }) {
    const data = readData(statistics, response);
    const currency = readCurrency(data);
    const fromMs = Date.parse(startDate);
    const untilMs = Date.parse(endDate) + DAY_MS;
    const days = data.stat.filter(({ date }) => date * 1000 >= fromMs && date * 1000 < untilMs);
    const items = (["outbound", "inbound", "bounced"] as const).map((category) => ({
      category,
      count: days.reduce((sum, day) => sum + day[category].count, 0),
      unit: "messages",
      cost: sumPrices(days.map((day) => day[category].price)),
      currency,
    }));
    return { items };
  },
};

/** Exact to a millionth, which sums of binary fractions are not. */
function sumPrices(prices: number[]): string {
  const millionths = prices.reduce((sum, price) => sum + Math.round(price * 1e6), 0);
  return (millionths / 1e6).toFixed(6).replace(/\.?0+$/, "");
}
