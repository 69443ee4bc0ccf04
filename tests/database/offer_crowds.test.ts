/** People, the contact, the agent and those who deliver to it, all at once in one conversation. */
import { databaseTest, ingest, textFrom } from "../support/engine.ts";
import {
  type AgentWorld,
  claimOffers,
  codeOf,
  createAgentWorld,
  handOver,
  hearContact,
  makeDue,
  offersOf,
  recordOffers,
  setWebhook,
  takeOver,
  writeAsAgent,
} from "../support/offers.ts";
import { createRandom } from "../support/random.ts";
import { connectToDatabase } from "../support/stack.ts";
import { asService, asUser } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

type Deed = (sql: postgres.Sql, world: AgentWorld) => Promise<unknown>;

const deliver: Deed = async (sql, world) => {
  const claimed = await claimOffers(sql, world);
  await recordOffers(
    sql,
    claimed.map(({ offer_id, attempt_number }, index) => (
      { offer_id, attempt_number, is_delivered: index % 2 === 0, error: "status 500" }
    )),
  );
};

const poll: Deed = (sql, world) =>
  asService(sql, (tx) => {
    const caller = { agent_id: world.agentId, actor_id: world.memberId };
    return tx`select * from public.poll_agent_offers(${tx.json(caller)})`;
  });

const switchAgent = (is_active: boolean): Deed => (sql, world) =>
  asUser(
    sql,
    world.adminId,
    (tx) => tx`update public.agents set is_active = ${is_active} where id = ${world.agentId}`,
  );

const writeAsPerson: Deed = (sql, world) =>
  asUser(
    sql,
    world.memberId,
    (tx) =>
      tx`select * from public.enqueue_messages(${world.workspaceId}, ${
        tx.json([{ to_address: world.contactAddress, body: "Hello" }])
      })`,
  );

const repeat: Deed = (sql, world) => {
  const event = textFrom(world, world.contactAddress);
  return Promise.all([1, 2].map(() => ingest(sql, world.connectionId, [event])));
};

const DEEDS: Deed[] = [
  (sql, world) => hearContact(sql, world),
  repeat,
  (sql, world) => takeOver(sql, world),
  (sql, world) => handOver(sql, world, world.agentId),
  writeAsAgent,
  writeAsPerson,
  deliver,
  poll,
  makeDue as Deed,
  switchAgent(false),
  switchAgent(true),
];

/** What a deed may be refused with; a deadlock is none of it. */
const EXPECTED = ["none", "conversation_taken_over", "agent_inactive"];

databaseTest(
  "whatever happens at once, nobody waits in a circle, and a person has the last word",
  async (sql) => {
    const world = await createAgentWorld(sql);
    await setWebhook(sql, world);
    const random = createRandom(20261120);
    const crowd = connectToDatabase(8);
    const codes = new Set<string>();

    for (let round = 0; round < 12; round++) {
      const deeds = Array.from({ length: 10 }, () => random.pick(DEEDS));
      const outcomes = deeds.map((deed) => codeOf(() => deed(crowd, world)));
      for (const code of await Promise.all(outcomes)) codes.add(code);
    }
    await crowd.end();
    await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;

    assertEquals([...codes].filter((code) => !EXPECTED.includes(code)), []);
    const offers = await offersOf(sql, world);
    assert(offers.length > 0);
    const live = offers.filter(({ state }) => state !== "canceled").map((offer) =>
      offer.message_id
    );
    assertEquals(live.length, new Set(live).size, "a message is offered once");
    await switchAgent(true)(sql, world);
    await handOver(sql, world, world.agentId);
    await takeOver(sql, world);
    const after = await offersOf(sql, world);
    assertEquals(after.filter(({ state }) => ["pending", "delivered"].includes(state)), []);
  },
);
