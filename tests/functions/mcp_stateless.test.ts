/** The era in which every request says by itself what it needs to be understood. */
import { assertEquals } from "@std/assert";
import { tool } from "../support/scripted_tools.ts";
import { request, serveMcp, STATELESS_META, statelessRequest } from "../support/mcp.ts";

type Fields = Record<string, unknown>;

const VERSION = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";
const CLIENT_INFO = "io.modelcontextprotocol/clientInfo";
const SERVER_INFO = "io.modelcontextprotocol/serverInfo";
const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";
const SERVER = { name: "switchboard", title: "Switchboard", version: "1.0.0" };

Deno.test("mcp discovers itself: versions, capabilities and instructions", async () => {
  await using server = serveMcp();
  const { body, headers } = statelessRequest("server/discover");

  const { result } = (await server.post(body, headers)).body;

  const { instructions, ...rest } = result;
  assertEquals(typeof instructions, "string");
  assertEquals(rest, {
    resultType: "complete",
    supportedVersions: ["2026-07-28"],
    capabilities: { tools: {} },
    ttlMs: 3_600_000,
    cacheScope: "private",
    _meta: { [SERVER_INFO]: SERVER },
  });
});

Deno.test("mcp says of every stateless result that it is complete and whose it is", async () => {
  await using server = serveMcp({ tools: [tool("send_message")] });
  const list = statelessRequest("tools/list");
  const call = statelessRequest("tools/call", { name: "send_message" });

  const listed = (await server.post(list.body, list.headers)).body.result;
  const called = (await server.post(call.body, call.headers)).body.result;

  for (const result of [listed, called]) {
    assertEquals([result.resultType, result._meta[SERVER_INFO]], ["complete", SERVER]);
  }
  assertEquals([listed.ttlMs, listed.cacheScope], [60_000, "private"]);
  assertEquals(typeof called._meta["switchboard/run_id"], "string");
});

Deno.test("mcp leaves the words of the stateless era out of a handshake's", async () => {
  await using server = serveMcp({ tools: [tool("send_message")] });

  const { result } = (await server.post(request("tools/list"))).body;

  assertEquals(Object.keys(result), ["tools"]);
});

const ENVELOPES: Record<string, [Fields, number]> = {
  "no capabilities": [{ [CAPABILITIES]: undefined }, -32602],
  "capabilities as text": [{ [CAPABILITIES]: "all" }, -32602],
  "capabilities in a list": [{ [CAPABILITIES]: [] }, -32602],
  "a version in numbers": [{ [VERSION]: 2026 }, -32602],
  "a version that is null": [{ [VERSION]: null }, -32602],
  "a client without a version": [{ [CLIENT_INFO]: { name: "test" } }, -32602],
  "a client as text": [{ [CLIENT_INFO]: "test" }, -32602],
  "another version than the header": [{ [VERSION]: "2025-11-25" }, -32020],
};

for (const [name, [meta, code]] of Object.entries(ENVELOPES)) {
  Deno.test(`mcp refuses a stateless request with ${name}`, async () => {
    await using server = serveMcp();
    const { body, headers } = statelessRequest("tools/list", { _meta: meta });

    const answer = await server.post(body, headers);

    assertEquals([answer.status, answer.body.error.code, answer.body.id], [400, code, 1]);
  });
}

Deno.test("mcp takes a stateless request of a client that does not say its name", async () => {
  await using server = serveMcp();
  const { body, headers } = statelessRequest("tools/list", { _meta: { [CLIENT_INFO]: undefined } });

  assertEquals((await server.post(body, headers)).status, 200);
});

Deno.test("mcp answers stateless versions that it does not have with those it has", async () => {
  await using server = serveMcp();

  for (const version of ["2025-11-25", "2027-01-01", "1900-01-01", "draft"]) {
    const { body, headers } = statelessRequest("tools/list", { _meta: { [VERSION]: version } });
    const answer = await server.post(body, { ...headers, "mcp-protocol-version": version });
    assertEquals([answer.status, answer.body.error.code], [400, -32022], version);
    assertEquals(answer.body.error.data, { supported: ["2026-07-28"], requested: version });
  }
});

Deno.test("mcp asks for what is missing where only the header is of the stateless era", async () => {
  await using server = serveMcp();
  const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list" };

  const bare = await server.post(request("tools/list"), headers);
  const handshake = await server.post(
    request("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "test", version: "1.0.0" },
    }),
    headers,
  );

  assertEquals([bare.status, bare.body.error.code], [400, -32602]);
  assertEquals([handshake.status, handshake.body.error.code], [400, -32020]);
});

