/** What tests of messages that wait to be sent arrange and try. */
import { enqueue, type Row } from "./engine.ts";
import { localTime, NEW_YORK, numberIn, storeScheduled } from "./scheduling.ts";
import { asUser, createWorld, freshNumber, type World } from "./world.ts";
import postgres from "postgres";

export const cancel =
  (id: string) => (tx: postgres.Sql | postgres.TransactionSql | postgres.ReservedSql) =>
    tx`select status from public.cancel_message(${id})`;
export const edit =
  (id: string, changes: unknown) => (tx: postgres.Sql | postgres.TransactionSql) =>
    tx`select * from public.edit_message(${id}, ${tx.json(changes as never)})`;

/** The code and field of the error that a person gets. */
export async function errorOf(
  sql: postgres.Sql,
  userId: string,
  work: (tx: postgres.TransactionSql) => Promise<unknown>,
): Promise<[string, string]> {
  try {
    await asUser(sql, userId, work);
  } catch (error) {
    if (error instanceof postgres.PostgresError) {
      const { code, field } = JSON.parse(error.detail ?? "{}");
      return [code, field];
    }
    throw error;
  }
  throw new Error("Expected a refusal, and it succeeded");
}

export const jobOf = async (sql: postgres.Sql, id: string) =>
  (await sql`select due_at, attempt_count from private.outbound_jobs where message_id = ${id}`)[0];

export const readMessage = async (sql: postgres.Sql, id: string) =>
  (await sql`select * from public.conversation_messages where id = ${id}`)[0]!;

/** As a claim takes jobs: skipping what is locked. */
export const take = (connection: postgres.Sql | postgres.ReservedSql, id: string) =>
  connection`
    delete from private.outbound_jobs where message_id = any (array(
      select message_id from private.outbound_jobs where message_id = ${id} for update skip locked
    ))
    returning message_id`;

/** A message that waits for a time in five days. */
export async function createWaiting(sql: postgres.Sql, message: Row = {}, to = numberIn(NEW_YORK)) {
  const world = await createWorld(sql);
  const scheduled_at = await localTime(sql, 5, "09:00:00");
  const waiting = await storeScheduled(
    sql,
    world,
    { scheduled_at, time_zone: "America/New_York", ...message },
    { to },
  );
  return { world, ...waiting };
}

/** A plain message that is queued. */
export async function createQueued(
  sql: postgres.Sql,
  message: Row = {},
): Promise<{ world: World; id: string }> {
  const world = await createWorld(sql);
  const [row] = await enqueue(sql, world, [{ to_address: freshNumber(), body: "Hi", ...message }]);
  return { world, id: row!.message_id };
}
