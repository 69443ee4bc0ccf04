import type { Fault, FaultBook, FaultScope } from "./faults.ts";
import { RECEIPT_FAULT_KINDS } from "./faults.ts";
import { Cancelled, type Timers } from "./timers.ts";
import type { Webhook, WebhookSender } from "./webhooks.ts";
import type { PendingWork } from "./work.ts";

/** One change of a message's status. */
export interface ReceiptStep {
  status: string;
  /** Makes it so; answers the webhook that tells about it, if anybody wants to be told. */
  happen(isForged: boolean): Webhook | undefined;
}

/** What will become of one accepted message. */
export interface ReceiptPlan {
  accountSid: string;
  messageSid: string;
  to: string;
  steps: readonly ReceiptStep[];
  faults: ReceiptFaults;
}

/** The receipt faults that one message drew, by kind. */
export type ReceiptFaults = ReadonlyMap<Fault["kind"], Fault>;

/** A receipt that a `receipt_late` fault holds back. */
export interface HeldReceipt {
  account_sid: string;
  message_sid: string;
  to: string;
  status: string;
}

interface Held {
  plan: ReceiptPlan;
  status: string;
  webhook: Webhook;
}

/** Draws the receipt faults for a message, at the moment it is accepted. */
export function drawReceiptFaults(faults: FaultBook, scope: FaultScope): ReceiptFaults {
  const drawn = new Map<Fault["kind"], Fault>();
  for (const kind of RECEIPT_FAULT_KINDS) {
    const fault = faults.take(scope, [kind]);
    if (fault) drawn.set(kind, fault);
  }
  return drawn;
}

/** Moves accepted messages through their statuses and posts the receipts. */
export class ReceiptCourier {
  readonly #delayMs: number;
  readonly #webhooks: WebhookSender;
  readonly #timers: Timers;
  readonly #work: PendingWork;
  #held: Held[] = [];

  constructor(delayMs: number, webhooks: WebhookSender, timers: Timers, work: PendingWork) {
    this.#delayMs = delayMs;
    this.#webhooks = webhooks;
    this.#timers = timers;
    this.#work = work;
  }

  /** Starts a message on its way. Awaiting it means: every receipt was answered, held or dropped. */
  async run(plan: ReceiptPlan): Promise<void> {
    const end = this.#work.begin(plan.accountSid);
    const isReordered = plan.faults.has("receipt_reordered");
    const post: Array<() => Promise<void>> = [];
    let posted = Promise.resolve();
    try {
      for (const step of plan.steps) {
        if (!plan.faults.has("receipt_early")) await this.#timers.sleep(this.#delayMs);
        const webhook = step.happen(spoils(plan, "receipt_forged", step.status) !== undefined);
        if (!webhook) continue;
        const deliver = () => this.#post(plan, step.status, webhook);
        if (isReordered) post.unshift(deliver);
        else posted = posted.then(deliver);
      }
      for (const deliver of post) posted = posted.then(deliver);
      await posted;
    } catch (error) {
      if (!(error instanceof Cancelled)) throw error;
    } finally {
      end();
    }
  }

  /** The receipts that are held back. */
  held(matches: (receipt: HeldReceipt) => boolean): HeldReceipt[] {
    return this.#held.map(describe).filter(matches);
  }

  /** Posts what was held back, in the order it was held; answers how many. */
  async release(matches: (receipt: HeldReceipt) => boolean): Promise<number> {
    const released = this.#held.filter((held) => matches(describe(held)));
    this.#held = this.#held.filter((held) => !released.includes(held));
    for (const held of released) {
      const end = this.#work.begin(held.plan.accountSid);
      await this.#send(held.plan, held.status, held.webhook).finally(end);
    }
    return released.length;
  }

  /** Forgets what was held back. */
  clear(): void {
    this.#held = [];
  }

  async #post(plan: ReceiptPlan, status: string, webhook: Webhook): Promise<void> {
    if (spoils(plan, "receipt_dropped", status)) {
      this.#webhooks.note(webhook, "dropped");
      return;
    }
    if (spoils(plan, "receipt_late", status)) {
      this.#held.push({ plan, status, webhook });
      return;
    }
    await this.#send(plan, status, webhook);
  }

  async #send(plan: ReceiptPlan, status: string, webhook: Webhook): Promise<void> {
    const copies = spoils(plan, "receipt_duplicate", status)?.copies ?? 1;
    await Promise.all(Array.from({ length: copies }, () => this.#webhooks.send(webhook)));
  }
}

function spoils(plan: ReceiptPlan, kind: Fault["kind"], status: string): Fault | undefined {
  const fault = plan.faults.get(kind);
  return fault?.statuses === undefined || fault.statuses.includes(status) ? fault : undefined;
}

function describe({ plan, status }: Held): HeldReceipt {
  return {
    account_sid: plan.accountSid,
    message_sid: plan.messageSid,
    to: plan.to,
    status,
  };
}
