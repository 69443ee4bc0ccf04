import { assertEquals } from "@std/assert";
import { addRecipients, createCampaign, freshNumbers } from "../support/campaigns.ts";
import { databaseTest, type Row } from "../support/engine.ts";
import { refusalAs } from "../support/tenancy.ts";
import { asUser, createWorld, freshNumber, type World } from "../support/world.ts";
import type postgres from "postgres";

const optOut = (sql: postgres.Sql, world: World, address: string) =>
  asUser(
    sql,
    world.memberId,
    (tx) => tx`select public.opt_out(${world.workspaceId}, ${address})`,
  );

const recipientsOf = async (sql: postgres.Sql, id: string): Promise<Row[]> =>
  (await sql`
    select address, variables, status, skip_reason from public.campaign_recipients
    where campaign_id = ${id} order by address`).map((row) => ({ ...row }));

databaseTest(
  "each address becomes one recipient, however often and however it is written",
  async (sql) => {
    const world = await createWorld(sql);
    const id = await createCampaign(sql, world);
    const [first, second] = freshNumbers(2) as [string, string];
    const spaced = first.replace(/^\+1(...)(...)/, "+1 ($1) $2-");

    const one = await addRecipients(sql, world, id, [first, spaced, second, first]);
    const two = await addRecipients(sql, world, id, [second.replace("+", "00"), freshNumber()]);

    assertEquals([one.added_count, one.duplicate_count, one.error_count], [2, 2, 0]);
    assertEquals([two.added_count, two.duplicate_count, two.error_count], [1, 1, 0]);
    const [campaign] = await sql`
    select recipient_count, duplicate_count from public.campaigns where id = ${id}`;
    assertEquals({ ...campaign }, { recipient_count: 3, duplicate_count: 3 });
  },
);

databaseTest("the first row with an address brings its variables", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world);
  const address = freshNumber();

  await addRecipients(sql, world, id, [address, address], [{ name: "First" }, { name: "Second" }]);

  assertEquals((await recipientsOf(sql, id))[0]!.variables, { name: "First" });
});

databaseTest(
  "rows that cannot be taken are named by their numbers, and the rest goes on",
  async (sql) => {
    const world = await createWorld(sql);
    const id = await createCampaign(sql, world, { body: "Hi {{first_name}}" });
    const good = freshNumber();
    const rows: [string | null, unknown][] = [
      [freshNumber(), {}],
      ["", { first_name: "A" }],
      [null, { first_name: "A" }],
      [good, { first_name: "A" }],
      ["nobody", { first_name: "A" }],
      ["+0155", { first_name: "A" }],
      [freshNumber(), { first_name: " " }],
      [freshNumber(), ["A"]],
      [freshNumber(), { first_name: "A", more: crypto.randomUUID().repeat(500) }],
      [freshNumber(), { first_name: null }],
    ];

    const added = await addRecipients(
      sql,
      world,
      id,
      rows.map(([address]) => address),
      rows.map(([, variables]) => variables),
      101,
    );

    assertEquals(added.errors.map((error) => [error.row_number, error.code, error.field]), [
      [101, "variable_missing", "first_name"],
      [102, "recipient_missing", "address"],
      [103, "recipient_missing", "address"],
      [105, "invalid_recipient", "address"],
      [106, "invalid_recipient", "address"],
      [107, "variable_missing", "first_name"],
      [108, "variables_invalid", "variables"],
      [109, "variables_invalid", "variables"],
      [110, "variable_missing", "first_name"],
    ]);
    assertEquals([added.added_count, added.error_count], [1, 9]);
    assertEquals((await recipientsOf(sql, id)).map((row) => row.address), [good]);
    const kept = await sql`
    select row_number, code, field, message from public.campaign_row_errors
    where campaign_id = ${id} order by row_number`;
    assertEquals(kept.map((row) => ({ ...row })), added.errors as never);
  },
);

databaseTest("rows that are sent again have their errors once, or no more", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world);
  const numbers = freshNumbers(2);

  await addRecipients(sql, world, id, [numbers[0]!, "bad", "worse"]);
  const again = await addRecipients(sql, world, id, [numbers[0]!, numbers[1]!, "worse"]);

  assertEquals([again.added_count, again.duplicate_count, again.error_count], [1, 1, 1]);
  const kept =
    await sql`select row_number from public.campaign_row_errors where campaign_id = ${id}`;
  assertEquals(kept.map((row) => row.row_number), [3]);
});

