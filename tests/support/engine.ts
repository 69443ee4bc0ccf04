/** What tests of the engine's functions arrange and look at, directly in the database. */
import { eventually } from "./poll.ts";
import { connectToDatabase } from "./stack.ts";
import { asService, asUser, freshNumber, takeMadeWorkspaceIds, type World } from "./world.ts";
import postgres from "postgres";

/** A test with a connection to the database, closed whatever happens; it leaves nothing in the queue. */
export function databaseTest(name: string, work: (sql: postgres.Sql) => Promise<void>): void {
  Deno.test(name, async () => {
    const sql = connectToDatabase(4);
    try {
      await work(sql);
    } finally {
      // Else the next test's workers would take them up. What a failed test holds fast stays.
      await sql`
        delete from private.outbound_jobs where message_id = any (array(
          select message_id from private.outbound_jobs
          where workspace_id = any (${takeMadeWorkspaceIds()}) for update skip locked
        ))`;
      await sql.end({ timeout: 5 });
    }
  });
}

export type Row = Record<string, unknown>;

/** Queues messages, due before anything else. */
export async function enqueue(sql: postgres.Sql, world: World, messages: Row[]) {
  const rows = await asUser(
    sql,
    world.memberId,
    (tx) =>
      tx`select * from public.enqueue_messages(${world.workspaceId}, ${
        tx.json(messages as never)
      })`,
  );
  await sql`
    update private.outbound_jobs set turn = ${-Date
    .now()} where workspace_id = ${world.workspaceId}`;
  return rows;
}

/** Queues one message to somebody new; answers its refusal or its sender. */
export async function senderOf(sql: postgres.Sql, world: World, message: Row): Promise<string> {
  const [row] = await enqueue(sql, world, [{ body: "Hello", ...message }]);
  await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;
  if (row!.error_code) return row!.error_code;
  const [stored] = await sql`
    select from_address from public.conversation_messages where id = ${row!.message_id}`;
  return stored!.from_address;
}

/** Queues `count` messages, of which each is now in the hands of a dispatcher. */
export async function startAttempts(sql: postgres.Sql, world: World, count = 1, failureCount = 0) {
  const messages = Array.from({ length: count }, () => ({
    to_address: freshNumber(),
    body: "Hello",
  }));
  await enqueue(sql, world, messages);
  await sql`
    update private.outbound_jobs set failure_count = ${failureCount}, attempt_count = ${failureCount}
    where workspace_id = ${world.workspaceId}`;
  const claimed = await asService(
    sql,
    (tx) => tx`select * from public.claim_outbound_jobs(${count})`,
  );
  const ids: string[] = claimed.map((row) => row.message_id);
  return { token: claimed[0]!.lease_token as string, ids, id: ids[0]! };
}

/** Claims the look-up of a message, due before anything else. */
export async function claimLookUp(sql: postgres.Sql, messageId: string) {
  await sql`select private.end_expired_leases()`;
  await sql`update private.look_ups set due_at = '2000-01-01' where message_id = ${messageId}`;
  const [lookUp] = await asService(sql, (tx) => tx`select * from public.claim_look_ups(1)`);
  return lookUp!;
}

export const record = (sql: postgres.Sql, token: string, results: Row[]) =>
  asService(
    sql,
    (tx) => tx`select * from public.record_attempts(${token}, ${tx.json(results as never)})`,
  );

export const ingest = (sql: postgres.Sql, connectionId: string, events: Row[]) =>
  asService(
    sql,
    (tx) =>
      tx`select * from public.ingest_webhook(${connectionId}, ${tx.json(events as never)}, 'x')`,
  );

export function textFrom(world: World, from: string, changes: Row = {}): Row {
  const externalId = "SM" + crypto.randomUUID();
  const to = world.phoneNumber;
  return {
    kind: "message",
    externalId,
    channel: "sms",
    from,
    to,
    text: "Hi",
    media: [],
    ...changes,
  };
}

export function receiptOf(messageId: string, status: string, externalId: string): Row {
  return { kind: "status", externalId, status, messageId, attemptNumber: 1 };
}

export async function addNumber(
  sql: postgres.Sql,
  world: World,
  capabilities: Row,
): Promise<string> {
  const phoneNumber = freshNumber();
  await sql`
    insert into public.phone_numbers (
      workspace_id, connection_id, provider, phone_number, external_id, capabilities, status, last_verified_at
    )
    values (
      ${world.workspaceId}, ${world.connectionId}, 'twilio', ${phoneNumber}, ${"PN" + phoneNumber},
      ${sql.json(capabilities as never)}, 'active', now()
    )`;
  return phoneNumber;
}

export const jobOf = async (sql: postgres.Sql, messageId: string) =>
  (await sql`
    select 'send' as step, extract(epoch from due_at - now())::float8 as wait_seconds
    from private.outbound_jobs where message_id = ${messageId}
    union all
    select 'look_up', extract(epoch from due_at - now())::float8
    from private.look_ups where message_id = ${messageId}`)[0];

export const messageOf = async (sql: postgres.Sql, messageId: string) =>
  (await sql`
    select status, error_code from public.conversation_messages where id = ${messageId}`)[0]!;

/** Waits until the statement has ended, or waits for another session. */
export async function untilSettledOrBlocked(
  sql: postgres.Sql,
  pid: number,
  statement: Promise<unknown>,
) {
  let isSettled = false;
  const settle = () => isSettled = true;
  statement.then(settle, settle);
  await eventually("the statement to end or to wait", async () => {
    const [row] = await sql`select cardinality(pg_blocking_pids(${pid})) > 0 as is_blocked`;
    return isSettled || row!.is_blocked;
  });
}

export const pidOf = async (connection: postgres.ReservedSql): Promise<number> =>
  (await connection`select pg_backend_pid() as pid`)[0]!.pid;
