/** Messages that a person had sent again, although the first attempt may have been taken: nothing is sent twice. */
import { attemptsOf, giveUp, letterOf, retry } from "../support/dead_letters.ts";
import {
  ingest,
  messageOf,
  pidOf,
  receiptOf,
  record,
  type Row,
  untilSettledOrBlocked,
} from "../support/engine.ts";
import { claim, countersOf, countOf, limitTest, measuredOf, rejected } from "../support/limits.ts";
import { signIn } from "../support/tenancy.ts";
import { jobOf } from "../support/waiting_messages.ts";
import { asUser } from "../support/world.ts";
import { assertEquals } from "@std/assert";

limitTest("a receipt ends the dead letter of a message that was taken after all", async (sql) => {
  const { world, id } = await giveUp(sql);

  await ingest(sql, world.connectionId, [receiptOf(id, "delivered", "SM1")]);

  assertEquals(await letterOf(sql, id), undefined);
  assertEquals((await messageOf(sql, id)).status, "delivered");
  assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
});

limitTest("a receipt for the old attempt ends a retry that waits", async (sql) => {
  const { world, id } = await giveUp(sql);
  await asUser(sql, world.ownerId, retry(id, true));

  await ingest(sql, world.connectionId, [receiptOf(id, "delivered", "SM1")]);

  assertEquals(await jobOf(sql, id), undefined);
  assertEquals((await messageOf(sql, id)).status, "delivered");
  assertEquals((await claim(sql, world)).ids, []);
  assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
  assertEquals((await countOf(sql, world)).settled, 1);
});

limitTest(
  "whatever comes of a retry in hand, a receipt for the old attempt is the one that counts",
  async (sql) => {
    const outcomes: Row[] = [
      { outcome: "accepted", external_id: "SM2", status: "sent" },
      { outcome: "rejected", error_code: "refused", owner: "provider", is_retryable: true },
      { outcome: "rejected", error_code: "rate_limited", owner: "provider" },
      { outcome: "rejected", error_code: "refused", owner: "account" },
      { outcome: "unknown" },
    ];
    for (const outcome of outcomes) {
      const { world, id } = await giveUp(sql);
      await asUser(sql, world.ownerId, retry(id, true));
      const { token } = await claim(sql, world);
      await ingest(sql, world.connectionId, [receiptOf(id, "sent", "SM1")]);

      await record(sql, token, [{ message_id: id, ...outcome }]);

      const second = outcome.outcome === "accepted" ? "unknown" : outcome.outcome;
      assertEquals(await attemptsOf(sql, id), [[1, "accepted"], [2, second]]);
      const waiting = await sql`
      select 1 from private.outbound_jobs where message_id = ${id}
      union all select 1 from private.look_ups where message_id = ${id}
      union all select 1 from public.dead_letters where message_id = ${id}`;
      assertEquals([waiting.length, (await messageOf(sql, id)).status], [0, "sent"]);
      assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
    }
  },
);

limitTest(
  "of a retry and a receipt at the same time, nothing is left to be sent twice",
  async (sql) => {
    const { world, id } = await giveUp(sql);
    const person = await sql.reserve();
    try {
      const receiving = await sql.reserve();
      const pid = await pidOf(receiving);
      await signIn(person, world.ownerId);
      await retry(id, true)(person);
      const applying = receiving`
      select * from public.ingest_webhook(
        ${world.connectionId}, ${sql.json([receiptOf(id, "sent", "SM1")] as never)}, 'x'
      )`.execute();
      await untilSettledOrBlocked(sql, pid, applying);
      await person`commit`;
      await applying;
      receiving.release();
    } finally {
      person.release();
    }

    assertEquals([await jobOf(sql, id), await letterOf(sql, id)], [undefined, undefined]);
    assertEquals(await attemptsOf(sql, id), [[1, "accepted"]]);
    assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
  },
);

limitTest("a record of the second attempt waits for the receipt of the first", async (sql) => {
  const { world, id } = await giveUp(sql);
  await asUser(sql, world.ownerId, retry(id, true));
  const { token } = await claim(sql, world);
  const [receiving, recording] = [await sql.reserve(), await sql.reserve()];
  try {
    const pid = await pidOf(recording);
    await receiving`begin`;
    await receiving`
      select * from public.ingest_webhook(
        ${world.connectionId}, ${sql.json([receiptOf(id, "sent", "SM1")] as never)}, 'x'
      )`;
    const result = { ...rejected(id, "provider"), is_retryable: true };
    const recorded = recording`
      select * from public.record_attempts(${token}, ${sql.json([result] as never)})`.execute();
    await untilSettledOrBlocked(sql, pid, recorded);
    await receiving`commit`;
    await recorded;
  } finally {
    receiving.release();
    recording.release();
  }

  assertEquals(await jobOf(sql, id), undefined);
  assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
});
