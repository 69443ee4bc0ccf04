/** Who answers in a conversation: an agent, a person, and how one gets it from the other. */
import { addAgent, addMember, refusalAs } from "../support/tenancy.ts";
import { databaseTest, enqueue } from "../support/engine.ts";
import {
  type AgentWorld,
  codeOf,
  conversationOf,
  createAgentWorld,
  handOver,
  hearStranger,
  statesOf,
  takeOver,
  writeAsAgent,
} from "../support/offers.ts";
import { asUser, createAccount, createWorld, freshNumber } from "../support/world.ts";
import { refusalOf } from "../support/stack.ts";
import { assertEquals } from "@std/assert";
import postgres from "postgres";

const AGENT = { is_taken_over: false };
const PEOPLE = { is_taken_over: true };

async function write(sql: postgres.Sql, world: AgentWorld, message: Record<string, unknown> = {}) {
  const rows = await enqueue(sql, world, [
    { to_address: world.contactAddress, body: "Hello", ...message },
  ]);
  // Not for the dispatcher: it is only about who wrote it.
  await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;
  return rows;
}

databaseTest("members hand a conversation over and take it over, again and again", async (sql) => {
  const world = await createAgentWorld(sql);
  const agent_id = world.agentId;

  assertEquals(await conversationOf(sql, world), { agent_id, assigned_to: null, ...AGENT });
  const taken = await takeOver(sql, world);
  const again = await takeOver(sql, world);
  assertEquals(await conversationOf(sql, world), { agent_id, assigned_to: null, ...PEOPLE });
  assertEquals(again.taken_over_at, taken.taken_over_at);
  const handed = await handOver(sql, world, agent_id);
  assertEquals([handed.agent_id, handed.taken_over_at], [agent_id, null]);
});

databaseTest("who hands over and takes over is written down", async (sql) => {
  const world = await createAgentWorld(sql);
  await takeOver(sql, world);
  await takeOver(sql, world);
  await handOver(sql, world, world.agentId);

  const rows = await sql`
    select action, actor_id, details ->> 'agent_id' as agent_id from public.audit_log
    where workspace_id = ${world.workspaceId} and entity_id = ${world.conversationId} order by created_at, id`;
  const [actor_id, agent_id] = [world.memberId, world.agentId];
  assertEquals(rows.map((row) => ({ ...row })), [
    { action: "conversation.handed_over", actor_id, agent_id },
    { action: "conversation.taken_over", actor_id, agent_id },
    { action: "conversation.handed_over", actor_id, agent_id },
  ]);
});

databaseTest("nobody hands over or takes over what they do not see", async (sql) => {
  const world = await createAgentWorld(sql);
  const { ownerId: strangerId } = await createWorld(sql);
  await sql`
    update public.workspaces set conversation_access = 'assigned' where id = ${world.workspaceId}`;
  const outsiders = [strangerId, await createAccount(sql, "nobody"), world.memberId];

  for (const userId of outsiders) {
    const hand = (tx: postgres.TransactionSql) =>
      tx`select public.hand_to_agent(${world.conversationId}, ${world.agentId})`;
    const take = (tx: postgres.TransactionSql) =>
      tx`select public.take_over(${world.conversationId})`;
    assertEquals([await refusalAs(sql, userId, hand), await refusalAs(sql, userId, take)], [
      "PT404",
      "PT404",
    ]);
  }
  assertEquals((await conversationOf(sql, world)).is_taken_over, false);
});

databaseTest("a conversation goes to an agent of its own workspace that is active", async (sql) => {
  const world = await createAgentWorld(sql);
  const foreign = await createAgentWorld(sql);
  const idle = await addAgent(sql, world);
  await sql`update public.agents set is_active = false where id = ${idle}`;

  assertEquals(await codeOf(() => handOver(sql, world, foreign.agentId)), "not_found");
  assertEquals(await codeOf(() => handOver(sql, world, idle)), "agent_inactive");
  const assign = () =>
    asUser(sql, world.memberId, (tx) =>
      tx`
      update public.conversations set agent_id = ${idle} where id = ${world.conversationId}`);
  assertEquals(await codeOf(assign), "agent_inactive");

  await takeOver(sql, world);
  await sql`update public.agents set is_active = false where id = ${world.agentId}`;
  assertEquals(await codeOf(() => handOver(sql, world, world.agentId)), "agent_inactive");
});

databaseTest("a person who writes in the conversation takes it over", async (sql) => {
  const world = await createAgentWorld(sql);

  await write(sql, world);

  assertEquals(await conversationOf(sql, world), {
    agent_id: world.agentId,
    assigned_to: null,
    ...PEOPLE,
  });
});

databaseTest("a code that a person has sent takes nothing over", async (sql) => {
  const world = await createAgentWorld(sql);

  await write(sql, world, { message_class: "one_time_code" });

  assertEquals((await conversationOf(sql, world)).is_taken_over, false);
});

databaseTest("what the system sends in a person's name takes nothing over", async (sql) => {
  const world = await createAgentWorld(sql);

  await sql`
    insert into public.conversation_messages (
      workspace_id, conversation_id, direction, status, body, sender_id, from_address, to_address
    )
    values (
      ${world.workspaceId}, ${world.conversationId}, 'outbound', 'queued', 'x', ${world.memberId}, '+1', '+2'
    )`;

  assertEquals((await conversationOf(sql, world)).is_taken_over, false);
});

