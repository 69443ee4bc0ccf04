import { assertEquals, assertNotEquals } from "@std/assert";
import type postgres from "postgres";
import {
  act,
  addRecipients,
  createCampaign,
  endCampaigns,
  estimate,
  freshNumbers,
  runCampaign,
  updateCampaign,
} from "../support/campaigns.ts";
import { databaseTest, type Row } from "../support/engine.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import { refusalAs } from "../support/tenancy.ts";
import { asUser, createWorld, type World } from "../support/world.ts";

const create = (world: World, campaign: unknown) => (tx: postgres.TransactionSql) =>
  tx`select * from public.create_campaign(${world.workspaceId}, ${tx.json(campaign as never)})`;

/** Every function of campaigns, called for one of them. */
const CALLS: Record<string, (tx: postgres.TransactionSql, id: string) => Promise<unknown>> = {
  update: (tx, id) => tx`select public.update_campaign(${id}, '{"name": "x"}')`,
  recipients: (tx, id) => tx`select * from public.add_campaign_recipients(${id}, '{+14155550123}')`,
  contacts: (tx, id) => tx`select * from public.add_campaign_contacts(${id})`,
  clear: (tx, id) => tx`select public.clear_campaign_recipients(${id})`,
  estimate: (tx, id) => tx`select public.estimate_campaign(${id})`,
  start: (tx, id) => tx`select public.start_campaign(${id})`,
  pause: (tx, id) => tx`select public.pause_campaign(${id})`,
  resume: (tx, id) => tx`select public.resume_campaign(${id})`,
  cancel: (tx, id) => tx`select public.cancel_campaign(${id})`,
};

databaseTest("strangers do not find a campaign, and members may not touch it", async (sql) => {
  const world = await createWorld(sql);
  const { ownerId: strangerId } = await createWorld(sql);
  const id = await createCampaign(sql, world);
  const draft = create(world, { name: "Theirs", body: "Hello" });

  assertEquals(await refusalAs(sql, strangerId, draft), "PT404");
  assertEquals(await refusalAs(sql, world.memberId, draft), "PT403");
  assertEquals(await refusalOf(() => asRole(sql, "anon", null, draft)), "42501");
  for (const [name, call] of Object.entries(CALLS)) {
    assertEquals(await refusalAs(sql, strangerId, (tx) => call(tx, id)), "PT404", name);
    assertEquals(await refusalAs(sql, world.memberId, (tx) => call(tx, id)), "PT403", name);
    const asAnon = () => asRole(sql, "anon", null, (tx) => call(tx, id));
    assertEquals(await refusalOf(asAnon), "42501", name);
  }
  const [campaign] = await sql`select name, recipient_count from public.campaigns where id = ${id}`;
  assertEquals({ ...campaign }, { name: "Spring", recipient_count: 0 });
});

databaseTest("strangers read nothing of a campaign, members all of it", async (sql) => {
  const world = await createWorld(sql);
  const { ownerId: strangerId } = await createWorld(sql);
  const id = await createCampaign(sql, world);
  await addRecipients(sql, world, id, [...freshNumbers(1), "nonsense"]);
  const tables = [
    "campaign_recipients",
    "campaign_row_errors",
    "campaign_results",
    "campaign_progress",
  ];
  const countAs = (userId: string, table: string) =>
    asUser(sql, userId, async (tx) => {
      const rows = await tx.unsafe(`select from public.${table} where campaign_id = '${id}'`);
      return rows.length;
    });

  for (const table of tables) {
    assertEquals(await countAs(world.memberId, table), 1, table);
    assertEquals(await countAs(strangerId, table), 0, table);
  }
});

