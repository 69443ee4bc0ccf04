import { assert, assertEquals } from "@std/assert";
import {
  act,
  allowAllHours,
  drip,
  endCampaigns,
  handOver,
  jobsOf,
  progressOf,
  runCampaign,
  setPace,
} from "../support/campaigns.ts";
import { databaseTest, pidOf, untilSettledOrBlocked } from "../support/engine.ts";
import { asService, createWorld } from "../support/world.ts";

databaseTest("a campaign without a sender waits for one, and loses nobody", async (sql) => {
  const world = await createWorld(sql);
  const { id } = await runCampaign(sql, world, 3);
  await sql`
    update public.phone_numbers set is_default = false, status = 'inactive'
    where workspace_id = ${world.workspaceId}`;

  await drip(sql);

  assertEquals(await progressOf(sql, id), { status: "paused", pending: 3 });
  const [campaign] = await sql`select pause_reason from public.campaigns where id = ${id}`;
  assertEquals(campaign!.pause_reason, "no_sender");
});

databaseTest(
  "a refusal of the workspace, not of the recipient, pauses the campaign",
  async (sql) => {
    const world = await createWorld(sql);
    const { id } = await runCampaign(sql, world, 3, { phone_number_id: world.phoneNumberId });
    // Its pace stays known: only the enqueueing finds out that the number is another's by now.
    await sql.begin(async (tx) => {
      await tx.unsafe(`
      create or replace function private.campaign_senders(campaign public.campaigns)
      returns setof private.campaign_sender language sql stable set search_path = ''
      as $$ select ('twilio', null, 0.01, 1)::private.campaign_sender $$`);
      await tx`
      update public.phone_numbers set is_default = false, status = 'inactive'
      where id = ${world.phoneNumberId}`;
      await tx`select private.drip_campaigns(100000)`;
      const [row] = await tx`
      select status, pause_reason from public.campaigns where id = ${id}`;
      assertEquals({ ...row }, { status: "paused", pause_reason: "sender_not_found" });
      const [pending] = await tx`
      select count(*)::integer from public.campaign_recipients
      where campaign_id = ${id} and status = 'pending'`;
      assertEquals(pending!.count, 3);
      throw new Error("undone");
    }).catch((error) => assertEquals(error.message, "undone"));
    await endCampaigns(sql, world);
  },
);

databaseTest(
  "a pause takes back what nobody has taken, and nobody is texted twice",
  async (sql) => {
    const world = await createWorld(sql);
    const { id, addresses } = await runCampaign(sql, world, 10);
    await drip(sql);
    const sent = await handOver(sql, world, 4);

    await act(sql, world, id, "pause");
    const paused = await progressOf(sql, id);
    const jobs = await jobsOf(sql, world);
    await drip(sql);
    const stillPaused = await progressOf(sql, id);
    await act(sql, world, id, "resume");
    await drip(sql);
    const resumed = await progressOf(sql, id);
    await handOver(sql, world);
    await drip(sql);

    assertEquals(sent.length, 4);
    assertEquals(paused, { status: "paused", pending: 6, sent: 4 });
    assertEquals(jobs, []);
    assertEquals(stillPaused, paused);
    assertEquals(resumed, { status: "running", queued: 6, sent: 4 });
    assertEquals(await progressOf(sql, id), { status: "completed", sent: 10 });
    const texted = await sql`
    select to_address, array_agg(status order by status) as statuses from public.conversation_messages
    where workspace_id = ${world.workspaceId} and to_address = any (${addresses})
    group by to_address`;
    assertEquals(texted.length, 10);
    assert(texted.every((row) => row.statuses.filter((s: string) => s === "sent").length === 1));
    assertEquals(texted.filter((row) => row.statuses.includes("canceled")).length, 6);
  },
);

databaseTest(
  "what a dispatcher holds while the campaign is paused comes back with its next drip",
  async (sql) => {
    const world = await createWorld(sql);
    await setPace(sql, world, 100);
    await allowAllHours(sql, world.workspaceId);
    const { id } = await runCampaign(sql, world, 3);
    await drip(sql);
    await sql`
    update private.outbound_jobs set turn = ${-Date
      .now()} where workspace_id = ${world.workspaceId}`;
    const claimed = await asService(sql, (tx) => tx`select * from public.claim_outbound_jobs(2)`);
    assertEquals(claimed.length, 2);

    await act(sql, world, id, "pause");
    await drip(sql);
    const paused = await progressOf(sql, id);
    // One is taken, one is put off: the pause holds for that one, too.
    const results = [
      {
        message_id: claimed[0]!.message_id,
        outcome: "accepted",
        external_id: "SM1",
        status: "sent",
      },
      {
        message_id: claimed[1]!.message_id,
        outcome: "rejected",
        error_code: "rate_limited",
        is_retryable: true,
      },
    ];
    await asService(
      sql,
      (tx) =>
        tx`select * from public.record_attempts(${claimed[0]!.lease_token}, ${
          tx.json(results as never)
        })`,
    );
    const waiting = (await jobsOf(sql, world)).length;
    await drip(sql);

    assertEquals(paused, { status: "paused", pending: 1, queued: 2 });
    assertEquals(waiting, 1);
    assertEquals(await progressOf(sql, id), { status: "paused", pending: 2, sent: 1 });
    assertEquals(await jobsOf(sql, world), []);
    await endCampaigns(sql, world);
  },
);

