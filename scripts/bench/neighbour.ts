import type postgres from "postgres";
import { claim, enqueueTexts, queueDirectly, recordAccepted } from "./engine.ts";
import { judgeTimes } from "./measure.ts";
import type { BenchWorkspace } from "./world.ts";

const BACKLOG = 500_000;
/** What the workers take while it is measured, and some more. */
const TAKEN_MEANWHILE = 300_000;
const WORKERS = 2;
/** As the dispatcher takes them. */
const BATCH = 50;
const CONVERSATIONS = 1_000;
const MESSAGES = 100;
const WARM_UP_MESSAGES = 10;
const FILLED_AT_ONCE = 50_000;

/**
 * How long a workspace's single message waits, from the commit that queued it until a worker has
 * claimed it, beside half a million messages of another workspace that the same workers are busy with;
 * against the wait of the same message when it is all there is to do.
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

  const alone = await measureWaits(sql, small, large, 0);
  const beside = await measureWaits(sql, small, large, BACKLOG + TAKEN_MEANWHILE);
  return judgeTimes({
    ceiling: 3,
    subject: { name: `beside ${BACKLOG.toLocaleString("en")}`, times: beside },
    reference: { name: "alone", times: alone },
  });
}

/** The waits in milliseconds, with `backlog` jobs of the large workspace in the queue at first. */
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
    }
  }
  const workers = Array.from({ length: WORKERS }, work);
  const waits: number[] = [];
  let left = 0;
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
    left = await countJobs(sql, large);
    await sql`delete from private.outbound_jobs where workspace_id = ${large.id}`;
  }
  if (backlog > 0 && left < BACKLOG) throw new Error(`Cannot judge: only ${left} were left`);
  return waits;
}

async function countJobs(sql: postgres.Sql, { id }: BenchWorkspace): Promise<number> {
  const [row] = await sql`
    select count(*)::integer from private.outbound_jobs where workspace_id = ${id}`;
  return row!.count;
}
