import type postgres from "postgres";
import { claim, enqueueTexts, queueDirectly, recordAccepted } from "./engine.ts";
import { judgeTimes, showTimes } from "./measure.ts";
import type { BenchWorkspace } from "./world.ts";

const BACKLOG = 500_000;
/** Enough that every batch is full. */
const SMALL_BACKLOG = 1_000;
const WORKERS = 2;
const BATCH = 100;
const CONVERSATIONS = 1_000;
const MESSAGES = 100;
const WARM_UP_MESSAGES = 10;
const FILLED_AT_ONCE = 50_000;

/**
 * How long a workspace's single message waits, from the commit that queued it until a worker has
 * claimed it, beside half a million messages of another workspace. The same workers are equally busy
 * in the reference, where the other workspace has never more waiting than they take in a moment: in
 * both, every job that is taken is followed by a new one. What it waits for idle workers is shown.
 */
export async function compareNeighbours(
  sql: postgres.Sql,
  small: BenchWorkspace,
  large: BenchWorkspace,
): Promise<boolean> {
  console.log(
    `\nNeighbour: ${MESSAGES} single messages beside ${BACKLOG.toLocaleString("en")} of another ` +
      "workspace, from queued until claimed",
  );
  await enqueueTexts(sql, small, 1);
  await enqueueTexts(sql, large, CONVERSATIONS);
  await sql`delete from private.outbound_jobs where workspace_id in ${sql([small.id, large.id])}`;

  const idle = await measureWaits(sql, small, large, 0);
  console.log(`  p50 / p95 with idle workers: ${showTimes(idle)} ms`);
  const reference = await measureWaits(sql, small, large, SMALL_BACKLOG);
  const subject = await measureWaits(sql, small, large, BACKLOG);
  return judgeTimes({
    ceiling: 3,
    subject: { name: `beside ${BACKLOG.toLocaleString("en")}`, times: subject },
    reference: { name: "without a backlog", times: reference },
  });
}

/** The waits in milliseconds, with `backlog` jobs of the large workspace in the queue all the time. */
async function measureWaits(
  sql: postgres.Sql,
  small: BenchWorkspace,
  large: BenchWorkspace,
  backlog: number,
): Promise<number[]> {
  for (let filled = 0; filled < backlog;) {
    const count = Math.min(backlog - filled, FILLED_AT_ONCE);
    await queueDirectly(sql, large, count);
    filled += count;
    if (count === FILLED_AT_ONCE) console.log(`  ${filled.toLocaleString("en")} are queued`);
  }
  await sql`vacuum analyze`;
  let isOver = false;
  let waitsFor: PromiseWithResolvers<number> | null = null;

  async function work() {
    while (!isOver) {
      const jobs = await claim(sql, BATCH);
      const claimedAt = performance.now();
      if (jobs.length === 0) continue;
      if (jobs.some((job) => job.from_address === small.phoneNumber)) waitsFor?.resolve(claimedAt);
      await recordAccepted(sql, jobs);
      if (backlog > 0) await queueDirectly(sql, large, jobs.length);
    }
  }
  const workers = Array.from({ length: WORKERS }, work);
  const waits: number[] = [];
  try {
    for (let index = -WARM_UP_MESSAGES; index < MESSAGES; index++) {
      waitsFor = Promise.withResolvers();
      await enqueueTexts(sql, small, 1);
      const queuedAt = performance.now();
      // It may be claimed before the answer of its commit has been read.
      const wait = Math.max(await waitsFor.promise - queuedAt, 0);
      if (index >= 0) waits.push(wait);
      // At any moment of a worker's round.
      await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 30));
    }
  } finally {
    isOver = true;
    await Promise.all(workers);
    await sql`delete from private.outbound_jobs where workspace_id = ${large.id}`;
  }
  return waits;
}
