import { newPhoneAccount, type PhoneAccount, phoneNumbersOf } from "./account.ts";
import type { PhoneMessage } from "./message.ts";

/** A rule or webhook that an account has set, in the provider's own form. */
export interface Rule {
  id: string;
  kind: string;
  fields: Record<string, unknown>;
}

/** An account where rules say what webhooks go to, and that has nothing else of its own. */
export interface RuleAccount extends PhoneAccount {
  /** By the names of the adapter's credential fields. */
  credentials: Record<string, string>;
  rules: Map<string, Rule>;
}

export function newRuleAccount(
  sid: string,
  credentials: Record<string, string>,
  numbers: readonly string[],
): RuleAccount {
  const account = { ...newPhoneAccount(sid), credentials: { ...credentials }, rules: new Map() };
  for (const number of numbers) addOwnNumber(account, number);
  return account;
}

/** Numbers are their own identifiers. */
export function addOwnNumber({ numbers }: RuleAccount, phoneNumber: string): void {
  numbers.set(phoneNumber, { id: phoneNumber, phoneNumber, country: "", attachedTo: null });
}

/** As the list of all accounts has it: free of secrets. */
export function summarizeRuleAccount(account: RuleAccount): Record<string, unknown> {
  return {
    account_sid: account.sid,
    numbers: phoneNumbersOf(account),
    message_count: account.messages.size,
  };
}

/** As the list of all messages has it. */
export function showMessage(message: PhoneMessage): Record<string, unknown> {
  const { kind: _kind, segmentCount: _count, text: body, ...shown } = message;
  return { ...shown, body };
}
