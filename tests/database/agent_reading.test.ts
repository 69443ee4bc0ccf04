import {
  addContact,
  type AgentWorld,
  createAgentWorld,
  execute,
  setGuardrails,
  text,
} from "../support/agent_calls.ts";
import { databaseTest, ingest, textFrom } from "../support/engine.ts";
import { connectAccount, listedNumber } from "../support/tenancy.ts";
import { freshNumber } from "../support/world.ts";
import { assertEquals, assertMatch } from "@std/assert";
import type postgres from "postgres";

const use = (sql: postgres.Sql, world: AgentWorld, tool: string, args: Record<string, unknown>) =>
  execute(sql, world, { tool, arguments: args });

/** A thread that runs on an account which the agent was not granted. */
async function addPrivateThread(sql: postgres.Sql, world: AgentWorld) {
  const number = listedNumber();
  const connectionId = await connectAccount(sql, world.ownerId, world.workspaceId, {
    numbers: [number],
  });
  const from = freshNumber();
  await ingest(sql, connectionId, [
    textFrom(world, from, { to: number.phone_number, text: "Private" }),
  ]);
  const [thread] = await sql`
    select t.id, t.contact_id, m.id as message_id from public.conversations as t
    join public.conversation_messages as m on m.conversation_id = t.id
    where t.workspace_id = ${world.workspaceId} and t.contact_address = ${from}`;
  return thread!;
}

databaseTest("an agent reads the conversations of what it was granted", async (sql) => {
  const world = await createAgentWorld(sql);
  const hidden = await addPrivateThread(sql, world);

  const { result } = await use(sql, world, "list_conversations", {});
  assertEquals(
    result.conversations.map(({ conversation_id }: Record<string, string>) => conversation_id),
    [world.conversationId],
  );
  assertEquals(result.conversations[0].contact_address, world.contactAddress);
  const read = await use(sql, world, "read_conversation", {
    conversation_id: world.conversationId,
  });
  assertEquals(
    read.result.messages.map((message: Record<string, string>) => [
      message.direction,
      message.text,
      message.written_by,
    ]),
    [["inbound", "Hello", "contact"], ["outbound", "Hi back", "person"]],
  );
  const refused = await use(sql, world, "read_conversation", { conversation_id: hidden.id });
  assertEquals([refused.state, refused.error_code], ["refused", "conversation_not_found"]);
  const status = await use(sql, world, "get_message_status", { message_id: hidden.message_id });
  assertEquals(status.error_code, "message_not_found");
});

databaseTest("a conversation in an agent's hands is the agent's to read", async (sql) => {
  const world = await createAgentWorld(sql);
  const thread = await addPrivateThread(sql, world);
  await sql`
    update public.conversations set agent_id = ${world.agentId} where id = ${thread.id}`;

  const { result } = await use(sql, world, "read_conversation", { conversation_id: thread.id });
  assertEquals([result.is_yours, result.messages.length], [true, 1]);
});

databaseTest(
  "who writes in a thread reads nothing that went over another's number",
  async (sql) => {
    const world = await createAgentWorld(sql);
    const thread = await addPrivateThread(sql, world);
    const sent = await text(sql, world, "Hello", { to: { contact_id: thread.contact_id } });
    assertEquals(sent.result.conversation_id, thread.id);

    const { result } = await use(sql, world, "read_conversation", { conversation_id: thread.id });
    assertEquals(result.messages.map((message: Record<string, string>) => message.text), ["Hello"]);
    const status = async (messageId: string) =>
      (await use(sql, world, "get_message_status", { message_id: messageId })).error_code;
    assertEquals(await status(thread.message_id), "message_not_found");
    assertEquals(await status(sent.result.message_id), null);
    await sql`update public.conversations set agent_id = ${world.agentId} where id = ${thread.id}`;
    assertEquals(await status(thread.message_id), null);
  },
);

