/** Usage by day: counted again from the messages and calls, for all workspaces at once. */
import {
  accepted,
  claim,
  createQuietWorld,
  limitTest,
  rejected,
  setSpend,
  texts,
} from "../support/limits.ts";
import { enqueue, ingest, record, type Row, textFrom } from "../support/engine.ts";
import { asService, asUser, freshNumber, type World } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

let days = 0;

/** A day of the past that no other test looks at. */
const freshDay = () => new Date(Date.UTC(2001, 0, 1 + days++)).toISOString().slice(0, 10);

/** Puts whatever a workspace did at a time of that day. */
async function moveTo(sql: postgres.Sql, { workspaceId }: World, at: string) {
  await sql`
    update public.message_attempts set started_at = ${at}, finished_at = case when finished_at is not null then ${at}::timestamptz end
    where workspace_id = ${workspaceId}`;
  await sql`update public.conversation_messages set created_at = ${at} where workspace_id = ${workspaceId}`;
  await sql`update public.calls set created_at = ${at} where workspace_id = ${workspaceId}`;
}

const count = (sql: postgres.Sql, day: string) => sql`select private.count_usage_day(${day})`;

const rowsOf = async (sql: postgres.Sql, { workspaceId }: World) =>
  (await sql`
    select * from public.usage_daily where workspace_id = ${workspaceId}
    order by day, channel, cost_currency, cost, received_count`).map((row) => ({
    day: row.day.toISOString().slice(0, 10) as string,
    channel: row.channel as string,
    provider: row.provider as string,
    cost_currency: row.cost_currency as string,
    cost: +row.cost,
    /** Sent, delivered, failed, received, segments. */
    counts: [
      row.sent_count,
      row.delivered_count,
      row.failed_count,
      row.received_count,
      row.segment_count,
    ],
  }));

/** Queues messages that are handed over, and end so. */
async function send(
  sql: postgres.Sql,
  world: World,
  results: ((id: string) => Row)[],
  changes: Row = {},
) {
  await enqueue(sql, world, texts(results.length, changes));
  const { token, ids } = await claim(sql, world, results.length);
  await record(sql, token, ids.map((id, index) => results[index]!(id)));
  return ids;
}

limitTest(
  "a day says what was sent, arrived, failed and came in, and what it cost",
  async (sql) => {
    const [world, day] = [await createQuietWorld(sql), freshDay()];
    await setSpend(sql, world, { price: 0.5, cap: null });
    await send(sql, world, [
      (id) => accepted(id),
      (id) =>
        accepted(id, { status: "delivered", price: 0.25, price_currency: "USD", segment_count: 3 }),
      (id) => accepted(id, { status: "undelivered", price: 2, price_currency: "EUR" }),
      (id) => rejected(id, "recipient"),
      (id) => ({ message_id: id, outcome: "unknown" }),
    ]);
    await ingest(sql, world.connectionId, [textFrom(world, freshNumber())]);
    await moveTo(sql, world, `${day}T12:00:00Z`);

    await count(sql, day);

    const twilio = { day, channel: "sms", provider: "twilio" };
    assertEquals(await rowsOf(sql, world), [
      { ...twilio, cost_currency: "EUR", counts: [1, 0, 1, 0, 1], cost: 2 },
      // Two messages came in: the world begins with one.
      { ...twilio, cost_currency: "USD", counts: [2, 1, 1, 2, 4], cost: 0.75 },
    ]);
  },
);

limitTest("a day begins and ends at midnight in UTC", async (sql) => {
  const [world, day, nextDay] = [await createQuietWorld(sql), freshDay(), freshDay()];
  const ids = await send(sql, world, Array(4).fill(accepted));
  await moveTo(sql, world, `${day}T12:00:00Z`);
  await sql`
    update public.message_attempts as a set started_at = u.day::timestamp at time zone 'UTC' - u.ahead
    from unnest(
      ${ids}::uuid[], array[${day}, ${day}, ${nextDay}, ${nextDay}]::date[],
      array['1 microsecond', '0', '1 microsecond', '0']::interval[]
    ) as u (id, day, ahead)
    where a.message_id = u.id`;

  await count(sql, day);

  assertEquals((await rowsOf(sql, world)).map((row) => [row.day, row.counts[0]]), [[day, 2]]);
});

