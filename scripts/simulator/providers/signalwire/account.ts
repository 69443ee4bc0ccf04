import { randomBytes } from "node:crypto";
import type { Fields } from "../../fields.ts";
import { readTexts } from "../../shared/control.ts";
import { countryOf } from "../../shared/phone/offers.ts";
import {
  newPhoneAccount,
  type PhoneAccount,
  type PhoneNumber,
} from "../../shared/phone/account.ts";
import { describeNumbers } from "../../shared/phone/control.ts";

/** What the owner of a number may set, in the spelling of the answer. */
export interface NumberSettings {
  friendly_name?: string;
  sms_url?: string;
  sms_fallback_url?: string;
}

/** A project in a space. */
export interface SignalwireAccount extends PhoneAccount {
  space: string;
  apiToken: string;
  signingKey: string;
  /** By the number's identifier. */
  settings: Map<string, NumberSettings>;
}

/** An account that is always there, for `dev` and `demo`. Worth nothing anywhere else. */
export const DEMO = {
  space: "demo",
  account_sid: "d3000000-0000-4000-8000-000000000011",
  api_token: `PT${"d3".repeat(24)}`,
  signing_key: `PSK_${"d3".repeat(12)}`,
  numbers: ["+14155550150", "+14155550151"],
} as const;

const FIELDS = ["space", "account_sid", "api_token", "signing_key"] as const;

export function newSignalwireAccount(
  given: Partial<Record<typeof FIELDS[number], string>>,
  numbers: readonly string[],
): SignalwireAccount {
  const account: SignalwireAccount = {
    ...newPhoneAccount(given.account_sid ?? crypto.randomUUID()),
    space: given.space ?? "example",
    apiToken: given.api_token ?? `PT${randomBytes(24).toString("hex")}`,
    signingKey: given.signing_key ?? `PSK_${randomBytes(12).toString("hex")}`,
    settings: new Map(),
  };
  for (const phoneNumber of numbers) addSignalwireNumber(account, phoneNumber, {});
  return account;
}

export function addSignalwireNumber(
  account: SignalwireAccount,
  phoneNumber: string,
  settings: NumberSettings,
): PhoneNumber {
  const id = crypto.randomUUID();
  const number = { id, phoneNumber, country: countryOf(phoneNumber), attachedTo: null };
  account.numbers.set(id, number);
  account.settings.set(id, settings);
  return number;
}

export function newDemoAccount(): SignalwireAccount {
  return newSignalwireAccount(DEMO, DEMO.numbers);
}

export function readSignalwireAccount(fields: Fields): SignalwireAccount {
  const numbers = fields.texts("numbers") ?? [];
  const account = newSignalwireAccount(readTexts(fields, FIELDS), numbers);
  const sms_url = fields.text("sms_url");
  for (const id of account.numbers.keys()) account.settings.set(id, sms_url ? { sms_url } : {});
  return account;
}

export function describeSignalwireAccount(account: SignalwireAccount): Record<string, unknown> {
  return {
    account_sid: account.sid,
    space: account.space,
    api_token: account.apiToken,
    signing_key: account.signingKey,
    numbers: describeNumbers(account),
  };
}
