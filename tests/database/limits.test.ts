/** What a plan includes of the operator's senders, held to while many send at once. */
import {
  accepted,
  claim,
  countersOf,
  countOf,
  createPlan,
  createPlatformWorld,
  limitTest,
  measuredOf,
  platformTexts,
  refusalsOf,
  rejected,
  setSpend,
  texts,
} from "../support/limits.ts";
import {
  enqueue,
  ingest,
  pidOf,
  receiptOf,
  record,
  type Row,
  untilSettledOrBlocked,
} from "../support/engine.ts";
import { signIn } from "../support/tenancy.ts";
import { asUser, freshNumber } from "../support/world.ts";
import { cancel } from "../support/waiting_messages.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const REACHED = "plan_limit_reached";

limitTest("of twenty who send at once, a plan of seven lets exactly seven through", async (sql) => {
  const world = await createPlatformWorld(sql, { sms: 7 });

  const refusals = await Promise.all(
    platformTexts(world, 20).map((text) => refusalsOf(sql, world, [text])),
  );

  assertEquals(refusals.flat().filter((code) => code === null).length, 7);
  assertEquals(refusals.flat().filter((code) => code === REACHED).length, 13);
  assertEquals((await countOf(sql, world)).reserved, 7);
  assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
}, 12);

limitTest("a batch is taken up to the plan in its order, and the rest says why", async (sql) => {
  const world = await createPlatformWorld(sql, { sms: 3 });
  const batch = platformTexts(world, 5);
  batch[1] = { ...batch[1], to_address: "nobody" };

  const rows = await enqueue(sql, world, batch);

  assertEquals(rows.map((row) => row.error_code), [null, "invalid_recipient", null, null, REACHED]);
  assertEquals(
    [rows[4]!.error_field, rows[4]!.error_message],
    [
      "workspace_id",
      "Cannot queue the message: the plan includes no more of this channel this month",
    ],
  );
});

limitTest("the workspace's own senders are metered, and no plan caps them", async (sql) => {
  const world = await createPlatformWorld(sql, { sms: 1 });

  const refusals = await refusalsOf(sql, world, texts(3, { from_address: world.phoneNumber }));

  assertEquals(refusals, [null, null, null]);
  assertEquals((await countOf(sql, world)).reserved, 3);
});

limitTest(
  "an unlimited plan is metered; a limit of nothing lets nothing through",
  async (sql) => {
    const unlimited = await createPlatformWorld(sql, { sms: null });
    const nothing = await createPlatformWorld(sql, { sms: 0 });

    assertEquals(
      await refusalsOf(sql, unlimited, platformTexts(unlimited, 4)),
      Array(4).fill(null),
    );
    assertEquals(await refusalsOf(sql, nothing, platformTexts(nothing, 1)), [REACHED]);

    assertEquals((await countOf(sql, unlimited)).reserved, 4);
    assertEquals(await countersOf(sql, nothing), []);
  },
);

limitTest("a channel that the plan lacks has no sender of the operator's", async (sql) => {
  const world = await createPlatformWorld(sql, { email: 10 });

  assertEquals(await refusalsOf(sql, world, platformTexts(world, 1)), ["sender_not_found"]);

  // Taken while the plan had it, and tried again when it has it no more.
  await sql`insert into public.plan_limits select plan_id, 'sms', 1 from public.workspaces where id = ${world.workspaceId}`;
  const [row] = await enqueue(sql, world, platformTexts(world, 1));
  const { token } = await claim(sql, world);
  await record(sql, token, [rejected(row!.message_id, "account")]);
  await sql`
    update public.workspaces set plan_id = ${await createPlan(
    sql,
    {},
  )} where id = ${world.workspaceId}`;
  const [reached] = await sql`
    select private.limit_reached(${world.workspaceId}, private.month_of(now()), 'sms', true, 1, 0) as code`;
  assertEquals(reached!.code, REACHED);
});

limitTest("a message is reserved until it is taken, and then settled", async (sql) => {
  const world = await createPlatformWorld(sql, { sms: 2 });
  await enqueue(sql, world, platformTexts(world, 2));
  const { token, ids } = await claim(sql, world, 2);
  const inHand = await countOf(sql, world);

  await record(sql, token, [accepted(ids[0]!)]);
  await ingest(sql, world.platformConnectionId, [receiptOf(ids[1]!, "sent", "SM1")]);
  await ingest(sql, world.platformConnectionId, [receiptOf(ids[1]!, "delivered", "SM1")]);

  const { reserved, settled } = await countOf(sql, world);
  assertEquals([inHand.reserved, inHand.settled, reserved, settled], [2, 0, 0, 2]);
  assertEquals(await refusalsOf(sql, world, platformTexts(world, 1)), [REACHED]);
  assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
});

limitTest("what fails, is canceled or opted out in time makes room again", async (sql) => {
  const world = await createPlatformWorld(sql, { sms: 3 });
  const to = freshNumber();
  const batch = [
    ...platformTexts(world, 1, { scheduled_at: new Date(Date.now() + 9e7).toISOString() }),
    ...platformTexts(world, 1, { to_address: to }),
    ...platformTexts(world, 1),
  ];
  const [canceled] = await enqueue(sql, world, batch);

  await asUser(sql, world.memberId, cancel(canceled!.message_id));
  await asUser(sql, world.memberId, (tx) => tx`select public.opt_out(${world.workspaceId}, ${to})`);
  const { token, ids } = await claim(sql, world, 3);
  await record(sql, token, ids.map((id) => rejected(id, "recipient")));

  assertEquals(ids.length, 1);
  assertEquals(await countersOf(sql, world), []);
  const refusals = await refusalsOf(sql, world, platformTexts(world, 4));
  assertEquals(refusals, [null, null, null, REACHED]);
});