limitTest("counted again, a day is what it is now", async (sql) => {
  const [world, day] = [await createQuietWorld(sql), freshDay()];
  const [id] = await send(sql, world, [(id) => accepted(id)]);
  await moveTo(sql, world, `${day}T12:00:00Z`);
  await count(sql, day);
  const [first] =
    await sql`select id, xmin::text from public.usage_daily where workspace_id = ${world.workspaceId}`;

  await count(sql, day);
  const [same] =
    await sql`select id, xmin::text from public.usage_daily where workspace_id = ${world.workspaceId}`;
  await sql`update public.conversation_messages set status = 'delivered' where id = ${id!}`;
  await count(sql, day);
  const [delivered] = await rowsOf(sql, world);
  await moveTo(sql, world, `${freshDay()}T12:00:00Z`);
  await count(sql, day);

  assertEquals(same, first, "and nothing is written where nothing changed");
  assertEquals(delivered!.counts, [1, 1, 0, 1, 1]);
  assertEquals(await rowsOf(sql, world), []);
});

limitTest("a message counts on the day on which it was taken, once", async (sql) => {
  const [world, day, nextDay] = [await createQuietWorld(sql), freshDay(), freshDay()];
  await send(sql, world, [(id) => rejected(id, "account")]);
  const [letter] = await sql`
    select message_id from public.dead_letters where workspace_id = ${world.workspaceId}`;
  await moveTo(sql, world, `${day}T12:00:00Z`);
  await count(sql, day);
  const [failed] = await rowsOf(sql, world);
  await asUser(sql, world.adminId, (tx) => tx`select public.retry_message(${letter!.message_id})`);
  const { token, ids } = await claim(sql, world);
  await record(sql, token, [accepted(ids[0]!)]);
  await sql`
    update public.message_attempts set started_at = ${`${nextDay}T12:00:00Z`}
    where message_id = ${ids[0]!} and attempt_number = 2`;

  await count(sql, day);
  await count(sql, nextDay);

  assertEquals(failed!.counts.slice(0, 3), [0, 0, 1]);
  assertEquals((await rowsOf(sql, world)).map((row) => [row.day, ...row.counts.slice(0, 3)]), [
    [day, 0, 0, 0],
    [nextDay, 1, 0, 0],
  ]);
});

limitTest("a message that failed twice failed once, on the last day", async (sql) => {
  const [world, day, nextDay] = [await createQuietWorld(sql), freshDay(), freshDay()];
  const [id] = await send(sql, world, [(id) => rejected(id, "account")]);
  await asUser(sql, world.adminId, (tx) => tx`select public.retry_message(${id!})`);
  const { token } = await claim(sql, world);
  await record(sql, token, [rejected(id!, "account")]);
  await moveTo(sql, world, `${day}T12:00:00Z`);
  await sql`
    update public.message_attempts set started_at = ${`${nextDay}T12:00:00Z`}
    where message_id = ${id!} and attempt_number = 2`;

  await count(sql, day);
  await count(sql, nextDay);

  const failed = (await rowsOf(sql, world)).map((row) => [row.day, row.counts[2]]);
  assertEquals(failed, [[day, 0], [nextDay, 1]]);
});

