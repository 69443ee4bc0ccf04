import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { Fields } from "../../fields.ts";
import { readTexts } from "../../shared/control.ts";
import { countryOf } from "../../shared/phone/offers.ts";
import { newPhoneAccount, type PhoneAccount } from "../../shared/phone/account.ts";
import { describeNumbers } from "../../shared/phone/control.ts";

/** An application as it was set; what the product does not know is kept as it is. */
export interface Application {
  id: string;
  name: string;
  capabilities: Record<string, unknown>;
  privacy: Record<string, unknown>;
  /** Null where no key was generated: no calls then. */
  publicKey: string | null;
}

/** Its identifier is its API key. */
export interface VonageAccount extends PhoneAccount {
  apiSecret: string;
  signatureSecret: string;
  application: Application;
  /** Told once, to those who made the account. */
  privateKey: string | null;
}

/** An account that is always there, for `dev` and `demo`. Worth nothing anywhere else. */
export const DEMO = {
  account_sid: "demo0001",
  api_secret: "demoSecret0001",
  signature_secret: "demoSignatureSecret0001",
  application_id: "d4000000-0000-4000-8000-000000000001",
  numbers: ["+14155550140", "+447700900140"],
} as const;

const FIELDS = ["account_sid", "api_secret", "signature_secret", "application_id"] as const;

export function newVonageAccount(
  given: Partial<Record<typeof FIELDS[number], string>>,
  numbers: readonly string[],
  hasKey = false,
): VonageAccount {
  const keys = hasKey
    ? generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    })
    : undefined;
  const account: VonageAccount = {
    ...newPhoneAccount(given.account_sid ?? randomBytes(4).toString("hex")),
    apiSecret: given.api_secret ?? randomBytes(8).toString("hex"),
    signatureSecret: given.signature_secret ?? randomBytes(20).toString("hex"),
    application: {
      id: given.application_id ?? crypto.randomUUID(),
      name: "Simulated application",
      capabilities: {},
      privacy: { improve_ai: false },
      publicKey: keys?.publicKey ?? null,
    },
    privateKey: keys?.privateKey ?? null,
  };
  for (const phoneNumber of numbers) addVonageNumber(account, phoneNumber);
  return account;
}

export function addVonageNumber(account: VonageAccount, phoneNumber: string): void {
  const id = phoneNumber.slice(1);
  const country = countryOf(phoneNumber);
  account.numbers.set(id, { id, phoneNumber, country, attachedTo: account.application.id });
}

export function newDemoAccount(): VonageAccount {
  return newVonageAccount(DEMO, DEMO.numbers);
}

export function readVonageAccount(fields: Fields): VonageAccount {
  const numbers = fields.texts("numbers") ?? [];
  return newVonageAccount(readTexts(fields, FIELDS), numbers, fields.boolean("has_key") ?? false);
}

export function describeVonageAccount(account: VonageAccount): Record<string, unknown> {
  return {
    account_sid: account.sid,
    api_key: account.sid,
    api_secret: account.apiSecret,
    signature_secret: account.signatureSecret,
    application_id: account.application.id,
    private_key: account.privateKey,
    numbers: describeNumbers(account),
  };
}

/** The URL of one kind of webhook, null where none is set. */
export function webhookUrl(
  { capabilities }: Application,
  kind: "inbound_url" | "status_url",
): string | null {
  const messages = capabilities.messages as
    | { webhooks?: Record<string, { address?: string }> }
    | undefined;
  return messages?.webhooks?.[kind]?.address ?? null;
}