databaseTest("an agent reads nothing of contacts it may not reach", async (sql) => {
  const world = await createAgentWorld(sql, { allowed_contact_ids: [] });
  const refusals = await Promise.all([
    use(sql, world, "read_conversation", { conversation_id: world.conversationId }),
    use(sql, world, "get_message_status", { message_id: world.messageId }),
  ]);
  assertEquals(refusals.map(({ error_code }) => error_code), [
    "conversation_not_found",
    "message_not_found",
  ]);
  const lists = await Promise.all([
    use(sql, world, "list_conversations", {}),
    use(sql, world, "find_contact", { query: world.contactAddress }),
    use(sql, world, "twilio_get_sms_history", {}),
    use(sql, world, "twilio_get_mms_history", {}),
  ]);
  assertEquals(lists.map(({ result }) => Object.values(result)), [[[]], [[]], [[]], [[]]]);

  await setGuardrails(sql, world, { allowed_contact_ids: null, allowed_channels: ["email"] });
  assertEquals((await use(sql, world, "list_conversations", {})).result.conversations, []);
  assertEquals(
    (await use(sql, world, "twilio_get_sms_history", {})).error_code,
    "channel_not_allowed",
  );
});

databaseTest("ids of another workspace open nothing, and say nothing", async (sql) => {
  const world = await createAgentWorld(sql);
  const foreign = await createAgentWorld(sql);
  const sent = await text(sql, foreign);
  const calls: [string, Record<string, unknown>, string][] = [
    ["send_message", { contact_id: foreign.contactId, body: "Hi" }, "contact_not_found"],
    [
      "send_message",
      { conversation_id: foreign.conversationId, body: "Hi" },
      "conversation_not_found",
    ],
    ["read_conversation", { conversation_id: foreign.conversationId }, "conversation_not_found"],
    ["get_message_status", { message_id: foreign.messageId }, "message_not_found"],
    ["cancel_message", { message_id: sent.result.message_id }, "message_not_found"],
    ["twilio_get_balance", { connection_id: foreign.connectionId }, "tool_not_allowed"],
    ["twilio_get_delivery_receipts", { message_id: foreign.messageId }, "message_not_found"],
    ["twilio_start_call", { contact_id: foreign.contactId, body: "Hi" }, "contact_not_found"],
  ];
  for (const [tool, args, code] of calls) {
    const unknown = Object.fromEntries(
      Object.entries(args).map(([name, value]) =>
        name.endsWith("_id") ? [name, crypto.randomUUID()] : [name, value]
      ),
    );
    const answers = await Promise.all([
      use(sql, world, tool, args),
      use(sql, world, tool, unknown),
    ]);
    // The same words as for what there is not.
    for (const { state, error_code, error_message } of answers) {
      assertEquals([state, error_code, error_message], ["refused", code, answers[0].error_message]);
    }
  }
  const found = await use(sql, world, "find_contact", { query: foreign.contactAddress });
  assertEquals(found.result.contacts, []);
  const listed = await use(sql, world, "twilio_get_sms_history", { contact_id: foreign.contactId });
  assertEquals(listed.result.messages, []);
});

databaseTest(
  "a contact is found by name, by number however written, and by e-mail",
  async (sql) => {
    const world = await createAgentWorld(sql);
    const contact = await addContact(sql, world, ["vip"]);
    await sql`
    update public.contacts set display_name = 'Ana 100% Müller' where id = ${contact.id}`;
    await sql`
    insert into public.contact_addresses (workspace_id, contact_id, kind, address)
    values (${world.workspaceId}, ${contact.id}, 'email', ${`ana-${contact.id}@example.com`})`;
    const national = contact.address.replace(/^\+1(\d{3})(\d{3})/, "($1) $2-");
    const queries = ["ana", "100%", contact.address, national, `ana-${contact.id}@example.com`];
    for (const query of queries) {
      const { result } = await use(sql, world, "find_contact", { query });
      assertEquals(result.contacts.map((found: Record<string, string>) => found.contact_id), [
        contact.id,
      ]);
    }
    assertEquals((await use(sql, world, "find_contact", { query: "10_%" })).result.contacts, []);
    assertEquals(
      (await use(sql, world, "find_contact", { query: "a" })).error_code,
      "invalid_arguments",
    );
  },
);