databaseTest("a campaign that cannot be is refused, field by field", async (sql) => {
  const world = await createWorld(sql);
  const other = await createWorld(sql);
  const refused: [string, unknown][] = [
    ["campaign", "x"],
    ["campaign", null],
    ["name", { body: "x" }],
    ["name", { name: " " }],
    ["name", { name: "x".repeat(201) }],
    ["name", { name: 7 }],
    ["channel", { name: "x", channel: "pigeon" }],
    ["colour", { name: "x", colour: "red" }],
    ["body", { name: "x", body: "" }],
    ["body", { name: "x", body: "x".repeat(1601) }],
    ["subject", { name: "x", subject: "Hello" }],
    ["subject", { name: "x", channel: "email", subject: "Hello\nBcc: a@example.com" }],
    ["template", { name: "x", body: "x", template: { template_id: world.workspaceId } }],
    ["template.template_id", { name: "x", template: {} }],
    ["template.template_id", { name: "x", template: { template_id: world.workspaceId } }],
    ["variables", { name: "x", variables: [] }],
    ["variables", { name: "x", variables: { a: 1 } }],
    ["variables", { name: "x", variables: { a: crypto.randomUUID().repeat(500) } }],
    ["phone_number_id", { name: "x", phone_number_id: other.phoneNumberId }],
    ["phone_number_id", { name: "x", phone_number_id: "nonsense" }],
    ["phone_number_id", { name: "x", channel: "email", phone_number_id: world.phoneNumberId }],
    ["from_address", { name: "x", from_address: "a@example.com" }],
    ["from_address", { name: "x", channel: "email", from_address: "a@example.com" }],
    ["email_sender_id", { name: "x", channel: "email", email_sender_id: world.workspaceId }],
    ["default_country", { name: "x", default_country: "us" }],
    ["scheduled_at", { name: "x", scheduled_at: "tomorrow" }],
    ["scheduled_at", { name: "x", scheduled_at: "2026-12-01T09:00:00" }],
    ["scheduled_at", { name: "x", scheduled_at: "2026-13-01T09:00:00Z" }],
    ["idempotency_key", { name: "x", idempotency_key: "" }],
  ];

  for (const [field, campaign] of refused) {
    assertEquals(await fieldOf(sql, world, create(world, campaign)), `PT400 ${field}`);
  }
});

async function fieldOf(
  sql: postgres.Sql,
  world: World,
  work: (tx: postgres.TransactionSql) => Promise<unknown>,
) {
  try {
    await asRole(sql, "authenticated", world.adminId, work);
  } catch (error) {
    const { code, detail } = error as postgres.PostgresError;
    return `${code} ${detail && JSON.parse(detail).field}`;
  }
  return "nothing";
}

databaseTest("a key makes a repeated campaign the same, and no other one", async (sql) => {
  const world = await createWorld(sql);
  const key = { idempotency_key: crypto.randomUUID() };

  const first = await createCampaign(sql, world, key);
  const again = await createCampaign(sql, world, key);
  const elsewhere = await createCampaign(sql, await createWorld(sql), key);

  assertEquals(again, first);
  assertNotEquals(elsewhere, first);
  const other = create(world, { name: "Another", ...key });
  assertEquals(await fieldOf(sql, world, other), "PT409 idempotency_key");
});

databaseTest("a draft is changed field by field, and only its name is needed", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world, { body: null });

  const [changed] = await updateCampaign(sql, world, id, {
    body: "Hi {{first_name}}",
    variables: { first_name: "there" },
    phone_number_id: world.phoneNumberId,
    scheduled_at: "2026-12-01T09:00:00+01:00",
  });

  assertEquals(
    [changed!.name, changed!.body, changed!.variables, changed!.phone_number_id],
    ["Spring", "Hi {{first_name}}", { first_name: "there" }, world.phoneNumberId],
  );
  assertEquals(changed!.scheduled_at.toISOString(), "2026-12-01T08:00:00.000Z");
});

databaseTest("what has begun is not changed any more, and each step has its time", async (sql) => {
  const world = await createWorld(sql);
  const { id } = await runCampaign(sql, world, 2);
  const refusedIn = async (allowed: string[]) => {
    const calls = Object.entries(CALLS).filter(([name]) => !allowed.includes(name));
    for (const [name, call] of calls) {
      assertEquals(await refusalAs(sql, world.adminId, (tx) => call(tx, id)), "PT409", name);
    }
  };

  await refusedIn(["pause", "cancel"]);
  await act(sql, world, id, "pause");
  await refusedIn(["resume", "cancel"]);
  await act(sql, world, id, "cancel");
  await refusedIn([]);
  await endCampaigns(sql, world);
});

