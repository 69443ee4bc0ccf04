/** Whatever happens, and in whichever order: what is counted is what the messages say. */
import {
  connectPlatform,
  countersOf,
  createPlan,
  createQuietWorld,
  limitTest,
  measuredOf,
  setSpend,
} from "../support/limits.ts";
import { connectAccount, listedNumber } from "../support/tenancy.ts";
import { doSomething, seeded, type Workplace } from "../support/random_work.ts";
import { liftPace, type World } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

/** Three workspaces: on the operator's senders with a plan, with a spend cap and two accounts, and one that resends. */
async function createWorlds(sql: postgres.Sql): Promise<World[]> {
  const worlds = [
    await createQuietWorld(sql),
    await createQuietWorld(sql),
    await createQuietWorld(sql),
  ];
  const [planned, capped, resending] = worlds as [World, World, World];
  await connectPlatform(sql);
  const planId = await createPlan(sql, { sms: 60 });
  await sql`
    update public.workspaces set communication_mode = 'hybrid', plan_id = ${planId} where id = ${planned.workspaceId}`;
  await sql`
    insert into public.connection_rates (connection_id, channel, price) values (${planned.connectionId}, 'sms', 0.5)`;
  await setSpend(sql, capped, { price: 0.25, cap: 40 });
  await sql`
    insert into public.outcome_policies (workspace_id, message_class, on_unknown)
    values (${resending.workspaceId}, 'conversation', 'resend')`;
  for (const world of [capped, resending]) {
    const connectionId = await connectAccount(sql, world.ownerId, world.workspaceId, {
      provider: "twilio",
      numbers: [listedNumber()],
    });
    await liftPace(sql, connectionId);
  }
  // The first message of a month has counters made for it: two who make them at once may have to try again.
  await sql`
    insert into public.usage_counters (workspace_id, month, channel, is_platform)
    select id, private.month_of(now()), 'sms', p.is_platform from public.workspaces
    cross join unnest(array[true, false]) as p (is_platform)
    where id = any (${worlds.map((world) => world.workspaceId)})`;
  return worlds;
}

async function expectExact(sql: postgres.Sql, worlds: World[], when: string) {
  for (const world of worlds) {
    assertEquals(await countersOf(sql, world), await measuredOf(sql, world), when);
  }
}

async function expectNothingTwice(sql: postgres.Sql, worlds: World[]) {
  const rows = await sql`
    select j.message_id from private.outbound_jobs as j
    join public.message_attempts as a on a.message_id = j.message_id and a.outcome = 'accepted'
    where j.workspace_id = any (${worlds.map((world) => world.workspaceId)})`;
  assertEquals(rows.length, 0, "what was taken does not wait to be sent");
}

async function work(
  place: Workplace,
  rounds: number,
  atOnce: number,
  stepsEach: number,
  check: () => Promise<void>,
) {
  for (let round = 0; round < rounds; round++) {
    const workers = Array.from({ length: atOnce }, async () => {
      for (let step = 0; step < stepsEach; step++) await doSomething(place);
    });
    // All of them are done before the connections are closed, also where one failed.
    const ends = await Promise.allSettled(workers);
    const failed = ends.find((end) => end.status === "rejected");
    if (failed) throw failed.reason;
    await check();
  }
}

for (const seed of [20261120, 7]) {
  limitTest(
    `counters are what the messages say, after everything that can happen (${seed})`,
    async (sql) => {
      const worlds = await createWorlds(sql);
      const place: Workplace = { sql, worlds, random: seeded(seed), leases: [], done: {} };

      await work(place, 25, 1, 10, async () => {
        await expectExact(sql, worlds, JSON.stringify(place.done));
        await expectNothingTwice(sql, worlds);
      });

      const [settled] = await sql`
      select sum(settled_count)::integer as count from public.usage_counters
      where workspace_id = any (${worlds.map((world) => world.workspaceId)})`;
      assert(
        settled!.count > 3,
        `only ${settled!.count} were taken: ${JSON.stringify(place.done)}`,
      );
    },
  );
}

limitTest("and while four of them work at once", async (sql) => {
  const worlds = await createWorlds(sql);
  const place: Workplace = { sql, worlds, random: seeded(1), leases: [], done: {} };

  await work(place, 10, 4, 10, async () => {
    await expectExact(sql, worlds, JSON.stringify(place.done));
    await expectNothingTwice(sql, worlds);
  });
}, 6);

limitTest("a recount mends a counter that drifted, also while senders work", async (sql) => {
  const worlds = await createWorlds(sql);
  const place: Workplace = { sql, worlds, random: seeded(2), leases: [], done: {} };
  await work(place, 1, 1, 60, () => Promise.resolve());
  const recount = async () => {
    for (const world of worlds) await sql`select private.recount_usage(${world.workspaceId})`;
  };
  await sql`
      update public.usage_counters
      set reserved_count = reserved_count + 3, settled_count = 0, reserved_cost = 100, settled_cost = settled_cost + 1
      where workspace_id = any (${worlds.map((world) => world.workspaceId)})`;
  await sql`
      insert into public.usage_counters (workspace_id, month, channel, is_platform, settled_count)
      select id, '2020-01-01', c.channel, true, 5 from public.workspaces
      cross join unnest('{email,call}'::text[]) as c (channel)
      where id = any (${worlds.map((world) => world.workspaceId)})`;

  await Promise.all([work(place, 1, 4, 10, () => Promise.resolve()), recount()]);

  await expectExact(sql, worlds, JSON.stringify(place.done));
}, 6);
