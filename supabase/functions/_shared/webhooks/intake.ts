import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import { AppError } from "../http/error.ts";
import type { StorableEvent } from "./read_events.ts";

/** A verified webhook, as `ingest_webhooks` takes it. */
export interface VerifiedWebhook {
  connection_id: string;
  events: StorableEvent[];
  body: string;
}

export interface Intake {
  /** Stores and applies a webhook; the states of its events, once they are committed. */
  take(webhook: VerifiedWebhook): Promise<string[]>;
}

interface Waiting {
  webhook: VerifiedWebhook;
  settled: PromiseWithResolvers<string[]>;
}

const MAX_BATCH = 50;
const MAX_CALLS = 2;
const MAX_WAITING = 1_000;
/** Shorter than the least patient provider that retries at all, so that it gets its answer. */
const TIMEOUT_MS = 8_000;

/**
 * What arrives while the database is busy goes there together: a lone webhook waits for nothing, and
 * a burst costs a few calls instead of one each. `onOffered` is told once of however many messages were
 * offered to agents by one of them.
 */
export function createIntake(service: DatabaseClient, onOffered: () => void): Intake {
  const waiting: Waiting[] = [];
  let calls = 0;

  async function drain(): Promise<void> {
    calls++;
    for (let batch = waiting.splice(0, MAX_BATCH); batch.length > 0;) {
      await settle(batch);
      batch = waiting.splice(0, MAX_BATCH);
    }
    calls--;
  }

  async function settle(batch: Waiting[]): Promise<void> {
    try {
      const states = await ingest(batch.map(({ webhook }) => webhook));
      for (const [index, { settled }] of batch.entries()) settled.resolve(states[index]!);
    } catch (error) {
      const isDown = error instanceof AppError && error.code === "unavailable";
      if (batch.length === 1 || isDown) {
        for (const { settled } of batch) settled.reject(error);
        return;
      }
      // One of them may be to blame: the others are not to suffer for it.
      await Promise.all(batch.map((single) => settle([single])));
    }
  }

  async function ingest(webhooks: VerifiedWebhook[]): Promise<string[][]> {
    const rows = dataOf(
      await service.rpc("ingest_webhooks", { webhooks: webhooks as never })
        .abortSignal(AbortSignal.timeout(TIMEOUT_MS)),
    );
    const states = webhooks.map((): string[] => []);
    for (const row of rows) states[row.webhook_index]?.push(row.state);
    if (rows.some((row) => row.is_offered)) onOffered();
    return states;
  }

  return {
    take(webhook) {
      if (waiting.length >= MAX_WAITING) {
        throw new AppError("unavailable", "Cannot take the webhook: too many are waiting");
      }
      const settled = Promise.withResolvers<string[]>();
      waiting.push({ webhook, settled });
      if (calls < MAX_CALLS) void drain();
      return settled.promise;
    },
  };
}