databaseTest("to assign the conversation to a person is to take it over", async (sql) => {
  const world = await createAgentWorld(sql);
  const change = (columns: Record<string, string | null>) =>
    asUser(sql, world.memberId, (tx) =>
      tx`
      update public.conversations set ${tx(columns)} where id = ${world.conversationId}`);

  await change({ assigned_to: null });
  assertEquals((await conversationOf(sql, world)).is_taken_over, false);
  await change({ assigned_to: world.memberId });
  assertEquals((await conversationOf(sql, world)).is_taken_over, true);

  await handOver(sql, world, world.agentId);
  await change({ assigned_to: world.memberId });
  assertEquals((await conversationOf(sql, world)).is_taken_over, false);
});

databaseTest("to take the agent away is to take over, and another begins anew", async (sql) => {
  const world = await createAgentWorld(sql);
  const other = await addAgent(sql, world);
  const change = (agent_id: string | null) =>
    asUser(sql, world.memberId, (tx) =>
      tx`
      update public.conversations set agent_id = ${agent_id} where id = ${world.conversationId}`);

  await change(null);
  assertEquals((await conversationOf(sql, world)).is_taken_over, true);
  await change(other);
  assertEquals(await conversationOf(sql, world), { agent_id: other, assigned_to: null, ...AGENT });
});

databaseTest("nobody writes since when it is taken over by hand", async (sql) => {
  const world = await createAgentWorld(sql);
  await takeOver(sql, world);

  const refused = await refusalAs(
    sql,
    world.ownerId,
    (tx) =>
      tx`update public.conversations set taken_over_at = null where id = ${world.conversationId}`,
  );
  assertEquals(refused, "42501");
});

databaseTest("an agent writes in a conversation until a person takes it over", async (sql) => {
  const world = await createAgentWorld(sql);
  await writeAsAgent(sql, world);

  await takeOver(sql, world);
  assertEquals(await codeOf(() => writeAsAgent(sql, world)), "conversation_taken_over");

  await handOver(sql, world, world.agentId);
  await writeAsAgent(sql, world);
});

databaseTest("an agent that waits for a person who takes over writes nothing", async (sql) => {
  const world = await createAgentWorld(sql);
  const other = postgres(sql.options as never);
  let answer: Promise<string> | undefined;

  await asUser(sql, world.memberId, async (tx) => {
    await tx`select public.take_over(${world.conversationId})`;
    answer = codeOf(() => writeAsAgent(sql, world));
    await untilWaiting(sql, world.conversationId);
  });

  assertEquals(await answer, "conversation_taken_over");
  await other.end();
});

/** Until some session waits for another to let go of the conversation. */
async function untilWaiting(sql: postgres.Sql, conversationId: string): Promise<void> {
  for (let isWaiting = false; !isWaiting;) {
    const [row] = await sql`
      select exists (
        select from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%update public.conversations set snippet%'
      ) as is_waiting, ${conversationId} as id`;
    isWaiting = row!.is_waiting;
  }
}

databaseTest("a conversation that begins on an agent's number is the agent's", async (sql) => {
  const world = await createAgentWorld(sql);
  await asUser(sql, world.adminId, (tx) =>
    tx`
    update public.phone_numbers set agent_id = ${world.agentId} where id = ${world.phoneNumberId}`);

  const { conversationId } = await hearStranger(sql, world);

  assertEquals(await conversationOf(sql, { ...world, conversationId }), {
    agent_id: world.agentId,
    assigned_to: null,
    ...AGENT,
  });
  assertEquals(await statesOf(sql, world), ["pending"]);
});

databaseTest("an agent that is switched off gets no new conversations", async (sql) => {
  const world = await createAgentWorld(sql);
  await sql`
    update public.phone_numbers set agent_id = ${world.agentId} where id = ${world.phoneNumberId}`;
  await sql`update public.agents set is_active = false where id = ${world.agentId}`;

  const { conversationId } = await hearStranger(sql, world);

  assertEquals((await conversationOf(sql, { ...world, conversationId })).agent_id, null);
});

databaseTest("a person who begins a conversation on an agent's number has it", async (sql) => {
  const world = await createAgentWorld(sql);
  await sql`
    update public.phone_numbers set agent_id = ${world.agentId} where id = ${world.phoneNumberId}`;
  const address = freshNumber();

  const [sent] = await write(sql, world, { to_address: address });

  assertEquals(
    await conversationOf(sql, { ...world, conversationId: sent!.conversation_id }),
    { agent_id: world.agentId, assigned_to: null, ...PEOPLE },
  );
});

databaseTest("a member who sees only what is assigned hands over what is", async (sql) => {
  const world = await createAgentWorld(sql);
  const assignedId = await addMember(sql, world);
  await sql`
    update public.workspaces set conversation_access = 'assigned' where id = ${world.workspaceId}`;
  await sql`
    update public.conversations set assigned_to = ${assignedId} where id = ${world.conversationId}`;

  await handOver(sql, world, world.agentId, assignedId);

  assertEquals((await conversationOf(sql, world)).is_taken_over, false);
  assertEquals(
    await refusalOf(() => handOver(sql, world, world.agentId, world.memberId)),
    "PT404",
  );
});

databaseTest("an agent that is removed leaves its conversations to people", async (sql) => {
  const [world, other] = [await createAgentWorld(sql), await createAgentWorld(sql)];

  await sql`delete from public.agents where id = ${world.agentId}`;
  await sql`delete from private.connection_credentials where connection_id = ${other.connectionId}`;
  await sql`delete from public.workspaces where id = ${other.workspaceId}`;

  assertEquals(await conversationOf(sql, world), { agent_id: null, assigned_to: null, ...PEOPLE });
  assertEquals(await conversationOf(sql, other), undefined);
});
