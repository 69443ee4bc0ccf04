import {
  type AgentWorld,
  createAgentWorld,
  decide,
  execute,
  sentBy,
  setGuardrails,
  text,
} from "../support/agent_calls.ts";
import { addAgent, connectAccount, listedNumber } from "../support/tenancy.ts";
import { addKey, grant } from "../support/agent_tools.ts";
import { databaseTest } from "../support/engine.ts";
import { asUser } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

const schedule = (sql: postgres.Sql, world: AgentWorld, minutes: number) =>
  execute(sql, world, {
    tool: "schedule_message",
    arguments: {
      contact_id: world.contactId,
      body: crypto.randomUUID(),
      scheduled_at: inMinutes(minutes),
    },
  });

/** As if all that was asked for had been long ago. */
const forget = (sql: postgres.Sql, { agentId }: AgentWorld) =>
  sql`update public.conversation_messages set created_at = now() - interval '25 hours' where agent_id = ${agentId}`;

const takeOver = (sql: postgres.Sql, { memberId, conversationId }: AgentWorld) =>
  asUser(sql, memberId, (tx) => tx`select public.take_over(${conversationId})`);

databaseTest("an hour and a day hold no more because it was asked for long ago", async (sql) => {
  const world = await createAgentWorld(sql, { messages_per_hour: 2, messages_per_day: 3 });
  const arrive = async (minutes: number) => {
    const { error_code } = await schedule(sql, world, minutes);
    await forget(sql, world);
    return error_code;
  };

  assertEquals([await arrive(6000), await arrive(6050)], [null, null]);
  // Between the two there is no hour without both.
  assertEquals(await arrive(6030), "agent_rate_limited");
  assertEquals(await arrive(5990), "agent_rate_limited");
  assertEquals(await arrive(6061), null);
  assertEquals(await arrive(6800), "agent_rate_limited");
  assertEquals(await arrive(6000 + 24 * 60 + 1), null);
  // What was scheduled for now counts now.
  assertEquals([await arrive(10), await arrive(20)], [null, null]);
  assertEquals((await text(sql, world)).error_code, "agent_rate_limited");
});

databaseTest("a day costs no more because it was asked for long ago", async (sql) => {
  const world = await createAgentWorld(sql, { spend_per_day: 0.025 });
  const codes: (string | null)[] = [];
  for (let index = 0; index < 4; index++) {
    codes.push((await schedule(sql, world, 6000 + index * 60)).error_code);
    await forget(sql, world);
  }
  const spent = codes.filter((code) => code === null).length;
  assertEquals(codes.slice(spent), Array(4 - spent).fill("agent_spend_limit_reached"));
  assertEquals(spent > 0 && spent < 4, true);
  assertEquals((await schedule(sql, world, 6000 + 28 * 60)).error_code, null);
});

databaseTest("an agent calls nobody whose conversation a person has taken over", async (sql) => {
  const world = await createAgentWorld(sql);
  const call = async (to: Record<string, string>) =>
    (await execute(sql, world, { tool: "twilio_start_call", arguments: { ...to, body: "Hello" } }))
      .error_code;
  await takeOver(sql, world);
  assertEquals(await call({ conversation_id: world.conversationId }), "conversation_taken_over");
  assertEquals(await call({ contact_id: world.contactId }), null);

  const [calls] = await sql`
    select id from public.conversations where contact_id = ${world.contactId} and channel = 'call'`;
  await takeOver(sql, { ...world, conversationId: calls!.id });
  assertEquals(await call({ contact_id: world.contactId }), "conversation_taken_over");
});

databaseTest("an agent takes nothing back that people said after taking over", async (sql) => {
  const world = await createAgentWorld(sql);
  const hand = () =>
    asUser(
      sql,
      world.adminId,
      (tx) => tx`select public.hand_to_agent(${world.conversationId}, ${world.agentId})`,
    );
  const [byPerson] = await asUser(
    sql,
    world.memberId,
    (tx) =>
      tx`select * from public.enqueue_messages(${world.workspaceId}, ${
        tx.json([{ conversation_id: world.conversationId, body: "We refund it" }])
      })`,
  );
  const cancel = async () =>
    (await execute(sql, world, {
      tool: "cancel_message",
      arguments: { message_id: byPerson!.message_id },
    })).error_code;

  assertEquals(await cancel(), "message_not_found");
  await hand();
  await takeOver(sql, world);
  assertEquals(await cancel(), "message_not_found");
  await hand();
  await sql`
    update public.conversation_messages set message_class = 'one_time_code' where id = ${
    byPerson!.message_id
  }`;
  assertEquals(await cancel(), "message_not_found");
  await sql`
    update public.conversation_messages set message_class = 'conversation' where id = ${
    byPerson!.message_id
  }`;
  assertEquals(await cancel(), null);
});

