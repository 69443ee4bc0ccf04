import { assertEquals } from "@std/assert";
import { databaseTest, ingest, type Row, textFrom } from "../support/engine.ts";
import {
  decide,
  letTimePass,
  localTime,
  NEW_YORK,
  numberIn,
  readSchedule,
  scheduleOf,
  storeScheduled,
} from "../support/scheduling.ts";
import { asUser, createAccount, createWorld, freshNumber } from "../support/world.ts";

databaseTest("each malformed part of a schedule is refused by its field", async (sql) => {
  const world = await createWorld(sql);
  const time = await localTime(sql, 5, "09:00:00");
  const scheduled_at = `${time}Z`;
  const [ahead, past] = [
    await localTime(sql, 370, "09:00:00Z"),
    await localTime(sql, -1, "09:00Z"),
  ];
  const recurring = (recurrence: unknown): Row => ({ scheduled_at, recurrence });
  const flawed: [string, Row][] = [
    ["scheduled_at", { scheduled_at: time }],
    ["scheduled_at", { scheduled_at: "tomorrow" }],
    ["scheduled_at", { scheduled_at: 5 }],
    ["scheduled_at", { scheduled_at: "2027-02-30T09:00:00Z" }],
    ["scheduled_at", { scheduled_at: "2027-02-03 09:00:00Z" }],
    ["scheduled_at", { scheduled_at: past }],
    ["scheduled_at", { scheduled_at: ahead }],
    ["scheduled_at", { scheduled_at, time_zone: "Europe/Berlin" }],
    ["scheduled_at", { scheduled_at: "2027-02-30T09:00:00", time_zone: "recipient" }],
    ["time_zone", { scheduled_at: time, time_zone: "Mars/Olympus" }],
    ["time_zone", { scheduled_at: time, time_zone: "PST" }],
    ["time_zone", { scheduled_at: time, time_zone: 5 }],
    ["time_zone", { time_zone: "recipient" }],
    ["quiet_hours", { quiet_hours: "sometimes" }],
    ["unless", { scheduled_at, unless: "replied" }],
    ["unless", { scheduled_at, unless: ["raining"] }],
    ["unless", { scheduled_at, unless: ["replied", 1] }],
    ["unless", { scheduled_at, unless: [null] }],
    ["unless", { unless: ["replied"] }],
    ["recurrence", { recurrence: { every: "day" } }],
    ["recurrence", recurring("day")],
    ["recurrence.often", recurring({ every: "day", often: true })],
    ["recurrence.every", recurring({})],
    ["recurrence.every", recurring({ every: "year" })],
    ["recurrence.interval", recurring({ every: "day", interval: 0 })],
    ["recurrence.interval", recurring({ every: "day", interval: 366 })],
    ["recurrence.interval", recurring({ every: "day", interval: 1.5 })],
    ["recurrence.interval", recurring({ every: "day", interval: "2" })],
    ["recurrence.weekdays", recurring({ every: "day", weekdays: ["monday"] })],
    ["recurrence.weekdays", recurring({ every: "week", weekdays: [] })],
    ["recurrence.weekdays", recurring({ every: "week", weekdays: "monday" })],
    ["recurrence.weekdays", recurring({ every: "week", weekdays: ["mon"] })],
    ["recurrence.until", recurring({ every: "day", until: "2027-02-30" })],
    ["recurrence.until", recurring({ every: "day", until: "2027-02-03T00:00:00Z" })],
    ["recurrence.until", recurring({ every: "day", until: "2020-01-01" })],
    ["recurrence.count", recurring({ every: "day", count: 0 })],
    ["recurrence.count", recurring({ every: "day", count: 1000 })],
    ["recurrence.count", recurring({ every: "day", count: "3" })],
  ];

  for (const [field, message] of flawed) {
    const reading = await readSchedule(sql, world, message);
    assertEquals(
      [reading.flaw_code, reading.flaw_field, reading.due_at],
      ["schedule_invalid", field, null],
      JSON.stringify(message),
    );
  }
  const email = await readSchedule(sql, world, { quiet_hours: "respect" }, "a@b.example", "email");
  assertEquals(email.flaw_field, "quiet_hours");
});

databaseTest("a time of this very minute is at once, and so is none", async (sql) => {
  const world = await createWorld(sql);
  const seconds = async (ago: number) =>
    (await sql`
      select to_char(now() at time zone 'UTC' - make_interval(secs => ${ago}), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at`)[
      0
    ]!.at;

  for (const message of [{}, { scheduled_at: null }, { scheduled_at: await seconds(50) }]) {
    const reading = await readSchedule(sql, world, message);
    assertEquals([reading.due_at, reading.is_kept, reading.flaw], [null, false, null]);
  }
  const late = await readSchedule(sql, world, { scheduled_at: await seconds(65) });
  assertEquals(late.flaw_field, "scheduled_at");
});

databaseTest("only what has more than a time keeps a schedule", async (sql) => {
  const world = await createWorld(sql);
  const scheduled_at = await localTime(sql, 5, "09:00:00Z");
  const kept = async (message: Row) => {
    const { id } = await storeScheduled(sql, world, { scheduled_at, ...message });
    const { unless, recurrence, respects_quiet_hours } = await scheduleOf(sql, id) ?? {};
    return unless && { unless, recurrence, respects_quiet_hours };
  };

  assertEquals(await kept({}), undefined);
  assertEquals(await kept({ quiet_hours: "ignore", unless: [] }), undefined);
  assertEquals(await kept({ unless: ["replied", "conversation_closed", "replied"] }), {
    unless: ["conversation_closed", "replied"],
    recurrence: null,
    respects_quiet_hours: false,
  });
  assertEquals(await kept({ quiet_hours: "respect" }), {
    unless: [],
    recurrence: null,
    respects_quiet_hours: true,
  });
});

