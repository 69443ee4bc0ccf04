import type { FaultScope } from "../../faults.ts";
import type { Change, Courier } from "../courier.ts";
import type { PhoneMessage } from "./message.ts";
import type { Outcome } from "./outcome.ts";
import type { RuleAccount } from "./rule_account.ts";

/** Common words for what becomes of a message; each provider has its own for them. */
export const COMMON_STATUSES = ["sent", "delivered", "read", "undelivered", "failed"] as const;

const FAILURES = ["undelivered", "failed"];
const PRICE = 0.05;

/** Charges for a message, and sees it through. */
export async function acceptText(
  courier: Courier<RuleAccount, PhoneMessage>,
  account: RuleAccount,
  message: PhoneMessage,
  scope: FaultScope,
  outcome: Outcome,
): Promise<void> {
  account.balance -= PRICE;
  await courier.accept(account, message, changesOf(outcome), scope);
}

/** As arranged by a test, or by the last five digits: 00300 and 00301 do not get theirs. */
export function outcomeOf(account: RuleAccount, to: string, errorCode: string): Outcome {
  const arranged = account.outcomes.get(to);
  if (arranged) return arranged;
  return /0030[01]$/.test(to)
    ? { statuses: ["sent", "undelivered"], errorCode }
    : { statuses: ["sent", "delivered"], errorCode: null };
}

/** The error comes with each status that is a failure. */
function changesOf({ statuses, errorCode }: Outcome): Change<PhoneMessage>[] {
  return statuses.map((status) => ({
    status,
    errorCode: FAILURES.includes(status) ? errorCode : null,
  }));
}
