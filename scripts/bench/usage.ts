import type postgres from "postgres";
import type { Comparison } from "./measure.ts";
import { drainOurs } from "./queue.ts";
import type { BenchWorkspace } from "./world.ts";

const JOBS = 20_000;

/**
 * Claim and record as they are, against the same with a function in place of `private.count_usage`
 * that does nothing. It is put back after each round.
 */
export function compareUsage(sql: postgres.Sql, workspace: BenchWorkspace): Comparison {
  return {
    name: `Usage: claim and record ${JOBS.toLocaleString("en")} jobs, counted and not`,
    unit: "jobs",
    floor: 0.9,
    subject: { name: "counted", run: () => drainOurs(sql, workspace, JOBS) },
    reference: {
      name: "not counted",
      run: () => withoutCounting(sql, () => drainOurs(sql, workspace, JOBS)),
    },
  };
}

async function withoutCounting<Value>(
  sql: postgres.Sql,
  work: () => Promise<Value>,
): Promise<Value> {
  const [row] = await sql`
    select pg_get_functiondef('private.count_usage(private.usage_change[])'::regprocedure) as definition`;
  await sql`
    create or replace function private.count_usage(changes private.usage_change[])
    returns void language plpgsql set search_path = '' as 'begin end'`;
  try {
    return await work();
  } finally {
    await sql.unsafe(row!.definition);
  }
}
