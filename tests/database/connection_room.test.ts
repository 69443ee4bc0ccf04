import { assertEquals } from "@std/assert";
import { accept, claim, countOf, createSender, queueCrowd, queueTest } from "../support/claims.ts";

queueTest("eight claims at once never hold more of a connection than it allows", async (sql) => {
  const world = await createSender(sql, { maxConcurrent: 30 });
  await queueCrowd(sql, world, 300);

  const claims = await Promise.all(Array.from({ length: 8 }, () => claim(sql, 20)));

  assertEquals(claims.flat().length, 30);
  assertEquals(new Set(claims.flat().map((job) => job.messageId)).size, 30);
}, 8);

queueTest(
  "a connection is filled up as batches are recorded and as leases end, in order",
  async (sql) => {
    const world = await createSender(sql, { maxConcurrent: 20 });
    await queueCrowd(sql, world, 100);

    const first = await claim(sql, 12);
    const second = await claim(sql, 12);
    const full = await claim(sql, 12);
    await accept(sql, first.slice(0, 5));
    const third = await claim(sql, 12);
    await sql`
    update private.outbound_leases set ends_at = now() where token = ${second[0]!.leaseToken}`;
    const fourth = await claim(sql, 50);
    const rest = [];
    await accept(sql, first.slice(5));
    for (const batch of [third, fourth]) await accept(sql, batch);
    for (let claimed = await claim(sql); claimed.length > 0; claimed = await claim(sql)) {
      rest.push(...claimed);
      await accept(sql, claimed);
    }

    assertEquals([first, second, full, third, fourth].map((batch) => batch.length), [
      12,
      8,
      0,
      5,
      8,
    ]);
    const all = [...first, ...second, ...third, ...fourth, ...rest].map((job) => job.position);
    assertEquals(all, Array.from({ length: 100 }, (_, index) => index + 1));
  },
);

queueTest(
  "a full connection is cheap: those that wait for it are not taken up again and again",
  async (sql) => {
    const world = await createSender(sql, { maxConcurrent: 5 });
    await queueCrowd(sql, world, 500);
    await claim(sql);
    await claim(sql);
    const states = async () =>
      (await sql`select xmin::text, message_id from private.outbound_jobs order by message_id`)
        .map((row) => ({ ...row }));

    const before = await states();
    for (let round = 0; round < 3; round++) await claim(sql);

    assertEquals(await states(), before);
    assertEquals(before.length, 495);
  },
);

queueTest("who comes to a full connection stands behind those that wait for it", async (sql) => {
  const world = await createSender(sql, { maxConcurrent: 5 });
  await queueCrowd(sql, world, 20);
  const first = await claim(sql);
  await claim(sql);
  const late = await queueCrowd(sql, world, 3);

  await accept(sql, first);
  const next = [...await claim(sql, 3), ...await claim(sql, 3)];

  assertEquals(next.map((job) => job.position), [6, 7, 8, 9, 10]);
  assertEquals(countOf(next, (job) => late.includes(job.messageId)), 0);
});

queueTest("a cap on a connection that is gone lets all of its line go", async (sql) => {
  const world = await createSender(sql, { maxConcurrent: 5 });
  await queueCrowd(sql, world, 40);
  await claim(sql);
  await claim(sql);

  await sql`update public.connections set max_concurrent = null where id = ${world.connectionId}`;

  assertEquals((await claim(sql)).length, 35);
});

queueTest(
  "a line that two workspaces share serves both, whoever stood there first",
  async (sql) => {
    const [crowded, other] = [
      await createSender(sql, { maxConcurrent: 10 }),
      await createSender(sql),
    ];
    await queueCrowd(sql, crowded, 200);
    const held = await claim(sql, 200);
    const [late] = await queueCrowd(sql, other, 1);
    // As if both were at the operator's.
    await sql`
    update public.conversation_messages set phone_number_id = ${crowded.phoneNumberId} where id = ${late!}`;
    await claim(sql, 50);

    await accept(sql, held);
    const next = await claim(sql, 10);

    assertEquals(held.length, 10);
    assertEquals(countOf(next, (job) => job.messageId === late), 1);
  },
);
