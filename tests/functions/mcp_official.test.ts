/** The mcp function beside the official server: the same answer to whatever is wrong with a request. */
import { assert, assertEquals } from "@std/assert";
import { createOfficialServer } from "../support/official_mcp.ts";
import { API_KEY, tool } from "../support/scripted_tools.ts";
import { request, serveMcp, STATELESS_META, statelessRequest } from "../support/mcp.ts";

type Fields = Record<string, unknown>;
interface Case {
  body: Fields;
  headers: Record<string, string>;
}
/** Changes one thing about a request. */
type Fault = (given: Case) => Case;

const VERSION = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";
const CLIENT_INFO = "io.modelcontextprotocol/clientInfo";

/** Where we say it in other words, by status and code. */
const ON_PURPOSE: Record<string, string> = {
  // What is left of older versions' codes is not for new servers to use.
  "415 -32000": "415 -32600",
  // A list or handshake with wrong parameters is the client's mistake, not the server's.
  "200 -32603": "200 -32602",
};

/** The official server shakes hands then; the protocol has such a request refused as malformed. */
const HALF_STATELESS = new Set([
  "a version in meta that is no text",
  "capabilities in meta as text",
  "no capabilities in meta",
  "a client in meta without a version",
]);

const PARAMS: Record<string, Fields> = {
  "tools/list": {},
  "tools/call": { name: "send_message", arguments: { body: "Hello" } },
  initialize: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1.0.0" },
  },
  ping: {},
  "server/discover": {},
  "subscriptions/listen": { notifications: { toolsListChanged: true } },
  "resources/list": {},
  "no/such": {},
};

const inBody = (change: Fields): Fault => ({ body, headers }) => ({
  body: { ...body, ...change },
  headers,
});
const inParams = (change: Fields): Fault => ({ body, headers }) => ({
  body: { ...body, params: { ...body.params as Fields, ...change } },
  headers,
});
const inMeta = (change: Fields): Fault => (given) => {
  const { _meta } = given.body.params as { _meta?: Fields };
  return inParams({ _meta: { ..._meta, ...change } })(given);
};
const inHeaders = (change: Record<string, string>): Fault => ({ body, headers }) => ({
  body,
  headers: { ...headers, ...change },
});

const FAULTS: Record<string, Fault> = {
  none: (given) => given,
  "no version of JSON-RPC": inBody({ jsonrpc: undefined }),
  "another version of JSON-RPC": inBody({ jsonrpc: "1.0" }),
  "no id": inBody({ id: undefined }),
  "an id that is null": inBody({ id: null }),
  "an id that is true": inBody({ id: true }),
  "half an id": inBody({ id: 1.5 }),
  "no method": inBody({ method: undefined }),
  "a method in numbers": inBody({ method: 1 }),
  "no params": inBody({ params: undefined }),
  "params in a list": inBody({ params: [] }),
  "params that are null": inBody({ params: null }),
  "meta as text": inParams({ _meta: "no" }),
  "a token of progress": inMeta({ progressToken: 1 }),
  "no name": inParams({ name: undefined }),
  "a name in numbers": inParams({ name: 1 }),
  "arguments in a list": inParams({ arguments: [] }),
  "arguments that are null": inParams({ arguments: null }),
  "a cursor in numbers": inParams({ cursor: 1 }),
  "no protocol version": inParams({ protocolVersion: undefined }),
  "an old protocol version": inParams({ protocolVersion: "1999-01-01" }),
  "capabilities as text": inParams({ capabilities: "all" }),
  "a client without a version": inParams({ clientInfo: { name: "test" } }),
  "no filter": inParams({ notifications: undefined }),
  "a filter as text": inParams({ notifications: "all" }),
  "no version in meta": inMeta({ [VERSION]: undefined }),
  "a version in meta that is no text": inMeta({ [VERSION]: 1 }),
  "capabilities in meta as text": inMeta({ [CAPABILITIES]: "all" }),
  "no capabilities in meta": inMeta({ [CAPABILITIES]: undefined }),
  "no client in meta": inMeta({ [CLIENT_INFO]: undefined }),
  "a client in meta without a version": inMeta({ [CLIENT_INFO]: { name: "test" } }),
  "another type of content": inHeaders({ "content-type": "text/plain" }),
  "no version in the headers": inHeaders({ "mcp-protocol-version": "" }),
  "another version in the headers": inHeaders({ "mcp-protocol-version": "2025-11-25" }),
  "the stateless version in the headers": inHeaders({ "mcp-protocol-version": "2026-07-28" }),
  "no method in the headers": inHeaders({ "mcp-method": "" }),
  "another method in the headers": inHeaders({ "mcp-method": "no" }),
  "no name in the headers": inHeaders({ "mcp-name": "" }),
  "another name in the headers": inHeaders({ "mcp-name": "no" }),
  "a broken name in the headers": inHeaders({ "mcp-name": "=?base64?%?=" }),
};

const ERAS: Record<string, (method: string) => Case> = {
  handshake: (method) => ({ body: request(method, PARAMS[method]), headers: {} }),
  stateless: (method) => statelessRequest(method, { ...PARAMS[method], _meta: STATELESS_META }),
};

for (const [era, begin] of Object.entries(ERAS)) {
  for (const method of Object.keys(PARAMS)) {
    Deno.test(`mcp (${era}) answers ${method} as the official server does, whatever is wrong`, async () => {
      await using server = serveMcp({ tools: [tool("send_message")] });
      const official = createOfficialServer(["send_message"]);

      for (const [name, fault] of Object.entries(FAULTS)) {
        if (method === "initialize" && HALF_STATELESS.has(name)) continue;
        const given = fault(begin(method));
        const expected = outcomeOf(await official.fetch(toRequest(server.url, given)));
        const actual = outcomeOf(await fetch(toRequest(server.url, given)));
        const outcome = await expected;
        assertEquals(await actual, ON_PURPOSE[outcome] ?? outcome, name);
      }
      await official.close();
    });
  }
}

Deno.test("the official server is asked for what it serves", async () => {
  const official = createOfficialServer(["send_message"]);
  const url = "http://127.0.0.1/mcp";

  const outcomes = await Promise.all(
    Object.values(ERAS).map((begin) => official.fetch(toRequest(url, begin("tools/call")))),
  );

  for (const response of outcomes) {
    assertEquals(response.status, 200);
    assert((await response.text()).includes("Hello"));
  }
  await official.close();
});

function toRequest(url: string, { body, headers }: Case): Request {
  const given = {
    authorization: `Bearer ${API_KEY}`,
    accept: "application/json, text/event-stream",
    "content-type": "application/json",
    ...headers,
  };
  return new Request(url, {
    method: "POST",
    headers: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== "")),
    body: JSON.stringify(body),
  });
}

/** The status, and the code of the error or that there is a result; of a stream its last message. */
async function outcomeOf(response: Response): Promise<string> {
  const text = await response.text();
  if (text === "") return `${response.status} nothing`;
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
  const message = isStream ? text.trim().split("\n").at(-1)!.replace("data: ", "") : text;
  const { error } = JSON.parse(message);
  return `${response.status} ${error ? error.code : "result"}`;
}
