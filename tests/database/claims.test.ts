import { assertEquals } from "@std/assert";
import {
  accept,
  claim,
  type Claimed,
  createSender,
  queueCrowd,
  queueTest,
} from "../support/claims.ts";
import { createRandom } from "../support/random.ts";
import { connectToDatabase } from "../support/stack.ts";
import { asService, type World } from "../support/world.ts";
import type postgres from "postgres";

/** Together they make the planner choose every way to join and to look up. */
const PLANNER_SWITCHES = [
  "enable_hashjoin",
  "enable_mergejoin",
  "enable_material",
  "enable_indexscan",
  "enable_bitmapscan",
  "enable_seqscan",
];

/** Holds a transaction open in which the queue is still as it was, so that no dead row can go. */
async function whileHeldOpen(sql: postgres.Sql, work: () => Promise<void>): Promise<void> {
  const holder = await sql.reserve();
  try {
    await holder`begin isolation level repeatable read`;
    await holder`select count(*) from private.outbound_jobs`;
    await work();
  } finally {
    await holder`rollback`;
    holder.release();
  }
}

/** Attempts that were begun, and jobs that are left, whatever a claim says it took. */
async function taken(sql: postgres.Sql, world: World) {
  const [row] = await sql`
    select
      (
        select count(*)::integer from public.message_attempts as a
        join public.conversation_messages as m on m.id = a.message_id
        where a.workspace_id = ${world.workspaceId} and a.outcome is null and m.message_class = 'one_time_code'
      ) as attempt_count,
      (
        select count(*)::integer from private.outbound_jobs where workspace_id = ${world.workspaceId}
      ) as job_count`;
  return row!;
}

queueTest(
  "a claim keeps its limit while an old transaction is open and the queue was analysed empty",
  async (sql) => {
    const world = await createSender(sql);
    await sql`analyze private.outbound_jobs`;
    await whileHeldOpen(sql, async () => {
      await queueCrowd(sql, world, 3_300, { messageClass: "one_time_code" });
      let left = 3_300;
      // Each on a connection of its own, which plans with what is known now.
      for (const limit of [1, 50, 1_000, 1, 50, 1_000]) {
        const fresh = connectToDatabase(1);
        try {
          const claimed = await claim(fresh, limit);
          left -= limit;
          assertEquals(claimed.length, limit);
          assertEquals({ ...await taken(sql, world) }, { attempt_count: limit, job_count: left });
          await accept(fresh, claimed);
        } finally {
          await fresh.end();
        }
      }
    });
  },
);

queueTest("a claim keeps its limit by whatever plan the database chooses", async (sql) => {
  const world = await createSender(sql);
  await sql`analyze private.outbound_jobs`;
  await queueCrowd(sql, world, 800, { messageClass: "one_time_code" });
  const single = connectToDatabase(1);
  try {
    for (let switches = 0; switches < 2 ** PLANNER_SWITCHES.length; switches++) {
      const off = PLANNER_SWITCHES.filter((_, index) => switches & (1 << index));
      await single`discard plans`;
      const claimed = await asService(single, async (tx) => {
        for (const name of off) await tx.unsafe(`set local ${name} = off`);
        return await tx`select * from public.claim_outbound_jobs(7)`;
      });
      assertEquals(claimed.length, 7, `without ${off}`);
    }
  } finally {
    await single.end();
  }
  const { attempt_count, job_count } = await taken(sql, world);
  assertEquals([attempt_count, job_count], [64 * 7, 800 - 64 * 7]);
});

queueTest(
  "the lines keep to a connection's room by whatever plan the database chooses",
  async (sql) => {
    const world = await createSender(sql, { maxConcurrent: 3 });
    await queueCrowd(sql, world, 250);
    await accept(sql, await claim(sql, 1_000));
    const single = connectToDatabase(1);
    try {
      for (let switches = 0; switches < 2 ** PLANNER_SWITCHES.length; switches++) {
        const off = PLANNER_SWITCHES.filter((_, index) => switches & (1 << index));
        await single`discard plans`;
        const readyCount = await asService(single, async (tx) => {
          await tx`reset role`;
          for (const name of off) await tx.unsafe(`set local ${name} = off`);
          await tx`select private.ready_jobs(1000)`;
          return (await tx`select from private.outbound_jobs where turn is not null`).length;
        });
        assertEquals(readyCount, 3, `without ${off}`);
        await accept(single, await claim(single, 50));
      }
    } finally {
      await single.end();
    }
  },
);

queueTest(
  "eight workers at once share everything out, each message to one, within the limits",
  async (sql) => {
    const random = createRandom(4);
    const worlds = [await createSender(sql), await createSender(sql), await createSender(sql)];
    const queued: string[] = [];
    for (const world of worlds) queued.push(...await queueCrowd(sql, world, 800));
    const claims: { limit: number; claimed: Claimed[] }[] = [];
    let isQueueing = true;

    const work = async () => {
      for (;;) {
        const isLast = !isQueueing;
        const limit = random.pick([1, 20, 50]);
        const claimed = await claim(sql, limit);
        claims.push({ limit, claimed });
        await accept(sql, claimed);
        if (claimed.length === 0 && isLast) return;
      }
    };
    const queueMore = async () => {
      for (let round = 0; round < 12; round++) {
        const ids = await queueCrowd(sql, random.pick(worlds), 25);
        queued.push(...ids);
        // Some wait for their time, which comes at once.
        await sql`
        update private.outbound_jobs set turn = null, due_at = now()
        where message_id = any (array(
          select j.message_id from private.outbound_jobs as j where j.message_id = any (${
          ids.slice(0, 10)
        })
          for update skip locked
        ))`;
      }
      isQueueing = false;
    };
    await sql`analyze private.outbound_jobs`;
    await whileHeldOpen(sql, async () => {
      await Promise.all([queueMore(), ...Array.from({ length: 8 }, work)]);
    });

    const over = claims.filter(({ limit, claimed }) => claimed.length > limit);
    const ids = claims.flatMap(({ claimed }) => claimed.map((job) => job.messageId));
    assertEquals(over, []);
    assertEquals(new Set(ids).size, ids.length);
    assertEquals(ids.toSorted(), queued.toSorted());
    const [attempts] = await sql`
    select count(*)::integer as count, max(attempt_number)::integer as highest, bool_and(outcome = 'accepted') as is_accepted
    from public.message_attempts where message_id = any (${queued})`;
    assertEquals({ ...attempts }, { count: queued.length, highest: 1, is_accepted: true });
  },
  12,
);