databaseTest("a message that a provider may have taken is not canceled by a pause", async (sql) => {
  const world = await createWorld(sql);
  const { id } = await runCampaign(sql, world, 2);
  await drip(sql);
  const [asked] = await jobsOf(sql, world);
  await sql`delete from private.outbound_jobs where message_id = ${asked!}`;
  await sql`
    insert into private.look_ups (message_id, attempt_number, workspace_id)
    values (${asked!}, 1, ${world.workspaceId})`;

  await act(sql, world, id, "pause");
  await drip(sql);
  const paused = await progressOf(sql, id);
  // Found not to have been taken, it is queued again, and held like the others.
  await sql`delete from private.look_ups where message_id = ${asked!}`;
  await sql`
    insert into private.outbound_jobs (message_id, workspace_id, message_class, turn)
    values (${asked!}, ${world.workspaceId}, 'campaign', 1)`;
  await drip(sql);

  assertEquals(paused, { status: "paused", pending: 1, queued: 1 });
  assertEquals(await progressOf(sql, id), { status: "paused", pending: 2 });
  await endCampaigns(sql, world);
});

databaseTest(
  "a canceled campaign sends nothing more and says what became of everybody",
  async (sql) => {
    const world = await createWorld(sql);
    await setPace(sql, world, 0.2);
    const { id } = await runCampaign(sql, world, 10);
    await drip(sql);
    await handOver(sql, world, 1, "delivered");
    await handOver(sql, world, 1, "failed");

    await act(sql, world, id, "cancel");
    await drip(sql);

    assertEquals(await progressOf(sql, id), {
      status: "canceled",
      skipped: 4,
      canceled: 4,
      delivered: 1,
      failed: 1,
    });
    assertEquals(await jobsOf(sql, world), []);
    const [progress] = await sql`
    select skipped from public.campaign_progress where campaign_id = ${id}`;
    assertEquals(progress!.skipped, { campaign_canceled: 4 });
  },
);

databaseTest(
  "a pause waits for the drip under way, and takes back what that queued",
  async (sql) => {
    const world = await createWorld(sql);
    const { id } = await runCampaign(sql, world, 5);
    const [dripper, pauser] = [await sql.reserve(), await sql.reserve()];
    const claims = JSON.stringify({ role: "authenticated", sub: world.adminId });
    try {
      await dripper`begin`;
      await dripper`select private.drip_campaigns(100000)`;
      await pauser`begin`;
      await pauser`select set_config('request.jwt.claims', ${claims}, true)`;
      const pause = pauser`select public.pause_campaign(${id})`;
      await untilSettledOrBlocked(sql, await pidOf(dripper), Promise.resolve());
      await dripper`commit`;
      await pause;
      await pauser`commit`;
    } finally {
      dripper.release();
      pauser.release();
    }

    assertEquals(await progressOf(sql, id), { status: "paused", pending: 5 });
    assertEquals(await jobsOf(sql, world), []);
    await endCampaigns(sql, world);
  },
);

databaseTest("the counts add up at every moment, whoever is at work", async (sql) => {
  const world = await createWorld(sql);
  await setPace(sql, world, 5);
  const { id } = await runCampaign(sql, world, 200);
  let isOver = false;
  const seen: string[] = [];
  const watch = async () => {
    while (!isOver) {
      const { status, ...counts } = await progressOf(sql, id);
      seen.push(String(status));
      const total = Object.values(counts).reduce<number>((sum, count) => sum + Number(count), 0);
      assertEquals(total, 200);
    }
  };
  const work = async () => {
    for (let round = 0; round < 4; round++) {
      await Promise.all([drip(sql), handOver(sql, world, 30)]);
      await act(sql, world, id, "pause");
      await handOver(sql, world, 10, "failed");
      await act(sql, world, id, "resume");
    }
    await act(sql, world, id, "cancel");
    isOver = true;
  };

  await Promise.all([watch(), work()]);

  assert(seen.length > 3);
  const last = await progressOf(sql, id);
  assertEquals(last.status, "canceled");
});

databaseTest("a pause gives back what its messages had reserved", async (sql) => {
  const world = await createWorld(sql);
  const { id } = await runCampaign(sql, world, 3);
  const reserved = async () => {
    const [row] = await sql`
      select sum(reserved_count)::integer as count from public.usage_counters
      where workspace_id = ${world.workspaceId} and channel = 'sms'`;
    return row!.count;
  };
  const before = await reserved();

  await drip(sql);
  const running = await reserved();
  await act(sql, world, id, "pause");

  assertEquals([running - before, (await reserved()) - before], [3, 0]);
  await endCampaigns(sql, world);
});