limitTest("usage is told apart by sender, agent and campaign", async (sql) => {
  const [world, day] = [await createQuietWorld(sql), freshDay()];
  const ids = await send(sql, world, Array(4).fill(accepted));
  const [agentId, campaignId] = [crypto.randomUUID(), crypto.randomUUID()];
  await sql`
    update public.conversation_messages set agent_id = ${agentId}, sender_id = null where id = ${ids[
    1
  ]!}`;
  await sql`
    update public.conversation_messages set campaign_id = ${campaignId}, message_class = 'campaign' where id = ${ids[
    2
  ]!}`;
  await sql`update public.conversation_messages set phone_number_id = null where id = ${ids[3]!}`;
  await moveTo(sql, world, `${day}T12:00:00Z`);

  await count(sql, day);

  const rows = await sql`
    select phone_number_id, agent_id, campaign_id, sent_count from public.usage_daily
    where workspace_id = ${world.workspaceId} and sent_count > 0
    order by agent_id nulls last, campaign_id nulls last, phone_number_id nulls last`;
  const phone_number_id = world.phoneNumberId;
  assertEquals([...rows], [
    { phone_number_id, agent_id: agentId, campaign_id: null, sent_count: 1 },
    { phone_number_id, agent_id: null, campaign_id: campaignId, sent_count: 1 },
    { phone_number_id, agent_id: null, campaign_id: null, sent_count: 1 },
    { phone_number_id: null, agent_id: null, campaign_id: null, sent_count: 1 },
  ]);
});

limitTest("calls are counted in begun minutes, to and fro", async (sql) => {
  const [world, day] = [await createQuietWorld(sql), freshDay()];
  await sql`
    insert into public.calls (
      workspace_id, conversation_id, direction, status, from_address, to_address, connection_id, answered_at, ended_at,
      duration_seconds, price, price_currency, error_code
    )
    select ${world.workspaceId}, ${world.conversationId}, c.direction, c.status, '+14155550100', '+14155550101',
      ${world.connectionId}, c.answered_at, now(), c.duration_seconds, c.price, c.price_currency, null
    from (values
      ('outbound', 'completed', now(), 61, 0.5, 'USD'),
      ('outbound', 'no_answer', null, null, null, null),
      ('inbound', 'completed', now(), 30, null, null)
    ) as c (direction, status, answered_at, duration_seconds, price, price_currency)`;
  await moveTo(sql, world, `${day}T12:00:00Z`);

  await count(sql, day);

  const [calls] = (await rowsOf(sql, world)).filter((row) => row.channel === "call");
  assertEquals([calls!.counts, calls!.cost], [[2, 1, 1, 1, 3], 0.5]);
});

limitTest(
  "a deleted workspace, and one that is somebody else's, are left alone",
  async (sql) => {
    const [own, other, day] = [
      await createQuietWorld(sql),
      await createQuietWorld(sql),
      freshDay(),
    ];
    for (const world of [own, other]) {
      await send(sql, world, [accepted]);
      await moveTo(sql, world, `${day}T12:00:00Z`);
    }
    await sql`update public.workspaces set deleted_at = now() where id = ${other.workspaceId}`;

    await count(sql, day);

    assertEquals([(await rowsOf(sql, own)).length, (await rowsOf(sql, other)).length], [1, 0]);
    const seen = (userId: string) =>
      asUser(
        sql,
        userId,
        (tx) => tx`select 1 from public.usage_daily where workspace_id = ${own.workspaceId}`,
      );
    assertEquals(
      [
        (await seen(own.adminId)).length,
        (await seen(own.memberId)).length,
        (await seen(other.adminId)).length,
      ],
      [1, 0, 0],
    );
  },
);

limitTest(
  "yesterday and today are counted hourly, and what a standstill left out",
  async (sql) => {
    const run = async () =>
      (await asService(sql, (tx) => tx`select public.count_recent_usage() as days`))[0]!.days;
    await sql`delete from private.usage_days where true`;

    const first = await run();
    const again = await run();
    await sql`update private.usage_days set counted_at = now() - interval '51 minutes' where true`;
    const hourly = await run();
    await sql`update private.usage_days set day = day - 4, counted_at = now() - interval '4 days' where true`;
    const late = await run();

    assertEquals([first, again, hourly, late], [2, 0, 2, 5]);
  },
);
