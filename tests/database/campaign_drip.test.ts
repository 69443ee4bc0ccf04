import { assert, assertEquals } from "@std/assert";
import {
  act,
  addContacts,
  addRecipients,
  createCampaign,
  drip,
  endCampaigns,
  estimate,
  freshNumbers,
  handOver,
  jobsOf,
  progressOf,
  runCampaign,
  setPace,
} from "../support/campaigns.ts";
import { databaseTest } from "../support/engine.ts";
import { asUser, createWorld, freshNumber } from "../support/world.ts";

databaseTest(
  "no more of a campaign waits in the queue than its sender carries in 30 s",
  async (sql) => {
    const world = await createWorld(sql);
    await setPace(sql, world, 0.2);
    const { id } = await runCampaign(sql, world, 20);

    await drip(sql);
    const first = await progressOf(sql, id);
    await drip(sql);
    const again = await progressOf(sql, id);
    await handOver(sql, world, 2);
    await drip(sql);
    const later = await progressOf(sql, id);

    assertEquals(first, { status: "running", pending: 14, queued: 6 });
    assertEquals(again, first);
    assertEquals(later, { status: "running", pending: 12, queued: 6, sent: 2 });
    await endCampaigns(sql, world);
  },
);

databaseTest("campaigns of one workspace share the pace of its senders", async (sql) => {
  const world = await createWorld(sql);
  await setPace(sql, world, 0.2);
  const [one, two] = [await runCampaign(sql, world, 20), await runCampaign(sql, world, 20)];

  await drip(sql);

  for (const { id } of [one, two]) {
    assertEquals(await progressOf(sql, id), { status: "running", pending: 17, queued: 3 });
  }
  await endCampaigns(sql, world);
});

databaseTest("what one drip may queue is shared out among the workspaces", async (sql) => {
  const [large, small] = [await createWorld(sql), await createWorld(sql)];
  for (const world of [large, small]) await setPace(sql, world, 100);
  const first = await runCampaign(sql, large, 30);
  const second = await runCampaign(sql, large, 30);
  const other = await runCampaign(sql, small, 30);
  const ids = [first.id, second.id, other.id];
  let queued: unknown[] = [];
  class Undo extends Error {}
  await sql.begin(async (tx) => {
    await tx`
      update public.campaigns set status = 'paused' where status = 'running' and id <> all (${ids})`;
    await tx`select private.drip_campaigns(15)`;
    queued = await Promise.all(ids.map(async (id) => (await progressOf(tx, id)).queued));
    throw new Undo();
  }).catch((error) => assert(error instanceof Undo, error));

  assertEquals(queued, [5, 5, 5]);
  for (const world of [large, small]) await endCampaigns(sql, world);
});

databaseTest("two drips at once queue every recipient exactly once", async (sql) => {
  const world = await createWorld(sql);
  await setPace(sql, world, 100);
  const { id, addresses } = await runCampaign(sql, world, 300);

  await Promise.all([drip(sql), drip(sql), drip(sql), drip(sql)]);
  await drip(sql);

  assertEquals(await progressOf(sql, id), { status: "running", queued: 300 });
  const messages = await sql`
    select to_address from public.conversation_messages
    where workspace_id = ${world.workspaceId} and to_address = any (${addresses})`;
  assertEquals(messages.length, 300);
  assertEquals((await jobsOf(sql, world)).length, 300);
  await endCampaigns(sql, world);
});

databaseTest("a drip that breaks off has queued nobody and forgotten nobody", async (sql) => {
  const world = await createWorld(sql);
  const { id } = await runCampaign(sql, world, 5);
  class Crash extends Error {}

  await sql.begin(async (tx) => {
    await tx`select private.drip_campaigns(100000)`;
    throw new Crash();
  }).catch((error) => assert(error instanceof Crash));

  assertEquals(await progressOf(sql, id), { status: "running", pending: 5 });
  assertEquals(await jobsOf(sql, world), []);
  await endCampaigns(sql, world);
});

databaseTest(
  "each recipient reads their own words, and a value is never read as a placeholder",
  async (sql) => {
    const world = await createWorld(sql);
    const id = await createCampaign(sql, world, {
      body: "Hi {{first_name}}, {{ city }} opens. {{code}}{{code}}",
      variables: { code: "X", city: "Rome" },
    });
    const uploaded = freshNumber();
    await addRecipients(sql, world, id, [uploaded], [{ first_name: "{{code}}", code: "\\1&" }]);
    await sql`
    update public.contacts set display_name = 'Ada Lovelace', attributes = '{"city": "Berlin"}'
    where id = ${world.contactId}`;
    await addContacts(sql, world, id, { contact_ids: [world.contactId] });
    await estimate(sql, world, id);
    await act(sql, world, id, "start");

    await drip(sql);

    const rows = await sql`
    select r.address, r.contact_id, m.body, m.direction, m.phone_number_id, m.sender_id
    from public.campaign_recipients as r
    join public.conversation_messages as m on m.id = r.message_id
    where r.campaign_id = ${id}`;
    assertEquals(
      rows.map((row) => [row.address === uploaded, row.body, row.phone_number_id, row.sender_id])
        .sort(),
      [
        [false, "Hi Ada, Berlin opens. XX", world.phoneNumberId, null],
        [true, "Hi {{code}}, Rome opens. \\1&\\1&", world.phoneNumberId, null],
      ],
    );
    assert(rows.every((row) => row.contact_id !== null));
    await endCampaigns(sql, world);
  },
);

