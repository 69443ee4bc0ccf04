import type postgres from "postgres";
import { claim, enqueueTexts, queueDirectly, recordAccepted } from "./engine.ts";
import { compare, rateOf, showTimes } from "./measure.ts";
import type { BenchWorkspace } from "./world.ts";

const OFFERED_PER_SECOND = 3_000;
const OFFERED_AT_ONCE = 300;
const ENQUEUED_AT_ONCE = 250;
const OFFER_EVERY_MS = 1000 * OFFERED_AT_ONCE / OFFERED_PER_SECOND;
const WORKERS = 2;
const BATCH = 100;
const RECIPIENTS = 1_000;
const PROGRESS_EVERY_MS = 10_000;
/** What a worker waits when there is nothing. */
const IDLE_MS = 5;

/**
 * A steady stream of messages, stored and queued, claimed and recorded, while a transaction that
 * began before keeps vacuum from removing anything; against the same without it. Two cores that also
 * have to claim and record cannot enqueue as many with all the checks: what enqueue does is shown, and
 * the stream goes past it.
 */
export async function compareOpenTransaction(
  sql: postgres.Sql,
  workspace: BenchWorkspace,
  seconds: number,
): Promise<boolean> {
  await enqueueTexts(sql, workspace, RECIPIENTS);
  await sql`vacuum analyze`;
  const enqueued = await rateOf(RECIPIENTS, async () => {
    for (let done = 0; done < RECIPIENTS; done += ENQUEUED_AT_ONCE) {
      await enqueueTexts(sql, workspace, ENQUEUED_AT_ONCE, 1 + done);
    }
  });
  console.log(`\nEnqueue alone: ${Math.round(enqueued).toLocaleString("en")} messages/s`);
  return await compare({
    name: `Open transaction: ${seconds} s of ${OFFERED_PER_SECOND.toLocaleString("en")} messages/s`,
    unit: "messages",
    floor: 0.95,
    rounds: 1,
    subject: {
      name: "held open",
      run: () => holdingTransaction(sql, () => stream(sql, workspace, seconds)),
    },
    reference: { name: "without", run: () => stream(sql, workspace, seconds) },
  });
}

async function holdingTransaction<Value>(
  sql: postgres.Sql,
  work: () => Promise<Value>,
): Promise<Value> {
  const session = await sql.reserve();
  try {
    await session`begin isolation level repeatable read`;
    // The snapshot is taken with the first statement.
    await session`select count(*) from private.outbound_jobs`;
    return await work();
  } finally {
    await session`rollback`;
    session.release();
  }
}

/** Messages recorded per second. */
async function stream(
  sql: postgres.Sql,
  workspace: BenchWorkspace,
  seconds: number,
): Promise<number> {
  await sql`delete from private.outbound_jobs where workspace_id = ${workspace.id}`;
  await sql`vacuum analyze`;
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  const isOver = () => elapsed() >= seconds * 1000;
  let offered = 0;
  let recorded = 0;
  let claimTimes: number[] = [];

  async function offer() {
    for (let turn = 0; !isOver(); turn++) {
      const early = turn * OFFER_EVERY_MS - elapsed();
      if (early > 0) await pause(early);
      await queueDirectly(sql, workspace, OFFERED_AT_ONCE);
      offered += OFFERED_AT_ONCE;
    }
  }
  async function work() {
    while (!isOver()) {
      const claimedAt = performance.now();
      const jobs = await claim(sql, BATCH);
      claimTimes.push(performance.now() - claimedAt);
      if (jobs.length === 0) {
        await pause(IDLE_MS);
        continue;
      }
      await recordAccepted(sql, jobs);
      if (!isOver()) recorded += jobs.length;
    }
  }
  const timer = setInterval(() => {
    console.log(
      `  ${Math.round(elapsed() / 1000)} s: offered ${offered.toLocaleString("en")}, recorded ` +
        `${recorded.toLocaleString("en")}, claim p50 / p95 ${showTimes(claimTimes)} ms`,
    );
    claimTimes = [];
  }, PROGRESS_EVERY_MS);
  try {
    await Promise.all([offer(), ...Array.from({ length: WORKERS }, work)]);
  } finally {
    clearInterval(timer);
  }
  return recorded / seconds;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
