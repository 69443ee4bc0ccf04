import { assert, assertEquals, assertMatch } from "@std/assert";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { databaseTest } from "../support/engine.ts";
import { callFunction } from "../support/functions.ts";
import { untilStatus } from "../support/messages.ts";
import { serviceClient, signUp } from "../support/people.ts";
import { createWorkspace } from "../support/workspace.ts";
import { countRequests, freshContact, takenBy, write } from "./providers/desk.ts";
import {
  addAgent,
  addContact,
  type AgentDesk,
  execute,
  openAgentDesk,
  recordOf,
  refusalIn,
  setLines,
  succeedWith,
} from "./tools/agent_desk.ts";

const twilio = providers.get("twilio")!;
let shared: Promise<AgentDesk> | undefined;
/** For tests that move no lines. */
const openSharedDesk = () => shared ??= openAgentDesk(twilio);

Deno.test("an agent sends by its key, and the message goes out", async () => {
  const desk = await openSharedDesk();
  const { contactId, address } = await addContact(desk);

  const { status, body } = await execute(desk, "send_message", {
    contact_id: contactId,
    body: "Your appointment is at 3",
  }, { reason: "The contact asked when it is" });

  assertEquals([status, body.tool_call.status, body.is_duplicate], [200, "succeeded", false]);
  assertMatch(body.next, /get_message_status/);
  const { message_id, conversation_id } = body.result;
  await untilStatus(message_id, "delivered");
  assertEquals((await takenBy(desk, address)).length, 1);
  const { call, audit } = await recordOf(body.tool_call.id);
  assertEquals([call.status, call.agent_id, call.conversation_id], [
    "succeeded",
    desk.agentId,
    conversation_id,
  ]);
  assertEquals(audit.map(({ action, agent_id }) => [action, agent_id]), [
    ["agent_tool.succeeded", desk.agentId],
  ]);
  assertEquals(
    (audit[0]!.details as Record<string, string>).reason,
    "The contact asked when it is",
  );
});

databaseTest(
  "a long conversation is read page by page, each short, and nothing left out",
  async (sql) => {
    const desk = await openSharedDesk();
    const contact = freshContact(desk.account);
    const texts = Array.from({ length: 30 }, (_, index) => `${index} ${"á".repeat(150)}`);
    for (const body of texts) await write(desk, contact, { body });
    const { contacts: [found] } = await succeedWith(desk, "find_contact", { query: contact });
    const { conversation_id } = found.conversations[0];
    await sql`
    update public.conversation_messages
    set created_at = created_at - split_part(body, ' ', 1)::integer * interval '1 minute'
    where conversation_id = ${conversation_id}`;

    const read: string[] = [];
    let before: string | undefined;
    do {
      const page = await succeedWith(desk, "read_conversation", { conversation_id, before });
      assert(new TextEncoder().encode(JSON.stringify(page)).length <= 4_000);
      read.unshift(...page.messages.map(({ text }: { text: string }) => text));
      before = page.next_before;
    } while (before);

    assertEquals(read, texts.toReversed());
  },
);

Deno.test("a member acts through an agent of the workspace, and nobody else does", async () => {
  const desk = await openSharedDesk();
  const stranger = await signUp("stranger");
  const given = { query: "Ada" };
  const through = (token: string, agent_id?: string) =>
    execute(desk, "find_contact", given, { token, ...(agent_id ? { agent_id } : {}) });

  const member = await through(desk.owner.token, desk.agentId);
  const nobody = await callFunction("execute-tool", {
    json: { tool: "find_contact", arguments: given, run_id: "r", call_id: "c" },
  });

  assertEquals(member.status, 200, JSON.stringify(member.body));
  assertEquals(refusalIn(await through(stranger.token, desk.agentId)), [
    404,
    "not_found",
    "agent_id",
  ]);
  assertEquals(
    await through(stranger.token, crypto.randomUUID()).then(({ body }) => body),
    await through(stranger.token, desk.agentId).then(({ body }) => body),
  );
  assertEquals(refusalIn(await through(desk.owner.token)), [400, "invalid_request", "agent_id"]);
  assertEquals((await through(`sbk_${"0".repeat(64)}`)).status, 401);
  assertEquals(nobody.status, 401);
});

