import { assert, assertEquals } from "@std/assert";
import { databaseTest } from "../support/engine.ts";
import {
  BERLIN,
  HONOLULU,
  localTime,
  NEW_YORK,
  NOWHERE,
  numberIn,
  readSchedule,
} from "../support/scheduling.ts";
import { refusalAs } from "../support/tenancy.ts";
import { asUser, createAccount, createWorld, type World } from "../support/world.ts";
import type postgres from "postgres";

/** When a text to the address may leave that wants to leave at `at`; undefined: then. */
async function quietUntil(
  sql: postgres.Sql,
  world: World,
  address: string,
  at: string,
  channel = "sms",
): Promise<string | undefined> {
  const [row] = await sql`
    select private.quiet_until(${world.workspaceId}, ${channel}, ${address}, ${at}::timestamptz) as until`;
  return row!.until?.toISOString();
}

const setHours = (sql: postgres.Sql, world: World, starts: string, ends: string) =>
  asUser(sql, world.adminId, (tx) =>
    tx`
    insert into public.quiet_hours (workspace_id, starts_at, ends_at)
    values (${world.workspaceId}, ${starts}, ${ends})
    on conflict (workspace_id) do update set starts_at = excluded.starts_at, ends_at = excluded.ends_at`);

databaseTest(
  "from nine in the evening to eight in the morning it is quiet, also past midnight",
  async (sql) => {
    const world = await createWorld(sql);
    const to = numberIn(NEW_YORK);
    const until = (time: string) => quietUntil(sql, world, to, `${time}-05:00`);

    assertEquals(await until("2027-01-12 20:59:59"), undefined);
    assertEquals(await until("2027-01-12 21:00"), "2027-01-13T13:00:00.000Z");
    assertEquals(await until("2027-01-13 03:00"), "2027-01-13T13:00:00.000Z");
    assertEquals(await until("2027-01-13 07:59:59"), "2027-01-13T13:00:00.000Z");
    assertEquals(await until("2027-01-13 08:00"), undefined);
  },
);

databaseTest("the end is eight by the clock of the morning after it was changed", async (sql) => {
  const world = await createWorld(sql);
  const to = numberIn(NEW_YORK);

  const forward = await quietUntil(sql, world, to, "2027-03-13 22:00-05:00");
  const back = await quietUntil(sql, world, to, "2027-11-06 22:00-04:00");

  assertEquals(forward, "2027-03-14T12:00:00.000Z");
  assertEquals(back, "2027-11-07T13:00:00.000Z");
});

databaseTest("the same instant is quiet here and not there", async (sql) => {
  const world = await createWorld(sql);
  const at = "2027-01-12 12:00+00:00";

  assertEquals(await quietUntil(sql, world, numberIn(BERLIN), at), undefined);
  assertEquals(await quietUntil(sql, world, numberIn(NEW_YORK), at), "2027-01-12T13:00:00.000Z");
  assertEquals(await quietUntil(sql, world, numberIn(HONOLULU), at), "2027-01-12T18:00:00.000Z");
});

databaseTest("a workspace has hours of its own, within a day too", async (sql) => {
  const world = await createWorld(sql);
  const to = numberIn(NEW_YORK);
  await setHours(sql, world, "12:00", "13:30");
  const until = (time: string) => quietUntil(sql, world, to, `2027-01-12 ${time}-05:00`);

  assertEquals(await until("11:59"), undefined);
  assertEquals(await until("12:00"), "2027-01-12T18:30:00.000Z");
  assertEquals(await until("13:30"), undefined);
  assertEquals(await until("23:00"), undefined);
});

databaseTest("it is quiet as long as it is in any zone the number may be in", async (sql) => {
  const world = await createWorld(sql);
  const to = "+18005550123";
  const [{ zones } = { zones: [] }] = await sql`select private.time_zones_of(${to}) as zones`;
  const hoursAt = async (at: string): Promise<number[]> =>
    (await sql`
      select extract(hour from ${at}::timestamptz at time zone z.name)::int as hour
      from unnest(${zones}::text[]) as z (name)`).map((row) => row.hour);
  const isQuiet = (hour: number) => hour >= 21 || hour < 8;

  for (let hour = 0; hour < 24; hour++) {
    const at = `2027-01-12T${String(hour).padStart(2, "0")}:00:00.000Z`;
    const until = await quietUntil(sql, world, to, at);
    const allowed = await hoursAt(until ?? at);
    if (zones.length < 10) assert(!allowed.some(isQuiet), `${at} leaves at ${until}`);
    if (until) assert((await hoursAt(at)).some(isQuiet), `${at} waits for nothing`);
    assertEquals(until && await quietUntil(sql, world, to, until), undefined);
  }
});

databaseTest(
  "zones that lie too far apart for one quiet time still let a message through",
  async (sql) => {
    const quietEnd = async (at: Date): Promise<Date | null> =>
      (await sql`
      select private.quiet_end(
        '{Pacific/Honolulu,Europe/London,Asia/Tokyo,Pacific/Auckland}', '21:00', '08:00', ${at}
      ) as at`)[0]!.at;

    for (let hour = 0; hour < 24; hour += 3) {
      const at = new Date(Date.UTC(2027, 0, 12, hour));
      const end = await quietEnd(at);
      assert(end === null || (end > at && end.getTime() - at.getTime() <= 24 * 3_600_000));
      assertEquals(end && await quietEnd(end), null);
    }
  },
);

