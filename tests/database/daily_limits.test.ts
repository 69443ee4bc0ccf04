import { assert, assertEquals } from "@std/assert";
import { createSender, drain, lineOf, passTime, queueCrowd, queueTest } from "../support/claims.ts";
import type postgres from "postgres";

const secondsToMidnight = async (sql: postgres.Sql): Promise<number> =>
  (await sql`
    select extract(epoch from date_trunc('day', now(), 'UTC') + interval '1 day' - now())::float8 as seconds`)[
    0
  ]!
    .seconds;

/** As if it were the next day (UTC). */
async function passMidnight(sql: postgres.Sql): Promise<void> {
  await passTime(sql, 86_400);
  await sql`update private.sender_clocks set day = day - 1 where true`;
}

queueTest(
  "beyond its daily limit a sender waits for the next day (UTC), then goes on in order",
  async (sql) => {
    const world = await createSender(sql, { pace: 10_000, dailyLimit: 10 });
    await queueCrowd(sql, world, 12, { segments: (position) => position === 8 ? 3 : 1 });

    const today = await drain(sql);
    await passTime(sql, 60);
    const later = await drain(sql);
    const line = await lineOf(sql, world.phoneNumberId);
    const untilMidnight = await secondsToMidnight(sql);
    await passMidnight(sql);
    const tomorrow = await drain(sql);

    assertEquals(today.map((job) => job.position), [1, 2, 3, 4, 5, 6, 7, 8]);
    assertEquals(later, []);
    assert(Math.abs(line!.wakes_in_s + 60 - untilMidnight) < 5, `wakes in ${line!.wakes_in_s} s`);
    assertEquals(tomorrow.map((job) => job.position), [9, 10, 11, 12]);
    assertEquals((await lineOf(sql, world.phoneNumberId))!.day_count, 4);
  },
);

queueTest(
  "a message of more segments than a day may have goes alone, as the first of a day",
  async (sql) => {
    const world = await createSender(sql, { pace: 10_000, dailyLimit: 2 });
    await queueCrowd(sql, world, 3, { segments: (position) => position === 2 ? 4 : 1 });

    const days = [];
    for (let day = 0; day < 3; day++) {
      days.push((await drain(sql)).map((job) => job.position));
      await passMidnight(sql);
    }

    assertEquals(days, [[1], [2], [3]]);
  },
);

queueTest(
  "a daily limit that is raised, or gone, lets those go that waited for the next day",
  async (sql) => {
    const world = await createSender(sql, { pace: 10_000, dailyLimit: 3 });
    await queueCrowd(sql, world, 12);
    const counts = [(await drain(sql)).length];
    for (const limit of [7, null]) {
      await sql`update public.phone_numbers set daily_limit = ${limit} where id = ${world.phoneNumberId}`;
      counts.push((await drain(sql)).length);
    }

    assertEquals(counts, [3, 4, 5]);
  },
);