Deno.test("a request without its parts is refused by the field", async () => {
  const desk = await openSharedDesk();
  const request = { tool: "find_contact", arguments: {}, run_id: "r", call_id: "c" };
  const cases: [json: Record<string, unknown>, field: string][] = [
    [{ ...request, tool: undefined }, "tool"],
    [{ ...request, run_id: "" }, "run_id"],
    [{ ...request, call_id: "x".repeat(256) }, "call_id"],
    [{ ...request, reason: "x".repeat(1001) }, "reason"],
    [{ ...request, api_key: "mine" }, "api_key"],
  ];

  for (const [json, field] of cases) {
    const answer = await callFunction("execute-tool", { token: desk.apiKey, json });
    assertEquals(refusalIn(answer), [400, "invalid_request", field]);
  }
});

Deno.test("what needs a person's word waits for it, and goes out once it is given", async () => {
  const desk = await openAgentDesk(twilio);
  await setLines(desk, { destructive_needs_approval: true });
  const { contactId, address } = await addContact(desk);
  const given = { contact_id: contactId, body: "Your appointment is at 3" };
  const call = { call_id: "call-1" };

  const asked = await execute(desk, "send_message", given, call);
  const askedAgain = await execute(desk, "send_message", given, call);
  const { approval_id } = asked.body.result;
  const approved = await decide(desk, approval_id, { decision: "approve", note: "Go ahead" });
  const told = await execute(desk, "send_message", given, call);

  assertEquals([asked.status, asked.body.tool_call.status], [202, "awaiting_approval"]);
  assertEquals([asked.body.result.reason, askedAgain.body.result.approval_id], [
    "destructive",
    approval_id,
  ]);
  assertMatch(asked.body.next, /A person has to approve/);
  assertEquals([approved.status, approved.body.approval, approved.body.tool_call.status], [
    200,
    { id: approval_id, status: "approved" },
    "succeeded",
  ], JSON.stringify(approved.body));
  assertEquals([told.status, told.body.is_duplicate, told.body.result], [
    200,
    true,
    approved.body.tool_call.result,
  ]);
  await untilStatus(told.body.result.message_id, "delivered");
  assertEquals((await takenBy(desk, address)).length, 1);
});

Deno.test("what a person refuses is not done, and the agent is told so", async () => {
  const desk = await openAgentDesk(twilio);
  await setLines(desk, { destructive_needs_approval: true });
  const { contactId, address } = await addContact(desk);
  const given = { contact_id: contactId, body: "Your appointment is at 3" };
  const call = { call_id: "call-1" };

  const { body } = await execute(desk, "send_message", given, call);
  const refused = await decide(desk, body.result.approval_id, {
    decision: "refuse",
    note: "We call them",
  });
  const told = await execute(desk, "send_message", given, call);
  const tooLate = await decide(desk, body.result.approval_id, { decision: "approve" });

  assertEquals([refused.status, refused.body.approval.status, refused.body.tool_call.status], [
    200,
    "refused",
    "refused",
  ], JSON.stringify(refused.body));
  assertEquals(refusalIn(told), [403, "approval_refused", undefined]);
  assertMatch(told.body.error.message, /We call them/);
  assertEquals([tooLate.status, tooLate.body.error.code], [409, "conflict"]);
  assertEquals(await takenBy(desk, address), []);
});

