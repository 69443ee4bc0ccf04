import { ControlError, Fields } from "./fields.ts";

/** Faults of a call to a provider's API. */
export const CALL_FAULT_KINDS = [
  "rate_limited",
  "server_error",
  "slow",
  "reset",
  "garbage",
] as const;
/** Faults of the receipts that follow an accepted message. */
export const RECEIPT_FAULT_KINDS = [
  "receipt_late",
  "receipt_duplicate",
  "receipt_reordered",
  "receipt_dropped",
  "receipt_forged",
  "receipt_early",
] as const;
const KINDS = [...CALL_FAULT_KINDS, ...RECEIPT_FAULT_KINDS];
export type FaultKind = typeof KINDS[number];

/** Before the provider does anything, or after it did everything but answer. */
export type FaultStage = "before" | "after";

/** One misbehaviour, where it applies, and how often it still will. */
export interface Fault {
  fault_id: string;
  provider: string;
  kind: FaultKind;
  operation?: string;
  account_sid?: string;
  number?: string;
  /** Calls or messages that it still spoils; null means until it is deleted. */
  times_left: number | null;
  times_used: number;
  stage?: FaultStage;
  status?: number;
  retry_after_seconds?: number;
  delay_ms?: number;
  copies?: number;
  /** The receipts it spoils, by status; all when absent. */
  statuses?: string[];
}

/** What a fault is matched against. */
export interface FaultScope {
  provider: string;
  operation: string;
  accountSid: string | undefined;
  /** Every address that the call is about: recipient, sender, the number to buy. */
  numbers: readonly string[];
}

/** The faults that are set now, in the order in which they were set. */
export class FaultBook {
  #faults: Fault[] = [];

  /** Reads a fault from a control request and sets it. */
  add(body: unknown, operationsOf: (provider: string) => readonly string[]): Fault {
    const fault = readFault(body, operationsOf);
    this.#faults.push(fault);
    return fault;
  }

  /** The faults that match, spent ones included until they are deleted. */
  list(accountSid: string | undefined): Fault[] {
    return this.#faults.filter((f) => accountSid === undefined || f.account_sid === accountSid);
  }

  /** Removes faults; answers how many. */
  remove(matches: (fault: Fault) => boolean): number {
    const before = this.#faults.length;
    this.#faults = this.#faults.filter((fault) => !matches(fault));
    return before - this.#faults.length;
  }

  /** Uses up one turn of the first fault of these kinds that applies. */
  take(scope: FaultScope, kinds: readonly FaultKind[]): Fault | undefined {
    if (this.#faults.length === 0) return undefined;
    const fault = this.#faults.find((candidate) =>
      kinds.includes(candidate.kind) && candidate.times_left !== 0 && applies(candidate, scope)
    );
    if (!fault) return undefined;
    fault.times_used += 1;
    if (fault.times_left !== null) fault.times_left -= 1;
    return fault;
  }
}

function applies(fault: Fault, scope: FaultScope): boolean {
  return fault.provider === scope.provider &&
    (fault.operation === undefined || fault.operation === scope.operation) &&
    (fault.account_sid === undefined || fault.account_sid === scope.accountSid) &&
    (fault.number === undefined || scope.numbers.includes(fault.number));
}

function readFault(body: unknown, operationsOf: (provider: string) => readonly string[]): Fault {
  const fields = new Fields(body, "fault");
  const provider = fields.requiredText("provider");
  const operations = operationsOf(provider);
  const kind = fields.choice("kind", KINDS);
  if (!kind) throw new ControlError(400, "invalid_field", "Cannot read fault: kind is missing");
  const operation = fields.choice("operation", operations);
  const accountSid = fields.text("account_sid");
  const number = fields.text("number");
  const fault: Fault = {
    fault_id: crypto.randomUUID(),
    provider,
    kind,
    ...(operation === undefined ? {} : { operation }),
    ...(accountSid === undefined ? {} : { account_sid: accountSid }),
    ...(number === undefined ? {} : { number }),
    times_left: fields.integer("times", 1, 1_000_000) ?? null,
    times_used: 0,
    ...readDetails(kind, fields),
  };
  fields.finish();
  return fault;
}

/** The fields that only some kinds have, with their defaults. */
function readDetails(kind: FaultKind, fields: Fields): Partial<Fault> {
  const stage = () => fields.choice("stage", ["before", "after"]) ?? "before";
  switch (kind) {
    case "rate_limited": {
      const seconds = fields.integer("retry_after_seconds", 0, 86_400);
      return seconds === undefined ? {} : { retry_after_seconds: seconds };
    }
    case "server_error":
      return { status: fields.integer("status", 500, 599) ?? 500, stage: stage() };
    case "slow":
      return { delay_ms: fields.integer("delay_ms", 0, 600_000) ?? 1_000, stage: stage() };
    case "reset":
      return { stage: stage() };
    case "garbage":
      return { status: fields.integer("status", 200, 299) ?? 200 };
    default: {
      const statuses = fields.texts("statuses");
      const copies = kind === "receipt_duplicate"
        ? { copies: fields.integer("copies", 2, 100) ?? 2 }
        : {};
      return { ...copies, ...(statuses === undefined ? {} : { statuses }) };
    }
  }
}
