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
import { asUser, createWorld, freshNumber } from "../support/world.ts";
import type postgres from "postgres";

/** A local time in a zone, as an instant. */
const at = async (sql: postgres.Sql, local: string, zone: string): Promise<Date> =>
  (await sql`select ${local}::timestamp at time zone ${zone} as at`)[0]!.at;

databaseTest("nine o'clock is nine on the recipient's own clock", async (sql) => {
  const world = await createWorld(sql);
  const scheduled_at = await localTime(sql, 5, "09:00:00");
  const message = { scheduled_at, time_zone: "recipient" };

  for (
    const [prefix, zone] of [
      [HONOLULU, "Pacific/Honolulu"],
      [NEW_YORK, "America/New_York"],
      [BERLIN, "Europe/Berlin"],
    ] as const
  ) {
    const reading = await readSchedule(sql, world, message, numberIn(prefix));
    assertEquals(reading.due_at, await at(sql, scheduled_at, zone), zone);
    assertEquals([reading.is_kept, reading.time_zone], [true, "recipient"]);
  }
});

databaseTest("a contact's own time zone wins over its number's region", async (sql) => {
  const world = await createWorld(sql);
  const to = numberIn(HONOLULU);
  const scheduled_at = await localTime(sql, 5, "09:00:00");
  const [found] = await sql`
    select contact_id from private.find_or_create_contacts(${world.workspaceId}, 'phone', array[${to}])`;
  await asUser(sql, world.memberId, (tx) =>
    tx`
    update public.contacts set time_zone = 'Asia/Tokyo' where id = ${found!.contact_id}`);

  const reading = await readSchedule(sql, world, { scheduled_at, time_zone: "recipient" }, to);

  assertEquals(reading.due_at, await at(sql, scheduled_at, "Asia/Tokyo"));
});

databaseTest("where a number may be in several zones, the last clock decides", async (sql) => {
  const world = await createWorld(sql);
  const to = "+18005550123";
  const scheduled_at = await localTime(sql, 5, "09:00:00");
  const [{ zones } = { zones: [] }] = await sql`select private.time_zones_of(${to}) as zones`;
  assert(zones.length > 1);

  const reading = await readSchedule(sql, world, { scheduled_at, time_zone: "recipient" }, to);

  const instants = await Promise.all(zones.map((zone: string) => at(sql, scheduled_at, zone)));
  assertEquals(reading.due_at, new Date(Math.max(...instants.map(Number))));
});

databaseTest("without a region the workspace's zone stands in, and for e-mail too", async (sql) => {
  const world = await createWorld(sql);
  await sql`
    update public.workspaces set timezone = 'Australia/Perth' where id = ${world.workspaceId}`;
  const scheduled_at = await localTime(sql, 5, "09:00:00");
  const message = { scheduled_at, time_zone: "recipient" };
  const perth = await at(sql, scheduled_at, "Australia/Perth");

  const number = await readSchedule(sql, world, message, numberIn(NOWHERE));
  const email = await readSchedule(sql, world, message, "pat@example.com", "email");

  assertEquals([number.due_at, email.due_at], [perth, perth]);
});

databaseTest("a named zone is read on its own clock, and an offset as it stands", async (sql) => {
  const world = await createWorld(sql);
  const local = await localTime(sql, 5, "09:00");

  const named = await readSchedule(sql, world, {
    scheduled_at: local,
    time_zone: "Asia/Kathmandu",
  });
  const plain = await readSchedule(sql, world, { scheduled_at: `${local}:00-03:30` });

  assertEquals(named.due_at, await at(sql, local, "Asia/Kathmandu"));
  assertEquals(plain.due_at, new Date(`${local}:00-03:30`));
  assertEquals([named.is_kept, plain.is_kept], [true, false]);
});

databaseTest(
  "a time that the clock skips comes an hour later, one shown twice the second time",
  async (sql) => {
    const [row] = await sql`
    select
      private.latest_instant('2027-03-14 02:30', '{America/New_York}') as skipped,
      private.latest_instant('2026-11-01 01:30', '{America/New_York}') as twice`;

    assertEquals(row!.skipped, new Date("2027-03-14T03:30:00-04:00"));
    assertEquals(row!.twice, new Date("2026-11-01T01:30:00-05:00"));
  },
);

databaseTest("a time zone is known by its name alone", async (sql) => {
  const names = [
    "UTC",
    "America/New_York",
    "America/Argentina/Buenos_Aires",
    "America/Port-au-Prince",
    "Etc/GMT+12",
    "EST5EDT",
    "Mars/Olympus",
    "PST",
    "FOO3",
    "Foo/Bar3",
    "-05:00",
    "",
  ];
  const rows = await sql`
    select n.name, private.is_timezone(n.name) as is_known,
      exists (select from pg_timezone_names as z where z.name = n.name) as is_listed
    from unnest(${names}::text[]) as n (name)`;

  assertEquals(rows.filter((row) => row.is_known !== row.is_listed), []);
  assertEquals(rows.filter((row) => row.is_known).length, 6);
});

databaseTest("every zone that Postgres lists is known", async (sql) => {
  const rows = await sql`
    select name from pg_timezone_names where name ~ '^[A-Z][A-Za-z_]+/' and not private.is_timezone(name)`;

  assertEquals([...rows], []);
});

databaseTest("a number nobody texted yet costs a schedule no contact", async (sql) => {
  const world = await createWorld(sql);
  const count = async () =>
    (await sql`
      select count(*)::int as count from public.contacts where workspace_id = ${world.workspaceId}`)[
      0
    ]!.count;
  const before = await count();

  await readSchedule(sql, world, {
    scheduled_at: await localTime(sql, 5, "09:00"),
    time_zone: "recipient",
  }, freshNumber());

  assertEquals(await count(), before);
});
