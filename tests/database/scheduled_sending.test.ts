import { databaseTest, enqueue, ingest, messageOf, type Row, textFrom } from "../support/engine.ts";
import { asService, createWorld, freshNumber, type World } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

const inADay = () => new Date(Date.now() + 86_400_000).toISOString();

/** Queues one message that waits; answers its id. */
async function schedule(sql: postgres.Sql, world: World, message: Row): Promise<string> {
  const [row] = await enqueue(sql, world, [{ body: "See you tomorrow", ...message }]);
  assertEquals([row!.error_code, row!.status], [null, "scheduled"]);
  // The support puts what it queues first: this one has to wait for its time.
  await sql`update private.outbound_jobs set turn = null where message_id = ${row!.message_id}`;
  return row!.message_id;
}

/** Whether a claim takes the message once its time has come. */
async function isTakenWhenDue(sql: postgres.Sql, id: string): Promise<boolean> {
  await sql`
    update private.outbound_jobs set due_at = '2000-01-01' where message_id = ${id} and turn is null`;
  // Due, and first among those that are ready.
  await sql`select private.ready_jobs(1000)`;
  await sql`update private.outbound_jobs set turn = ${-Date.now()} where message_id = ${id}`;
  const claimed = await asService(
    sql,
    (tx) => tx`select message_id from public.claim_outbound_jobs(1)`,
  );
  return claimed.some((job) => job.message_id === id);
}

const usageIsExact = async (sql: postgres.Sql, world: World) => {
  const [row] = await sql`
    select
      (select sum(reserved_count) from public.usage_counters where workspace_id = ${world.workspaceId}) as counted,
      (select sum(u.reserved_count) from private.measure_usage(${world.workspaceId}) as u) as measured`;
  return Number(row!.counted ?? 0) === Number(row!.measured ?? 0);
};

databaseTest(
  "a scheduled message is claimed when its time has come, and not before",
  async (sql) => {
    const world = await createWorld(sql);
    const id = await schedule(sql, world, { to_address: freshNumber(), scheduled_at: inADay() });

    await asService(sql, (tx) => tx`select 1 from public.claim_outbound_jobs(1000)`);
    const before = await messageOf(sql, id);
    const isTaken = await isTakenWhenDue(sql, id);

    assertEquals([before.status, isTaken, (await messageOf(sql, id)).status], [
      "scheduled",
      true,
      "queued",
    ]);
  },
);

databaseTest(
  "a condition takes a message back when it is due, and what it reserved",
  async (sql) => {
    const world = await createWorld(sql);
    const [replies, closes, neither] = [freshNumber(), freshNumber(), freshNumber()];
    const ids = [];
    for (const to_address of [replies, closes, neither]) {
      ids.push(
        await schedule(sql, world, {
          to_address,
          scheduled_at: inADay(),
          unless: ["replied", "conversation_closed"],
        }),
      );
    }
    await ingest(sql, world.connectionId, [textFrom(world, replies)]);
    await sql`
    update public.conversations set status = 'closed'
    where workspace_id = ${world.workspaceId} and contact_address = ${closes}`;

    const taken = [];
    for (const id of ids) taken.push(await isTakenWhenDue(sql, id));

    const ends = await Promise.all(ids.map((id) => messageOf(sql, id)));
    assertEquals(taken, [false, false, true]);
    assertEquals(ends.map((end) => [end.status, end.error_code]), [
      ["canceled", "recipient_replied"],
      ["canceled", "conversation_closed"],
      ["queued", null],
    ]);
    assert(await usageIsExact(sql, world));
  },
);

/** Hours around now, or far from now, on the clock of everybody whose zone is UTC. */
async function setQuietHours(sql: postgres.Sql, world: World, isQuietNow: boolean) {
  const from = isQuietNow ? "1 hour" : "-2 hours";
  await sql`
    insert into public.quiet_hours (workspace_id, starts_at, ends_at)
    values (
      ${world.workspaceId}, (now() at time zone 'UTC' - ${from}::interval)::time,
      (now() at time zone 'UTC' - ${from}::interval + interval '2 hours')::time
    )
    on conflict (workspace_id) do update set starts_at = excluded.starts_at, ends_at = excluded.ends_at`;
}

async function addContact(sql: postgres.Sql, world: World): Promise<string> {
  const address = freshNumber();
  await ingest(sql, world.connectionId, [textFrom(world, address)]);
  await sql`
    update public.contacts as c set time_zone = 'UTC'
    from public.contact_addresses as a where a.contact_id = c.id and a.address = ${address}`;
  return address;
}

databaseTest("quiet hours that begin meanwhile hold a message until they end", async (sql) => {
  const world = await createWorld(sql);
  const to_address = await addContact(sql, world);
  await setQuietHours(sql, world, false);
  const id = await schedule(sql, world, {
    to_address,
    scheduled_at: inADay(),
    quiet_hours: "respect",
  });
  await setQuietHours(sql, world, true);

  const isTaken = await isTakenWhenDue(sql, id);

  const [job] = await sql`
    select extract(epoch from due_at - now())::float8 as wait_seconds from private.outbound_jobs
    where message_id = ${id}`;
  assertEquals(isTaken, false);
  assert(job!.wait_seconds > 3000 && job!.wait_seconds <= 3600, `waits ${job!.wait_seconds} s`);
});

databaseTest("a campaign's text waits out quiet hours, a conversation's does not", async (sql) => {
  const world = await createWorld(sql);
  const to_address = await addContact(sql, world);
  await setQuietHours(sql, world, true);
  const campaign = { message_class: "campaign", campaign_id: crypto.randomUUID() };
  const queue = async (message: Row) => {
    const [row] = await sql`
      select * from private.queue_messages(${world.workspaceId}, ${
      sql.json([{ to_address, body: "Hello", ...message }] as never)
    }, true)`;
    return row!.message_id as string;
  };

  const bulk = await queue(campaign);
  assertEquals(await isTakenWhenDue(sql, bulk), false);
  assertEquals(await isTakenWhenDue(sql, await queue({})), true);
  await setQuietHours(sql, world, false);
  assertEquals(await isTakenWhenDue(sql, bulk), true);
});

databaseTest(
  "what recurs comes again when it is handed over, reserved like any other",
  async (sql) => {
    const world = await createWorld(sql);
    const id = await schedule(sql, world, {
      to_address: freshNumber(),
      scheduled_at: inADay().slice(0, 19),
      time_zone: "UTC",
      recurrence: { every: "day", count: 2 },
    });

    assertEquals(await isTakenWhenDue(sql, id), true);

    const [next] = await sql`
    select m.id, m.status from public.message_schedules as s
    join public.conversation_messages as m on m.id = s.message_id
    where s.workspace_id = ${world.workspaceId} and s.occurrence = 2`;
    assertEquals(next!.status, "scheduled");
    assert(await usageIsExact(sql, world));
    assertEquals(await isTakenWhenDue(sql, next!.id), true);
    const [third] = await sql`
    select from public.message_schedules where workspace_id = ${world.workspaceId} and occurrence = 3`;
    assertEquals(third, undefined);
  },
);
