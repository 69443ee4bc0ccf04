import { isTollFree } from "./phone_number.ts";
import type { Account } from "./store.ts";

// https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
const STOP_WORDS = [
  "STOP",
  "STOPALL",
  "UNSUBSCRIBE",
  "CANCEL",
  "END",
  "QUIT",
  "REVOKE",
  "OPTOUT",
];
const START_WORDS = ["START", "YES", "UNSTOP"];
const HELP_WORDS = ["HELP", "INFO"];

/** What Twilio itself answers. */
export const CONFIRMATIONS = {
  STOP:
    "You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.",
  START:
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
  HELP: "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
} as const;

/** A whole message that means something to Twilio. */
export type Keyword = keyof typeof CONFIRMATIONS;

/** The keyword that a whole message is, if it is one. At toll-free numbers YES is none. */
export function readKeyword(body: string, sender: string): Keyword | undefined {
  const word = body.trim().toUpperCase();
  if (STOP_WORDS.includes(word)) return "STOP";
  if (START_WORDS.includes(word)) return isTollFree(sender) && word === "YES" ? undefined : "START";
  return HELP_WORDS.includes(word) ? "HELP" : undefined;
}

/** Blocks or unblocks a pair; answers whether there is anything to confirm. */
export function applyKeyword(
  account: Account,
  keyword: Keyword,
  sender: string,
  recipient: string,
): boolean {
  if (keyword === "HELP") return true;
  const pair = `${sender} ${recipient}`;
  if (keyword === "START") return account.optOuts.delete(pair);
  if (account.optOuts.has(pair)) return false;
  account.optOuts.add(pair);
  return true;
}

/** Whether the recipient sent STOP to this number or messaging service. */
export function hasOptedOut(account: Account, sender: string, recipient: string): boolean {
  return account.optOuts.has(`${sender} ${recipient}`);
}
