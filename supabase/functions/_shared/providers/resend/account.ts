import * as z from "zod/mini";
import { optionalText, orElse, readJson } from "../json.ts";
import {
  type AccountInfo,
  type Credentials,
  type Operation,
  type OwnedEmailSender,
  type Page,
  type ProviderRequest,
  type ProviderResponse,
  RefusedAnswerError,
  UnreadableAnswerError,
  type UsageLine,
  type UsageQuery,
} from "../provider.ts";
import { readResendError } from "./errors.ts";
import { apiRequest, apiUrl, pageRequest } from "./request.ts";

const domains = z.object({
  has_more: orElse(z.boolean(), false),
  data: z.array(z.object({
    id: z.string().check(z.minLength(1)),
    name: z.string().check(z.minLength(1)),
    status: optionalText,
    capabilities: orElse(z.object({ sending: optionalText }), { sending: "" }),
  })),
});

/** A key that may only send is refused here by a name of its own, which proves that it is one. */
function listDomains(credentials: Credentials, pageUrl?: string): ProviderRequest {
  const request = pageUrl
    ? pageRequest(credentials, pageUrl)
    : apiRequest(credentials, "GET", "/domains", { query: [["limit", "100"]] });
  return { ...request, readStatuses: [401] };
}

/** Null for a key that may only send. */
function readDomains(response: ProviderResponse): z.output<typeof domains> | null {
  if (response.status !== 401) return readJson(domains, response.json);
  const refusal = readResendError(response);
  if (refusal.providerCode === undefined) throw new UnreadableAnswerError("no error of Resend's");
  if (refusal.providerCode === "restricted_api_key") return null;
  throw new RefusedAnswerError(refusal);
}

/** Resend names no account: the domain that sends stands for it. */
export const validateResendCredentials: Operation<void, AccountInfo> = {
  toRequest: (_input, credentials) => listDomains(credentials),
  readResponse(response, _input, { from_address = "" }) {
    const isRestricted = readDomains(response) === null;
    const domain = from_address.slice(from_address.indexOf("@") + 1).toLowerCase();
    return {
      externalAccountId: domain,
      displayName: `Resend (${domain})`,
      isActive: true,
      providerStatus: isRestricted ? "sending_access" : "full_access",
    };
  },
};

const DOMAIN_STATUSES: ReadonlyMap<string, OwnedEmailSender["status"]> = new Map([
  ["verified", "active"],
  ["failed", "inactive"],
  ["partially_failed", "inactive"],
]);

/** Without the right to list domains the address that a person gave stands for itself. */
export const listResendSenders: Operation<{ pageUrl?: string }, Page<OwnedEmailSender>> = {
  toRequest: ({ pageUrl }, credentials) => listDomains(credentials, pageUrl),
  readResponse(response, _input, { from_address = "" }) {
    const page = readDomains(response);
    if (page === null) {
      const emailAddress = from_address.toLowerCase();
      return {
        items: [{
          externalId: `address.${emailAddress}`,
          emailAddress,
          displayName: from_address,
          status: "active",
        }],
      };
    }
    const items = page.data.map((domain): OwnedEmailSender => ({
      externalId: domain.id,
      emailAddress: `*@${domain.name.toLowerCase()}`,
      displayName: domain.name,
      status: domain.capabilities.sending === "disabled"
        ? "inactive"
        : DOMAIN_STATUSES.get(domain.status) ?? "pending",
    }));
    const last = page.data.at(-1);
    return page.has_more && last
      ? { items, nextPageUrl: apiUrl(`/domains?limit=100&after=${encodeURIComponent(last.id)}`) }
      : { items };
  },
};

/** Those that count; the others are rates. */
const METRICS = [
  "sent",
  "delivered",
  "delivery_delayed",
  "bounced",
  "complained",
  "suppressed",
  "failed",
  "opened",
  "clicked",
  "received",
];
const metrics = z.object({ totals: z.record(z.string(), z.number()) });

/** Resend bills by plan: its metrics have counts and no prices. */
export const readResendUsage: Operation<UsageQuery & { pageUrl?: string }, Page<UsageLine>> = {
  toRequest: ({ startDate, endDate }, credentials) =>
    apiRequest(credentials, "GET", "/emails/metrics", {
      query: [
        ["start_date", `${startDate}T00:00:00.000Z`],
        ["end_date", `${endDate}T23:59:59.999Z`],
        ["metrics", METRICS.join(",")],
      ],
    }),
  readResponse({ json }) {
    const { totals } = readJson(metrics, json);
    const items = METRICS.filter((name) => Object.hasOwn(totals, name)).map((category) => ({
      category,
      count: totals[category] ?? 0,
      unit: "emails",
      cost: "0",
      currency: "USD",
    }));
    return { items };
  },
};
