/** What becomes of offers that were posted: those that arrived, that did not, and that nobody wants any more. */
import { databaseTest } from "../support/engine.ts";
import {
  AGENT_URL,
  claimOffers,
  createAgentWorld,
  createPostedWorld,
  deliveredOffer,
  failedOffer,
  hearContact,
  makeDue,
  offersOf,
  recordOffers,
  setWebhook,
  statesOf,
  takeOver,
} from "../support/offers.ts";
import { asUser, type World } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

const waitsOf = async (sql: postgres.Sql, { workspaceId }: World): Promise<number[]> =>
  (await sql`
    select extract(epoch from next_attempt_at - now())::float8 as seconds from public.agent_offers
    where workspace_id = ${workspaceId} and state = 'pending' order by created_at, id`)
    .map(({ seconds }) => seconds);

databaseTest(
  "an offer that fails waits longer each time, and for as long as it is asked to",
  async (sql) => {
    const world = await createPostedWorld(sql);
    await hearContact(sql, world);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 9; attempt++) {
      const [offer] = await claimOffers(sql, world);
      await recordOffers(sql, [failedOffer(offer!)]);
      waits.push((await waitsOf(sql, world))[0]!);
      await makeDue(sql, world);
    }
    const [offer] = await claimOffers(sql, world);
    await recordOffers(sql, [failedOffer(offer!, { retry_after_seconds: 10_799 })]);

    for (const [index, wait] of waits.entries()) {
      const usual = Math.min(5 * 3 ** index, 10_800);
      assert(wait > usual * 0.79 && wait < usual * 1.21, `${index}: ${wait}`);
    }
    assert((await waitsOf(sql, world))[0]! > 10_798);
    assertEquals((await offersOf(sql, world))[0]!.last_error, "status 500");
  },
);

databaseTest("an offer that would be tried again after a day has failed", async (sql) => {
  const world = await createPostedWorld(sql);
  await hearContact(sql, world);
  const [offer] = await claimOffers(sql, world);
  await sql`
    update public.agent_offers set created_at = now() - interval '1 day' where id = ${
    offer!.offer_id
  }`;

  await recordOffers(sql, [failedOffer(offer!)]);

  assertEquals(await statesOf(sql, world), ["failed"]);
});

databaseTest("what nobody fetched for a day has failed, and goes nowhere any more", async (sql) => {
  const world = await createAgentWorld(sql);
  await hearContact(sql, world);
  await sql`
    update public.agent_offers set created_at = now() - interval '25 hours'
    where workspace_id = ${world.workspaceId}`;

  await setWebhook(sql, world);
  assertEquals(await claimOffers(sql, world), []);

  assertEquals(await statesOf(sql, world), ["failed"]);
});

databaseTest(
  "who takes over while an offer is on its way is not overtaken by its outcome",
  async (sql) => {
    const world = await createPostedWorld(sql);
    await hearContact(sql, world);
    const [offer] = await claimOffers(sql, world);

    await takeOver(sql, world);
    await recordOffers(sql, [deliveredOffer(offer!)]);
    await recordOffers(sql, [failedOffer(offer!)]);
    await makeDue(sql, world);

    assertEquals(await statesOf(sql, world), ["taken_over"]);
    assertEquals(await claimOffers(sql, world), []);
  },
);

databaseTest("a worker that was too slow says only that something arrived", async (sql) => {
  const world = await createPostedWorld(sql);
  await hearContact(sql, world);
  const [slow] = await claimOffers(sql, world);
  await makeDue(sql, world);
  await claimOffers(sql, world);
  const [leased] = await waitsOf(sql, world);

  await recordOffers(sql, [failedOffer(slow!, { retry_after_seconds: 9_999 })]);
  assertEquals([await statesOf(sql, world), (await waitsOf(sql, world))[0]! <= leased!], [[
    "pending",
  ], true]);
  await recordOffers(sql, [deliveredOffer(slow!)]);
  assertEquals(await statesOf(sql, world), ["delivered"]);
});

databaseTest(
  "an address that is gone is posted to no more, until it is written again",
  async (sql) => {
    const world = await createPostedWorld(sql);
    await hearContact(sql, world);
    const [offer] = await claimOffers(sql, world);

    await recordOffers(sql, [
      failedOffer(offer!, { is_gone: true, webhook_url: AGENT_URL, error: "status 410" }),
    ]);

    assertEquals(await claimOffers(sql, world), []);
    assertEquals(await statesOf(sql, world), ["pending"], "it may still be polled");
    const [row] = await sql`
    select details ->> 'reason' as reason from public.audit_log
    where workspace_id = ${world.workspaceId} and action = 'agent_webhook.disabled'`;
    assertEquals(row!.reason, "status 410");
    await asUser(
      sql,
      world.adminId,
      (tx) => tx`update public.agents set webhook_url = ${AGENT_URL} where id = ${world.agentId}`,
    );
    assertEquals((await claimOffers(sql, world)).length, 1);
  },
);

databaseTest(
  "an address that was replaced meanwhile is not taken for one that is gone",
  async (sql) => {
    const world = await createPostedWorld(sql);
    await hearContact(sql, world);
    const [offer] = await claimOffers(sql, world);
    await asUser(
      sql,
      world.adminId,
      (tx) =>
        tx`update public.agents set webhook_url = 'https://other.example.com/' where id = ${world.agentId}`,
    );

    await recordOffers(sql, [failedOffer(offer!, { is_gone: true, webhook_url: AGENT_URL })]);

    assertEquals(
      (await claimOffers(sql, world)).map(({ webhook_url }) => webhook_url),
      [
        "https://other.example.com/",
      ],
    );
  },
);
