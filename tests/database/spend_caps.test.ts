/** What a workspace lets its messages and calls of a month cost. */
import {
  accepted,
  claim,
  countersOf,
  countOf,
  createQuietWorld,
  limitTest,
  measuredOf,
  refusalsOf,
  rejected,
  setSpend,
  texts,
} from "../support/limits.ts";
import { enqueue, ingest, receiptOf, record } from "../support/engine.ts";
import { refusalOf } from "../support/stack.ts";
import { createQueued, edit, errorOf } from "../support/waiting_messages.ts";
import { asUser, createAccount, freshNumber, type World } from "../support/world.ts";
import { connectAccount, listedNumber } from "../support/tenancy.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const REACHED = "spend_cap_reached";
const TWO_PARTS = "x".repeat(200);

limitTest("of twenty who send at once, a cap of seven dollars lets seven through", async (sql) => {
  const world = await createQuietWorld(sql);
  await setSpend(sql, world, { cap: 7.5 });

  const refusals = await Promise.all(texts(20).map((text) => refusalsOf(sql, world, [text])));

  assertEquals(refusals.flat().filter((code) => code === null).length, 7);
  assertEquals(refusals.flat().filter((code) => code === REACHED).length, 13);
  assertEquals((await countOf(sql, world)).reserved_cost, 7);
}, 12);

limitTest("a batch is taken up to the cap in its order, and the rest says why", async (sql) => {
  const world = await createQuietWorld(sql);
  await setSpend(sql, world, { cap: 3 });

  const rows = await enqueue(sql, world, [
    ...texts(1),
    ...texts(1, { to_address: "nobody", body: TWO_PARTS }),
    ...texts(1, { body: TWO_PARTS }),
    ...texts(1),
  ]);

  assertEquals(rows.map((row) => row.error_code), [null, "invalid_recipient", null, REACHED]);
  assertEquals(
    [rows[3]!.error_field, rows[3]!.error_message],
    [
      "workspace_id",
      "Cannot queue the message: the workspace's spend cap for this month is reached",
    ],
  );
  assertEquals((await countOf(sql, world)).reserved_cost, 3);
});

limitTest(
  "a cap of nothing lets only through what costs nothing; none is no cap",
  async (sql) => {
    const world = await createQuietWorld(sql);

    await setSpend(sql, world, { cap: 0 });
    assertEquals(await refusalsOf(sql, world, texts(1)), [REACHED]);
    await setSpend(sql, world, { cap: 0, price: 0 });
    assertEquals(await refusalsOf(sql, world, texts(1)), [null]);
    await setSpend(sql, world, { cap: null });
    assertEquals(await refusalsOf(sql, world, texts(1)), [null]);
  },
);

limitTest("what the provider charges counts instead of the estimate", async (sql) => {
  const world = await createQuietWorld(sql);
  await setSpend(sql, world, { cap: 3 });
  await enqueue(sql, world, texts(3));
  const { token, ids } = await claim(sql, world, 3);

  await record(sql, token, [
    accepted(ids[0]!, { price: 0.5, price_currency: "USD" }),
    accepted(ids[1]!),
    // Said too early to count: nobody knows yet whether it was taken.
    { message_id: ids[2], outcome: "unknown", price: 9, price_currency: "USD" },
  ]);
  const price = { price: "0.4", priceCurrency: "USD" };
  await ingest(sql, world.connectionId, [{
    ...receiptOf(ids[1]!, "sent", `SM${ids[1]}`),
    ...price,
  }]);
  await ingest(sql, world.connectionId, [receiptOf(ids[2]!, "sent", "SM2")]);

  const { settled_cost, reserved_cost } = await countOf(sql, world);
  assertEquals([settled_cost, reserved_cost], [1.9, 0]);
  assertEquals(await refusalsOf(sql, world, texts(2)), [null, REACHED]);
  assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
});

