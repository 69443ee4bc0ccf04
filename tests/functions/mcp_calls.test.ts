/** What a model reads when the official client calls a tool, in both eras of the protocol. */
import { ProtocolError, SdkHttpError } from "@modelcontextprotocol/client";
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { AppError } from "../../supabase/functions/_shared/http/error.ts";
import { API_KEY, tool } from "../support/scripted_tools.ts";
import { serveMcp } from "../support/mcp.ts";

const SEND = tool("send_message", { label: "Send Message" });

for (const era of ["handshake", "stateless"] as const) {
  Deno.test(`mcp (${era}) calls a tool and answers the same as text and as structure`, async () => {
    await using server = serveMcp({
      tools: [SEND],
      answers: {
        send_message: () => ({
          status: "succeeded",
          result: { message_id: "m1" },
          toolCallId: "t1",
        }),
      },
    });
    await using client = await server.connect(era);

    const result = await client.callTool({ name: "send_message", arguments: { body: "Hello" } });

    assertEquals(result.isError, false);
    assertEquals(result.structuredContent, {
      status: "succeeded",
      result: { message_id: "m1" },
    });
    assertEquals(result.content.map((part) => part.type === "text" && JSON.parse(part.text)), [
      result.structuredContent,
    ]);
    assertEquals(result._meta?.["switchboard/tool_call_id"], "t1");
    assertEquals(server.calls.map(({ tool, arguments: given }) => [tool, given]), [
      ["send_message", { body: "Hello" }],
    ]);
  });

  Deno.test(`mcp (${era}) calls a tool that takes no arguments without any`, async () => {
    await using server = serveMcp({ tools: [SEND] });
    await using client = await server.connect(era);

    await client.callTool({ name: "send_message" });

    assertEquals(server.calls[0]?.arguments, {});
  });

  Deno.test(`mcp (${era}) makes a refusal a result that says what to do`, async () => {
    await using server = serveMcp({
      tools: [SEND],
      answers: {
        send_message: () => ({
          status: "refused",
          error: {
            code: "contact_not_allowed",
            message: "Cannot send: the agent may not write to this contact",
            field: "contact_id",
            hint: "Ask a member to add the contact",
          },
          next: "Ask a member to add the contact",
        }),
      },
    });
    await using client = await server.connect(era);

    const result = await client.callTool({ name: "send_message", arguments: {} });

    assertEquals(result.isError, true);
    const structure = result.structuredContent as { status: string; error: { code: string } };
    assertEquals([structure.status, structure.error.code], ["refused", "contact_not_allowed"]);
    assertEquals(
      textOf(result),
      "Cannot send: the agent may not write to this contact. Ask a member to add the contact.",
    );
  });

  Deno.test(`mcp (${era}) says that a call waits for approval, and that nothing was done`, async () => {
    await using server = serveMcp({
      tools: [SEND],
      answers: {
        send_message: () => ({
          status: "awaiting_approval",
          result: {
            approval_id: "a1",
            expires_at: "2026-11-21T10:00:00Z",
            reason: "first contact",
          },
        }),
      },
    });
    await using client = await server.connect(era);

    const result = await client.callTool({ name: "send_message", arguments: {} });

    assertEquals(result.isError, false);
    assertEquals((result.structuredContent as { status: string }).status, "awaiting_approval");
    assertMatch(textOf(result), /^Nothing was done yet: a member .* approve/);
  });

  Deno.test(`mcp (${era}) passes on what the tool says comes next`, async () => {
    await using server = serveMcp({
      tools: [SEND],
      answers: { send_message: () => ({ status: "succeeded", next: "Wait for the reply." }) },
    });
    await using client = await server.connect(era);

    const result = await client.callTool({ name: "send_message", arguments: {} });

    assertEquals(result.structuredContent, { status: "succeeded", next: "Wait for the reply." });
  });

  Deno.test(`mcp (${era}) makes a call that still runs an error to come back from`, async () => {
    await using server = serveMcp({
      tools: [SEND],
      answers: { send_message: () => ({ status: "running", next: "Make it again later." }) },
    });
    await using client = await server.connect(era);

    const result = await client.callTool({ name: "send_message", arguments: {} });

    assertEquals(result.isError, true);
    assertEquals(textOf(result), "Make it again later.");
  });

  Deno.test(`mcp (${era}) takes a call with the same ids for the same call`, async () => {
    await using server = serveMcp({ tools: [SEND] });
    await using client = await server.connect(era);
    const call = {
      name: "send_message",
      arguments: { body: "Hello" },
      _meta: { "switchboard/run_id": "run-1", "switchboard/call_id": "call-1" },
    };

    const first = await client.callTool(call);
    const again = await client.callTool(call);

    assertEquals(server.calls.map(({ run_id, call_id }) => [run_id, call_id]), [
      ["run-1", "call-1"],
      ["run-1", "call-1"],
    ]);
    assertEquals(
      first._meta?.["switchboard/tool_call_id"],
      again._meta?.["switchboard/tool_call_id"],
    );
    assertEquals(first._meta?.["switchboard/is_duplicate"], undefined);
    assertEquals(again._meta?.["switchboard/is_duplicate"], true);
  });

  Deno.test(`mcp (${era}) takes calls without ids for different ones, and says theirs`, async () => {
    await using server = serveMcp({ tools: [SEND] });
    await using client = await server.connect(era);
    const call = { name: "send_message", arguments: { body: "Hello" } };

    const first = await client.callTool(call);
    await client.callTool(call);
    await client.callTool({ ...call, _meta: { "switchboard/run_id": "run-1" } });

    const [one, other, third] = server.calls;
    assertNotEquals(one!.call_id, other!.call_id);
    assertNotEquals(one!.run_id, other!.run_id);
    assertEquals(third!.run_id, "run-1");
    assertEquals(
      [first._meta?.["switchboard/run_id"], first._meta?.["switchboard/call_id"]],
      [one!.run_id, one!.call_id],
    );
  });

  Deno.test(`mcp (${era}) hands on why the call is made`, async () => {
    await using server = serveMcp({ tools: [SEND] });
    await using client = await server.connect(era);

    await client.callTool({ name: "send_message", _meta: { "switchboard/reason": "He asked." } });

    assertEquals(server.calls[0]?.reason, "He asked.");
  });

  Deno.test(`mcp (${era}) answers a tool that there is not with invalid params`, async () => {
    await using server = serveMcp({ tools: [SEND] });
    await using client = await server.connect(era);

    for (const name of ["send_massage", "no such tool", "x".repeat(200)]) {
      const error = await assertRejects(() => client.callTool({ name }), ProtocolError);
      assertEquals(error.code, -32602);
      assertMatch(error.message, /Unknown tool/);
    }
  });

  Deno.test(`mcp (${era}) makes a database that cannot be reached a result, and says to look first`, async () => {
    await using server = serveMcp({ tools: [SEND], answers: { send_message: unavailable } });
    await using client = await server.connect(era);

    const result = await client.callTool({ name: "send_message" });

    assertEquals(result.isError, true);
    assertMatch(textOf(result), /Nobody knows whether it was done/);
  });

  Deno.test(`mcp (${era}) says nothing of a defect of ours`, async () => {
    await using server = serveMcp({ tools: [SEND], answers: { send_message: defect } });
    await using client = await server.connect(era);

    const error = await assertRejects(
      () => client.callTool({ name: "send_message" }),
      SdkHttpError,
    );

    assertEquals(error.status, 500);
    assert(!`${error.message} ${JSON.stringify(error.data)}`.includes("password"));
    assert(!`${error.message} ${JSON.stringify(error.data)}`.includes(API_KEY));
  });
}

/** What a model reads first. */
function textOf({ content }: { content: { type: string; text?: string }[] }): string {
  return content[0]?.text ?? "";
}

function unavailable(): never {
  throw new AppError("unavailable", "Cannot reach the database: try again");
}

function defect(): never {
  throw new Error(`password of ${API_KEY} is hunter2`);
}
