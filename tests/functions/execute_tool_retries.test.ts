import { assert, assertEquals } from "@std/assert";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { databaseTest } from "../support/engine.ts";
import type { Answer } from "../support/functions.ts";
import { untilStatus } from "../support/messages.ts";
import { serviceClient } from "../support/people.ts";
import { countRequests, takenBy } from "./providers/desk.ts";
import {
  addContact,
  type AgentDesk,
  execute,
  openAgentDesk,
  recordOf,
  setLines,
} from "./tools/agent_desk.ts";
import type postgres from "postgres";

const twilio = providers.get("twilio")!;
let shared: Promise<AgentDesk> | undefined;
const openSharedDesk = () => shared ??= openAgentDesk(twilio);

const SPOKEN = { body: "Your appointment is at 3" };

const hundredTimes = (work: () => Promise<Answer>) =>
  Promise.all(Array.from({ length: 100 }, work));

async function messagesTo(desk: AgentDesk, address: string): Promise<string[]> {
  const { data } = await serviceClient().from("conversation_messages").select("id, to_address")
    .eq("workspace_id", desk.workspaceId);
  return data!.filter(({ to_address }) => to_address === address).map(({ id }) => id);
}

/** As if whoever was to ask the provider had died before they said what came of it. */
async function loseWorker(desk: AgentDesk, tool: string, given: Record<string, unknown>) {
  const call = { tool, run_id: "run-1", call_id: crypto.randomUUID(), arguments: given };
  const { data, error } = await serviceClient().rpc("execute_agent_tool", {
    caller: { api_key: desk.apiKey },
    call: call as never,
  });
  if (error) throw new Error(error.message);
  const [row] = data as unknown as { state: string; tool_call_id: string }[];
  assertEquals(row!.state, "ask");
  return { callId: call.call_id, toolCallId: row!.tool_call_id };
}

async function letTimePass(sql: postgres.Sql, toolCallId: string) {
  await sql`
    update public.agent_tool_calls set started_at = started_at - interval '5 minutes'
    where id = ${toolCallId}`;
  await sql`
    update public.calls set created_at = created_at - interval '5 minutes'
    where workspace_id = (select workspace_id from public.agent_tool_calls where id = ${toolCallId})`;
}

Deno.test("a hundred concurrent retries of one call send one message and give one answer", async () => {
  const desk = await openSharedDesk();
  const { contactId, address } = await addContact(desk);
  const call_id = crypto.randomUUID();
  const given = { contact_id: contactId, body: "Your appointment is at 3" };

  const answers = await hundredTimes(() => execute(desk, "send_message", given, { call_id }));

  assertEquals([...new Set(answers.map(({ status }) => status))], [200]);
  const [first, ...others] = new Set(
    answers.map(({ body }) => JSON.stringify([body.result, body.next, body.tool_call])),
  );
  assertEquals(others, []);
  assertEquals(answers.filter(({ body }) => !body.is_duplicate).length, 1);
  const [messageId, ...more] = await messagesTo(desk, address);
  assertEquals(more, []);
  assert(first!.includes(messageId!));
  await untilStatus(messageId!, "delivered");
  assertEquals((await takenBy(desk, address)).length, 1);
});

Deno.test("arguments in another order, or with nulls, are the same call; others are not", async () => {
  const desk = await openSharedDesk();
  const { contactId } = await addContact(desk);
  const call = { call_id: crypto.randomUUID() };

  const first = await execute(desk, "send_message", { contact_id: contactId, body: "Hello" }, call);
  const same = await execute(
    desk,
    "send_message",
    JSON.stringify({ subject: null, body: "Hello", contact_id: contactId }),
    call,
  );
  const another = await execute(
    desk,
    "send_message",
    { contact_id: contactId, body: "Good-bye" },
    call,
  );

  assertEquals([same.body.is_duplicate, same.body.result], [true, first.body.result]);
  assertEquals([another.status, another.body.is_duplicate], [200, false]);
  assert(another.body.result.message_id !== first.body.result.message_id);
});

