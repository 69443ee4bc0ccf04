import {
  addContact,
  type AgentWorld,
  createAgentWorld,
  decide,
  execute,
  setGuardrails,
} from "../support/agent_calls.ts";
import { addColleague } from "../support/agent_work.ts";
import { databaseTest } from "../support/engine.ts";
import { addAgent } from "../support/tenancy.ts";
import { asService, freshNumber } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const call = (
  sql: postgres.Sql,
  world: AgentWorld,
  body: string = crypto.randomUUID(),
  to: Record<string, string> = { contact_id: world.contactId },
  callId: string = crypto.randomUUID(),
) =>
  execute(sql, world, {
    tool: "twilio_start_call",
    arguments: { ...to, body },
    call_id: callId,
  });

const callsOf = async (sql: postgres.Sql, { agentId }: AgentWorld) =>
  (await sql`select id from public.calls where agent_id = ${agentId}`).length;

databaseTest("an agent calls from what is meant for it", async (sql) => {
  const world = await createAgentWorld(sql);
  await sql`
    update public.phone_numbers set agent_id = ${await addAgent(sql, world)}
    where id = ${world.phoneNumberId}`;
  assertEquals((await call(sql, world)).error_code, "sender_not_allowed");
  await setGuardrails(sql, world, { allowed_phone_number_ids: [world.phoneNumberId] });
  assertEquals((await call(sql, world)).state, "ask");
  await setGuardrails(sql, world, { allowed_phone_number_ids: [] });
  assertEquals((await call(sql, world)).error_code, "sender_not_allowed");
});

databaseTest("caps hold for many who call at once", async (sql) => {
  const world = await createAgentWorld(sql, { messages_per_hour: 3 });
  const spender = await createAgentWorld(sql, { spend_per_day: 0.05 });
  const codesOf = async (agent: AgentWorld) => {
    const contacts = [];
    for (let index = 0; index < 6; index++) contacts.push(await addContact(sql, agent));
    const answers = await Promise.all(
      contacts.map(({ id }) => call(sql, agent, undefined, { contact_id: id })),
    );
    return answers.map(({ state, error_code }) => error_code ?? state).sort();
  };

  assertEquals(await codesOf(world), [
    ...Array(3).fill("agent_rate_limited"),
    ...Array(3).fill("ask"),
  ]);
  assertEquals(await codesOf(spender), [
    ...Array(4).fill("agent_spend_limit_reached"),
    ...Array(2).fill("ask"),
  ]);
});

databaseTest("whoever nobody knew yet is called once, by two agents at once", async (sql) => {
  const world = await createAgentWorld(sql, { may_reach_new_contacts: true });
  const colleague = await addColleague(sql, world, { may_reach_new_contacts: true });
  for (let round = 0; round < 5; round++) {
    const to = { to: freshNumber() };
    const answers = await Promise.all(
      [world, colleague, world, colleague].map((agent) =>
        call(sql, agent, "Your table is ready", to)
      ),
    );
    assertEquals(answers.map(({ state }) => state).sort(), [
      "ask",
      ...Array(3).fill("awaiting_approval"),
    ]);
  }
});

databaseTest("a call counts by what it cost, once that is told", async (sql) => {
  const world = await createAgentWorld(sql, { spend_per_day: 0.05 });
  await call(sql, world);
  await sql`
    update public.calls set price = 0.05, price_currency = 'USD' where agent_id = ${world.agentId}`;
  assertEquals((await call(sql, world)).error_code, "agent_spend_limit_reached");
  await sql`update public.calls set price = 0.001 where agent_id = ${world.agentId}`;
  assertEquals((await call(sql, world)).state, "ask");
});

databaseTest("a call waits for a person, and is begun once by whoever asks first", async (sql) => {
  const world = await createAgentWorld(sql, { destructive_needs_approval: true });
  const asked = await call(sql, world, "Your table is ready", undefined, "ring");
  assertEquals([asked.state, asked.result.reason], ["awaiting_approval", "destructive"]);
  const approvalId = asked.result.approval_id as string;
  const run = () =>
    asService(sql, async (tx) => {
      const [answer] = await tx`select * from public.run_approved_tool(${approvalId})`;
      return answer!.state as string;
    });
  assertEquals(await run().catch(({ code }) => code), "PT404");
  assertEquals(await callsOf(sql, world), 0);

  const answer = await decide(sql, world.memberId, approvalId, "approve");
  assertEquals(answer.state, "awaiting_approval");
  assertEquals((await Promise.all([run(), run(), run()])).sort(), ["ask", "running", "running"]);
  const again = await call(sql, world, "Your table is ready", undefined, "ring");
  assertEquals(again.state, "running");
  assertEquals(await callsOf(sql, world), 1);
});

databaseTest("the same spoken twice within minutes waits for a person", async (sql) => {
  const world = await createAgentWorld(sql);
  assertEquals((await call(sql, world, "Your table is ready.")).state, "ask");
  assertEquals((await call(sql, world, "your table is READY")).result.reason, "near_duplicate");
  assertEquals((await call(sql, world, "Your table is gone")).state, "ask");
  const other = await addContact(sql, world);
  assertEquals(
    (await call(sql, world, "Your table is ready", { contact_id: other.id })).state,
    "ask",
  );
});
