import type { Change } from "../courier.ts";
import type { MailAccount } from "./account.ts";
import { MAIL_STATUSES, type MailMessage, type MailOutcome } from "./message.ts";

/** After these a provider sends nothing more to the recipient. */
const SUPPRESSING: readonly MailMessage["status"][] = ["bounced", "complained", "unsubscribed"];

export function suppress(account: MailAccount, { to, status }: MailMessage): void {
  if (SUPPRESSING.includes(status)) account.suppressed.add(to);
}

/** What becomes of an e-mail to this recipient. */
export function changesFor(account: MailAccount, recipient: string): Change<MailMessage>[] {
  return outcomeFor(account, recipient).map((status) => ({ status }));
}

/** As arranged by a test, or by the name before the `@`: `bounced@example.com` bounces. */
function outcomeFor(account: MailAccount, recipient: string): MailOutcome {
  if (account.suppressed.has(recipient)) return ["dropped"];
  const arranged = account.outcomes.get(recipient);
  if (arranged) return arranged;
  const [name] = recipient.split("@");
  const status = MAIL_STATUSES.find((one) => one === name) ?? "delivered";
  switch (status) {
    case "processed":
      return ["processed"];
    case "dropped":
      return ["dropped"];
    case "delivered":
    case "bounced":
      return ["processed", status];
    case "deferred":
      return ["processed", "deferred", "delivered"];
    default:
      return ["processed", "delivered", status];
  }
}