databaseTest("a campaign starts only when it was estimated since its last change", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world);
  const start = (tx: postgres.TransactionSql) => tx`select public.start_campaign(${id})`;
  const changes: Record<string, () => Promise<unknown>> = {
    words: () => updateCampaign(sql, world, id, { body: "Other words" }),
    recipients: () => addRecipients(sql, world, id, freshNumbers(1)),
  };
  await addRecipients(sql, world, id, freshNumbers(1));

  assertEquals(await refusalAs(sql, world.adminId, start), "PT409");
  for (const [name, change] of Object.entries(changes)) {
    await estimate(sql, world, id);
    await change();
    assertEquals(await refusalAs(sql, world.adminId, start), "PT409", name);
  }
  await estimate(sql, world, id);
  assertEquals((await act(sql, world, id, "start")).status, "running");
  await endCampaigns(sql, world);
});

databaseTest("a scheduled campaign becomes a draft when it is changed", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world, { scheduled_at: "2099-01-01T09:00:00Z" });
  await addRecipients(sql, world, id, freshNumbers(1));
  await estimate(sql, world, id);

  const started = await act(sql, world, id, "start");
  const [changed] = await updateCampaign(sql, world, id, { name: "Later" });

  assertEquals([started.status, started.started_at], ["scheduled", null]);
  assertEquals([changed!.status, changed!.estimated_at], ["draft", null]);
});

databaseTest("every step of a campaign is in the audit log", async (sql) => {
  const world = await createWorld(sql);
  const { id } = await runCampaign(sql, world, 1);
  for (const action of ["pause", "resume", "cancel"] as const) await act(sql, world, id, action);

  const rows: Row[] = await sql`
    select action, actor_id from public.audit_log
    where workspace_id = ${world.workspaceId} and entity_id = ${id} order by created_at, id`;

  assertEquals(
    rows.map((row) => row.action).sort(),
    ["canceled", "created", "paused", "resumed", "started"].map((step) => `campaign.${step}`),
  );
  assertEquals(new Set(rows.map((row) => row.actor_id)), new Set([world.adminId]));
});

databaseTest("what fell away after the estimate stops a campaign before it starts", async (sql) => {
  const world = await createWorld(sql);
  const [template] = await asUser(
    sql,
    world.adminId,
    (tx) =>
      tx`
      insert into public.message_templates (workspace_id, name, channel, body)
      values (${world.workspaceId}, 'open', 'sms', 'We are open') returning id`,
  );
  const templated = await createCampaign(sql, world, {
    body: null,
    template: { template_id: template!.id },
  });
  const sendable = await createCampaign(sql, world);
  for (const id of [templated, sendable]) {
    await addRecipients(sql, world, id, freshNumbers(1));
    await estimate(sql, world, id);
  }
  const start = (id: string) => (tx: postgres.TransactionSql) =>
    tx`select public.start_campaign(${id})`;

  await sql`update public.message_templates set is_active = false where id = ${template!.id}`;
  assertEquals(await refusalAs(sql, world.adminId, start(templated)), "PT422");
  await sql`
    update public.phone_numbers set is_default = false, status = 'inactive'
    where workspace_id = ${world.workspaceId}`;
  assertEquals(await refusalAs(sql, world.adminId, start(sendable)), "PT409");
});

databaseTest("the channel stays what the recipients were taken for", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world, { body: null });
  const change = (tx: postgres.TransactionSql) =>
    tx`select public.update_campaign(${id}, '{"channel": "email"}')`;
  await addRecipients(sql, world, id, freshNumbers(1));

  assertEquals(await refusalAs(sql, world.adminId, change), "PT409");
  await asUser(sql, world.adminId, (tx) => tx`select public.clear_campaign_recipients(${id})`);
  const [changed] = await updateCampaign(sql, world, id, { channel: "email" });

  assertEquals(changed!.channel, "email");
});
