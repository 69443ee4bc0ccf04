import * as z from "zod/mini";
import { optionalText, orElse, readJson } from "../json.ts";
import {
  type AccountInfo,
  type Balance,
  type Operation,
  type OwnedEmailSender,
  type Page,
  type Procedure,
  RefusedAnswerError,
  type UsageLine,
  type UsageQuery,
} from "../provider.ts";
import { meaningOf } from "../provider_errors.ts";
import { apiRequest, pageRequest, pageUrl } from "./request.ts";

const scopes = z.object({ scopes: z.array(z.string()) });
const username = z.object({ username: z.string(), user_id: z.number() });

/** A key that may do no more than send is not told whose it is: its own public part names it then. */
export const validateSendgridCredentials: Procedure<void, AccountInfo> = {
  *steps(_input, credentials) {
    const granted = readJson(scopes, (yield apiRequest(credentials, "GET", "/scopes")).json).scopes;
    if (!granted.includes("mail.send")) {
      const message = "the API key may not send mail";
      throw new RefusedAnswerError({ ...meaningOf("permission_missing"), message });
    }
    const state = { isActive: true, providerStatus: "mail.send" };
    if (!granted.includes("user.username.read")) {
      const { api_key = "" } = credentials;
      const keyId = /^SG\.([\w-]+)\./.exec(api_key)?.[1] ?? "sendgrid";
      return { externalAccountId: keyId, displayName: "SendGrid", ...state };
    }
    const { json } = yield apiRequest(credentials, "GET", "/user/username");
    const account = readJson(username, json);
    return {
      externalAccountId: String(account.user_id),
      displayName: account.username,
      ...state,
    };
  },
};

const SENDERS_PATH = "/verified_senders";
const DOMAINS_PATH = "/whitelabel/domains";
const PAGE_SIZE = 200;

const senders = z.object({
  results: z.array(z.object({
    id: z.number(),
    from_email: z.string().check(z.minLength(3)),
    from_name: optionalText,
    verified: orElse(z.boolean(), false),
    locked: orElse(z.boolean(), false),
  })),
});
const domains = z.array(z.object({
  id: z.number(),
  domain: z.string().check(z.minLength(1)),
  valid: orElse(z.boolean(), false),
}));

/** Single senders first, then the domains whose every address may send. */
export const listSendgridSenders: Operation<{ pageUrl?: string }, Page<OwnedEmailSender>> = {
  toRequest: ({ pageUrl: url }, credentials) =>
    url ? pageRequest(credentials, url) : apiRequest(credentials, "GET", SENDERS_PATH, {
      query: [["limit", String(PAGE_SIZE)]],
    }),
  readResponse({ json }, { pageUrl: url }) {
    return url && new URL(url).pathname.endsWith(DOMAINS_PATH)
      ? readDomains(json, url)
      : readSenders(json);
  },
};

function readSenders(json: unknown): Page<OwnedEmailSender> {
  const { results } = readJson(senders, json);
  const items = results.map((sender): OwnedEmailSender => ({
    externalId: `sender.${sender.id}`,
    emailAddress: sender.from_email.toLowerCase(),
    displayName: sender.from_name || sender.from_email,
    status: sender.locked ? "inactive" : sender.verified ? "active" : "pending",
  }));
  const last = results.at(-1);
  return {
    items,
    nextPageUrl: last && results.length >= PAGE_SIZE
      ? pageUrl(`${SENDERS_PATH}?limit=${PAGE_SIZE}&lastSeenID=${last.id}`)
      : domainsUrl(0),
  };
}

function readDomains(json: unknown, url: string): Page<OwnedEmailSender> {
  const found = readJson(domains, json);
  const items = found.map((domain): OwnedEmailSender => ({
    externalId: `domain.${domain.id}`,
    emailAddress: `*@${domain.domain.toLowerCase()}`,
    displayName: domain.domain,
    status: domain.valid ? "active" : "pending",
  }));
  const offset = Number(new URL(url).searchParams.get("offset"));
  return found.length < PAGE_SIZE ? { items } : {
    items,
    nextPageUrl: domainsUrl(offset + PAGE_SIZE),
  };
}

function domainsUrl(offset: number): string {
  return pageUrl(`${DOMAINS_PATH}?limit=${PAGE_SIZE}&offset=${offset}`);
}

const stats = z.array(z.object({
  stats: z.array(z.object({ metrics: z.record(z.string(), z.number()) })),
}));

/** SendGrid bills by plan: its statistics have counts and no prices. */
export const readSendgridUsage: Operation<UsageQuery & { pageUrl?: string }, Page<UsageLine>> = {
  toRequest: ({ startDate, endDate }, credentials) =>
    apiRequest(credentials, "GET", "/stats", {
      query: [["start_date", startDate], ["end_date", endDate], ["aggregated_by", "day"]],
    }),
  readResponse({ json }) {
    const counts = new Map<string, number>();
    for (const day of readJson(stats, json)) {
      for (const { metrics } of day.stats) {
        for (const [name, count] of Object.entries(metrics)) {
          counts.set(name, (counts.get(name) ?? 0) + count);
        }
      }
    }
    const items = [...counts].map(([category, count]) => ({
      category,
      count,
      unit: "emails",
      cost: "0",
      currency: "USD",
    }));
    return { items };
  },
};

const credits = z.object({ remain: z.number() });

export const readSendgridBalance: Operation<void, Balance> = {
  toRequest: (_input, credentials) => apiRequest(credentials, "GET", "/user/credits"),
  readResponse: ({ json }) => ({
    amount: String(readJson(credits, json).remain),
    currency: "credits",
  }),
};