databaseTest("a value of the campaign fills in where a row has none", async (sql) => {
  const world = await createWorld(sql);
  const fields = { body: "Hi {{first_name}}", variables: { first_name: "there" } };
  const id = await createCampaign(sql, world, fields);

  const added = await addRecipients(sql, world, id, freshNumbers(1));

  assertEquals([added.added_count, added.error_count], [1, 0]);
});

databaseTest("who opted out is a recipient that is skipped; who came back is not", async (sql) => {
  const world = await createWorld(sql);
  const other = await createWorld(sql);
  const [gone, back, free] = freshNumbers(3).sort() as [string, string, string];
  await optOut(sql, world, gone);
  await optOut(sql, other, free);
  await optOut(sql, world, back);
  await sql`
    update public.opt_outs set ended_at = now(), ended_source = 'provider' where address = ${back}`;
  const id = await createCampaign(sql, world);

  const added = await addRecipients(sql, world, id, [gone, back, free]);

  assertEquals([added.added_count, added.opted_out_count], [3, 1]);
  assertEquals((await recipientsOf(sql, id)).map((row) => [row.status, row.skip_reason]), [
    ["skipped", "recipient_opted_out"],
    ["pending", null],
    ["pending", null],
  ]);
});

databaseTest("e-mail addresses are kept in lower case, and checked as such", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world, { channel: "email", subject: "Open" });

  const added = await addRecipients(sql, world, id, [
    " Ada@Example.com",
    "ada@example.com",
    "ada@example.com,bob@example.com",
    "+14155550123",
  ]);

  assertEquals([added.added_count, added.duplicate_count, added.error_count], [1, 1, 2]);
  assertEquals((await recipientsOf(sql, id))[0]!.address, "ada@example.com");
});

databaseTest("a call that is no list of rows is refused", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world);
  const calls = [
    "'{}'",
    "null",
    "array(select '+1' from generate_series(1, 50001))",
    `'{+14155550123}', '[]'`,
    `'{+14155550123}', '{}'`,
    `'{+14155550123}', null, 0`,
    `'{+14155550123}', null, null`,
  ];

  for (const call of calls) {
    const add = (tx: postgres.TransactionSql) =>
      tx.unsafe(`select * from public.add_campaign_recipients('${id}', ${call})`);
    assertEquals(await refusalAs(sql, world.adminId, add), "PT400", call);
  }
});

databaseTest("a campaign has at most a million recipients", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world);
  await sql`update public.campaigns set recipient_count = 999999 where id = ${id}`;
  const add = (addresses: string[]) => (tx: postgres.TransactionSql) =>
    tx`select * from public.add_campaign_recipients(${id}, ${addresses})`;

  assertEquals(await refusalAs(sql, world.adminId, add(freshNumbers(2))), "PT422");
  assertEquals((await addRecipients(sql, world, id, freshNumbers(1))).added_count, 1);
});

databaseTest("a draft is emptied with all that is known of its rows", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world);
  await addRecipients(sql, world, id, [...freshNumbers(3), "bad"]);

  const [row] = await asUser(
    sql,
    world.adminId,
    (tx) => tx`select public.clear_campaign_recipients(${id}) as count`,
  );

  assertEquals(row!.count, 3);
  const [left] = await sql`
    select c.recipient_count, c.duplicate_count,
      (select count(*)::integer from public.campaign_recipients as r where r.campaign_id = c.id) as recipients,
      (select count(*)::integer from public.campaign_row_errors as e where e.campaign_id = c.id) as errors
    from public.campaigns as c where c.id = ${id}`;
  assertEquals({ ...left }, { recipient_count: 0, duplicate_count: 0, recipients: 0, errors: 0 });
});

databaseTest(
  "a list of which nothing can be taken ends after a hundred thousand errors",
  async (sql) => {
    const world = await createWorld(sql);
    const id = await createCampaign(sql, world);
    await sql`
    insert into public.campaign_row_errors (campaign_id, row_number, workspace_id, code, field, message)
    select ${id}, n, ${world.workspaceId}, 'invalid_recipient', 'address', 'x'
    from generate_series(1, 99999) as n`;
    const add = (addresses: string[]) => (tx: postgres.TransactionSql) =>
      tx`select * from public.add_campaign_recipients(${id}, ${addresses}, null, 200000)`;

    assertEquals(await refusalAs(sql, world.adminId, add(["bad", "worse"])), "PT422");
    assertEquals((await addRecipients(sql, world, id, ["bad"], null, 200_000)).error_count, 1);
  },
);
