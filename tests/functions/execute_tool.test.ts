import { assert, assertEquals, assertMatch } from "@std/assert";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { databaseTest } from "../support/engine.ts";
import { callFunction } from "../support/functions.ts";
import { untilStatus } from "../support/messages.ts";
import { signUp } from "../support/people.ts";
import { freshContact, takenBy, write } from "./providers/desk.ts";
import {
  addAgent,
  addContact,
  type AgentDesk,
  execute,
  openAgentDesk,
  recordOf,
  refusalIn,
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