databaseTest("a yes is good until it would have been too late to give it", async (sql) => {
  const world = await createAgentWorld(sql, { destructive_needs_approval: true });
  const ask = () => text(sql, world, "Are you at home now?", { call_id: "knock" });
  const { result } = await ask();
  await setGuardrails(sql, world, { messages_per_hour: 0 });
  const refused = await decide(sql, world.memberId, result.approval_id, "approve");
  assertEquals(refused.error_code, "agent_rate_limited");
  await setGuardrails(sql, world, { messages_per_hour: 10 });

  await sql`
    update public.agent_approvals
    set created_at = now() - interval '2 days', decided_at = now() - interval '2 days', expires_at = now()
    where id = ${result.approval_id}`;
  assertEquals((await ask()).state, "awaiting_approval");
  assertEquals((await sentBy(sql, world)).length, 0);
  await decide(sql, world.memberId, result.approval_id, "approve");
  assertEquals((await sentBy(sql, world)).length, 1);
});

databaseTest("of a whole domain an agent borrows nobody's address", async (sql) => {
  const world = await createAgentWorld(sql);
  const domain = `${crypto.randomUUID()}.example.com`;
  const connectionId = await connectAccount(sql, world.ownerId, world.workspaceId, {
    provider: "resend",
  });
  await grant(sql, world as never, connectionId, ["email"]);
  const { api_key } = await addKey(sql, world, ["email"]);
  const ownId = await connectAccount(sql, world.memberId, world.workspaceId, {
    provider: "postmark",
    isPersonal: true,
  });
  const senders: [string, string, string | null][] = [
    ["*", connectionId, null],
    ["billing", connectionId, await addAgent(sql, world)],
    ["jane", ownId, null],
    ["desk", connectionId, world.agentId],
  ];
  for (const [name, id, agentId] of senders) {
    await sql`
      insert into public.email_senders (connection_id, email_address, status, last_verified_at, agent_id)
      values (${id}, ${`${name}@${domain}`}, 'active', now(), ${agentId})`;
  }
  const [contact] = await sql`
    insert into public.contacts (workspace_id, display_name) values (${world.workspaceId}, 'Ann') returning id`;
  await sql`
    insert into public.contact_addresses (workspace_id, contact_id, kind, address)
    values (${world.workspaceId}, ${contact!.id}, 'email', ${`ann@${domain}`})`;
  const from = async (name: string) =>
    (await execute(sql, { apiKey: api_key }, {
      tool: "send_message",
      arguments: {
        contact_id: contact!.id,
        channel: "email",
        from: `${name}@${domain}`,
        subject: "Hi",
        body: crypto.randomUUID(),
      },
    })).error_code;

  assertEquals(await from("hello"), null);
  assertEquals(await from("desk"), null);
  assertEquals(await from("billing"), "sender_not_allowed");
  assertEquals(await from("jane"), "sender_not_allowed");
  // Once its owner has granted it, it is a sender like any other.
  await grant(sql, world as never, ownId, ["email"], world.memberId);
  assertEquals(await from("jane"), null);
});

databaseTest("a scope on one account opens no channel of another", async (sql) => {
  const world = await createAgentWorld(sql);
  const number = listedNumber();
  const connectionId = await connectAccount(sql, world.ownerId, world.workspaceId, {
    numbers: [number],
  });
  await grant(sql, world as never, connectionId, ["whatsapp"]);
  const { api_key } = await addKey(sql, world, ["sms", "whatsapp"]);
  const codeOf = async (args: Record<string, unknown>) =>
    (await execute(sql, { apiKey: api_key }, {
      tool: "send_message",
      arguments: { contact_id: world.contactId, body: crypto.randomUUID(), ...args },
    })).error_code;

  assertEquals(await codeOf({ channel: "sms", from: world.phoneNumber }), null);
  assertEquals(await codeOf({ channel: "sms", from: number.phone_number }), "sender_not_found");
  assertEquals(
    await codeOf({ channel: "sms", media_urls: ["https://media.example.com/1.png"] }),
    "tool_not_allowed",
  );
  await sql`
    insert into public.contact_addresses (workspace_id, contact_id, kind, address)
    values (${world.workspaceId}, ${world.contactId}, 'email', ${`${crypto.randomUUID()}@example.com`})`;
  assertEquals(await codeOf({ channel: "email", subject: "Hi" }), "tool_not_allowed");
});