databaseTest("history is read page by page, with and without media", async (sql) => {
  const world = await createAgentWorld(sql);
  for (let index = 0; index < 5; index++) await text(sql, world, `Text ${index}`);

  const seen: string[] = [];
  let before: string | undefined;
  do {
    const { result } = await use(sql, world, "twilio_get_sms_history", {
      limit: 2,
      contact_id: world.contactId,
      ...(before === undefined ? {} : { before }),
    });
    seen.push(...result.messages.map((message: Record<string, string>) => message.text));
    before = result.next_before;
  } while (before !== undefined);
  assertEquals(seen.slice(0, 5), ["Text 4", "Text 3", "Text 2", "Text 1", "Text 0"]);
  const media = await use(sql, world, "twilio_get_mms_history", {});
  assertEquals(
    media.result.messages.map((message: Record<string, unknown>) => message.media_count),
    [
      1,
    ],
  );
});

databaseTest("a call is written down once, and is the agent's", async (sql) => {
  const world = await createAgentWorld(sql);
  const call = {
    tool: "twilio_start_call",
    arguments: { contact_id: world.contactId, body: "Your table is ready" },
    call_id: crypto.randomUUID(),
  };
  const asked = await execute(sql, world, call);
  assertEquals([asked.state, asked.ask.family, asked.ask.call.to_address], [
    "ask",
    "start_call",
    world.contactAddress,
  ]);
  const [stored] = await sql`
    select agent_id, started_by from public.calls where id = ${asked.ask.call.call_id}`;
  assertEquals({ ...stored }, { agent_id: world.agentId, started_by: null });
  assertEquals((await execute(sql, world, call)).state, "running");
  // Whoever was to ask is gone: nobody dials again, and nobody knows.
  await sql`
    update public.calls set created_at = now() - interval '3 minutes' where agent_id = ${world.agentId}`;
  await sql`
    update public.agent_tool_calls set started_at = now() - interval '3 minutes'
    where agent_id = ${world.agentId}`;
  const late = await execute(sql, world, call);
  assertEquals([late.state, late.error_code], ["failed", "outcome_unknown"]);
  const calls = await sql`select from public.calls where agent_id = ${world.agentId}`;
  assertEquals(calls.length, 1);
});

databaseTest("a tool call that is running is finished once", async (sql) => {
  const world = await createAgentWorld(sql);
  const { tool_call_id } = await use(sql, world, "twilio_get_balance", {});
  const finish = async (outcome: Record<string, unknown>) => {
    const [row] = await sql`
      select state, is_duplicate, result from public.finish_agent_tool(${tool_call_id}, ${
      sql.json(outcome as never)
    })`;
    return row;
  };
  assertEquals((await finish({ result: { amount: 1 } }))!.state, "succeeded");
  const late = await finish({ error: { code: "provider_unavailable", message: "late" } });
  assertEquals([late!.state, late!.is_duplicate, late!.result], ["succeeded", true, { amount: 1 }]);
});

databaseTest("arguments that are malformed are refused, and written down", async (sql) => {
  const world = await createAgentWorld(sql);
  const answer = await execute(sql, world, {
    tool: "send_message",
    arguments: { contact_id: world.contactId, body: 7 },
    flaw: { field: "body", message: "body must be text" },
  });
  assertEquals([answer.state, answer.error_code, answer.error_field], [
    "refused",
    "invalid_arguments",
    "body",
  ]);
  const [row] = await sql`
    select action, details ->> 'error_code' as code from public.audit_log
    where workspace_id = ${world.workspaceId} and agent_id = ${world.agentId}`;
  assertEquals({ ...row }, { action: "agent_tool.refused", code: "invalid_arguments" });
  const none = await use(sql, world, "no_such_tool", {});
  assertEquals([none.state, none.error_code], ["refused", "tool_not_found"]);
  assertMatch(none.hint!, /get-agent-tools/);
});