limitTest("a message under one key counts once, in a batch, later and at once", async (sql) => {
  const world = await createPlatformWorld(sql, { sms: 3 });
  const [first, second, third] = platformTexts(world, 3);
  const keyed = { ...first, idempotency_key: "k" };

  const inOneBatch = await enqueue(sql, world, [keyed, keyed, second!]);
  const later = await enqueue(sql, world, [keyed, keyed]);
  const atOnce = await Promise.all(
    [1, 2, 3].map(() => enqueue(sql, world, [{ ...third, idempotency_key: "l" }])),
  );
  const full = await enqueue(sql, world, [keyed, ...platformTexts(world, 1)]);

  const codes = (rows: readonly { error_code?: string }[]) => rows.map((row) => row.error_code);
  assertEquals(codes(inOneBatch), [null, null, null] as never);
  assertEquals(codes(later), [null, null] as never);
  assertEquals(codes(atOnce.flat()), [null, null, null] as never);
  assertEquals(codes(full), [null, REACHED] as never);
  assertEquals((await countOf(sql, world)).reserved, 3);
});

limitTest("two under one key that are beyond the plan are both refused", async (sql) => {
  const world = await createPlatformWorld(sql, { sms: 1 });
  const [first, second] = platformTexts(world, 2);
  const keyed = { ...second, idempotency_key: "k" };

  assertEquals(await refusalsOf(sql, world, [first!, keyed, keyed]), [null, REACHED, REACHED]);
  assertEquals((await countOf(sql, world)).reserved, 1);
});

limitTest("who repeats a key of a batch takes no room from the rest", async (sql) => {
  const world = await createPlatformWorld(sql, { sms: 2 });
  const [first, second] = platformTexts(world, 2);
  const keyed = { ...first, idempotency_key: "k" };

  assertEquals(await refusalsOf(sql, world, [keyed, keyed, second!]), [null, null, null]);
});

limitTest("what somebody else stores under the key meanwhile takes no room either", async (sql) => {
  const world = await createPlatformWorld(sql, { sms: 2 });
  const [first, second] = platformTexts(world, 2);
  const keyed = { ...first, idempotency_key: "k" };
  const send = (connection: postgres.ReservedSql, messages: Row[]) =>
    connection`
      select error_code from public.enqueue_messages(${world.workspaceId}, ${
      sql.json(messages as never)
    })`;
  const [one, other] = [await sql.reserve(), await sql.reserve()];
  try {
    const pid = await pidOf(other);
    await signIn(one, world.memberId);
    await signIn(other, world.memberId);
    await send(one, [keyed]);
    const sending = send(other, [keyed, second!]).execute();
    await untilSettledOrBlocked(sql, pid, sending);
    await one`commit`;

    assertEquals((await sending).map((row) => row.error_code), [null, null]);
    await other`commit`;
  } finally {
    one.release();
    other.release();
  }
  assertEquals((await countOf(sql, world)).reserved, 2);
});

limitTest("what the plan refuses uses up nothing of the spend cap", async (sql) => {
  const world = await createPlatformWorld(sql, { sms: 0 });
  await setSpend(sql, world, { price: 1, cap: 1 });

  const refusals = await refusalsOf(sql, world, [
    ...platformTexts(world, 1),
    ...texts(1, { from_address: world.phoneNumber }),
  ]);

  assertEquals(refusals, [REACHED, null]);
});

limitTest("another month has a counter of its own", async (sql) => {
  const world = await createPlatformWorld(sql, { sms: 1 });
  await sql`
    insert into public.usage_counters (workspace_id, month, channel, is_platform, settled_count)
    values (${world.workspaceId}, private.month_of(now()) - interval '1 month', 'sms', true, 1)`;

  assertEquals(await refusalsOf(sql, world, platformTexts(world, 2)), [null, REACHED]);
});

limitTest("what recurs is held to the plan when it comes again, and goes on", async (sql) => {
  const world = await createPlatformWorld(sql, { sms: 1 });
  const [series] = platformTexts(world, 1, {
    scheduled_at: new Date(Date.now() + 9e7).toISOString(),
    time_zone: "UTC",
    recurrence: { every: "day" },
  });
  series!.scheduled_at = (series!.scheduled_at as string).slice(0, 19);
  await enqueue(sql, world, [series!]);
  const makeDue = () =>
    sql`update private.outbound_jobs set due_at = now(), turn = null where workspace_id = ${world.workspaceId}`;

  await makeDue();
  const first = await claim(sql, world);
  await record(sql, first.token, [accepted(first.ids[0]!)]);
  await makeDue();
  const second = await claim(sql, world);

  assertEquals([first.ids.length, second.ids.length], [1, 0]);
  const occurrences = await sql`
    select m.status, m.error_code, d.error_code as letter from public.message_schedules as s
    join public.conversation_messages as m on m.id = s.message_id
    left join public.dead_letters as d on d.message_id = m.id
    where s.workspace_id = ${world.workspaceId} order by s.occurrence`;
  assertEquals(occurrences.map((row) => [row.status, row.error_code, row.letter]), [
    ["sent", null, null],
    ["failed", REACHED, REACHED],
    ["scheduled", null, null],
  ]);
  assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
});
