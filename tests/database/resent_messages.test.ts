/** A message that is sent again, as its policy asks, and then turns out to have been taken at first. */
import {
  claimLookUp,
  databaseTest,
  enqueue,
  ingest,
  jobOf,
  messageOf,
  pidOf,
  receiptOf,
  record,
  type Row,
  untilSettledOrBlocked,
} from "../support/engine.ts";
import { asService, createWorld, freshNumber } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const claim = async (sql: postgres.Sql) =>
  (await asService(sql, (tx) => tx`select * from public.claim_outbound_jobs(1)`))[0]!;

/** A code whose second hand-over is under way. */
async function resend(sql: postgres.Sql) {
  const world = await createWorld(sql);
  const [row] = await enqueue(sql, world, [
    { to_address: freshNumber(), body: "123456", message_class: "one_time_code" },
  ]);
  const id: string = row!.message_id;
  const first = await claim(sql);
  await record(sql, first.lease_token, [{ message_id: id, outcome: "unknown" }]);
  await sql`
    update public.message_attempts set started_at = now() - interval '1 minute' where message_id = ${id}`;
  const lookUp = await claimLookUp(sql, id);
  await record(sql, lookUp.lease_token, [{ message_id: id, outcome: "unknown" }]);
  await sql`select private.ready_jobs(1000)`;
  await sql`update private.outbound_jobs set turn = ${-Date.now()} where message_id = ${id}`;
  const second = await claim(sql);
  assertEquals([second.message_id, second.attempt_number], [id, 2]);
  return { world, id, token: second.lease_token as string };
}

const OUTCOMES: Record<string, Row> = {
  "has to wait": { outcome: "rejected", error_code: "rate_limited", is_retryable: true },
  "is refused for now": { outcome: "rejected", error_code: "internal", is_retryable: true },
  "is refused for good": { outcome: "rejected", error_code: "content_refused", owner: "caller" },
  "is refused for the account's sake": {
    outcome: "rejected",
    error_code: "permission_missing",
    owner: "account",
  },
  "nobody knows of": { outcome: "unknown" },
};

for (const [what, outcome] of Object.entries(OUTCOMES)) {
  databaseTest(
    `a code that was taken at first is done with, although its second hand-over ${what}`,
    async (sql) => {
      const { world, id, token } = await resend(sql);
      await ingest(sql, world.connectionId, [receiptOf(id, "queued", "SM1")]);

      await record(sql, token, [{ message_id: id, ...outcome }]);

      assertEquals(await jobOf(sql, id), undefined);
      assertEquals((await messageOf(sql, id)).status, "queued");
      const letters = await sql`select from public.dead_letters where message_id = ${id}`;
      assertEquals(letters.length, 0);
      const attempts = await sql`
        select outcome from public.message_attempts where message_id = ${id} order by attempt_number`;
      assertEquals(attempts.map((attempt) => attempt.outcome), ["accepted", outcome.outcome]);
    },
  );
}

databaseTest(
  "of a receipt for the first hand-over and the end of the second one, one waits for the other",
  async (sql) => {
    const { world, id, token } = await resend(sql);
    const [receipt, recorder] = [await sql.reserve(), await sql.reserve()];
    const pid = await pidOf(recorder);
    const event = sql.json([receiptOf(id, "queued", "SM1")] as never);
    const result = sql.json([{ message_id: id, ...OUTCOMES["has to wait"] }] as never);
    try {
      await receipt`begin`;
      await receipt`select * from public.ingest_webhook(${world.connectionId}, ${event}, 'x')`;

      const recording = recorder`select * from public.record_attempts(${token}, ${result})`
        .execute();
      await untilSettledOrBlocked(sql, pid, recording);
      await receipt`commit`;
      await recording;

      assertEquals(await jobOf(sql, id), undefined);
    } finally {
      receipt.release();
      recorder.release();
    }
  },
);
