import { assertEquals } from "@std/assert";
import { databaseTest, type Row } from "../support/engine.ts";
import { localTime, readSchedule } from "../support/scheduling.ts";
import { createWorld } from "../support/world.ts";
import type postgres from "postgres";

/** What the wall clock shows at the occurrences that follow the first, up to `most` of them. */
async function follow(sql: postgres.Sql, first: string, recurrence: Row, most = 4) {
  const shown: string[] = [];
  let at: string | null = first;
  const monthDay = recurrence.every === "month" ? Number(first.slice(8, 10)) : null;
  while (shown.length < most) {
    const [row]: postgres.Row[] = await sql`
      select to_char(
        private.next_local_time(${
      sql.json(recurrence as never)
    }, ${monthDay}::smallint, ${at}::timestamp),
        'YYYY-MM-DD HH24:MI'
      ) as at`;
    at = row!.at;
    if (at === null) break;
    shown.push(at);
  }
  return shown;
}

databaseTest("what recurs every day or every third keeps its time of day", async (sql) => {
  assertEquals(await follow(sql, "2027-02-27 09:30", { every: "day" }, 3), [
    "2027-02-28 09:30",
    "2027-03-01 09:30",
    "2027-03-02 09:30",
  ]);
  assertEquals(await follow(sql, "2027-02-27 09:30", { every: "day", interval: 3 }, 2), [
    "2027-03-02 09:30",
    "2027-03-05 09:30",
  ]);
});

databaseTest(
  "what recurs on weekdays takes each of them, then the next week that counts",
  async (sql) => {
    const weekdays = ["friday", "monday", "wednesday"];
    // A Wednesday.
    const first = "2027-01-06 09:00";

    assertEquals(await follow(sql, first, { every: "week" }, 2), [
      "2027-01-13 09:00",
      "2027-01-20 09:00",
    ]);
    assertEquals(await follow(sql, first, { every: "week", weekdays }), [
      "2027-01-08 09:00",
      "2027-01-11 09:00",
      "2027-01-13 09:00",
      "2027-01-15 09:00",
    ]);
    assertEquals(await follow(sql, first, { every: "week", interval: 2, weekdays }), [
      "2027-01-08 09:00",
      "2027-01-18 09:00",
      "2027-01-20 09:00",
      "2027-01-22 09:00",
    ]);
    assertEquals(
      await follow(sql, "2027-01-10 09:00", { every: "week", weekdays: ["sunday"] }, 2),
      ["2027-01-17 09:00", "2027-01-24 09:00"],
    );
  },
);

databaseTest("the 31st falls to the last day of a shorter month, and comes back", async (sql) => {
  assertEquals(await follow(sql, "2027-10-31 18:00", { every: "month" }, 6), [
    "2027-11-30 18:00",
    "2027-12-31 18:00",
    "2028-01-31 18:00",
    "2028-02-29 18:00",
    "2028-03-31 18:00",
    "2028-04-30 18:00",
  ]);
  assertEquals(await follow(sql, "2027-11-29 18:00", { every: "month", interval: 3 }, 3), [
    "2028-02-29 18:00",
    "2028-05-29 18:00",
    "2028-08-29 18:00",
  ]);
});

databaseTest("until names the last day", async (sql) => {
  const until = "2027-03-03";

  assertEquals(await follow(sql, "2027-03-01 23:59", { every: "day", until }), [
    "2027-03-02 23:59",
    "2027-03-03 23:59",
  ]);
  assertEquals(await follow(sql, "2027-03-03 00:00", { every: "day", until }), []);
});

databaseTest("the wall clock shows the same time before and after it is changed", async (sql) => {
  const rows = await sql`
    select private.latest_instant(
      private.next_local_time('{"every": "day"}', null, d.local_at::timestamp), '{America/New_York}'
    ) - private.latest_instant(d.local_at::timestamp, '{America/New_York}') = d.length::interval as is_right
    from (values
      ('2027-03-13 09:00', '23 hours'), ('2027-11-06 09:00', '25 hours'), ('2027-06-06 09:00', '24 hours')
    ) as d (local_at, length)`;

  assertEquals(rows.map((row) => row.is_right), [true, true, true]);
});

databaseTest("the first occurrence is the first weekday that counts", async (sql) => {
  const world = await createWorld(sql);
  const scheduled_at = await localTime(sql, 5, "09:00:00");
  const [named] = await sql`
    select trim(to_char(current_date + 7, 'day')) as weekday, (current_date + 7)::text as day`;

  const reading = await readSchedule(sql, world, {
    scheduled_at,
    time_zone: "America/New_York",
    recurrence: { every: "week", weekdays: [named!.weekday] },
  });

  assertEquals(reading.local_at, `${named!.day} 09:00:00`);
});

databaseTest(
  "what recurs without a time zone hangs on the workspace's, and waits even if it is due",
  async (sql) => {
    const world = await createWorld(sql);
    await sql`update public.workspaces set timezone = 'Asia/Tokyo' where id = ${world.workspaceId}`;
    const [now] = await sql`
    select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at`;

    const later = await readSchedule(sql, world, {
      scheduled_at: await localTime(sql, 5, "20:00:00Z"),
      recurrence: { every: "day" },
    });
    const due = await readSchedule(sql, world, {
      scheduled_at: now!.at,
      recurrence: { every: "day" },
    });

    assertEquals([later.time_zone, later.local_at.slice(11)], ["Asia/Tokyo", "05:00:00"]);
    assertEquals([due.is_kept, due.due_at === null, due.is_ahead], [true, false, false]);
  },
);