databaseTest(
  "of an unknown region only the workspace's zone is known: two hours more at both ends",
  async (sql) => {
    const world = await createWorld(sql);
    const to = numberIn(NOWHERE);
    await sql`update public.workspaces set timezone = 'Asia/Tokyo' where id = ${world.workspaceId}`;
    const until = (time: string) => quietUntil(sql, world, to, `2027-01-12 ${time}+09:00`);

    assertEquals(await until("09:59"), "2027-01-12T01:00:00.000Z");
    assertEquals(await until("10:00"), undefined);
    assertEquals(await until("18:59"), undefined);
    assertEquals(await until("19:00"), "2027-01-13T01:00:00.000Z");
  },
);

databaseTest(
  "where little of the day is open, an unknown region still leaves half of it",
  async (sql) => {
    const world = await createWorld(sql);
    const to = numberIn(NOWHERE);
    await setHours(sql, world, "12:00", "10:00");
    const until = (time: string) => quietUntil(sql, world, to, `2027-01-12 ${time}+00:00`);

    assertEquals(await until("10:29"), "2027-01-12T10:30:00.000Z");
    assertEquals(await until("10:30"), undefined);
    assertEquals(await until("11:29"), undefined);
    assertEquals(await until("11:30"), "2027-01-13T10:30:00.000Z");
  },
);

databaseTest("calls and WhatsApp wake people, e-mail does not", async (sql) => {
  const world = await createWorld(sql);
  const to = numberIn(NEW_YORK);
  const at = "2027-01-12 23:00-05:00";

  for (const channel of ["sms", "whatsapp", "call"]) {
    assert(await quietUntil(sql, world, to, at, channel), channel);
  }
  for (const channel of ["email", "live_chat"]) {
    assertEquals(await quietUntil(sql, world, to, at, channel), undefined);
  }
});

databaseTest("a batch is answered address by address, each once", async (sql) => {
  const world = await createWorld(sql);
  const [near, far] = [numberIn(NEW_YORK), numberIn(HONOLULU)];
  const addresses = [near, far, "pat@example.com", near];

  const rows = await sql`
    select * from private.quiet_until_many(${world.workspaceId}, ${addresses}, '2027-01-12 04:00+00:00')`;

  assertEquals(
    Object.fromEntries(rows.map((row) => [row.address, row.quiet_until])),
    { [near]: new Date("2027-01-12T13:00:00Z"), [far]: null, "pat@example.com": null },
  );
  assertEquals(rows.length, 3);
});

databaseTest(
  "a campaign waits for the end of quiet hours, a conversation only if asked to",
  async (sql) => {
    const world = await createWorld(sql);
    const to = numberIn(NEW_YORK);
    const scheduled_at = await localTime(sql, 5, "23:00:00");
    const morning = await localTime(sql, 6, "08:00:00");
    const dueAt = async (message: Record<string, unknown>) => {
      const reading = await readSchedule(
        sql,
        world,
        { scheduled_at, time_zone: "recipient", ...message },
        to,
      );
      const [row] = await sql`
      select to_char(${reading.due_at}::timestamptz at time zone 'America/New_York', 'YYYY-MM-DD"T"HH24:MI:SS') as at`;
      return row!.at;
    };

    assertEquals(await dueAt({ message_class: "campaign" }), morning);
    assertEquals(await dueAt({ message_class: "campaign", quiet_hours: "ignore" }), scheduled_at);
    assertEquals(await dueAt({ message_class: "conversation" }), scheduled_at);
    assertEquals(await dueAt({ message_class: "one_time_code" }), scheduled_at);
    assertEquals(await dueAt({}), scheduled_at);
    assertEquals(await dueAt({ quiet_hours: "respect" }), morning);
  },
);

databaseTest("what is sent at once waits only for quiet hours", async (sql) => {
  const world = await createWorld(sql);
  const to = numberIn(NEW_YORK);
  const [now] = await sql`
    select (now() at time zone 'America/New_York' - interval '1 hour')::time::text as before,
      (now() at time zone 'America/New_York' + interval '2 hours')::time::text as after,
      (now() at time zone 'America/New_York' + interval '3 hours')::time::text as later`;

  await setHours(sql, world, now!.before, now!.after);
  const quiet = await readSchedule(sql, world, { message_class: "campaign" }, to);
  await setHours(sql, world, now!.after, now!.later);
  const open = await readSchedule(sql, world, { message_class: "campaign" }, to);
  const email = await readSchedule(
    sql,
    world,
    { message_class: "campaign" },
    "pat@example.com",
    "email",
  );

  assertEquals([quiet.is_ahead, quiet.is_kept, quiet.respects_quiet_hours], [true, true, true]);
  assertEquals([open.due_at, open.is_kept], [null, false]);
  assertEquals([email.due_at, email.is_kept, email.flaw], [null, false, null]);
});

databaseTest("admins set the hours, members read them, strangers neither", async (sql) => {
  const world = await createWorld(sql);
  const strangerId = await createAccount(sql, "stranger");
  await setHours(sql, world, "20:00", "09:00");
  const read = (userId: string) =>
    asUser(
      sql,
      userId,
      async (tx) =>
        (await tx`select starts_at from public.quiet_hours where workspace_id = ${world.workspaceId}`)
          .length,
    );
  const change = (tx: postgres.TransactionSql) =>
    tx`insert into public.quiet_hours (workspace_id) values (${world.workspaceId})`;

  assertEquals([await read(world.memberId), await read(strangerId)], [1, 0]);
  for (const userId of [world.memberId, strangerId]) {
    assertEquals(await refusalAs(sql, userId, change), "42501");
    const touched = await asUser(sql, userId, (tx) =>
      tx`
      update public.quiet_hours set ends_at = '10:00' where workspace_id = ${world.workspaceId} returning 1`);
    assertEquals(touched.length, 0);
  }
});
