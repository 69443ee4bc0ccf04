import * as z from "zod/mini";
import { optionalDecimal, optionalText, readJson } from "../json.ts";
import {
  type AccountInfo,
  type Balance,
  type ConnectionWebhooks,
  type ConnectionWebhookSetup,
  type Credentials,
  type Operation,
  type Page,
  UnreadableAnswerError,
  type UsageLine,
  type UsageQuery,
} from "../provider.ts";
import { checkSameId, checkUuid, nextPage, pageRequest, telnyxRequest } from "./request.ts";
import { telnyxWebhookUrls } from "./webhooks.ts";

/** The answer also holds `v1_secret`, which this schema leaves behind. */
const profileAnswer = z.object({
  data: z.object({
    id: z.string(),
    organization_id: optionalText,
    name: optionalText,
    enabled: z.boolean(),
  }),
});

function profilePath({ messaging_profile_id = "" }: Credentials): string {
  return `/messaging_profiles/${checkUuid(messaging_profile_id)}`;
}

/** The profile proves the key and itself, and names the account that it belongs to. */
export const validateTelnyxCredentials: Operation<void, AccountInfo> = {
  toRequest: (_input, credentials) => telnyxRequest(credentials, "GET", profilePath(credentials)),
  readResponse({ json }, _input, { messaging_profile_id = "" }) {
    const { data } = readJson(profileAnswer, json);
    checkSameId(data.id, messaging_profile_id.toLowerCase());
    return {
      externalAccountId: data.organization_id || data.id,
      displayName: data.name || data.id,
      isActive: data.enabled,
      providerStatus: data.enabled ? "enabled" : "disabled",
    };
  },
};

/** Setting the same again changes nothing. */
export const configureTelnyxConnection: Operation<
  { webhooks: ConnectionWebhooks },
  ConnectionWebhookSetup
> = {
  toRequest({ webhooks }, credentials) {
    const { inboundUrl, fallbackUrl } = telnyxWebhookUrls(webhooks.inboundUrl);
    return telnyxRequest(credentials, "PATCH", profilePath(credentials), {
      json: {
        webhook_url: inboundUrl,
        webhook_failover_url: fallbackUrl,
        webhook_api_version: "2",
      },
    });
  },
  readResponse({ json }) {
    return { settings: { messaging_profile_id: readJson(profileAnswer, json).data.id } };
  },
};

const balanceAnswer = z.object({
  data: z.object({ balance: optionalDecimal, currency: z.string() }),
});

export const readTelnyxBalance: Operation<void, Balance> = {
  toRequest: (_input, credentials) => telnyxRequest(credentials, "GET", "/balance"),
  readResponse({ json }) {
    const { data: { balance: amount, currency } } = readJson(balanceAnswer, json);
    if (amount === undefined) throw new UnreadableAnswerError("unexpected data.balance");
    return { amount, currency: currency.toUpperCase() };
  },
};

const usagePage = z.object({
  data: z.array(z.object({
    direction: optionalText,
    message_type: optionalText,
    count: optionalDecimal,
    cost: optionalDecimal,
    currency: optionalText,
  })),
  meta: z.optional(z.object({ page_number: z.number(), total_pages: z.number() })),
});

const USAGE_PATH = "/usage_reports";

function usageQuery({ startDate, endDate }: UsageQuery): [string, string][] {
  return [
    ["product", "messaging"],
    ["dimensions", "direction,message_type,currency"],
    ["metrics", "cost,count"],
    ["start_date", `${startDate}T00:00:00Z`],
    ["end_date", `${endDate}T23:59:59Z`],
    ["page[size]", "1000"],
  ];
}

export const readTelnyxUsage: Operation<UsageQuery & { pageUrl?: string }, Page<UsageLine>> = {
  toRequest: (input, credentials) =>
    input.pageUrl
      ? pageRequest(credentials, input.pageUrl)
      : telnyxRequest(credentials, "GET", USAGE_PATH, { query: usageQuery(input) }),
  readResponse({ json }, input) {
    const { data, meta } = readJson(usagePage, json);
    const items = data.map((line) => ({
      category: [line.direction, line.message_type].filter((part) => part).join(" "),
      count: Number(line.count ?? 0),
      unit: "messages",
      cost: line.cost ?? "0",
      currency: line.currency.toUpperCase(),
    }));
    return { items, ...nextPage(USAGE_PATH, usageQuery(input), meta) };
  },
};
