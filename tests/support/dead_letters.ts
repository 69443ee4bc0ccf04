/** Messages that a person who acts could still get sent, and what people do with them. */
import { claimLookUp, enqueue, record, type Row } from "./engine.ts";
import { claim, createQuietWorld, rejected, texts } from "./limits.ts";
import type { World } from "./world.ts";
import type postgres from "postgres";

export const retry =
  (id: string, maySendTwice = false) =>
  (tx: postgres.Sql | postgres.TransactionSql | postgres.ReservedSql) =>
    tx`select * from public.retry_message(${id}, ${maySendTwice})`;

export const letterOf = async (sql: postgres.Sql, id: string) =>
  (await sql`select error_code from public.dead_letters where message_id = ${id}`)[0]?.error_code;

export const attemptsOf = async (sql: postgres.Sql, id: string) =>
  (await sql`
    select attempt_number, outcome from public.message_attempts where message_id = ${id} order by attempt_number`)
    .map((row) => [row.attempt_number, row.outcome]);

/** A message in the hands of a dispatcher. */
export async function start(sql: postgres.Sql, failureCount = 0, world?: World) {
  world ??= await createQuietWorld(sql);
  await enqueue(sql, world, texts(1));
  await sql`
    update private.outbound_jobs set failure_count = ${failureCount} where workspace_id = ${world.workspaceId}`;
  const { token, ids } = await claim(sql, world);
  return { world, token, id: ids[0]! };
}

/** A dead letter of this kind. */
export async function die(sql: postgres.Sql, result: Row = {}, world?: World) {
  const started = await start(sql, 0, world);
  await record(sql, started.token, [{ ...rejected(started.id, "account"), ...result }]);
  return started;
}

/** A message of which nobody knows whether it was sent, given up. */
export async function giveUp(sql: postgres.Sql) {
  const started = await start(sql);
  await record(sql, started.token, [{ message_id: started.id, outcome: "unknown" }]);
  await sql`
    update public.message_attempts set started_at = now() - interval '16 minutes' where message_id = ${started.id}`;
  const lookUp = await claimLookUp(sql, started.id);
  await record(sql, lookUp.lease_token, [{ message_id: started.id, outcome: "unknown" }]);
  return started;
}