Deno.test("a call that waits is placed by the word of a member, once", async () => {
  const desk = await openAgentDesk(twilio);
  await setLines(desk, { destructive_needs_approval: true });
  const { contactId } = await addContact(desk);

  const { body } = await execute(desk, "twilio_start_call", {
    contact_id: contactId,
    body: "Your appointment is at 3",
  });
  const { approval_id } = body.result;
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => decide(desk, approval_id, { decision: "approve" })),
  );
  const again = await decide(desk, approval_id, { decision: "approve" });

  const done = answers.filter((answer) => answer.body.tool_call?.status === "succeeded");
  assert(done.length > 0, JSON.stringify(answers.map((answer) => answer.body)));
  assertEquals([again.status, again.body.tool_call.status], [200, "succeeded"]);
  const { data } = await serviceClient().from("calls").select("id")
    .eq("workspace_id", desk.workspaceId);
  assertEquals(data!.map(({ id }) => id), [again.body.tool_call.result.call_id]);
  assertEquals(await countRequests(desk, "calls.create"), 1);
});

Deno.test("only those who see an approval decide about it", async () => {
  const desk = await openAgentDesk(twilio);
  await setLines(desk, { destructive_needs_approval: true });
  const { contactId } = await addContact(desk);
  const stranger = await signUp("stranger");
  await createWorkspace(stranger);

  const { body } = await execute(desk, "send_message", {
    contact_id: contactId,
    body: "Your appointment is at 3",
  });
  const { approval_id } = body.result;
  const answers = [
    await decide({ owner: stranger }, approval_id, { decision: "approve" }),
    await decide({ owner: stranger }, crypto.randomUUID(), { decision: "approve" }),
    await decide({ owner: stranger }, "1", { decision: "approve" }),
  ];
  const byKey = await decide({ owner: { token: desk.apiKey } }, approval_id, {
    decision: "approve",
  });
  const unclear = await decide(desk, approval_id, { decision: "maybe" });

  for (const answer of answers) {
    assertEquals([answer.status, answer.body.error.code], [404, "not_found"]);
  }
  assertEquals(byKey.status, 401, "an agent does not approve what it asked for");
  assertEquals(refusalIn(unclear), [400, "invalid_request", "decision"]);
});

Deno.test("an agent that is switched off does nothing from the next call on", async () => {
  const desk = await openAgentDesk(twilio);
  const { owner, agentId } = desk;
  const before = await execute(desk, "find_contact", { query: "Ada" });

  await owner.client.from("agents").update({ is_active: false }).eq("id", agentId);
  const after = await execute(desk, "find_contact", { query: "Ada" });

  assertEquals(before.status, 200);
  assertEquals(refusalIn(after), [403, "agent_inactive", undefined]);
});

Deno.test("an agent uses no tool that it was not granted", async () => {
  const desk = await openSharedDesk();
  const other = await addAgent(desk.owner, desk.workspaceId, []).catch(() => null);
  const { agentId } = desk;
  const { data } = await desk.owner.client.rpc("create_agent_key", {
    agent_id: agentId,
    name: "Texts only",
    allowed_scopes: ["sms"],
  });
  const narrow = { apiKey: data![0]!.api_key };

  assertEquals(other, null, "a key needs a scope");
  assertEquals(refusalIn(await execute(narrow, "twilio_get_balance", {})), [
    403,
    "tool_not_allowed",
    undefined,
  ]);
  assertEquals(refusalIn(await execute(desk, "telnyx_get_balance", {})), [
    403,
    "tool_not_allowed",
    undefined,
  ]);
  assertEquals(
    refusalIn(await execute(desk, "twilio_send_fax", { to: freshContact(desk.account) })),
    [
      404,
      "tool_not_found",
      "tool",
    ],
  );
});

Deno.test("an agent without a webhook fetches what is offered to it where it acts", async () => {
  const desk = await openSharedDesk();

  const { status, body } = await callFunction("execute-tool/offers", { token: desk.apiKey });
  const nobody = await callFunction("execute-tool/offers");

  assertEquals([status, body], [200, { offers: [] }]);
  assertEquals(nobody.status, 401);
});

async function decide(
  { owner }: { owner: { token: string } },
  approvalId: string,
  json: Record<string, unknown>,
) {
  return await callFunction(`execute-tool/approvals/${approvalId}`, { token: owner.token, json });
}
