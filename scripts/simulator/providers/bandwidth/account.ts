import { randomBytes } from "node:crypto";
import type { Fields } from "../../fields.ts";
import { readTexts } from "../../shared/control.ts";
import { countryOf } from "../../shared/phone/offers.ts";
import { newPhoneAccount, type PhoneAccount } from "../../shared/phone/account.ts";
import { describeNumbers } from "../../shared/phone/control.ts";

/** An order for a number, or for its end. */
export interface Order {
  id: string;
  customerOrderId: string;
  phoneNumber: string;
  status: "RECEIVED" | "COMPLETE" | "FAILED";
}

/** The callbacks of the messaging application. */
export interface Callbacks {
  inboundUrl: string;
  outboundUrl: string;
  user: string;
  password: string;
  types: string[];
}

/** An account with one application, one sub-account and one location in it. */
export interface BandwidthAccount extends PhoneAccount {
  clientId: string;
  clientSecret: string;
  applicationId: string;
  siteId: string;
  sipPeerId: string;
  callbacks: Callbacks;
  /** The application that the location is attached to. */
  attachedTo: string | null;
  accessTokens: Set<string>;
  orders: Map<string, Order>;
}

/** An account that is always there, for `dev` and `demo`. Worth nothing anywhere else. */
export const DEMO = {
  account_sid: "9900001",
  client_id: "demo-client",
  client_secret: "demo-secret-of-bandwidth",
  application_id: "d3000000-0000-4000-8000-000000000021",
  site_id: "743",
  sip_peer_id: "500017",
  numbers: ["+14155550170", "+14155550171"],
} as const;

const FIELDS = [
  "account_sid",
  "client_id",
  "client_secret",
  "application_id",
  "site_id",
  "sip_peer_id",
] as const;

let lastAccountId = 9_900_001;

export function newBandwidthAccount(
  given: Partial<Record<typeof FIELDS[number], string>>,
  numbers: readonly string[],
): BandwidthAccount {
  const account: BandwidthAccount = {
    ...newPhoneAccount(given.account_sid ?? String(++lastAccountId)),
    clientId: given.client_id ?? `client-${randomBytes(8).toString("hex")}`,
    clientSecret: given.client_secret ?? randomBytes(24).toString("hex"),
    applicationId: given.application_id ?? crypto.randomUUID(),
    siteId: given.site_id ?? "743",
    sipPeerId: given.sip_peer_id ?? "500017",
    callbacks: { inboundUrl: "", outboundUrl: "", user: "", password: "", types: [] },
    attachedTo: null,
    accessTokens: new Set(),
    orders: new Map(),
  };
  for (const phoneNumber of numbers) addBandwidthNumber(account, phoneNumber);
  return account;
}

/** Numbers are their own identifiers. */
export function addBandwidthNumber(account: BandwidthAccount, phoneNumber: string): void {
  const country = countryOf(phoneNumber);
  account.numbers.set(phoneNumber, { id: phoneNumber, phoneNumber, country, attachedTo: null });
}

export function newDemoAccount(): BandwidthAccount {
  return newBandwidthAccount(DEMO, DEMO.numbers);
}

export function readBandwidthAccount(fields: Fields): BandwidthAccount {
  const numbers = fields.texts("numbers") ?? [];
  return newBandwidthAccount(readTexts(fields, FIELDS), numbers);
}

export function describeBandwidthAccount(account: BandwidthAccount): Record<string, unknown> {
  return {
    account_sid: account.sid,
    client_id: account.clientId,
    client_secret: account.clientSecret,
    application_id: account.applicationId,
    site_id: account.siteId,
    sip_peer_id: account.sipPeerId,
    numbers: describeNumbers(account),
  };
}
