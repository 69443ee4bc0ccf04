/** How an agent fetches its offers by itself. */
import { databaseTest } from "../support/engine.ts";
import {
  type AgentWorld,
  codeOf,
  createAgentWorld,
  hearContact,
  makeDue,
  statesOf,
  takeOver,
  writeAsAgent,
} from "../support/offers.ts";
import { asService, asUser } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const personOf = (world: AgentWorld) => ({ agent_id: world.agentId, actor_id: world.memberId });

const poll = (sql: postgres.Sql, caller: Record<string, string>, limit = 10, seconds = 60) =>
  asService(
    sql,
    (tx) => tx`select * from public.poll_agent_offers(${tx.json(caller)}, ${limit}, ${seconds})`,
  );

const finish = (sql: postgres.Sql, caller: Record<string, string>, offerId: string) =>
  asService(sql, async (tx) => {
    const [row] = await tx`
      select public.finish_agent_offer(${tx.json(caller)}, ${offerId}) as state`;
    return row!.state as string;
  });

databaseTest(
  "an agent fetches an offer, and it comes again until the agent says done",
  async (sql) => {
    const world = await createAgentWorld(sql);
    const [key] = await asUser(
      sql,
      world.adminId,
      (tx) => tx`select api_key from public.create_agent_key(${world.agentId}, 'Key', '{history}')`,
    );
    const caller = { api_key: key!.api_key };
    await hearContact(sql, world, "One");

    const [first] = await poll(sql, caller);
    assertEquals([first!.attempt_number, first!.payload.data.text], [1, "One"]);
    assertEquals([...await poll(sql, caller)], [], "out of sight for a while");
    await makeDue(sql, world);
    const [second] = await poll(sql, caller);
    assertEquals([second!.offer_id, second!.attempt_number], [first!.offer_id, 2]);

    assertEquals(await finish(sql, caller, first!.offer_id), "delivered");
    assertEquals(await finish(sql, caller, first!.offer_id), "delivered");
    await makeDue(sql, world);
    assertEquals([...await poll(sql, caller)], []);
  },
);

databaseTest("what the agent answers is done without another word", async (sql) => {
  const world = await createAgentWorld(sql);
  await hearContact(sql, world);
  const [offer] = await poll(sql, personOf(world));

  await writeAsAgent(sql, world);

  assertEquals(await finish(sql, personOf(world), offer!.offer_id), "answered");
});

databaseTest("an agent hears that a person was quicker", async (sql) => {
  const world = await createAgentWorld(sql);
  await hearContact(sql, world);
  const [offer] = await poll(sql, personOf(world));

  await takeOver(sql, world);

  assertEquals(await finish(sql, personOf(world), offer!.offer_id), "canceled");
  assertEquals([...await poll(sql, personOf(world))], []);
});

databaseTest("an agent sees no other agent's offers, in its workspace or another", async (sql) => {
  const world = await createAgentWorld(sql);
  const foreign = await createAgentWorld(sql);
  const [sibling] = await sql`
    insert into public.agents (workspace_id, name) values (${world.workspaceId}, 'Other') returning id`;
  await hearContact(sql, world);
  const [offer] = await poll(sql, personOf(world));
  await makeDue(sql, world);

  for (const caller of [personOf(foreign), { agent_id: sibling!.id, actor_id: world.memberId }]) {
    assertEquals([...await poll(sql, caller)], []);
    assertEquals(await codeOf(() => finish(sql, caller, offer!.offer_id)), "not_found");
  }
  const strange = { agent_id: world.agentId, actor_id: foreign.memberId };
  assertEquals(await codeOf(() => poll(sql, strange)), "not_found");
  assertEquals(await statesOf(sql, world), ["pending"]);
});

databaseTest("an agent that is switched off fetches and finishes nothing", async (sql) => {
  const world = await createAgentWorld(sql);
  await hearContact(sql, world);
  const [offer] = await poll(sql, personOf(world));
  await sql`update public.agents set is_active = false where id = ${world.agentId}`;

  assertEquals(await codeOf(() => poll(sql, personOf(world))), "agent_inactive");
  assertEquals(await codeOf(() => finish(sql, personOf(world), offer!.offer_id)), "agent_inactive");
});

databaseTest("a poll has bounds, and is the service's to make", async (sql) => {
  const world = await createAgentWorld(sql);

  for (const [limit, seconds] of [[0, 60], [101, 60], [1, 9], [1, 901]] as const) {
    assertEquals(await codeOf(() => poll(sql, personOf(world), limit, seconds)), "invalid_request");
  }
  const asPerson = asUser(
    sql,
    world.ownerId,
    (tx) => tx`select public.poll_agent_offers(${tx.json(personOf(world))})`,
  );
  assertEquals(await asPerson.then(() => "none", (error) => error.code), "42501");
});

databaseTest("what has waited for a day is not fetched any more", async (sql) => {
  const world = await createAgentWorld(sql);
  await hearContact(sql, world);
  await sql`
    update public.agent_offers set created_at = now() - interval '25 hours'
    where workspace_id = ${world.workspaceId}`;

  assertEquals([...await poll(sql, personOf(world))], []);
  await sql`select private.end_old_offers()`;

  assertEquals(await statesOf(sql, world), ["failed"]);
});
