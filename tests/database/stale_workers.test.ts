import { assert, assertEquals } from "@std/assert";
import { queueTest } from "../support/claims.ts";
import {
  claimLookUp,
  enqueue,
  ingest,
  receiptOf,
  record,
  type Row,
  startAttempts,
} from "../support/engine.ts";
import { readWholeRows } from "../support/whole_rows.ts";
import { asService, asUser, createWorld, freshNumber, type World } from "../support/world.ts";
import type postgres from "postgres";

interface Stale {
  world: World;
  token: string;
  id: string;
}

/** Everything that a worker could say that comes back after its lease was lost. */
const CLAIMS: Row[] = [
  {
    outcome: "accepted",
    external_id: "SM-stale",
    status: "delivered",
    price: 1,
    price_currency: "USD",
  },
  { outcome: "unknown" },
  {
    outcome: "rejected",
    error_code: "provider_unavailable",
    is_retryable: true,
    owner: "provider",
  },
  { outcome: "rejected", error_code: "rate_limited", is_retryable: true, retry_after_ms: 60_000 },
  { outcome: "rejected", error_code: "recipient_opted_out", owner: "recipient" },
  { outcome: "rejected", error_code: "internal", is_retryable: true },
];

const extend = async (sql: postgres.Sql, token: string) =>
  (await asService(sql, (tx) => tx`select public.extend_lease(${token}) as is_held`))[0]!.is_held;

/** A message in the hands of a worker, of a workspace in which what nobody knows is sent again. */
async function handOver(sql: postgres.Sql): Promise<Stale> {
  const world = await createWorld(sql);
  await sql`
    insert into public.outcome_policies (workspace_id, message_class, on_unknown)
    values (${world.workspaceId}, 'conversation', 'resend')`;
  const { token, id } = await startAttempts(sql, world);
  return { world, token, id };
}

/** The worker stands still for so long that somebody else takes its lease away. */
async function loseLease(sql: postgres.Sql, { token }: Stale): Promise<void> {
  await sql`update private.outbound_leases set ends_at = now() where token = ${token}`;
  await asService(sql, (tx) => tx`select 1 from public.claim_outbound_jobs(1)`);
}

/** Asks the provider, as a look-up does, and records what it says. */
async function lookUp(sql: postgres.Sql, { id }: Stale, result: Row): Promise<void> {
  await sql`
    update public.message_attempts set started_at = started_at - interval '1 hour' where message_id = ${id}`;
  const { lease_token } = await claimLookUp(sql, id);
  await record(sql, lease_token, [{ message_id: id, ...result }]);
}

async function claimAgain(sql: postgres.Sql, { world, id }: Stale) {
  await sql`update private.outbound_jobs set due_at = now() where message_id = ${id} and turn is null`;
  const [job] = await asService(
    sql,
    (tx) => tx`select lease_token, message_id, attempt_number from public.claim_outbound_jobs(1)`,
  );
  assertEquals([job?.message_id, job?.attempt_number], [id, 2], world.workspaceId);
  return job!.lease_token as string;
}

/** What became of the message while its first worker stood still. */
const MEANWHILE: Record<string, (sql: postgres.Sql, stale: Stale) => Promise<unknown>> = {
  "its outcome is to be looked up": loseLease,
  "it is being looked up": async (sql, stale) => {
    await loseLease(sql, stale);
    await claimLookUp(sql, stale.id);
  },
  "it was found to be sent": async (sql, stale) => {
    await loseLease(sql, stale);
    await lookUp(sql, stale, { outcome: "accepted", external_id: "SM1", status: "sent" });
  },
  "it waits to be sent again": async (sql, stale) => {
    await loseLease(sql, stale);
    await lookUp(sql, stale, { outcome: "unknown" });
  },
  "a newer attempt is under way": async (sql, stale) => {
    await loseLease(sql, stale);
    await lookUp(sql, stale, { outcome: "unknown" });
    await claimAgain(sql, stale);
  },
  "a newer attempt was accepted": async (sql, stale) => {
    await loseLease(sql, stale);
    await lookUp(sql, stale, { outcome: "unknown" });
    const token = await claimAgain(sql, stale);
    await record(sql, token, [{ message_id: stale.id, outcome: "accepted", external_id: "SM2" }]);
  },
  "a receipt came": async (sql, stale) => {
    await loseLease(sql, stale);
    await ingest(sql, stale.world.connectionId, [receiptOf(stale.id, "delivered", "SM1")]);
  },
  "it ended as a dead letter": async (sql, stale) => {
    await sql`
      update public.outcome_policies set on_unknown = 'hold' where workspace_id = ${stale.world.workspaceId}`;
    await loseLease(sql, stale);
    await lookUp(sql, stale, { outcome: "unknown" });
  },
  "its dead letter was retried and is under way": async (sql, stale) => {
    await MEANWHILE["it ended as a dead letter"]!(sql, stale);
    await asUser(
      sql,
      stale.world.adminId,
      (tx) => tx`select public.retry_message(${stale.id}, true)`,
    );
    await claimAgain(sql, stale);
  },
  "its dead letter was given up": async (sql, stale) => {
    await MEANWHILE["it ended as a dead letter"]!(sql, stale);
    await asUser(
      sql,
      stale.world.adminId,
      (tx) => tx`select public.cancel_message(${stale.id})`,
    );
  },
};

