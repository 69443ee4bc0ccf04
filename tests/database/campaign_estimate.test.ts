import { assertEquals } from "@std/assert";
import {
  addRecipients,
  createCampaign,
  estimate,
  freshNumbers,
  setPace,
} from "../support/campaigns.ts";
import { databaseTest } from "../support/engine.ts";
import { connectAccount, listedNumber, refusalAs } from "../support/tenancy.ts";
import { asUser, createWorld, freshNumber, type World } from "../support/world.ts";
import type postgres from "postgres";

const start = (id: string, maxCost: number | null) => (tx: postgres.TransactionSql) =>
  tx`select status, estimated_cost::float8 as cost from public.start_campaign(${id}, ${maxCost})`;

/** As if the world's provider had charged its message, to a number in the United States. */
const charge = (sql: postgres.Sql, world: World, price: number, currency = "USD") =>
  sql`
    with sent as (
      update public.conversation_messages set to_address = '+14155550100'
      where workspace_id = ${world.workspaceId} and direction = 'outbound'
    )
    update public.message_attempts
    set outcome = 'accepted', external_id = 'SM1', finished_at = now(), price = ${price},
      price_currency = ${currency}, segment_count = 2
    where workspace_id = ${world.workspaceId}`;

databaseTest("an estimate counts messages, segments and the time they take", async (sql) => {
  const world = await createWorld(sql);
  await setPace(sql, world, 0.5);
  const id = await createCampaign(sql, world, { body: "x".repeat(161) });
  await addRecipients(sql, world, id, [...freshNumbers(3), freshNumber(), "bad"]);

  const { costs: _, ...sums } = await estimate(sql, world, id);

  assertEquals(sums, {
    recipient_count: 4,
    message_count: 4,
    skipped: {},
    segment_count: 8,
    is_sampled: false,
    cost: 0.08,
    currency: "USD",
    duration_seconds: 16,
  });
});

databaseTest("words with placeholders are measured as each recipient reads them", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world, { body: "{{text}}" });
  const variables = [{ text: "x".repeat(160) }, { text: "x".repeat(161) }];
  await addRecipients(sql, world, id, freshNumbers(2), variables);

  assertEquals((await estimate(sql, world, id)).segment_count, 3);
});

databaseTest(
  "the cost is what the workspace was charged, by provider and country",
  async (sql) => {
    const world = await createWorld(sql);
    await charge(sql, world, 0.02);
    const id = await createCampaign(sql, world);
    await addRecipients(sql, world, id, ["+14155550101", "+14155550102", "+14155550103"]);

    const { cost, currency, costs } = await estimate(sql, world, id);

    assertEquals([cost, currency], [0.03, "USD"]);
    assertEquals(costs, [{
      provider: "twilio",
      country: "US",
      segment_count: 3,
      price: 0.01,
      cost: 0.03,
    }]);
  },
);

databaseTest(
  "a rate that an admin wrote down stands in until something was charged",
  async (sql) => {
    const world = await createWorld(sql);
    const id = await createCampaign(sql, world);
    await addRecipients(sql, world, id, ["+14155550101", "+49301234567"]);

    const unknown = await estimate(sql, world, id);
    await asUser(
      sql,
      world.adminId,
      (tx) =>
        tx`
        insert into public.connection_rates (connection_id, channel, price)
        values (${world.connectionId}, 'sms', 0.5)`,
    );
    const rated = await estimate(sql, world, id);
    await charge(sql, world, 0.02);
    const charged = await estimate(sql, world, id);

    assertEquals([unknown.cost, rated.cost, charged.cost], [0.02, 1, 0.51]);
    assertEquals(
      charged.costs.map((row: { country: string; cost: number }) => [row.country, row.cost]),
      [["DE", 0.5], ["US", 0.01]],
    );
  },
);

databaseTest(
  "a campaign nobody receives, or without words or sender, is not estimated",
  async (sql) => {
    const world = await createWorld(sql);
    const empty = await createCampaign(sql, world);
    const speechless = await createCampaign(sql, world, { body: null });
    const senderless = await createCampaign(sql, world, { channel: "whatsapp" });
    for (const id of [speechless, senderless]) await addRecipients(sql, world, id, freshNumbers(1));
    const call = (id: string) => (tx: postgres.TransactionSql) =>
      tx`select public.estimate_campaign(${id})`;

    assertEquals(await refusalAs(sql, world.adminId, call(empty)), "PT422");
    assertEquals(await refusalAs(sql, world.adminId, call(speechless)), "PT422");
    assertEquals(await refusalAs(sql, world.adminId, call(senderless)), "PT409");
  },
);

databaseTest("a campaign that costs more than allowed is not started", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world);
  await addRecipients(sql, world, id, ["+14155550101", "+14155550102", "+14155550103"]);

  await charge(sql, world, 0.02);
  assertEquals(await refusalAs(sql, world.adminId, start(id, 0.02)), "PT422");
  const [started] = await asUser(sql, world.adminId, start(id, 0.03));

  assertEquals({ ...started }, { status: "running", cost: 0.03 });
  await sql`
    update public.campaigns set status = 'canceled', ended_at = now() where id = ${id}`;
});

databaseTest("a number that a member connected for themselves carries no campaign", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world);
  await addRecipients(sql, world, id, freshNumbers(1));
  await connectAccount(sql, world.adminId, world.workspaceId, {
    isPersonal: true,
    numbers: [listedNumber()],
  });
  await sql`
    update public.phone_numbers set is_default = false, status = 'inactive' where id = ${world.phoneNumberId}`;
  const call = (tx: postgres.TransactionSql) => tx`select public.estimate_campaign(${id})`;

  assertEquals(await refusalAs(sql, world.adminId, call), "PT409");
});