databaseTest(
  "a reply cancels what was to go unless they reply, an earlier one does not",
  async (sql) => {
    const world = await createWorld(sql);
    const scheduled_at = await localTime(sql, 5, "09:00:00Z");
    const to = freshNumber();
    await ingest(sql, world.connectionId, [textFrom(world, to)]);
    const asked = await storeScheduled(sql, world, { scheduled_at, unless: ["replied"] }, { to });
    const unasked = await storeScheduled(
      sql,
      world,
      { scheduled_at, unless: ["conversation_closed"] },
      { to },
    );
    const elsewhere = await storeScheduled(sql, world, { scheduled_at, unless: ["replied"] });
    const ids = [asked.id, unasked.id, elsewhere.id];

    assertEquals(await decide(sql, ...ids), ids.map(() => ["send", null]));
    await ingest(sql, world.connectionId, [textFrom(world, to)]);
    assertEquals(await decide(sql, ...ids), [
      ["cancel", "recipient_replied"],
      ["send", null],
      ["send", null],
    ]);
  },
);

databaseTest(
  "a conversation that is no longer active cancels what was to go unless it is closed",
  async (sql) => {
    const world = await createWorld(sql);
    const scheduled_at = await localTime(sql, 5, "09:00:00Z");
    const to = freshNumber();
    const asked = await storeScheduled(
      sql,
      world,
      { scheduled_at, unless: ["conversation_closed", "replied"] },
      { to },
    );
    const unasked = await storeScheduled(sql, world, { scheduled_at, unless: ["replied"] }, { to });
    const verdicts: unknown[] = [];

    for (const status of ["active", "closed", "archived", "spam"]) {
      await sql`update public.conversations set status = ${status} where id = ${asked.conversationId}`;
      verdicts.push(await decide(sql, asked.id, unasked.id));
    }

    const canceled = [["cancel", "conversation_closed"], ["send", null]];
    assertEquals(verdicts, [[["send", null], ["send", null]], canceled, canceled, canceled]);
  },
);

databaseTest("quiet hours that have begun since postpone a message to their end", async (sql) => {
  const world = await createWorld(sql);
  const to = numberIn(NEW_YORK);
  const message = { scheduled_at: await localTime(sql, 5, "16:00:00Z"), unless: ["replied"] };
  const heeding = await storeScheduled(sql, world, { ...message, quiet_hours: "respect" }, { to });
  const heedless = await storeScheduled(sql, world, message, { to });
  const [hours] = await sql`
    insert into public.quiet_hours (workspace_id, starts_at, ends_at)
    select ${world.workspaceId}, n.at - interval '1 hour', n.at + interval '2 hours'
    from (select date_trunc('minute', now() at time zone 'America/New_York')::time as at) as n
    returning date_trunc('minute', now()) + interval '2 hours' as ends`;

  assertEquals(await decide(sql, heeding.id, heedless.id), [
    ["postpone", "quiet_hours"],
    ["send", null],
  ]);
  const [row] = await sql`
    select due_at from private.decide_due_messages(array[${heeding.id}::uuid])`;
  assertEquals(row!.due_at, hours!.ends);
  await ingest(sql, world.connectionId, [textFrom(world, to)]);
  assertEquals(await decide(sql, heeding.id), [["cancel", "recipient_replied"]]);
});

databaseTest(
  "messages of many workspaces are decided in one call, each by its own rules",
  async (sql) => {
    const [first, second] = [await createWorld(sql), await createWorld(sql)];
    const message = { scheduled_at: await localTime(sql, 5, "16:00:00Z"), quiet_hours: "respect" };
    const [here, there, again] = [
      await storeScheduled(sql, first, message, { to: numberIn(NEW_YORK) }),
      await storeScheduled(sql, second, message, { to: numberIn(NEW_YORK) }),
      await storeScheduled(sql, first, message, { to: numberIn(NEW_YORK) }),
    ];
    for (const [world, [from, to]] of [[first, [-1, 2]], [second, [2, 3]]] as const) {
      await sql`
      insert into public.quiet_hours (workspace_id, starts_at, ends_at)
      select ${world.workspaceId}, n.at + make_interval(hours => ${from}), n.at + make_interval(hours => ${to})
      from (select (now() at time zone 'America/New_York')::time as at) as n`;
    }
    const plain = await storeScheduled(sql, first, { scheduled_at: message.scheduled_at });

    assertEquals(await decide(sql, here.id, there.id, again.id, plain.id), [
      ["postpone", "quiet_hours"],
      ["send", null],
      ["postpone", "quiet_hours"],
      ["none", null],
    ]);
  },
);

databaseTest("members read schedules, strangers none", async (sql) => {
  const world = await createWorld(sql);
  const strangerId = await createAccount(sql, "stranger");
  const { id } = await storeScheduled(sql, world, {
    scheduled_at: await localTime(sql, 5, "09:00:00Z"),
    unless: ["replied"],
  });
  await letTimePass(sql, id, "1 day");
  const read = (userId: string) =>
    asUser(
      sql,
      userId,
      async (tx) =>
        (await tx`select 1 from public.message_schedules where message_id = ${id}`).length,
    );

  assertEquals([await read(world.memberId), await read(strangerId)], [1, 0]);
});
