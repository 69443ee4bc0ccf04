import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from "node:crypto";
import type { Fields } from "../../fields.ts";
import { readTexts } from "../../shared/control.ts";
import { countryOf } from "../../shared/phone/offers.ts";
import { newPhoneAccount, type PhoneAccount } from "../../shared/phone/account.ts";
import { describeNumbers } from "../../shared/phone/control.ts";

/** An order for a number. */
export interface Order {
  id: string;
  phoneNumber: string;
  status: "pending" | "success" | "failure";
  reference: string;
}

export interface TelnyxAccount extends PhoneAccount {
  apiKey: string;
  connectionId: string;
  privateKey: KeyObject;
  publicKey: string;
  profile: { id: string; webhookUrl: string | null; failoverUrl: string | null };
  orders: Map<string, Order>;
}

/** An account that is always there, for `dev` and `demo`. Worth nothing anywhere else. */
export const DEMO = {
  account_sid: "d3000000-0000-4000-8000-000000000001",
  api_key: "KEYdemodemodemodemodemodemodemo",
  messaging_profile_id: "d3000000-0000-4000-8000-000000000002",
  connection_id: "1684641123236054244",
  numbers: ["+14155550130", "+14155550131"],
} as const;

const FIELDS = ["account_sid", "api_key", "messaging_profile_id", "connection_id"] as const;

/** RFC 8410: the head of an Ed25519 private key in PKCS #8. */
const PKCS8_HEAD = "302e020100300506032b657004220420";

export function newTelnyxAccount(
  given: Partial<Record<typeof FIELDS[number], string>>,
  numbers: readonly string[],
  seed: Uint8Array = randomBytes(32),
): TelnyxAccount {
  const der = Buffer.concat([Buffer.from(PKCS8_HEAD, "hex"), seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(privateKey).export({ format: "jwk" });
  const profileId = given.messaging_profile_id ?? crypto.randomUUID();
  const account: TelnyxAccount = {
    ...newPhoneAccount(given.account_sid ?? crypto.randomUUID()),
    apiKey: given.api_key ?? `KEY${randomBytes(24).toString("hex")}`,
    connectionId: given.connection_id ?? String(Date.now()),
    privateKey,
    publicKey: Buffer.from(x, "base64url").toString("base64"),
    profile: { id: profileId, webhookUrl: null, failoverUrl: null },
    orders: new Map(),
  };
  for (const phoneNumber of numbers) addTelnyxNumber(account, phoneNumber);
  return account;
}

let lastNumberId = 1_293_384_261_075_730_000n;

export function addTelnyxNumber(account: TelnyxAccount, phoneNumber: string): void {
  const id = String(++lastNumberId);
  const country = countryOf(phoneNumber);
  account.numbers.set(id, { id, phoneNumber, country, attachedTo: account.profile.id });
}

export function newDemoAccount(): TelnyxAccount {
  return newTelnyxAccount(DEMO, DEMO.numbers, new Uint8Array(32).fill(0xd3));
}

export function readTelnyxAccount(fields: Fields): TelnyxAccount {
  const numbers = fields.texts("numbers") ?? [];
  const account = newTelnyxAccount(readTexts(fields, FIELDS), numbers);
  account.profile.webhookUrl = fields.text("webhook_url") ?? null;
  return account;
}

export function describeTelnyxAccount(account: TelnyxAccount): Record<string, unknown> {
  return {
    account_sid: account.sid,
    api_key: account.apiKey,
    public_key: account.publicKey,
    messaging_profile_id: account.profile.id,
    connection_id: account.connectionId,
    numbers: describeNumbers(account),
  };
}
