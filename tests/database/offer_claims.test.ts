/** How offers leave for an agent's webhook: which, in what order, and by whom. */
import { databaseTest } from "../support/engine.ts";
import { hear } from "../support/opt_outs.ts";
import {
  AGENT_URL,
  type AgentWorld,
  type ClaimedOffer,
  claimOffers,
  createPostedWorld,
  deliveredOffer,
  failedOffer,
  hearContact,
  hearStranger,
  makeDue,
  recordOffers,
  statesOf,
} from "../support/offers.ts";
import { asService, asUser } from "../support/world.ts";
import { assertEquals, assertMatch } from "@std/assert";
import type postgres from "postgres";

databaseTest("a claimed offer tells what was written, by whom and where", async (sql) => {
  const world = await createPostedWorld(sql);
  const messageId = await hearContact(sql, world, "Are you open?");

  const [offer, ...others] = await claimOffers(sql, world);

  assertEquals(others, []);
  const { webhook_url, attempt_number, payload } = offer!;
  assertEquals([webhook_url, attempt_number, payload.type], [AGENT_URL, 1, "message.received"]);
  assertMatch(payload.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assertEquals(payload.data, {
    workspace_id: world.workspaceId,
    agent_id: world.agentId,
    conversation_id: world.conversationId,
    contact_id: world.contactId,
    message_id: messageId,
    channel: "sms",
    from: world.contactAddress,
    to: world.phoneNumber,
    text: "Are you open?",
  });
});

databaseTest(
  "a long text is shortened, media are counted, and a doubtful one is marked",
  async (sql) => {
    const world = await createPostedWorld(sql);
    const media = [{ url: "https://media.example.com/1.png", contentType: "image/png" }];
    await hearContact(sql, world, "please stop " + "x".repeat(5000), { media });

    const [offer] = await claimOffers(sql, world);

    const { text, is_shortened, media_count, may_ask_to_opt_out } = offer!.payload.data;
    assertEquals([(text as string).length, is_shortened, media_count, may_ask_to_opt_out], [
      4000,
      true,
      1,
      true,
    ]);
  },
);

databaseTest(
  "what a worker took and never recorded comes again under its own name",
  async (sql) => {
    const world = await createPostedWorld(sql);
    await hearContact(sql, world);
    const [first] = await claimOffers(sql, world);

    assertEquals(await claimOffers(sql, world), [], "while the lease lasts");
    await makeDue(sql, world);
    const [second] = await claimOffers(sql, world);

    assertEquals([second!.offer_id, second!.attempt_number], [first!.offer_id, 2]);
    assertEquals(second!.payload, first!.payload);
  },
);

databaseTest("of many who claim at once one gets an offer", async (sql) => {
  const world = await createPostedWorld(sql);
  for (let index = 0; index < 5; index++) await hearHanded(sql, world);

  const claims = await Promise.all([1, 2, 3, 4].map(() => claimOffers(sql, world)));

  const ids = claims.flat().map(({ offer_id }) => offer_id);
  assertEquals([ids.length, new Set(ids).size], [5, 5]);
});

/** Somebody new writes, in a conversation of the agent's. */
async function hearHanded(sql: postgres.Sql, world: AgentWorld) {
  const { conversationId } = await hearStranger(sql, world);
  await asUser(
    sql,
    world.memberId,
    (tx) => tx`select public.hand_to_agent(${conversationId}, ${world.agentId})`,
  );
}

databaseTest(
  "one conversation, one order: the second waits until the agent has the first",
  async (sql) => {
    const world = await createPostedWorld(sql);
    const textsOf = (offers: ClaimedOffer[]) => offers.map(({ payload }) => payload.data.text);
    await hearContact(sql, world, "One");
    await hearContact(sql, world, "Two");

    const first = await claimOffers(sql, world);
    assertEquals(textsOf(first), ["One"]);
    await recordOffers(sql, [failedOffer(first[0]!)]);
    assertEquals(await claimOffers(sql, world), [], "the first waits to be tried again");
    await makeDue(sql, world);
    const again = await claimOffers(sql, world);
    await recordOffers(sql, [deliveredOffer(again[0]!)]);

    assertEquals(textsOf(await claimOffers(sql, world)), ["Two"]);
  },
);

databaseTest("an offer is not made to whoever said stop a moment ago", async (sql) => {
  const world = await createPostedWorld(sql);
  await hearContact(sql, world);
  await hear(sql, world, world.contactAddress, "STOP");

  assertEquals(await claimOffers(sql, world), []);

  assertEquals(await statesOf(sql, world), ["recipient_opted_out"]);
});

databaseTest("nothing is posted without an address, a secret or an active agent", async (sql) => {
  const world = await createPostedWorld(sql);
  await hearContact(sql, world);
  const without = async (change: (tx: postgres.TransactionSql) => Promise<unknown>) => {
    class Undo extends Error {}
    let count = -1;
    await sql.begin(async (tx) => {
      await change(tx);
      const rows = await tx`select agent_id from public.claim_agent_offers(1000)`;
      count = rows.filter(({ agent_id }) => agent_id === world.agentId).length;
      throw new Undo();
    }).catch((error) => {
      if (!(error instanceof Undo)) throw error;
    });
    return count;
  };
  const { agentId, workspaceId } = world;

  assertEquals(await without(() => Promise.resolve()), 1);
  assertEquals(
    await without((tx) => tx`update public.agents set webhook_url = null where id = ${agentId}`),
    0,
  );
  assertEquals(
    await without((tx) =>
      tx`delete from private.agent_webhook_secrets where agent_id = ${agentId}`
    ),
    0,
  );
  assertEquals(
    await without(async (tx) => {
      await tx`alter table public.agents disable trigger agents_heed_kill_switch`;
      await tx`update public.agents set is_active = false where id = ${agentId}`;
    }),
    0,
  );
  assertEquals(
    await without(async (tx) => {
      await tx`alter table public.workspaces disable trigger workspaces_forget_webhook_secrets`;
      await tx`update public.workspaces set deleted_at = now() where id = ${workspaceId}`;
    }),
    0,
  );
});

databaseTest("the service alone claims and records", async (sql) => {
  const world = await createPostedWorld(sql);
  await hearContact(sql, world);
  const code = async (work: Promise<unknown>) =>
    await work.then(() => "none", (error) => error.code);

  for (const statement of ["claim_agent_offers()", "record_agent_offers('[]')"]) {
    assertEquals(
      await code(asUser(sql, world.ownerId, (tx) => tx.unsafe(`select public.${statement}`))),
      "42501",
    );
  }
  for (const [limit, lease] of [[0, 60], [1001, 60], [1, 9], [1, 901]] as const) {
    const claim = asService(sql, (tx) => tx`select public.claim_agent_offers(${limit}, ${lease})`);
    assertEquals(await code(claim), "PT400");
  }
});
