/** An agent of a workspace behind the official client: over the gateway, down to the provider. */
import { ProtocolError, SdkHttpError } from "@modelcontextprotocol/client";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { callFunction } from "../support/functions.ts";
import { connect, type Era } from "../support/mcp.ts";
import { untilStatus } from "../support/messages.ts";
import { readTestStack } from "../support/stack.ts";
import { freshContact, takenBy } from "./providers/desk.ts";
import {
  addContact,
  type AgentDesk,
  openAgentDesk,
  recordOf,
  setLines,
} from "./tools/agent_desk.ts";

const twilio = providers.get("twilio")!;
let shared: Promise<AgentDesk> | undefined;
/** For tests that change nothing about the agent. */
const openSharedDesk = () => shared ??= openAgentDesk(twilio);

const connectAs = ({ apiKey }: Pick<AgentDesk, "apiKey">, era: Era = "stateless") =>
  connect(`${readTestStack().url}/functions/v1/mcp`, era, apiKey);

for (const era of ["handshake", "stateless"] as const) {
  Deno.test(`mcp (${era}) lists an agent's tools as get-agent-tools does`, async () => {
    const desk = await openSharedDesk();
    await using client = await connectAs(desk, era);

    const { tools, nextCursor } = await client.listTools();

    const { body } = await callFunction("get-agent-tools?format=mcp", { token: desk.apiKey });
    assert(tools.length > 10);
    assertEquals(tools, body.tools);
    assertEquals(nextCursor, undefined);
  });

  Deno.test(`mcp (${era}) sends for an agent, and the message goes out`, async () => {
    const desk = await openSharedDesk();
    const { contactId, address } = await addContact(desk);
    await using client = await connectAs(desk, era);

    const result = await client.callTool({
      name: "send_message",
      arguments: { contact_id: contactId, body: "Your appointment is at 3" },
      _meta: { "switchboard/reason": "The contact asked when it is" },
    });

    assertEquals(result.isError, false, JSON.stringify(result));
    const { result: sent, next } = result.structuredContent as Structure;
    assertMatch(next!, /get_message_status/);
    await untilStatus(sent!.message_id!, "delivered");
    assertEquals((await takenBy(desk, address)).length, 1);
    const { call, audit } = await recordOf(String(result._meta!["switchboard/tool_call_id"]));
    assertEquals([call.status, call.agent_id], ["succeeded", desk.agentId]);
    assertEquals(
      (audit[0]!.details as Record<string, string>).reason,
      "The contact asked when it is",
    );
  });
}

interface Structure {
  status: string;
  result?: Record<string, string>;
  error?: { code: string; field?: string; hint: string };
  next?: string;
}

Deno.test("mcp sends once, however often a client repeats the call", async () => {
  const desk = await openSharedDesk();
  const { contactId, address } = await addContact(desk);
  await using client = await connectAs(desk);
  const call = {
    name: "send_message",
    arguments: { contact_id: contactId, body: "Your appointment is at 3" },
    _meta: { "switchboard/run_id": "run-1", "switchboard/call_id": crypto.randomUUID() },
  };

  const results = await Promise.all(Array.from({ length: 20 }, () => client.callTool(call)));
  const told = await client.callTool(call);

  const { result } = told.structuredContent as Structure;
  for (const { structuredContent, isError } of results) {
    if (isError) continue;
    assertEquals((structuredContent as Structure).result?.message_id, result!.message_id);
  }
  assertEquals([told.isError, told._meta!["switchboard/is_duplicate"]], [false, true]);
  await untilStatus(result!.message_id!, "delivered");
  assertEquals((await takenBy(desk, address)).length, 1);
});

Deno.test("mcp tells a model what to mend about its arguments", async () => {
  const desk = await openSharedDesk();
  await using client = await connectAs(desk);
  const given: [Record<string, unknown>, field: string][] = [
    [{ contact_id: "Ada", body: "Hi" }, "contact_id"],
    [{ body: "Hi", surprise: true }, "surprise"],
    [{ contact_id: crypto.randomUUID(), body: "a\0b" }, "body"],
    [{ to: freshContact(desk.account), body: 1 }, "body"],
  ];

  for (const [args, field] of given) {
    const result = await client.callTool({ name: "send_message", arguments: args });
    const { error } = result.structuredContent as Structure;
    assertEquals([result.isError, error!.code, error!.field], [true, "invalid_arguments", field]);
    const { call } = await recordOf(String(result._meta!["switchboard/tool_call_id"]));
    assertEquals(call.status, "refused");
  }
});

