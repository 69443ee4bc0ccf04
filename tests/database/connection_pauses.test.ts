import { databaseTest, jobOf, record, startAttempts } from "../support/engine.ts";
import { healthOf, LIMITED, open } from "../support/breakers.ts";
import { addRoute, claim, queueOne, refuseOne } from "../support/routing.ts";
import { asRole } from "../support/stack.ts";
import { createWorld } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";

databaseTest(
  "a 429 pauses the connection as long as asked, without opening it or using up a try",
  async (sql) => {
    const world = await createWorld(sql);
    const other = await queueOne(sql, world);
    await sql`update private.outbound_jobs set turn = null, due_at = now() + interval '1 hour' where message_id = ${other}`;
    const id = await refuseOne(sql, world, {}, { ...LIMITED, retry_after_ms: 120_000 });

    const health = (await healthOf(sql, world.connectionId))!;
    const [limited] = await sql`
      select attempt_count, failure_count, extract(epoch from due_at - now())::float8 as wait_seconds
      from private.outbound_jobs where message_id = ${id}`;
    await sql`update private.outbound_jobs set due_at = now() where message_id = ${other}`;
    const claimed = await claim(sql, [other]);

    assertEquals([health.state, health.failure_count], ["closed", 0]);
    assert(health.paused_for_seconds > 110 && health.paused_for_seconds <= 120);
    assertEquals([limited!.attempt_count, limited!.failure_count], [1, 0]);
    assert(limited!.wait_seconds > 110, `waits ${limited!.wait_seconds} s`);
    assertEquals([...claimed], []);
    const { wait_seconds } = (await jobOf(sql, other))!;
    assert(wait_seconds > 110 && wait_seconds <= 120, `waits ${wait_seconds} s`);
  },
);

databaseTest("a pause ends by itself, and a shorter one does not cut it", async (sql) => {
  const world = await createWorld(sql);
  const { token, ids } = await startAttempts(sql, world, 2);
  for (const [index, retry_after_ms] of [120_000, 5_000].entries()) {
    await record(sql, token, [{ message_id: ids[index]!, ...LIMITED, retry_after_ms }]);
  }
  const { paused_for_seconds } = (await healthOf(sql, world.connectionId))!;
  await sql`
    update public.connection_health set paused_until = now() where connection_id = ${world.connectionId}`;
  const id = await queueOne(sql, world);

  assert(paused_for_seconds > 110, `${paused_for_seconds} s`);
  assertEquals((await claim(sql, [id])).length, 1);
});

databaseTest("members see the breakers of their workspace's connections alone", async (sql) => {
  const [world, other] = [await createWorld(sql), await createWorld(sql)];
  const personal = await addRoute(sql, world, { isPersonal: true });
  await open(sql, world);
  await sql`insert into public.connection_health (connection_id) values (${personal.connectionId})`;
  const seenBy = async (userId: string) => {
    const rows = await asRole(
      sql,
      "authenticated",
      userId,
      (tx) =>
        tx`select connection_id, state, last_error_code from public.connection_health
          where connection_id in (${world.connectionId}, ${personal.connectionId})
          order by state`,
    );
    return rows.map((row) => [row.connection_id, row.state, row.last_error_code]);
  };

  const shared = [world.connectionId, "open", "provider_unavailable"];
  assertEquals(await seenBy(other.ownerId), []);
  assertEquals(await seenBy(world.adminId), [shared]);
  assertEquals(await seenBy(world.memberId), [[personal.connectionId, "closed", null], shared]);
});
