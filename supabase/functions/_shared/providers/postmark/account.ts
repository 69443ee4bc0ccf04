import * as z from "zod/mini";
import { optionalText, orElse, readJson } from "../json.ts";
import type {
  AccountInfo,
  Operation,
  OwnedEmailSender,
  Page,
  UsageLine,
  UsageQuery,
} from "../provider.ts";
import { accountRequest, listUrl, nextPageUrl, serverRequest } from "./request.ts";

/** The answer also holds the server's tokens, which this schema leaves behind. */
const server = z.object({ ID: z.number(), Name: optionalText, InboundAddress: optionalText });

export const validatePostmarkCredentials: Operation<void, AccountInfo> = {
  toRequest: (_input, credentials) => serverRequest(credentials, "GET", "/server"),
  readResponse({ json }) {
    const { ID, Name, InboundAddress } = readJson(server, json);
    return {
      externalAccountId: String(ID),
      displayName: Name || String(ID),
      isActive: true,
      providerStatus: "",
      ...(InboundAddress ? { settings: { inbound_address: InboundAddress } } : {}),
    };
  },
};

const FIRST_PAGE = [["count", "500"], ["offset", "0"]] as const;
const SENDERS_URL = listUrl("/senders", FIRST_PAGE);
const DOMAINS_URL = listUrl("/domains", FIRST_PAGE);

const senders = z.object({
  TotalCount: z.number(),
  SenderSignatures: z.array(z.object({
    ID: z.number(),
    EmailAddress: z.string().check(z.minLength(3)),
    Name: optionalText,
    Confirmed: orElse(z.boolean(), false),
  })),
});
const domains = z.object({
  TotalCount: z.number(),
  Domains: z.array(z.object({
    ID: z.number(),
    Name: z.string().check(z.minLength(1)),
    DKIMVerified: orElse(z.boolean(), false),
  })),
});

/**
 * Single senders first, then domains. Only the account's token may list them: without it the address
 * that a person gave stands for itself.
 */
export const listPostmarkSenders: Operation<{ pageUrl?: string }, Page<OwnedEmailSender>> = {
  toRequest({ pageUrl }, credentials) {
    const { account_token } = credentials;
    if (!account_token) return serverRequest(credentials, "GET", "/server");
    return accountRequest(account_token, pageUrl ?? SENDERS_URL);
  },
  readResponse({ json }, { pageUrl = SENDERS_URL }, credentials) {
    const { account_token, from_address = "" } = credentials;
    if (!account_token) {
      readJson(server, json);
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
    return new URL(pageUrl).pathname === "/domains"
      ? readDomains(json, pageUrl)
      : readSenders(json, pageUrl);
  },
};

function readSenders(json: unknown, pageUrl: string): Page<OwnedEmailSender> {
  const { SenderSignatures, TotalCount } = readJson(senders, json);
  const items = SenderSignatures.map((sender): OwnedEmailSender => ({
    externalId: `sender.${sender.ID}`,
    emailAddress: sender.EmailAddress.toLowerCase(),
    displayName: sender.Name || sender.EmailAddress,
    status: sender.Confirmed ? "active" : "pending",
  }));
  return { items, nextPageUrl: nextPageUrl(pageUrl, TotalCount) ?? DOMAINS_URL };
}

function readDomains(json: unknown, pageUrl: string): Page<OwnedEmailSender> {
  const { Domains, TotalCount } = readJson(domains, json);
  const items = Domains.map((domain): OwnedEmailSender => ({
    externalId: `domain.${domain.ID}`,
    emailAddress: `*@${domain.Name.toLowerCase()}`,
    displayName: domain.Name,
    status: domain.DKIMVerified ? "active" : "pending",
  }));
  const next = nextPageUrl(pageUrl, TotalCount);
  return next === undefined ? { items } : { items, nextPageUrl: next };
}

const COUNTS = [
  "Sent",
  "Bounced",
  "SMTPAPIErrors",
  "SpamComplaints",
  "Opens",
  "UniqueOpens",
  "TotalClicks",
  "UniqueLinksClicked",
] as const;
const count = orElse(z.number(), 0);
const stats = z.object({
  Sent: z.number(),
  Bounced: count,
  SMTPAPIErrors: count,
  SpamComplaints: count,
  Opens: count,
  UniqueOpens: count,
  TotalClicks: count,
  UniqueLinksClicked: count,
});

/** Postmark bills by plan: its statistics have counts and no prices. */
export const readPostmarkUsage: Operation<UsageQuery & { pageUrl?: string }, Page<UsageLine>> = {
  toRequest: ({ startDate, endDate }, credentials) =>
    serverRequest(credentials, "GET", "/stats/outbound", {
      query: [["fromdate", startDate], ["todate", endDate]],
    }),
  readResponse({ json }) {
    const counts = readJson(stats, json);
    const items = COUNTS.map((category) => ({
      category,
      count: counts[category],
      unit: "emails",
      cost: "0",
      currency: "USD",
    }));
    return { items };
  },
};
