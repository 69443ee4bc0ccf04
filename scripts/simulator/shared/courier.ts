import type { FaultScope } from "../faults.ts";
import { drawReceiptFaults } from "../receipts.ts";
import type { SimulatorState } from "../state.ts";
import type { Delivery, Webhook } from "../webhooks.ts";
import type { SignatureKind } from "./signed_webhook.ts";
import type { Account, Message, Store } from "./store.ts";

/** What one provider tells by webhook, and in which words. */
export interface Voice<Owner extends Account<Held>, Held extends Message> {
  /** What else a new status means to the provider. */
  onStatus?(account: Owner, message: Held): void;
  /** What a message from somebody means to the provider. */
  onInbound?(account: Owner, message: Held): void;
  statusWebhook(account: Owner, message: Held, signature: SignatureKind): Webhook | undefined;
  /** Tried one after the other, until one is answered with success. */
  inboundWebhooks(
    account: Owner,
    message: Held,
    signature: SignatureKind,
  ): readonly (Webhook | undefined)[];
}

/** What becomes of a message at one moment: its new status, and what changes with it. */
export type Change<Held extends Message> = Partial<Held> & Pick<Held, "status">;

/** Sees messages through to their last status, and brings what people write. */
export class Courier<Owner extends Account<Held>, Held extends Message> {
  readonly #state: SimulatorState;
  readonly #store: Store<Owner, Held>;
  readonly #voice: Voice<Owner, Held>;

  constructor(state: SimulatorState, store: Store<Owner, Held>, voice: Voice<Owner, Held>) {
    this.#state = state;
    this.#store = store;
    this.#voice = voice;
  }

  /** An early receipt is posted before this returns; all others follow by themselves. */
  async accept(
    account: Owner,
    message: Held,
    changes: readonly Change<Held>[],
    scope: FaultScope,
  ): Promise<void> {
    this.#store.addMessage(account, message);
    const faults = drawReceiptFaults(this.#state.faults, scope);
    const run = this.#state.receipts.run({
      accountSid: account.sid,
      messageSid: message.sid,
      to: message.to,
      steps: changes.map((change) => ({
        status: change.status,
        happen: (isForged) => {
          Object.assign(message, change);
          this.#voice.onStatus?.(account, message);
          return this.#voice.statusWebhook(account, message, isForged ? "forged" : "valid");
        },
      })),
      faults,
    });
    if (faults.has("receipt_early")) await run;
  }

  /** Posts what somebody wrote, and answers how that went. */
  async receive(account: Owner, message: Held, signature: SignatureKind): Promise<Delivery[]> {
    const end = this.#state.work.begin(account.sid);
    try {
      this.#store.addMessage(account, message);
      this.#voice.onInbound?.(account, message);
      const deliveries: Delivery[] = [];
      for (const webhook of this.#voice.inboundWebhooks(account, message, signature)) {
        if (!webhook) continue;
        const delivery = await this.#state.webhooks.send(webhook);
        deliveries.push(delivery);
        if (delivery.status !== null && delivery.status < 300) break;
      }
      return deliveries;
    } finally {
      end();
    }
  }
}
