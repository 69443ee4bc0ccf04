/** What the mcp function takes for a message of the protocol, and how it refuses the rest. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { API_KEY, tool } from "../support/scripted_tools.ts";
import { request, serveMcp } from "../support/mcp.ts";

const CLIENT = { name: "test", version: "1.0.0" };

Deno.test("mcp answers what is not JSON in UTF-8 with a parse error", async () => {
  await using server = serveMcp();
  const bodies = ["", " ", "{", "{'a': 1}", "undefined", new Uint8Array([0x22, 0xff, 0x22])];

  for (const body of bodies) {
    const { status, body: answer } = await server.post(body);
    assertEquals([status, answer.error.code, "id" in answer], [400, -32700, false], String(body));
  }
});

Deno.test("mcp takes one message at a time", async () => {
  await using server = serveMcp();

  for (const batch of [[], [request("ping")], [request("ping"), request("tools/list")]]) {
    const { status, body } = await server.post(JSON.stringify(batch));
    assertEquals([status, body.error.code, "id" in body], [400, -32600, false]);
    assertMatch(body.error.message, /batch/);
  }
});

const MALFORMED: Record<string, unknown> = {
  "null": null,
  "a number": 1,
  "text": "ping",
  "an empty object": {},
  "no version": { id: 1, method: "ping" },
  "an older version": { jsonrpc: "1.0", id: 1, method: "ping" },
  "no method": { jsonrpc: "2.0", id: 1 },
  "a method that is no text": { jsonrpc: "2.0", id: 1, method: 1 },
  "a method and a result": { jsonrpc: "2.0", id: 1, method: "ping", result: {} },
  "parameters in a list": { jsonrpc: "2.0", id: 1, method: "ping", params: [1] },
  "parameters that are null": { jsonrpc: "2.0", id: 1, method: "ping", params: null },
  "meta as text": { jsonrpc: "2.0", id: 1, method: "ping", params: { _meta: "no" } },
  "meta that is null": { jsonrpc: "2.0", id: 1, method: "ping", params: { _meta: null } },
  "an answer": { jsonrpc: "2.0", id: 1, result: {} },
  "an error": { jsonrpc: "2.0", id: 1, error: { code: 1, message: "no" } },
};

for (const [name, message] of Object.entries(MALFORMED)) {
  Deno.test(`mcp refuses ${name} as a message`, async () => {
    await using server = serveMcp();

    const { status, body } = await server.post(JSON.stringify(message));

    assertEquals([status, body.error.code], [400, -32600]);
    const hasId = typeof message === "object" && message !== null && "id" in message;
    assertEquals(body.id, hasId ? 1 : undefined);
  });
}

Deno.test("mcp answers by the id it was asked with", async () => {
  await using server = serveMcp();

  for (const id of [0, 1, -7, 2 ** 53 - 1, "", "a", "0", "ключ", "x".repeat(255)]) {
    const { body } = await server.post(request("ping", {}, id));
    assertEquals(body, { jsonrpc: "2.0", id, result: {} });
  }
});

Deno.test("mcp refuses ids that it could not give back", async () => {
  await using server = serveMcp();
  const ids = [
    "null",
    "true",
    "1.5",
    "9007199254740993",
    "1e999",
    "[]",
    "{}",
    `"${"x".repeat(256)}"`,
  ];

  for (const id of ids) {
    const { status, body } = await server.post(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`);
    assertEquals([status, body.error.code, "id" in body], [400, -32600, false], id);
  }
});

Deno.test("mcp takes notifications of every name and says nothing to them", async () => {
  await using server = serveMcp({ tools: [tool("send_message")] });
  const names = ["notifications/initialized", "notifications/cancelled", "no/such", "tools/call"];

  for (const method of names) {
    const answer = await server.post({
      jsonrpc: "2.0",
      method,
      params: { name: "send_message", arguments: {} },
    });
    assertEquals([answer.status, answer.body], [202, ""], method);
  }
  assertEquals(server.calls, []);
});

Deno.test("mcp answers methods that it does not have, whatever they are called", async () => {
  await using server = serveMcp();
  const names = [
    ...["resources/list", "prompts/list", "logging/setLevel", "completion/complete", "tasks/list"],
    ...["constructor", "__proto__", "toString", "", "server/discover", "subscriptions/listen"],
  ];

  for (const method of names) {
    const { status, body } = await server.post(request(method));
    assertEquals([status, body.error.code, body.id], [200, -32601, 1], method);
  }
});

Deno.test("mcp does not repeat all of a long name", async () => {
  await using server = serveMcp();

  const { body } = await server.post(request("x".repeat(100_000)));

  assert(JSON.stringify(body).length < 300);
});

Deno.test("mcp refuses parameters that nest too deep to be walked", async () => {
  await using server = serveMcp({ tools: [tool("send_message")] });
  const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
  const call = (levels: number) =>
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":` +
    `{"name":"send_message","arguments":{"a":${nested(levels)}}}}`;

  for (const levels of [40, 100_000, 1_000_000]) {
    const { status, body } = await server.post(call(levels));
    assertEquals([status, body.error.code, body.id], [400, -32600, 1], `${levels} levels`);
  }
  assertEquals((await server.post(call(20))).status, 200);
  assertEquals(server.calls.length, 1);
});

for (
  const [asked, agreed] of Object.entries({
    "2025-06-18": "2025-06-18",
    "2025-11-25": "2025-11-25",
    "2025-03-26": "2025-11-25",
    "2024-11-05": "2025-11-25",
    "2026-07-28": "2025-11-25",
    "2099-01-01": "2025-11-25",
    "newest": "2025-11-25",
  })
) {
  Deno.test(`mcp shakes hands on ${agreed} with who asks for ${asked}`, async () => {
    await using server = serveMcp();

    const { status, body, headers } = await server.post(
      request("initialize", { protocolVersion: asked, capabilities: {}, clientInfo: CLIENT }),
    );

    assertEquals([status, body.result.protocolVersion], [200, agreed]);
    assertEquals(body.result.capabilities, { tools: {} });
    assertEquals(headers.get("mcp-session-id"), null);
  });
}

const INITIALIZE = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: CLIENT };
const INVALID: Record<string, [string, Record<string, unknown>]> = {
  "a handshake without a version": ["initialize", { ...INITIALIZE, protocolVersion: undefined }],
  "a handshake with a version in numbers": ["initialize", { ...INITIALIZE, protocolVersion: 2 }],
  "a handshake without capabilities": ["initialize", { ...INITIALIZE, capabilities: undefined }],
  "a handshake of nobody": ["initialize", { ...INITIALIZE, clientInfo: { name: "test" } }],
  "a cursor in numbers": ["tools/list", { cursor: 1 }],
  "an empty cursor": ["tools/list", { cursor: "" }],
  "a cursor with NUL": ["tools/list", { cursor: "a\0" }],
  "an endless cursor": ["tools/list", { cursor: "x".repeat(1001) }],
  "a call of nothing": ["tools/call", {}],
  "a call of a number": ["tools/call", { name: 1 }],
  "a call of an unknown tool": ["tools/call", { name: "no_such_tool" }],
  "a call of a name with NUL": ["tools/call", { name: "send\0" }],
  "arguments in a list": ["tools/call", { name: "send_message", arguments: [] }],
  "arguments as text": ["tools/call", { name: "send_message", arguments: "{}" }],
  "arguments that are null": ["tools/call", { name: "send_message", arguments: null }],
  "a run in numbers": ["tools/call", withMeta({ "switchboard/run_id": 1 })],
  "an empty run": ["tools/call", withMeta({ "switchboard/run_id": "" })],
  "an endless run": ["tools/call", withMeta({ "switchboard/run_id": "x".repeat(256) })],
  "a run with NUL": ["tools/call", withMeta({ "switchboard/run_id": "a\0" })],
  "a call id without a run": ["tools/call", withMeta({ "switchboard/call_id": "1" })],
  "half a character as reason": ["tools/call", withMeta({ "switchboard/reason": "\ud800" })],
};

for (const [name, [method, params]] of Object.entries(INVALID)) {
  Deno.test(`mcp answers ${name} with invalid params, and calls nothing`, async () => {
    await using server = serveMcp({ tools: [tool("send_message")] });

    const { status, body } = await server.post(request(method, params));

    assertEquals([status, body.error.code, body.id], [200, -32602, 1]);
    assertEquals(server.calls.filter(({ tool }) => tool === "send_message"), []);
    assert(!JSON.stringify(body).includes(API_KEY));
  });
}

Deno.test("mcp serves who shook hands on a version it has, or names none", async () => {
  await using server = serveMcp();

  for (const version of ["2025-06-18", "2025-11-25", ""]) {
    const { status } = await server.post(request("ping"), { "mcp-protocol-version": version });
    assertEquals(status, 200, version);
  }
});

Deno.test("mcp answers a version that it does not have with those it has", async () => {
  await using server = serveMcp();

  for (const version of ["2024-11-05", "2025-03-26", "2099-01-01", "1", "2025-11-25, 2025-11-25"]) {
    for (const message of [request("ping"), { jsonrpc: "2.0", method: "notifications/x" }]) {
      const { status, body } = await server.post(message, { "mcp-protocol-version": version });
      assertEquals([status, body.error.code], [400, -32022], version);
      assertEquals(body.error.data, {
        supported: ["2026-07-28"],
        requested: version,
      });
    }
  }
});

Deno.test("mcp shakes hands whatever older version the headers name, and with no newer one", async () => {
  await using server = serveMcp();
  const outcomes = [];

  for (const version of ["2025-03-26", "2025-11-25", "2099-01-01"]) {
    const { status, body } = await server.post(request("initialize", INITIALIZE), {
      "mcp-protocol-version": version,
    });
    outcomes.push([status, body.error?.code]);
  }

  assertEquals(outcomes, [[200, undefined], [200, undefined], [400, -32022]]);
});

function withMeta(meta: Record<string, unknown>) {
  return { name: "send_message", arguments: {}, _meta: meta };
}