limitTest("a price in another currency leaves the estimate in place", async (sql) => {
  const world = await createQuietWorld(sql);
  await setSpend(sql, world, { cap: null });
  await enqueue(sql, world, texts(1));
  const { token, ids } = await claim(sql, world);

  await record(sql, token, [accepted(ids[0]!, { price: 7, price_currency: "EUR" })]);

  assertEquals((await countOf(sql, world)).settled_cost, 1);
  assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
});

limitTest("owners and admins set the cap, members do not", async (sql) => {
  const world = await createQuietWorld(sql);
  const set = async (userId: string, cap: number) => {
    const rows = await asUser(
      sql,
      userId,
      (tx) =>
        tx`update public.workspaces set monthly_spend_cap = ${cap} where id = ${world.workspaceId} returning id`,
    );
    return rows.length;
  };

  assertEquals(
    [await set(world.ownerId, 5), await set(world.adminId, 6), await set(world.memberId, 7)],
    [1, 1, 0],
  );
  assertEquals(await refusalOf(() => set(world.adminId, -1)), "23514");
});

limitTest("an edit that makes a message dearer stays within the cap", async (sql) => {
  const { world, id } = await createQueued(sql);
  await setSpend(sql, world, { cap: 1 });
  await sql`update public.usage_counters set reserved_cost = 0.95 where workspace_id = ${world.workspaceId}`;

  const refusal = await errorOf(sql, world.memberId, edit(id, { body: TWO_PARTS }));
  await sql`update public.workspaces set monthly_spend_cap = 3 where id = ${world.workspaceId}`;
  await asUser(sql, world.memberId, edit(id, { body: TWO_PARTS }));
  await sql`update public.workspaces set monthly_spend_cap = 0 where id = ${world.workspaceId}`;
  await asUser(sql, world.memberId, edit(id, { body: "Shorter" }));

  assertEquals(refusal, [REACHED, "workspace_id"]);
});

limitTest("a detour takes the reservation along, and stays within the cap", async (sql) => {
  const world = await createQuietWorld(sql);
  await setSpend(sql, world, { cap: 1.5 });
  const other = await connectOther(sql, world, 2);
  const [row] = await enqueue(sql, world, texts(1));
  const id = row!.message_id;

  const first = await claim(sql, world);
  await record(sql, first.token, [rejected(id, "provider", { is_retryable: true })]);
  const withinCap = await countersOf(sql, world);
  const { from_address: stayed } = await readSender(sql, id);
  await setSpend(sql, world, { cap: 2 });
  await sql`update private.outbound_jobs set due_at = now() where message_id = ${id}`;
  const second = await claim(sql, world);
  await record(sql, second.token, [rejected(id, "provider", { is_retryable: true })]);

  assertEquals([stayed, (await readSender(sql, id)).from_address], [world.phoneNumber, other]);
  assertEquals(withinCap[0]!.endsWith("reserved 1 ($1), settled 0 ($0)"), true, withinCap[0]);
  assertEquals((await countOf(sql, world)).reserved_cost, 2);
  assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
});

limitTest("no call is started once the cap is reached", async (sql) => {
  const world = await createQuietWorld(sql);
  const start = () =>
    asUser(
      sql,
      world.memberId,
      (tx) =>
        tx`select call_id from public.start_call(
          ${world.workspaceId}, ${tx.json({ to_address: freshNumber(), text: "Hello" })}, '{twilio}'
        )`,
    );
  await setSpend(sql, world, { cap: 1 });
  const [call] = await start();
  await sql`
    update public.calls set status = 'completed', answered_at = now(), ended_at = now(), duration_seconds = 61, price = 1,
      price_currency = 'USD'
    where id = ${call!.call_id}`;

  assertEquals(await refusalOf(start), "PT402");
  assertEquals(await refusalsOf(sql, world, texts(1)), [REACHED]);
  const [counter] = await countersOf(sql, world);
  assertEquals(counter!.endsWith("call own: reserved 0 ($0), settled 2 ($1)"), true, counter);
});

