import type { FaultScope } from "../../faults.ts";
import { drawReceiptFaults, type ReceiptStep } from "../../receipts.ts";
import type { SimulatorState } from "../../state.ts";
import type { Draft } from "./message_rules.ts";
import { outcomeFor } from "./outcomes.ts";
import { newMessage } from "./new_message.ts";
import { representMessage } from "./representation.ts";
import { countSegments } from "./segments.ts";
import { type Account, type Message, type Outcome, type TwilioStore } from "./store.ts";
import { statusWebhook } from "./status_webhook.ts";

const SMS_PRICE_MICROS = 7_500;
const MMS_PRICE_MICROS = 20_000;
const WHATSAPP_SESSION_MS = 24 * 3_600_000;
/** Until these are over, a message can be neither deleted nor redacted. */
const STATUSES_IN_PROGRESS = ["accepted", "scheduled", "queued", "sending"];

/** Accepts outgoing messages and sees them through to their last status. */
export class Outbound {
  readonly #state: SimulatorState;
  readonly #store: TwilioStore;
  readonly #scheduled = new WeakMap<Message, Draft>();

  constructor(state: SimulatorState, store: TwilioStore) {
    this.#state = state;
    this.#store = store;
  }

  /** Accepts a message and starts it on its way. `answer` is what it was when it was accepted. */
  async accept(
    account: Account,
    draft: Draft,
    direction: "outbound-api" | "outbound-reply",
    scope: FaultScope,
  ): Promise<{ message: Message; answer: Record<string, unknown> }> {
    const message = newMessage(account, draft, direction);
    const answer = representMessage(message);
    this.#store.addMessage(message);
    if (draft.sendAt === undefined) await this.#start(account, message, draft, scope);
    else this.#scheduled.set(message, draft);
    return { message, answer };
  }

  /** Sends a scheduled message now; answers false when it is not scheduled. */
  async release(account: Account, message: Message): Promise<boolean> {
    const draft = this.#scheduled.get(message);
    if (!draft || message.status !== "scheduled") return false;
    this.#scheduled.delete(message);
    message.status = "accepted";
    await this.#start(account, message, draft, scopeOf(account, draft));
    return true;
  }

  /** An early receipt is posted before this returns; all others follow by themselves. */
  async #start(account: Account, message: Message, draft: Draft, scope: FaultScope): Promise<void> {
    const faults = drawReceiptFaults(this.#state.faults, scope);
    const outcome = this.#outcome(account, draft);
    const statuses = message.messagingServiceSid === null
      ? outcome.statuses
      : ["queued", ...outcome.statuses];
    const run = this.#state.receipts.run({
      accountSid: account.sid,
      messageSid: message.sid,
      to: message.to,
      steps: statuses.map((status) => this.#step(account, message, draft, status, outcome)),
      faults,
    });
    if (faults.has("receipt_early")) await run;
  }

  #outcome(account: Account, draft: Draft): Outcome {
    if (draft.isWhatsapp && draft.contentSid === undefined) {
      const wroteAt = account.whatsappSessions.get(`${draft.to} ${draft.from}`) ?? 0;
      if (Date.now() - wroteAt > WHATSAPP_SESSION_MS) {
        return { statuses: ["failed"], errorCode: 63016 };
      }
    }
    return outcomeFor(account, draft.to);
  }

  #step(
    account: Account,
    message: Message,
    draft: Draft,
    status: string,
    outcome: Outcome,
  ): ReceiptStep {
    return {
      status,
      happen: (isForged) => {
        const isGone = !account.messages.has(message.sid) || message.status === "canceled";
        if (isGone) return undefined;
        advance(account, message, draft, status, outcome);
        return statusWebhook(account, message, isForged);
      },
    };
  }
}

/** Whether a message is still on its way to the carrier. */
export function isInProgress(message: Message): boolean {
  return STATUSES_IN_PROGRESS.includes(message.status);
}

/** Where faults look for a message that no API call is about. */
export function scopeOf(account: Account, draft: Draft): FaultScope {
  return {
    provider: "twilio",
    operation: "messages.create",
    accountSid: account.sid,
    numbers: [draft.to, draft.from],
  };
}

function advance(
  account: Account,
  message: Message,
  draft: Draft,
  status: string,
  outcome: Outcome,
): void {
  message.status = status;
  message.updatedAt = Date.now();
  if (status === "queued") {
    message.from = draft.from;
    message.segmentCount = message.media.length > 0 ? 1 : countSegments(message.body);
  }
  if (status === "sent") {
    message.sentAt = message.updatedAt;
    charge(account, message);
  }
  const isFailure = status === "undelivered" || status === "failed";
  if (isFailure) message.errorCode = outcome.errorCode;
  const wasSent = message.sentAt !== null;
  if (status === "delivered" || (isFailure && wasSent)) message.priceMicros = priceOf(message);
}

function priceOf(message: Message): number {
  return message.media.length > 0 ? MMS_PRICE_MICROS : SMS_PRICE_MICROS * message.segmentCount;
}

/** What was handed to the carrier is paid for, whether it arrives or not. */
function charge(account: Account, message: Message): void {
  const priceMicros = priceOf(message);
  account.balanceMicros -= priceMicros;
  const isMms = message.media.length > 0;
  account.usage.record(isMms ? "mms-outbound" : "sms-outbound", message.updatedAt, {
    count: 1,
    usage: isMms ? 1 : message.segmentCount,
    priceMicros,
  });
}
