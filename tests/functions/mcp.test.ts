/** The official client against the mcp function, in both eras of the protocol. */
import { ProtocolError, SdkHttpError } from "@modelcontextprotocol/client";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { AppError } from "../../supabase/functions/_shared/http/error.ts";
import { tool } from "../support/scripted_tools.ts";
import { type Era, serveMcp } from "../support/mcp.ts";

const SEND = tool("send_message", { label: "Send Message" });
const FIND = tool("find_contact", {
  label: "Find Contact",
  isReadOnly: true,
  isDestructive: false,
  isIdempotent: true,
  schema: {
    type: "object",
    properties: { query: { type: "string", description: "Name" } },
    required: ["query"],
    additionalProperties: false,
  },
});

for (const era of ["handshake", "stateless"] as const) {
  Deno.test(`mcp (${era}) agrees on a version and says what it is`, async () => {
    await using server = serveMcp();

    await using client = await server.connect(era);

    assertEquals(
      client.getNegotiatedProtocolVersion(),
      {
        handshake: "2025-11-25",
        stateless: "2026-07-28",
      }[era],
    );
    assertEquals(client.getServerVersion()?.name, "switchboard");
    assertEquals(client.getServerCapabilities(), { tools: {} });
    assertMatch(client.getInstructions()!, /awaiting_approval/);
  });

  Deno.test(`mcp (${era}) lists tools with schema, title and hints`, async () => {
    await using server = serveMcp({ tools: [SEND, FIND] });
    await using client = await server.connect(era);

    const { tools, nextCursor } = await client.listTools();

    assertEquals(tools.map(({ name }) => name), ["send_message", "find_contact"]);
    assertEquals(tools[1], {
      name: "find_contact",
      title: "Find Contact",
      description: FIND.description,
      inputSchema: FIND.schema as { type: "object" },
      annotations: {
        title: "Find Contact",
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      },
    });
    assertEquals(tools[0]?.annotations?.destructiveHint, true);
    assertEquals(nextCursor, undefined);
  });

  Deno.test(`mcp (${era}) turns pages, each tool once and in order`, async () => {
    const tools = Array.from({ length: 7 }, (_, index) => tool(`tool_${index}`));
    await using server = serveMcp({ tools }, { pageSize: 3 });
    await using client = await server.connect(era);

    const first = await client.listTools({ cursor: "0" });
    const second = await client.listTools({ cursor: first.nextCursor! });
    const last = await client.listTools({ cursor: second.nextCursor! });

    assertEquals(
      [first, second, last].map((page) => page.tools.map(({ name }) => name)),
      [["tool_0", "tool_1", "tool_2"], ["tool_3", "tool_4", "tool_5"], ["tool_6"]],
    );
    assertEquals(last.nextCursor, undefined);
  });

  Deno.test(`mcp (${era}) answers a cursor that it did not give with invalid params`, async () => {
    await using server = serveMcp({ tools: [SEND] });
    await using client = await server.connect(era);

    const error = await assertRejects(() => client.listTools({ cursor: "no" }), ProtocolError);

    assertEquals(error.code, -32602);
  });

  Deno.test(`mcp (${era}) says why an agent has no tools`, async () => {
    const emptyBecause = { code: "agent_inactive", message: "The agent is switched off" };
    await using server = serveMcp({ emptyBecause });
    await using client = await server.connect(era);

    const { tools, _meta } = await client.listTools();

    assertEquals(tools, []);
    assertEquals(_meta?.["switchboard/empty_because"], emptyBecause);
  });

  Deno.test(`mcp (${era}) refuses whoever has no valid key`, async () => {
    await using server = serveMcp({ tools: [SEND] });

    for (const key of ["sbk_of-nobody", "eyJ.a.b", "sb_secret_key"]) {
      const error = await assertRejects(() => server.connect(era, key), SdkHttpError);
      assertEquals(error.status, 401);
    }
  });

  Deno.test(`mcp (${era}) refuses a key that was revoked in between`, async () => {
    const script = { tools: [SEND], answers: { send_message: revoked } };
    await using server = serveMcp(script);
    await using client = await server.connect(era);

    const error = await assertRejects(
      () => client.callTool({ name: "send_message" }),
      SdkHttpError,
    );

    assertEquals(error.status, 401);
  });
}

Deno.test("mcp answers a ping of a client that shook hands", async () => {
  await using server = serveMcp();
  await using client = await server.connect("handshake");

  assertEquals(await client.ping(), {});
});

Deno.test("mcp is found to be stateless by a client that knows both eras", async () => {
  await using server = serveMcp({ tools: [SEND] });
  const client = await server.connect("either");
  await using _closing = client;

  assertEquals(client.getNegotiatedProtocolVersion(), "2026-07-28");
  assertEquals((await client.listTools()).tools.length, 1);
});

Deno.test("mcp serves both eras to many clients at once", async () => {
  await using server = serveMcp({ tools: [SEND] });
  const eras: Era[] = ["handshake", "stateless", "handshake", "stateless"];
  const clients = await Promise.all(eras.map((era) => server.connect(era)));

  const results = await Promise.all(
    clients.flatMap((client, index) =>
      [1, 2, 3].map((turn) =>
        client.callTool({ name: "send_message", arguments: { body: `${index}-${turn}` } })
      )
    ),
  );

  const bodies = results.map(({ structuredContent }) =>
    (structuredContent as { result: { body: string } }).result.body
  );
  assertEquals(
    bodies,
    eras.flatMap((_, index) => [1, 2, 3].map((turn) => `${index}-${turn}`)),
  );
  await Promise.all(clients.map((client) => client.close()));
});

function revoked(): never {
  throw new AppError("not_authenticated", "Cannot act: the key was revoked");
}