for (const [state, arrange] of Object.entries(MEANWHILE)) {
  queueTest(`a worker that comes back changes nothing: ${state}`, async (sql) => {
    const stale = await handOver(sql);
    await arrange(sql, stale);
    const before = await readWholeRows(sql, stale.world.workspaceId);

    const answers = [];
    for (const result of CLAIMS) {
      answers.push(...await record(sql, stale.token, [{ message_id: stale.id, ...result }]));
    }
    const isHeld = await extend(sql, stale.token);

    assertEquals(
      answers.map((row) => [row.message_id, row.is_recorded]),
      CLAIMS.map(() => [stale.id, false]),
    );
    assertEquals(isHeld, false);
    assert(before.some((line) => line.startsWith("message_attempts ")));
    assertEquals(await readWholeRows(sql, stale.world.workspaceId), before);
  });
}

queueTest(
  "a worker's word on what it does not hold changes nothing, whoever holds it",
  async (sql) => {
    const world = await createWorld(sql);
    const [mine, others] = [await startAttempts(sql, world), await startAttempts(sql, world)];
    const [waiting] = await enqueue(sql, world, [{ to_address: freshNumber(), body: "Hello" }]);
    const before = await readWholeRows(sql, world.workspaceId);

    const answers = await record(
      sql,
      mine.token,
      [others.id, waiting!.message_id, crypto.randomUUID()]
        .map((message_id) => ({ message_id, outcome: "accepted", external_id: "SM1" })),
    );

    assertEquals(answers.map((row) => row.is_recorded), [false, false, false]);
    const unchanged = (lines: string[]) =>
      lines.filter((line) => !line.startsWith("private.outbound_leases "));
    assertEquals(unchanged(await readWholeRows(sql, world.workspaceId)), unchanged(before));
  },
);

queueTest("of two that record the same lease at once one is heard", async (sql) => {
  const world = await createWorld(sql);
  const { token, id } = await startAttempts(sql, world);

  const answers = await Promise.all(
    ["SM1", "SM2", "SM3", "SM4"].map((external_id) =>
      record(sql, token, [{ message_id: id, outcome: "accepted", external_id }])
    ),
  );

  assertEquals(answers.flat().filter((row) => row.is_recorded).length, 1);
  const [used] = await sql`
    select settled_count::integer from public.usage_counters where workspace_id = ${world.workspaceId}`;
  assertEquals(used!.settled_count, 1);
});

queueTest(
  "a lease that has ended but that nobody took is still its worker's to record, not to extend",
  async (sql) => {
    const { token, id } = await handOver(sql);
    await sql`update private.outbound_leases set ends_at = now() where token = ${token}`;

    const isHeld = await extend(sql, token);
    const [answer] = await record(sql, token, [{
      message_id: id,
      outcome: "accepted",
      external_id: "SM1",
    }]);
    await asService(sql, (tx) => tx`select 1 from public.claim_outbound_jobs(1)`);

    assertEquals([isHeld, answer!.is_recorded], [false, true]);
    const [attempt] =
      await sql`select outcome from public.message_attempts where message_id = ${id}`;
    assertEquals(attempt!.outcome, "accepted");
  },
);
