import { readKeyword } from "../../providers/twilio/opt_out.ts";
import type { PhoneAccount } from "./account.ts";
import type { PhoneMessage } from "./message.ts";

/** Remembers what somebody's message means: STOP and START, or that WhatsApp's window is open. */
export function rememberInbound(
  account: PhoneAccount,
  { channel, from, to, text }: PhoneMessage,
): void {
  if (channel === "whatsapp") {
    account.sessions.set(`${to} ${from}`, Date.now());
    return;
  }
  const keyword = readKeyword(text, to);
  if (keyword === "STOP") account.optOuts.add(`${to} ${from}`);
  if (keyword === "START") account.optOuts.delete(`${to} ${from}`);
}
