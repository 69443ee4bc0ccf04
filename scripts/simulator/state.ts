import type { CallRecord } from "./calls.ts";
import { FaultBook } from "./faults.ts";
import { BoundedLog } from "./log.ts";
import { ReceiptCourier } from "./receipts.ts";
import { Timers } from "./timers.ts";
import { type Delivery, WebhookSender } from "./webhooks.ts";
import { PendingWork } from "./work.ts";

/** How a simulator behaves. */
export interface SimulatorSettings {
  /** Between two statuses of a message. */
  receiptDelayMs: number;
  /** Calls and webhooks that each log keeps. */
  maximumLogEntries: number;
  /** Messages that each provider keeps, over all accounts. */
  maximumMessages: number;
}

/** The settings when none are given. */
export const DEFAULT_SETTINGS: SimulatorSettings = {
  receiptDelayMs: 20,
  maximumLogEntries: 50_000,
  maximumMessages: 200_000,
};

/** What all providers share: faults, logs, webhooks, receipts and the work they have pending. */
export class SimulatorState {
  readonly settings: SimulatorSettings;
  readonly faults = new FaultBook();
  readonly timers = new Timers();
  readonly work = new PendingWork();
  readonly calls: BoundedLog<CallRecord>;
  readonly deliveries: BoundedLog<Delivery>;
  readonly webhooks: WebhookSender;
  readonly receipts: ReceiptCourier;

  constructor(settings: SimulatorSettings) {
    this.settings = settings;
    this.calls = new BoundedLog(settings.maximumLogEntries);
    this.deliveries = new BoundedLog(settings.maximumLogEntries);
    this.webhooks = new WebhookSender(this.deliveries);
    this.receipts = new ReceiptCourier(
      settings.receiptDelayMs,
      this.webhooks,
      this.timers,
      this.work,
    );
  }

  /** Ends all waits and requests, for good. */
  close(): void {
    this.timers.cancelAll();
    this.webhooks.close();
  }

  /** Ends all waits and requests, and forgets all that happened. */
  reset(): void {
    this.timers.cancelAll();
    this.webhooks.abortAll();
    this.receipts.clear();
    this.faults.remove(() => true);
    this.calls.clear();
    this.deliveries.clear();
  }
}