Deno.test("mcp knows no tool that there is not", async () => {
  const desk = await openSharedDesk();
  // The headers of the other era do not carry all of these names.
  await using client = await connectAs(desk, "handshake");

  for (const name of ["send_pigeon", "", "send_message\0", "\ud800", "x".repeat(100_000)]) {
    const error = await assertRejects(() => client.callTool({ name }), ProtocolError);
    assertEquals(error.code, -32602);
  }
});

Deno.test("mcp answers a page that it did not give with invalid params", async () => {
  const desk = await openSharedDesk();
  await using client = await connectAs(desk);

  for (const cursor of ["send_pigeon", "1' or '1'='1"]) {
    const error = await assertRejects(() => client.listTools({ cursor }), ProtocolError);
    assertEquals(error.code, -32602);
  }
});

Deno.test("mcp says that a person has to approve, and it is done once they did", async () => {
  const desk = await openAgentDesk(twilio);
  await setLines(desk, { destructive_needs_approval: true });
  const { contactId, address } = await addContact(desk);
  await using client = await connectAs(desk);

  const result = await client.callTool({
    name: "send_message",
    arguments: { contact_id: contactId, body: "Your appointment is at 3" },
  });
  const { status, result: waiting } = result.structuredContent as Structure;
  const before = await takenBy(desk, address);
  const decided = await callFunction(`execute-tool/approvals/${waiting!.approval_id}`, {
    token: desk.owner.token,
    json: { decision: "approve" },
  });

  assertEquals([result.isError, status], [false, "awaiting_approval"]);
  assertMatch(textOf(result), /^Nothing was done yet: a member of the workspace/);
  assertEquals([before.length, decided.status], [0, 200]);
  await untilStatus(decided.body.tool_call.result.message_id, "delivered");
  assertEquals((await takenBy(desk, address)).length, 1);
});

Deno.test("mcp lets go of what was taken away at once", async () => {
  const desk = await openAgentDesk(twilio);
  const { contactId } = await addContact(desk);
  await using client = await connectAs(desk);
  const call = { name: "twilio_send_sms", arguments: { contact_id: contactId, body: "Hi" } };
  const listed = await client.listTools();

  const denied = await desk.owner.client.rpc("deny_agent_scopes", {
    agent_id: desk.agentId,
    connection_id: desk.connectionId,
    denied_scopes: ["sms"],
  });
  const refused = await client.callTool(call);
  const inactive = await desk.owner.client.from("agents").update({ is_active: false })
    .eq("id", desk.agentId);
  const stopped = await client.callTool(call);
  await using afterwards = await connectAs(desk);
  const { tools, _meta } = await afterwards.listTools();

  assertEquals([denied.error, inactive.error], [null, null]);
  assert(listed.tools.some(({ name }) => name === "twilio_send_sms"));
  assertEquals(
    [refused, stopped].map(({ isError, structuredContent }) => [
      isError,
      (structuredContent as Structure).error?.code,
    ]),
    [[true, "tool_not_allowed"], [true, "agent_inactive"]],
  );
  assertEquals(tools, []);
  assertEquals((_meta!["switchboard/empty_because"] as { code: string }).code, "agent_inactive");
});

Deno.test("mcp knows a key until it is revoked", async () => {
  const desk = await openAgentDesk(twilio);
  const { contactId } = await addContact(desk);
  await using client = await connectAs(desk);
  const key = await desk.owner.client.from("agent_api_keys").select("id")
    .eq("agent_id", desk.agentId).single();

  const { error } = await desk.owner.client.rpc("revoke_agent_key", { key_id: key.data!.id });
  const call = { name: "send_message", arguments: { contact_id: contactId, body: "Hi" } };
  const refused = await assertRejects(() => client.callTool(call), SdkHttpError);
  const unknown = await assertRejects(() => connectAs(desk), SdkHttpError);

  assertEquals(error, null);
  assertEquals([refused.status, unknown.status], [401, 401]);
});

function textOf({ content }: { content: { type: string; text?: string }[] }): string {
  return content[0]?.text ?? "";
}
