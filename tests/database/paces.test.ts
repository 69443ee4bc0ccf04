import { assert, assertEquals } from "@std/assert";
import {
  addSender,
  BURST_S,
  claim,
  type Claimed,
  countOf,
  createSender,
  drain,
  lineOf,
  passTime,
  queueCrowd,
  queueTest,
  run,
  setPace,
} from "../support/claims.ts";
import { ingest, textFrom } from "../support/engine.ts";
import { createRandom } from "../support/random.ts";
import { asUser, freshNumber } from "../support/world.ts";

/** In no stretch of time more than the pace allows, what it may run ahead, and the message it ends with. */
function assertPace(left: { leftAt: number; segmentCount: number }[], pace: number): void {
  const largest = Math.max(...left.map((job) => job.segmentCount));
  for (let first = 0; first < left.length; first++) {
    let segments = 0;
    for (let last = first; last < left.length; last++) {
      segments += left[last]!.segmentCount;
      const seconds = left[last]!.leftAt - left[first]!.leftAt;
      const most = pace * (seconds + BURST_S) + largest + 1e-6;
      assert(segments <= most, `${segments} segments in ${seconds} s at ${pace}/s`);
    }
  }
}

queueTest(
  "a sender keeps its pace in segments, sends everything, and all in order",
  async (sql) => {
    const random = createRandom(1);
    const lengths = Array.from({ length: 150 }, () => random.integer(1, 4));
    const world = await createSender(sql, { pace: 10 });
    await queueCrowd(sql, world, lengths.length, {
      segments: (position) => lengths[position - 1]!,
    });

    const left = await run(sql, { steps: 60, stepS: () => random.pick([0.1, 0.5, 1, 2, 4]) });

    assertPace(left, 10);
    assertEquals(left.map((job) => job.position), lengths.map((_, index) => index + 1));
    assertEquals(left.map((job) => job.segmentCount), lengths);
    assertEquals((await sql`select from private.outbound_jobs`).length, 0);
    assertEquals((await lineOf(sql, world.phoneNumberId))!.wakes_in_s, null);
  },
);

queueTest("what a slow sender holds delays no other sender of its connection", async (sql) => {
  const world = await createSender(sql, { pace: 0.1 });
  const quick = await addSender(sql, world, 1_000);
  const slow = await queueCrowd(sql, world, 200, { from: world.phoneNumber });
  await queueCrowd(sql, world, 200, { from: quick.phoneNumber });

  const left = await drain(sql);

  assertEquals(countOf(left, (job) => job.fromAddress === quick.phoneNumber), 200);
  const [row] = await sql`
    select count(*)::integer as count from private.outbound_jobs where message_id = any (${slow})`;
  assertEquals([row!.count, countOf(left, (job) => job.fromAddress === world.phoneNumber)], [
    199,
    1,
  ]);
});

queueTest(
  "WhatsApp has a pace of its own: 80 messages a second, whatever the number sends texts at",
  async (sql) => {
    const world = await createSender(sql, { pace: 1 });
    await sql`
    update public.phone_numbers set capabilities = capabilities || '{"whatsapp": true}'
    where id = ${world.phoneNumberId}`;
    const contact = freshNumber();
    await ingest(sql, world.connectionId, [textFrom(world, contact, { channel: "whatsapp" })]);
    const messages = Array.from({ length: 1_000 }, () => ({
      channel: "whatsapp",
      to_address: contact,
      body: "Hello",
    }));
    const rows = await asUser(
      sql,
      world.memberId,
      (tx) => tx`select * from public.enqueue_messages(${world.workspaceId}, ${tx.json(messages)})`,
    );
    assertEquals(rows.filter((row) => row.error_code), []);

    const burst = await claim(sql, 1_000);
    await passTime(sql, 2);
    const later = await claim(sql, 1_000);

    assertEquals(burst.length, 80 * BURST_S + 1);
    const seconds = 2 + later[0]!.claimedAt - burst[0]!.claimedAt;
    assert(Math.abs(later.length - 80 * seconds) <= 2, `${later.length} in ${seconds} s`);
  },
);

queueTest("a pace that is raised holds from then on for those that wait already", async (sql) => {
  const world = await createSender(sql, { pace: 0.01 });
  await queueCrowd(sql, world, 60);
  const before = await drain(sql);
  await passTime(sql, 10);
  const still = await drain(sql);

  await asUser(
    sql,
    world.adminId,
    (tx) =>
      tx`update public.phone_numbers set messages_per_second = 10 where id = ${world.phoneNumberId}`,
  );
  await passTime(sql, 1);
  const after = await run(sql, { steps: 8, stepS: () => 1 });

  assertEquals([before.length, still.length], [1, 0]);
  assertPace(after, 10);
  assertEquals(
    after.map((job) => job.position),
    Array.from({ length: 59 }, (_, index) => index + 2),
  );
});

queueTest("a pace that is lowered holds for what has not left yet", async (sql) => {
  const world = await createSender(sql, { pace: 10 });
  await queueCrowd(sql, world, 100);
  await drain(sql);

  await setPace(sql, world.phoneNumberId, 1);
  const left = await run(sql, { steps: 20, stepS: () => 1 });

  assertPace(left, 1);
  assert(left.length >= 15, `${left.length} left`);
});

queueTest("no pace that somebody enters stops the claims of others", async (sql) => {
  const [odd, other] = [await createSender(sql), await createSender(sql)];
  for (const pace of ["1e-300", "1e300", "0.0000001", "1e-2000"]) {
    await setPace(sql, odd.phoneNumberId, pace);
    await queueCrowd(sql, odd, 3);
    const ids = await queueCrowd(sql, other, 3);

    const left = await drain(sql);

    assertEquals(countOf(left, (job) => ids.includes(job.messageId)), 3, pace);
  }
});

queueTest("eight claims at once keep a sender's pace", async (sql) => {
  const world = await createSender(sql, { pace: 10 });
  await queueCrowd(sql, world, 600);

  const claimed: Claimed[] = [];
  for (let round = 0; round < 4; round++) {
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim(sql, 50)));
    claimed.push(...claims.flat());
    await passTime(sql, 1);
  }

  const times = claimed.map((job) => job.claimedAt);
  const seconds = 3 + Math.max(...times) - Math.min(...times);
  assert(claimed.length <= 10 * (seconds + BURST_S) + 1, `${claimed.length} in ${seconds} s`);
  assert(claimed.length >= 10 * (3 + BURST_S) - 10, `${claimed.length} in ${seconds} s`);
  assertEquals(new Set(claimed.map((job) => job.messageId)).size, claimed.length);
}, 8);
