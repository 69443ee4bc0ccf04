import * as z from "zod/mini";
import { optionalDecimal, optionalText, readJson } from "../json.ts";
import {
  type AccountInfo,
  type Balance,
  type Operation,
  type Page,
  UnreadableAnswerError,
  type UsageLine,
  type UsageQuery,
} from "../provider.ts";
import { accountRequest, nextPage, pageRequest } from "./request.ts";

/** The answer also holds the auth token, which this schema leaves behind. */
const account = z.object({
  sid: z.string(),
  friendly_name: optionalText,
  status: optionalText,
});

/**
 * Always by the auth token: only it may read `/Accounts`, and webhooks are verified with it even where
 * an API key signs in. The key proves itself on the account's numbers, which are listed next.
 * https://www.twilio.com/docs/iam/api-keys (read 2026-11-20)
 */
export const validateTwilioCredentials: Operation<void, AccountInfo> = {
  toRequest: (_input, { account_sid = "", auth_token = "" }) =>
    accountRequest({ account_sid, auth_token }, "GET", ".json"),
  readResponse({ json }, _input, { account_sid }) {
    const { sid, friendly_name, status } = readJson(account, json);
    if (sid !== account_sid) throw new UnreadableAnswerError("unexpected sid");
    return {
      externalAccountId: sid,
      displayName: friendly_name || sid,
      isActive: status === "active",
      providerStatus: status,
    };
  },
};

const usagePage = z.object({
  next_page_uri: z.nullish(z.string()),
  usage_records: z.array(z.object({
    category: z.string(),
    count: optionalDecimal,
    count_unit: optionalText,
    usage: optionalDecimal,
    usage_unit: optionalText,
    price: optionalDecimal,
    price_unit: optionalText,
  })),
});

export const readTwilioUsage: Operation<UsageQuery & { pageUrl?: string }, Page<UsageLine>> = {
  toRequest: ({ startDate, endDate, pageUrl }, credentials) =>
    pageUrl
      ? pageRequest(credentials, pageUrl)
      : accountRequest(credentials, "GET", "/Usage/Records.json", {
        query: [["StartDate", startDate], ["EndDate", endDate], ["PageSize", "1000"]],
      }),
  readResponse({ json }) {
    const { usage_records, next_page_uri } = readJson(usagePage, json);
    const items = usage_records.map((line) => ({
      category: line.category,
      count: Number(line.count ?? line.usage ?? 0),
      unit: line.count ? line.count_unit : line.usage_unit,
      cost: line.price ?? "0",
      currency: line.price_unit.toUpperCase(),
    }));
    return { items, ...nextPage(next_page_uri) };
  },
};

const balance = z.object({ balance: optionalDecimal, currency: z.string() });

export const readTwilioBalance: Operation<void, Balance> = {
  toRequest: (_input, credentials) => accountRequest(credentials, "GET", "/Balance.json"),
  readResponse({ json }) {
    const { balance: amount, currency } = readJson(balance, json);
    if (amount === undefined) throw new UnreadableAnswerError("unexpected balance");
    return { amount, currency: currency.toUpperCase() };
  },
};