databaseTest("who opts out after the import is skipped when their turn comes", async (sql) => {
  const world = await createWorld(sql);
  const { id, addresses } = await runCampaign(sql, world, 3);
  await asUser(
    sql,
    world.memberId,
    (tx) => tx`select public.opt_out(${world.workspaceId}, ${addresses[0]!})`,
  );

  await drip(sql);

  assertEquals(await progressOf(sql, id), { status: "running", queued: 2, skipped: 1 });
  const [row] = await sql`
    select status, skip_reason from public.campaign_results
    where campaign_id = ${id} and address = ${addresses[0]!}`;
  assertEquals({ ...row }, { status: "skipped", skip_reason: "recipient_opted_out" });
  await endCampaigns(sql, world);
});

databaseTest("a contact that lost a variable after the estimate is skipped", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world, { body: "Hi {{city}}" });
  await sql`
    update public.contacts set attributes = '{"city": "Berlin"}' where id = ${world.contactId}`;
  await addContacts(sql, world, id, { contact_ids: [world.contactId] });
  await estimate(sql, world, id);
  await act(sql, world, id, "start");
  await sql`update public.contacts set attributes = '{}' where id = ${world.contactId}`;

  await drip(sql);

  assertEquals(await progressOf(sql, id), { status: "completed", skipped: 1 });
});

databaseTest("a drip leaves alone what another one is at", async (sql) => {
  const world = await createWorld(sql);
  const { id } = await runCampaign(sql, world, 5);
  const dripper = await sql.reserve();
  try {
    await dripper`begin`;
    await dripper`select private.drip_campaigns(100000)`;
    // Waiting for the first one would be refused.
    await sql.begin(async (tx) => {
      await tx`set local lock_timeout = '1s'`;
      await tx`select private.drip_campaigns(100000)`;
    });
    await dripper`commit`;
  } finally {
    dripper.release();
  }

  assertEquals(await progressOf(sql, id), { status: "running", queued: 5 });
  assertEquals((await jobsOf(sql, world)).length, 5);
  await endCampaigns(sql, world);
});

databaseTest("a scheduled campaign runs from its time on", async (sql) => {
  const world = await createWorld(sql);
  const id = await createCampaign(sql, world, { scheduled_at: "2099-01-01T09:00:00Z" });
  await addRecipients(sql, world, id, freshNumbers(2));
  await estimate(sql, world, id);
  await act(sql, world, id, "start");

  await drip(sql);
  const before = await progressOf(sql, id);
  await sql`update public.campaigns set scheduled_at = now() where id = ${id}`;
  const [work] = await sql`select private.has_campaign_work() as is_there`;
  await drip(sql);

  assertEquals(before, { status: "scheduled", pending: 2 });
  assertEquals(work!.is_there, true);
  assertEquals(await progressOf(sql, id), { status: "running", queued: 2 });
  await endCampaigns(sql, world);
});

databaseTest(
  "an e-mail campaign fills in the subject, too, and goes from its address",
  async (sql) => {
    const world = await createWorld(sql);
    const from = `news-${crypto.randomUUID()}@example.com`;
    await sql`
    insert into public.email_senders
      (workspace_id, connection_id, provider, email_address, status, last_verified_at)
    values (${world.workspaceId}, ${world.connectionId}, 'twilio', ${from}, 'active', now())`;
    const id = await createCampaign(sql, world, {
      channel: "email",
      subject: "{{first_name}}, we are open",
      body: "Dear {{first_name}}",
      from_address: from,
    });
    const address = `ada-${crypto.randomUUID()}@example.com`;
    await addRecipients(sql, world, id, [address], [{ first_name: "Ada" }]);
    await estimate(sql, world, id);
    await act(sql, world, id, "start");

    await drip(sql);

    const [row] = await sql`
    select d.subject, m.body, m.from_address, m.to_address from public.campaign_recipients as r
    join public.conversation_messages as m on m.id = r.message_id
    join public.email_details as d on d.message_id = m.id
    where r.campaign_id = ${id}`;
    assertEquals({ ...row }, {
      subject: "Ada, we are open",
      body: "Dear Ada",
      from_address: from,
      to_address: address,
    });
    await endCampaigns(sql, world);
  },
);

databaseTest(
  "a template fills in dates, and a row whose value it cannot take is named",
  async (sql) => {
    const world = await createWorld(sql);
    const [template] = await asUser(
      sql,
      world.adminId,
      (tx) =>
        tx`
        insert into public.message_templates (workspace_id, name, channel, body, variables)
        values (
          ${world.workspaceId}, 'recall', 'sms', 'Hi {{first_name}}, see you on {{day}}',
          '[{"name": "first_name", "type": "text"}, {"name": "day", "type": "date"}]'
        )
        returning id`,
    );
    const id = await createCampaign(sql, world, {
      body: null,
      template: { template_id: template!.id, variables: { first_name: "there" } },
    });
    const added = await addRecipients(sql, world, id, freshNumbers(3), [
      { day: "2026-12-01", further: "not asked for" },
      { day: "someday" },
      {},
    ]);
    await estimate(sql, world, id);
    await act(sql, world, id, "start");

    await drip(sql);

    assertEquals(added.errors.map((error) => [error.row_number, error.code, error.field]), [
      [2, "variable_invalid", "day"],
      [3, "variable_missing", "day"],
    ]);
    const [message] = await sql`
    select m.body, m.message_class, m.campaign_id from public.campaign_recipients as r
    join public.conversation_messages as m on m.id = r.message_id
    where r.campaign_id = ${id}`;
    assertEquals({ ...message }, {
      body: "Hi there, see you on Dec 1, 2026",
      message_class: "campaign",
      campaign_id: id,
    });
    await endCampaigns(sql, world);
  },
);
