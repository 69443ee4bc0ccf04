import { Logger, makeWorkerUtils, run } from "graphile-worker";
import type postgres from "postgres";
import { analyzeQueue, drain, enqueueTexts } from "./engine.ts";
import { type Comparison, rateOf } from "./measure.ts";
import type { BenchWorkspace } from "./world.ts";

const BATCH = 500;
/** More than the machine has cores only wait for each other. */
const WORKERS = 2;
const silent = new Logger(() => () => {});

/**
 * Claim and record with everything they mean (fair turns, pace, opt-outs, lease, attempt committed
 * first, fencing, forward-only status, retry rules, breakers, usage) against graphile-worker doing
 * nothing, at its best settings.
 */
export async function compareQueues(
  sql: postgres.Sql,
  databaseUrl: string,
  workspace: BenchWorkspace,
  { jobs, rounds }: { jobs: number; rounds: number },
): Promise<Comparison> {
  const utils = await makeWorkerUtils({ connectionString: databaseUrl, logger: silent });
  await utils.migrate();
  await utils.release();
  return {
    name: `Queue: claim and record ${jobs.toLocaleString("en")} jobs, directly in Postgres`,
    unit: "jobs",
    floor: 1,
    rounds,
    subject: { name: "Switchboard", run: () => drainOurs(sql, workspace, jobs) },
    reference: {
      name: "graphile-worker",
      async run() {
        await sql`
          select graphile_worker.add_jobs(array(
            select json_populate_record(null::graphile_worker.job_spec, '{"identifier": "noop", "payload": {}}')
            from generate_series(1, ${jobs})
          ))`;
        await sql`analyze graphile_worker._private_jobs`;
        return await rateOf(jobs, () => drainTheirs(sql, databaseUrl, jobs));
      },
    },
  };
}

/** Jobs per second of claiming and recording what is queued before. */
export async function drainOurs(
  sql: postgres.Sql,
  workspace: BenchWorkspace,
  jobs: number,
): Promise<number> {
  await enqueueTexts(sql, workspace, jobs);
  await analyzeQueue(sql);
  return await rateOf(jobs, async () => {
    await Promise.all(Array.from({ length: WORKERS }, () => drain(sql, BATCH)));
  });
}

async function drainTheirs(
  sql: postgres.Sql,
  connectionString: string,
  jobs: number,
): Promise<void> {
  let done = 0;
  const finished = Promise.withResolvers<void>();
  const runner = await run({
    connectionString,
    logger: silent,
    noHandleSignals: true,
    concurrency: 24,
    maxPoolSize: 10,
    preset: {
      worker: { localQueue: { size: BATCH }, completeJobBatchDelay: 0, failJobBatchDelay: 0 },
    },
    taskList: {
      noop: () => {
        if (++done === jobs) finished.resolve();
      },
    },
  });
  await finished.promise;
  for (;;) {
    const [left] = await sql`select count(*)::integer as count from graphile_worker._private_jobs`;
    if (left!.count === 0) break;
  }
  await runner.stop();
}
