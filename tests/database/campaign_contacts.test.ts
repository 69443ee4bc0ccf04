import { assertEquals } from "@std/assert";
import {
  addContacts,
  addRecipients,
  createCampaign,
  estimate,
  freshNumbers,
  progressOf,
  updateCampaign,
} from "../support/campaigns.ts";
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

/** A contact with labels, one or more numbers, and what is known of it. */
async function addContact(
  sql: postgres.Sql,
  world: World,
  contact: { name?: string; labels?: string[]; attributes?: Row; addresses?: string[] } = {},
): Promise<string> {
  const { name = "Ada Lovelace", labels = [], attributes = {}, addresses = [freshNumber()] } =
    contact;
  const [row] = await sql`
    insert into public.contacts (workspace_id, display_name, labels, attributes)
    values (${world.workspaceId}, ${name}, ${labels}, ${sql.json(attributes as never)})
    returning id`;
  for (const address of addresses) {
    await sql`
      insert into public.contact_addresses (workspace_id, contact_id, kind, address, created_at)
      values (${world.workspaceId}, ${row!.id}, 'phone', ${address}, clock_timestamp())`;
  }
  return row!.id;
}

databaseTest("a filter finds the contacts that meet all of its conditions", async (sql) => {
  const world = await createWorld(sql);
  const both = await addContact(sql, world, { labels: ["vip", "patient"] });
  const vip = await addContact(sql, world, { labels: ["vip"], attributes: { city: "Berlin" } });
  const plain = await addContact(sql, world, {});
  await sql`
    update public.conversations set tags = '{recall}' where contact_id = ${world.contactId}`;
  await sql`update public.contacts set created_at = '2020-05-05' where id = ${plain}`;
  const filters: [Row, string[]][] = [
    [{}, [both, vip, plain, world.contactId]],
    [{ labels_any: ["vip", "unknown"] }, [both, vip]],
    [{ labels_all: ["vip", "patient"] }, [both]],
    [{ labels_any: ["vip"], labels_none: ["patient"] }, [vip]],
    [{ contact_ids: [plain, vip] }, [plain, vip]],
    [{ attributes: { city: "Berlin" } }, [vip]],
    [{ tags_any: ["recall"] }, [world.contactId]],
    [{ conversation_channel: "sms" }, [world.contactId]],
    [{ conversation_channel: "email" }, []],
    [{ created_before: "2021-01-01T00:00:00Z" }, [plain]],
    [{ created_after: "2021-01-01T00:00:00Z", labels_any: ["vip"] }, [both, vip]],
    [{ not_contacted_since: "2020-01-01T00:00:00Z" }, [both, vip, plain]],
    [{ not_contacted_since: "2099-01-01T00:00:00Z" }, [both, vip, plain, world.contactId]],
  ];

  for (const [filter, expected] of filters) {
    const id = await createCampaign(sql, world);
    await addContacts(sql, world, id, filter);
    const found = await sql`
      select contact_id from public.campaign_recipients where campaign_id = ${id}`;
    assertEquals(
      found.map((row) => row.contact_id).sort(),
      expected.toSorted(),
      JSON.stringify(filter),
    );
    const [campaign] = await sql`select audience from public.campaigns where id = ${id}`;
    assertEquals(campaign!.audience, filter);
  }
});

databaseTest("a filter that says something unknown is refused", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world);
  const filters = [
    [],
    { colour: "red" },
    { labels_any: "vip" },
    { labels_any: [] },
    { labels_all: [1] },
    { contact_ids: ["nonsense"] },
    { contact_ids: [] },
    { created_after: "yesterday" },
    { not_contacted_since: "2026-01-01" },
    { conversation_channel: "pigeon" },
    { attributes: [] },
  ];

  for (const filter of filters) {
    const add = (tx: postgres.TransactionSql) =>
      tx`select * from public.add_campaign_contacts(${id}, ${tx.json(filter as never)})`;
    assertEquals(await refusalAs(sql, world.adminId, add), "PT400", JSON.stringify(filter));
  }
});

databaseTest(
  "a contact is written to once, at the first address that can be reached",
  async (sql) => {
    const world = await createWorld(sql);
    const first = freshNumber();
    const labels = ["audience"];
    await addContact(sql, world, { labels, addresses: ["ACME", first, freshNumber()] });
    await addContact(sql, world, { labels, addresses: [] });
    const gone = freshNumber();
    await addContact(sql, world, { labels, addresses: [gone] });
    await optOut(sql, world, gone);
    const known = freshNumber();
    await addContact(sql, world, { labels, addresses: [known] });
    const id = await createCampaign(sql, world);
    await addRecipients(sql, world, id, [known]);

    const added = await addContacts(sql, world, id, { labels_any: labels });

    assertEquals(added, {
      added_count: 2,
      duplicate_count: 1,
      opted_out_count: 1,
      without_address_count: 1,
    });
    const rows = await recipientsOf(sql, id);
    assertEquals(
      rows.filter((row) => row.status === "pending").map((row) => row.address).sort(),
      [first, known].sort(),
    );
  },
);

databaseTest("another workspace's contacts are never found", async (sql) => {
  const world = await createWorld(sql);
  const stranger = await createWorld(sql);
  const id = await createCampaign(sql, world);

  await addContacts(sql, world, id, { contact_ids: [stranger.contactId] });

  assertEquals(await recipientsOf(sql, id), []);
});

databaseTest(
  "whoever lacks a variable of changed words is skipped, and back when they fit again",
  async (sql) => {
    const world = await createWorld(sql);
    const id = await createCampaign(sql, world, { body: "Hello" });
    const labels = ["fit"];
    await addContact(sql, world, { labels, name: "Ada Lovelace", attributes: { city: "Berlin" } });
    await addContact(sql, world, { labels, name: "Bob" });
    await addContacts(sql, world, id, { labels_any: labels });
    await addRecipients(sql, world, id, freshNumbers(2), [{ city: "Rome" }, {}]);

    await updateCampaign(sql, world, id, { body: "Hello {{city}}" });
    const lacking = await estimate(sql, world, id);
    const then = await progressOf(sql, id);
    await updateCampaign(sql, world, id, { variables: { city: "town" } });
    const fitting = await estimate(sql, world, id);

    assertEquals([lacking.message_count, lacking.skipped], [2, { variable_missing: 2 }]);
    assertEquals(then, { status: "draft", pending: 2, skipped: 2 });
    assertEquals([fitting.message_count, fitting.skipped], [4, {}]);
  },
);

databaseTest("uploaded rows are held against a template again when it was edited", async (sql) => {
  const world = await createWorld(sql);
  const [template] = await asUser(
    sql,
    world.adminId,
    (tx) =>
      tx`
        insert into public.message_templates (workspace_id, name, channel, body)
        values (${world.workspaceId}, 'open', 'sms', 'We are open') returning id`,
  );
  const id = await createCampaign(sql, world, {
    body: null,
    template: { template_id: template!.id },
  });
  await addRecipients(sql, world, id, freshNumbers(2), [{ city: "Rome" }, {}]);
  const before = await estimate(sql, world, id);
  await asUser(
    sql,
    world.adminId,
    (tx) =>
      tx`
        update public.message_templates
        set body = 'We are open in {{city}}', variables = '[{"name": "city", "type": "text"}]'
        where id = ${template!.id}`,
  );

  const after = await estimate(sql, world, id);

  assertEquals([before.message_count, before.skipped], [2, {}]);
  assertEquals([after.message_count, after.skipped], [1, { variable_missing: 1 }]);
});