const HEADERS: Record<string, Record<string, string>> = {
  "no version": { "mcp-protocol-version": "" },
  "no method": { "mcp-method": "" },
  "another method": { "mcp-method": "tools/list" },
  "a method in other letters": { "mcp-method": "Tools/Call" },
  "no name": { "mcp-name": "" },
  "another name": { "mcp-name": "find_contact" },
  "a name that is no Base64": { "mcp-name": "=?base64?%%%?=" },
  "a name that is no UTF-8": { "mcp-name": "=?base64?/w==?=" },
  "another name in Base64": { "mcp-name": `=?base64?${btoa("find_contact")}?=` },
};

for (const [name, change] of Object.entries(HEADERS)) {
  Deno.test(`mcp refuses a stateless call whose headers have ${name}`, async () => {
    await using server = serveMcp({ tools: [tool("send_message")] });
    const { body, headers } = statelessRequest("tools/call", { name: "send_message" });

    const answer = await server.post(body, { ...headers, ...change });

    assertEquals([answer.status, answer.body.error.code, answer.body.id], [400, -32020, 1]);
    assertEquals(server.calls, []);
  });
}

Deno.test("mcp reads a name that is carried in Base64", async () => {
  await using server = serveMcp({ tools: [tool("send_message")] });
  const { body, headers } = statelessRequest("tools/call", { name: "send_message" });

  const encoded = { "mcp-name": `=?base64?${btoa("send_message")}?=` };
  const answer = await server.post(body, { ...headers, ...encoded });

  assertEquals([answer.status, server.calls.length], [200, 1]);
});

Deno.test("mcp reads a name that is carried in Base64 although it is empty", async () => {
  await using server = serveMcp();
  const { body, headers } = statelessRequest("tools/call", { name: "" });

  const answer = await server.post(body, { ...headers, "mcp-name": "=?base64??=" });

  assertEquals([answer.status, answer.body.error.code], [200, -32602]);
});

Deno.test("mcp answers methods that the stateless era does not have with 404", async () => {
  await using server = serveMcp();
  const names = ["ping", "initialize", "resources/list", "tasks/get", "constructor", "__proto__"];

  for (const method of names) {
    const { body, headers } = statelessRequest(method);
    const answer = await server.post(body, headers);
    assertEquals([answer.status, answer.body.error.code, answer.body.id], [404, -32601, 1], method);
  }
});

Deno.test("mcp answers invalid params of a stateless call in order", async () => {
  await using server = serveMcp({ tools: [tool("send_message")] });
  const unknown = statelessRequest("tools/call", { name: "no_such_tool" });
  const nameless = statelessRequest("tools/call");

  for (const { body, headers } of [unknown, nameless]) {
    const answer = await server.post(body, headers);
    assertEquals([answer.status, answer.body.error.code], [200, -32602]);
  }
});

Deno.test("mcp takes stateless notifications", async () => {
  await using server = serveMcp();
  const message = { jsonrpc: "2.0", method: "notifications/cancelled" };

  const named = await server.post(message, { "mcp-protocol-version": "2026-07-28" });
  const enveloped = await server.post({ ...message, params: { _meta: STATELESS_META } });

  assertEquals([named.status, named.body], [202, ""]);
  assertEquals([enveloped.status, enveloped.body], [202, ""]);
});

Deno.test("mcp agrees to no notifications, and ends the stream at once", async () => {
  await using server = serveMcp();
  const { body, headers } = statelessRequest("subscriptions/listen", {
    notifications: { toolsListChanged: true },
  });

  const answer = await server.post(body, headers);

  assertEquals(answer.headers.get("content-type"), "text/event-stream");
  const messages = String(answer.body).trim().split("\n\n").map((event) =>
    JSON.parse(event.replace("event: message\ndata: ", ""))
  );
  assertEquals(messages, [
    {
      jsonrpc: "2.0",
      method: "notifications/subscriptions/acknowledged",
      params: { _meta: { [SUBSCRIPTION]: 1 }, notifications: {} },
    },
    {
      jsonrpc: "2.0",
      id: 1,
      result: { resultType: "complete", _meta: { [SERVER_INFO]: SERVER, [SUBSCRIPTION]: 1 } },
    },
  ]);
});

Deno.test("mcp wants to know what to notify of", async () => {
  await using server = serveMcp();
  const { body, headers } = statelessRequest("subscriptions/listen");

  const answer = await server.post(body, headers);

  assertEquals(answer.body.error.code, -32602);
});
