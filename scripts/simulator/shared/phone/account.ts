import type { Account } from "../store.ts";
import type { PhoneMessage } from "./message.ts";
import type { Outcome } from "./outcome.ts";

export interface PhoneNumber {
  id: string;
  /** E.164. */
  phoneNumber: string;
  country: string;
  /** What it is attached to: a profile or an application. */
  attachedTo: string | null;
}

/** An account at a provider of texts and calls. */
export interface PhoneAccount extends Account<PhoneMessage> {
  /** By their identifiers. */
  numbers: Map<string, PhoneNumber>;
  /** `<sender> <recipient>`: who sent STOP to whom. */
  optOuts: Set<string>;
  /** Recipients whose outcome a test arranged. */
  outcomes: Map<string, Outcome>;
  /** When each WhatsApp address last wrote, by `<sender> <recipient>`. */
  sessions: Map<string, number>;
  balance: number;
}

const SESSION_MS = 24 * 3_600_000;

export function newPhoneAccount(sid: string): PhoneAccount {
  return {
    sid,
    numbers: new Map(),
    messages: new Map(),
    optOuts: new Set(),
    outcomes: new Map(),
    sessions: new Map(),
    balance: 100,
  };
}

export function findNumber(account: PhoneAccount, phoneNumber: string): PhoneNumber | undefined {
  return [...account.numbers.values()].find((number) => number.phoneNumber === phoneNumber);
}

export function phoneNumbersOf(account: PhoneAccount): string[] {
  return [...account.numbers.values()].map(({ phoneNumber }) => phoneNumber);
}

/** Whether WhatsApp lets this sender write freely. */
export function isWithinWindow(
  account: PhoneAccount,
  { from, to }: Pick<PhoneMessage, "from" | "to">,
): boolean {
  return Date.now() - (account.sessions.get(`${from} ${to}`) ?? 0) <= SESSION_MS;
}
