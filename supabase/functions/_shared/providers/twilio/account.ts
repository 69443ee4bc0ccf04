import * as z from "zod/mini";
import { optionalDecimal, optionalText, readJson } from "../json.ts";
import { validateLamlCredentials } from "../laml/account_operations.ts";
import { lamlPageRequest, lamlRequest, nextLamlPage } from "../laml/api.ts";
import {
  type Balance,
  type Operation,
  type Page,
  UnreadableAnswerError,
  type UsageLine,
  type UsageQuery,
} from "../provider.ts";
import { twilioApi } from "./request.ts";

/**
 * Always by the auth token: only it may read `/Accounts`, and webhooks are verified with it even where
 * an API key signs in. The key proves itself on the account's numbers, which are listed next.
 * https://www.twilio.com/docs/iam/api-keys (read 2026-11-20)
 */
export const validateTwilioCredentials = validateLamlCredentials(twilioApi, {
  signIn: ({ account_sid = "", auth_token = "" }) => ({ account_sid, auth_token }),
  accountId: ({ account_sid }) => account_sid,
});

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
    lamlPageRequest(twilioApi, credentials, pageUrl, "/Usage/Records", () => [
      ["StartDate", startDate],
      ["EndDate", endDate],
      ["PageSize", "1000"],
    ]),
  readResponse({ json }, _input, credentials) {
    const { usage_records, next_page_uri } = readJson(usagePage, json);
    const items = usage_records.map((line) => ({
      category: line.category,
      count: Number(line.count ?? line.usage ?? 0),
      unit: line.count ? line.count_unit : line.usage_unit,
      cost: line.price ?? "0",
      currency: line.price_unit.toUpperCase(),
    }));
    return { items, ...nextLamlPage(twilioApi, credentials, next_page_uri) };
  },
};

const balance = z.object({ balance: optionalDecimal, currency: z.string() });

export const readTwilioBalance: Operation<void, Balance> = {
  toRequest: (_input, credentials) => lamlRequest(twilioApi, credentials, "GET", "/Balance"),
  readResponse({ json }) {
    const { balance: amount, currency } = readJson(balance, json);
    if (amount === undefined) throw new UnreadableAnswerError("unexpected balance");
    return { amount, currency: currency.toUpperCase() };
  },
};