limitTest("a call reserves a minute, and settles those that it began", async (sql) => {
  const world = await createQuietWorld(sql);
  const to_address = freshNumber();
  const start = () =>
    asUser(
      sql,
      world.memberId,
      (tx) =>
        tx`select call_id from public.start_call(
          ${world.workspaceId}, ${tx.json({ to_address, text: "Hello" })}, '{twilio}'
        )`,
    );
  const report = (id: string, external: string, event: object) =>
    ingest(sql, world.connectionId, [{ kind: "call", externalId: external, callId: id, ...event }]);
  const [answered, missed, open] = [await start(), await start(), await start()].map((rows) =>
    rows[0]!.call_id
  );
  const reserved = await countersOf(sql, world);

  await report(answered, "CA1" + answered, { status: "in_progress" });
  await report(answered, "CA1" + answered, { status: "completed", durationSeconds: "121" });
  await report(missed, "CA2" + missed, { status: "no_answer" });

  const settled = await countersOf(sql, world);
  assertEquals(
    reserved[0]!.endsWith("call own: reserved 3 ($0), settled 0 ($0)"),
    true,
    reserved[0],
  );
  assertEquals(settled[0]!.endsWith("call own: reserved 1 ($0), settled 3 ($0)"), true, settled[0]);
  assertEquals(settled, await measuredOf(sql, world));
  assertEquals(typeof open, "string");
});

limitTest("everybody in a workspace sees what is left, and nobody else", async (sql) => {
  const world = await createQuietWorld(sql);
  await setSpend(sql, world, { cap: 5 });
  await enqueue(sql, world, texts(3));
  const { token, ids } = await claim(sql, world);
  await record(sql, token, [accepted(ids[0]!)]);
  const summary = (userId: string) =>
    asUser(sql, userId, (tx) => tx`select * from public.usage_summary(${world.workspaceId})`);

  const [texting, , , calling] = await summary(world.memberId);

  const { month: _month, ...counted } = texting!;
  assertEquals(counted, {
    channel: "sms",
    is_in_plan: true,
    monthly_limit: 50,
    used_count: "0",
    reserved_count: "0",
    left_count: "50",
    own_used_count: "1",
    own_reserved_count: "2",
    used_cost: "1",
    reserved_cost: "2",
    monthly_spend_cap: "5",
    left_to_spend: "2",
  });
  assertEquals([calling!.channel, calling!.left_count], ["call", "30"]);
  const stranger = await createAccount(sql, "stranger");
  assertEquals(await refusalOf(() => summary(stranger)), "PT404");
});

limitTest("nothing is left where nothing is capped, or nothing included", async (sql) => {
  const world = await createQuietWorld(sql);
  await sql`
    insert into public.plans (id, display_name, monthly_price) values ('test_bare', 'Bare', 0) on conflict do nothing`;
  await sql`
    insert into public.plan_limits (plan_id, channel, monthly_limit) values ('test_bare', 'email', null)
    on conflict do nothing`;
  await sql`update public.workspaces set plan_id = 'test_bare' where id = ${world.workspaceId}`;

  const rows = await asUser(
    sql,
    world.ownerId,
    (tx) => tx`select * from public.usage_summary(${world.workspaceId})`,
  );

  assertEquals(
    rows.map((row) => [row.channel, row.is_in_plan, row.left_count, row.left_to_spend]),
    [["sms", false, "0", null], ["whatsapp", false, "0", null], ["email", true, null, null], [
      "call",
      false,
      "0",
      null,
    ]],
  );
});

/** Another connection of the workspace with a number; answers the number. */
async function connectOther(sql: postgres.Sql, world: World, price: number): Promise<string> {
  const number = listedNumber();
  const connectionId = await connectAccount(sql, world.ownerId, world.workspaceId, {
    provider: "twilio",
    numbers: [number],
  });
  await sql`insert into public.connection_rates (connection_id, channel, price) values (${connectionId}, 'sms', ${price})`;
  return number.phone_number as string;
}

const readSender = async (sql: postgres.Sql, id: string) => {
  const [row] = await sql`select from_address from public.conversation_messages where id = ${id}`;
  return row as { from_address: string };
};
