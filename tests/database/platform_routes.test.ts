import { setBreaker } from "../support/breakers.ts";
import { databaseTest, enqueue, senderOf } from "../support/engine.ts";
import {
  addRoute,
  claim,
  connectPlatform,
  firstRoute,
  queueOne,
  refuseOne,
  type Route,
  setMode,
  setPolicy,
  standingOf,
  withPlatform,
} from "../support/routing.ts";
import { connectToDatabase } from "../support/stack.ts";
import { asService, createWorld, freshNumber, type World } from "../support/world.ts";
import { assertEquals, assertNotEquals } from "@std/assert";
import type postgres from "postgres";

const toSomebody = (sql: postgres.Sql, world: World) =>
  senderOf(sql, world, { to_address: freshNumber() });

const threadOf = async (sql: postgres.Sql, { phoneNumberId }: Route, contact: string) =>
  (await sql`
    select workspace_id from private.platform_threads
    where phone_number_id = ${phoneNumberId} and contact_address = ${contact}`)
    .map((row) => row.workspace_id);

/** A plan of this run's own; its name has letters only. */
const freshPlan = () => "plan_" + crypto.randomUUID().replace(/[0-9-]/g, "");

const MODES = [
  { mode: "byoc", whileOwnWorks: "own", whileOwnIsOpen: "own" },
  { mode: "hybrid", whileOwnWorks: "own", whileOwnIsOpen: "platform" },
  { mode: "platform", whileOwnWorks: "platform", whileOwnIsOpen: "platform" },
] as const;
for (const { mode, whileOwnWorks, whileOwnIsOpen } of MODES) {
  databaseTest(
    `${mode}: ${whileOwnWorks}, and ${whileOwnIsOpen} while its own is down`,
    async (sql) => {
      const world = await createWorld(sql);
      await withPlatform(sql, async (platform) => {
        await setMode(sql, world, mode);
        const numbers = { own: world.phoneNumber, platform: platform.phoneNumber };

        const senders = [await toSomebody(sql, world)];
        await setBreaker(sql, world.connectionId, "open");
        senders.push(await toSomebody(sql, world));

        assertEquals(senders, [numbers[whileOwnWorks], numbers[whileOwnIsOpen]]);
      });
    },
  );

  databaseTest(`${mode}: what its own account refused goes there`, async (sql) => {
    const world = await createWorld(sql);
    await withPlatform(sql, async (platform) => {
      await setMode(sql, world, mode === "platform" ? "hybrid" : mode);
      const id = await queueOne(sql, world);
      await setMode(sql, world, mode);

      await sql`
        update public.phone_numbers set status = 'inactive', is_default = false
        where id = ${world.phoneNumberId}`;
      await claim(sql, [id]);

      const { is_platform, from_address } = await standingOf(sql, id);
      const goesThere = mode !== "byoc";
      assertEquals([is_platform, from_address], [
        goesThere,
        goesThere ? platform.phoneNumber : world.phoneNumber,
      ]);
    });
  });
}

databaseTest("in hybrid mode the operator's follow the last of one's own", async (sql) => {
  const world = await createWorld(sql);
  const second = await addRoute(sql, world);
  await withPlatform(sql, async (platform) => {
    await setMode(sql, world, "hybrid");
    await setPolicy(sql, world, [firstRoute(world), second]);

    const id = await refuseOne(sql, world);
    const first = (await standingOf(sql, id)).from_address;
    await setBreaker(sql, second.connectionId, "open");
    await claim(sql, [id]);

    assertEquals([first, (await standingOf(sql, id)).from_address], [
      second.phoneNumber,
      platform.phoneNumber,
    ]);
  });
});

databaseTest("the operator's numbers serve only channels that the plan has", async (sql) => {
  const world = await createWorld(sql);
  const planId = freshPlan();
  await sql`insert into public.plans (id, display_name, monthly_price) values (${planId}, 'Mail only', 0)`;
  await sql`
    insert into public.plan_limits (plan_id, channel, monthly_limit) values (${planId}, 'email', null)`;
  await withPlatform(sql, async () => {
    await setMode(sql, world, "hybrid");
    await sql`update public.workspaces set plan_id = ${planId} where id = ${world.workspaceId}`;

    const refused = await standingOf(sql, await refuseOne(sql, world));
    await setMode(sql, world, "platform");

    assertEquals([refused.from_address, refused.status], [world.phoneNumber, "failed"]);
    assertEquals(await toSomebody(sql, world), "no_sender");
  });
});