Deno.test("a hundred concurrent retries of one call dial once", async () => {
  const desk = await openAgentDesk(twilio);
  const { contactId } = await addContact(desk);
  const call_id = crypto.randomUUID();
  const given = { contact_id: contactId, ...SPOKEN };
  const once = () => execute(desk, "twilio_start_call", given, { call_id });

  const answers = await hundredTimes(once);
  const afterwards = await once();

  for (const { status, body } of answers) {
    const outcome = [status, body.error?.code ?? body.tool_call.status];
    assert(
      ["200,succeeded", "409,request_in_progress"].includes(String(outcome)),
      JSON.stringify(body),
    );
  }
  assertEquals([afterwards.status, afterwards.body.is_duplicate], [200, true]);
  assertEquals(await countRequests(desk, "calls.create"), 1);
});

Deno.test("the same text to the same contact under another call waits for a person", async () => {
  const desk = await openSharedDesk();
  const { contactId, address } = await addContact(desk);

  const first = await execute(desk, "send_message", { contact_id: contactId, body: "At 3, ok?" });
  const again = await execute(desk, "send_message", { to: address, body: "at 3  OK" });

  assertEquals([first.status, again.status, again.body.result?.reason], [
    200,
    202,
    "near_duplicate",
  ]);
  assertEquals((await messagesTo(desk, address)).length, 1);
});

Deno.test("concurrent calls stay within what an agent may send", async () => {
  const desk = await openAgentDesk(twilio);
  await setLines(desk, { messages_per_hour: 5 });
  const contacts = await Promise.all(Array.from({ length: 20 }, () => addContact(desk)));

  const answers = await Promise.all(
    contacts.map(({ contactId }, index) =>
      execute(desk, "send_message", { contact_id: contactId, body: `Hello ${index}` })
    ),
  );

  const sent = answers.filter(({ status }) => status === 200);
  const refused = answers.filter(({ body }) => body.error?.code === "agent_rate_limited");
  assertEquals([sent.length, refused.length], [5, 15]);
  assertEquals(refused[0]!.status, 429);
});

databaseTest("what a lost worker was to read is read by the next try", async (sql) => {
  const desk = await openSharedDesk();
  const { callId, toolCallId } = await loseWorker(desk, "twilio_get_balance", {});
  const again = () => execute(desk, "twilio_get_balance", {}, { call_id: callId });

  const tooSoon = await again();
  await letTimePass(sql, toolCallId);
  const later = await again();
  const repeated = await again();

  assertEquals([tooSoon.status, tooSoon.body.error.code], [409, "request_in_progress"]);
  assertEquals(tooSoon.headers.get("retry-after"), "2");
  assertEquals([later.status, later.body.result.currency], [200, "USD"]);
  assertEquals([repeated.body.is_duplicate, repeated.body.result], [true, later.body.result]);
});

databaseTest("a call whose worker was lost before it dialled is never placed", async (sql) => {
  const desk = await openAgentDesk(twilio);
  const { contactId } = await addContact(desk);
  const given = { contact_id: contactId, ...SPOKEN };
  const { callId, toolCallId } = await loseWorker(desk, "twilio_start_call", given);
  const again = () => execute(desk, "twilio_start_call", given, { call_id: callId });

  const tooSoon = await again();
  await letTimePass(sql, toolCallId);
  const later = await again();
  const repeated = await again();

  assertEquals(tooSoon.body.error.code, "request_in_progress");
  assertEquals([later.status, later.body.error?.code], [409, "outcome_unknown"]);
  assertEquals(repeated.body.error?.code, "outcome_unknown");
  assertEquals(await countRequests(desk, "calls.create"), 0);
});

databaseTest("a call whose worker was lost after it dialled is not placed again", async (sql) => {
  const desk = await openAgentDesk(twilio);
  const { contactId } = await addContact(desk);
  const given = { contact_id: contactId, ...SPOKEN };
  const call = { call_id: crypto.randomUUID() };
  const first = await execute(desk, "twilio_start_call", given, call);
  const { id } = first.body.tool_call;
  await sql`
    update public.agent_tool_calls set status = 'running', result = null, finished_at = null
    where id = ${id}`;

  await letTimePass(sql, id);
  const later = await execute(desk, "twilio_start_call", given, call);

  assertEquals(
    [later.status, later.body.result?.call_id],
    [200, first.body.result.call_id],
    JSON.stringify(later.body),
  );
  assertEquals(await countRequests(desk, "calls.create"), 1);
  assertEquals((await recordOf(id)).call.status, "succeeded");
});
