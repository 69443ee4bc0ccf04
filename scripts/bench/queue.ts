import { Logger, makeWorkerUtils, run } from "graphile-worker";
import type postgres from "postgres";
import { type Comparison, rateOf } from "./measure.ts";
import type { BenchWorkspace } from "./world.ts";

const JOBS = 20_000;
const BATCH = 500;
const WORKERS = 3;
const silent = new Logger(() => () => {});

/**
 * Claim and record with everything they mean (lease, attempt committed first, fencing, forward-only
 * status, retry rules) against graphile-worker doing nothing, at its best settings.
 */
export async function compareQueues(
  sql: postgres.Sql,
  databaseUrl: string,
  workspace: BenchWorkspace,
): Promise<Comparison> {
  const utils = await makeWorkerUtils({ connectionString: databaseUrl, logger: silent });
  await utils.migrate();
  await utils.release();
  return {
    name: `Queue: claim and record ${JOBS.toLocaleString("en")} jobs, directly in Postgres`,
    unit: "jobs",
    floor: 1,
    subject: {
      name: "Switchboard",
      async run() {
        await fillOurs(sql, workspace);
        return await rateOf(JOBS, async () => {
          await Promise.all(Array.from({ length: WORKERS }, () => drainOurs(sql)));
        });
      },
    },
    reference: {
      name: "graphile-worker",
      async run() {
        await sql`
          select graphile_worker.add_jobs(array(
            select json_populate_record(null::graphile_worker.job_spec, '{"identifier": "noop", "payload": {}}')
            from generate_series(1, ${JOBS})
          ))`;
        await sql`analyze graphile_worker._private_jobs`;
        return await rateOf(JOBS, () => drainTheirs(sql, databaseUrl));
      },
    },
  };
}

async function fillOurs(sql: postgres.Sql, workspace: BenchWorkspace): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`select set_config('request.jwt.claims', '{"role":"service_role"}', true)`;
    await tx`
      select count(*) from public.enqueue_messages(${workspace.id}, (
        select jsonb_agg(jsonb_build_object(
          'to_address', '+1212' || (2000000 + g), 'body', 'Your appointment is tomorrow at 3 pm'
        ))
        from generate_series(1, ${JOBS}) as g
      ))`;
  });
  await sql`analyze private.outbound_jobs, public.conversation_messages, public.message_attempts`;
}

async function drainOurs(sql: postgres.Sql): Promise<void> {
  for (;;) {
    const [{ jobs }] = await sql`
      select coalesce(json_agg(j), '[]') as jobs from public.claim_outbound_jobs(${BATCH}) as j` as never as [
      { jobs: { message_id: string; lease_token: string }[] },
    ];
    if (jobs.length === 0) return;
    const results = jobs.map((job) => ({
      message_id: job.message_id,
      outcome: "accepted",
      external_id: `SM${job.message_id}`,
      status: "queued",
      segment_count: 1,
    }));
    await sql`
      select count(*) from public.record_attempts(${jobs[0]!.lease_token}, ${sql.json(results)})`;
  }
}

async function drainTheirs(sql: postgres.Sql, connectionString: string): Promise<void> {
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
        if (++done === JOBS) finished.resolve();
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