databaseTest("a message goes no further over the operator's than the plan reaches", async (sql) => {
  const world = await createWorld(sql);
  const planId = freshPlan();
  await sql`insert into public.plans (id, display_name, monthly_price) values (${planId}, 'One', 0)`;
  await sql`
    insert into public.plan_limits (plan_id, channel, monthly_limit) values (${planId}, 'sms', 1)`;
  await withPlatform(sql, async (platform) => {
    await setMode(sql, world, "hybrid");
    await sql`update public.workspaces set plan_id = ${planId} where id = ${world.workspaceId}`;

    const [first, second] = [await refuseOne(sql, world), await refuseOne(sql, world)];

    assertEquals((await standingOf(sql, first)).from_address, platform.phoneNumber);
    const { from_address, status } = await standingOf(sql, second);
    assertEquals([from_address, status], [world.phoneNumber, "failed"]);
    // What counts for the plan already may change from one of the operator's accounts to another.
    const spare = await connectPlatform(sql);
    try {
      await sql`update public.connections set priority = 2 where id = ${spare.connectionId}`;
      await setBreaker(sql, platform.connectionId, "open");
      await claim(sql, [first]);
      assertEquals((await standingOf(sql, first)).from_address, spare.phoneNumber);
    } finally {
      await asService(sql, (tx) => tx`select public.disconnect(null, ${spare.connectionId})`);
    }
  });
});

databaseTest(
  "two workspaces never talk to one contact over one of the operator's numbers",
  async (sql) => {
    const [world, other] = [await createWorld(sql), await createWorld(sql)];
    await withPlatform(sql, async (platform) => {
      await setMode(sql, world, "platform");
      await setMode(sql, other, "platform");
      const to_address = freshNumber();

      const senders = [
        await senderOf(sql, world, { to_address }),
        await senderOf(sql, other, { to_address }),
        await senderOf(sql, other, { to_address, from_address: platform.phoneNumber }),
        await senderOf(sql, world, { to_address }),
      ];

      assertEquals([senders[0], senders[2], senders[3]], [
        platform.phoneNumber,
        "sender_not_found",
        platform.phoneNumber,
      ]);
      assertNotEquals(senders[1], platform.phoneNumber);
      assertEquals(await threadOf(sql, platform, to_address), [world.workspaceId]);
    });
  },
);

databaseTest(
  "a way round over the operator's is not one where another workspace talks",
  async (sql) => {
    const [world, other] = [await createWorld(sql), await createWorld(sql)];
    await withPlatform(sql, async (platform) => {
      await setMode(sql, other, "platform");
      await setMode(sql, world, "hybrid");
      const to_address = freshNumber();
      await senderOf(sql, other, { to_address });

      const id = await refuseOne(sql, world, { to_address });

      assertNotEquals((await standingOf(sql, id)).from_address, platform.phoneNumber);
      assertEquals(await threadOf(sql, platform, to_address), [other.workspaceId]);
    });
  },
);

Deno.test("of two workspaces that begin with a contact at once, one alone gets the number", async () => {
  const sql = connectToDatabase(4);
  try {
    const worlds = [await createWorld(sql), await createWorld(sql)];
    for (const world of worlds) await setMode(sql, world, "platform");
    await withPlatform(sql, async (platform) => {
      // The same account's second number is the way round for whoever comes late.
      const [spare] = await sql`
        insert into public.phone_numbers (
          connection_id, provider, phone_number, external_id, capabilities, status, last_verified_at
        )
        values (
          ${platform.connectionId}, 'twilio', ${freshNumber()}, ${crypto.randomUUID()}, '{"sms": true}',
          'active', now()
        )
        returning id`;
      for (let round = 0; round < 5; round++) {
        const to_address = freshNumber();
        const queued = await Promise.all(
          worlds.map((world) => enqueue(sql, world, [{ to_address, body: "Hello" }])),
        );
        const ids: string[] = queued.map(([row]) => row!.message_id);

        const claimed = [...await claim(sql, ids), ...await claim(sql, ids)];

        const standings = await Promise.all(ids.map((id) => standingOf(sql, id)));
        assertEquals(claimed.length, 2);
        assertEquals(
          new Set(standings.map((standing) => standing.phone_number_id)),
          new Set([platform.phoneNumberId, spare!.id]),
          `round ${round}`,
        );
      }
    });
  } finally {
    await sql.end();
  }
});
