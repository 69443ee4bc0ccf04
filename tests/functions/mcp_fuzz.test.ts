/** Requests that nobody would write: whatever comes, the mcp function answers in order and does nothing. */
import { assert, assertEquals } from "@std/assert";
import { createRandom, type Random } from "../support/random.ts";
import { API_KEY, tool } from "../support/scripted_tools.ts";
import { request, serveMcp, statelessRequest } from "../support/mcp.ts";

const ROUNDS = 1_500;
/** What a client can cause. Anything of 500 and more would be a fault of ours. */
const STATUSES = [200, 202, 400, 401, 404, 413, 415];

const SEEDS: { body: unknown; headers: Record<string, string> }[] = [
  { body: request("tools/list", { cursor: "0" }), headers: {} },
  { body: request("tools/call", { name: "send_message", arguments: { body: "Hi" } }), headers: {} },
  {
    body: request("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "test", version: "1" },
    }),
    headers: {},
  },
  statelessRequest("tools/list"),
  statelessRequest("tools/call", {
    name: "send_message",
    arguments: { body: "Hi" },
    _meta: { "switchboard/run_id": "run", "switchboard/call_id": "call" },
  }),
  statelessRequest("server/discover"),
  statelessRequest("subscriptions/listen", { notifications: {} }),
];

const ODD: unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, "", "\0", "\ud800", "x".repeat(5_000)],
  ...[
    [],
    [[]],
    {},
    { a: {} },
    "__proto__",
    "constructor",
    "tools/call",
    "2026-07-28",
    "send_message",
  ],
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}}'),
];

for (const seed of [1, 2, 3]) {
  Deno.test(`mcp survives messages that are out of order (seed ${seed})`, async () => {
    await using server = serveMcp({ tools: [tool("send_message")] });
    const random = createRandom(seed);

    for (let round = 1; round <= ROUNDS; round++) {
      const { body, headers } = structuredClone(random.pick(SEEDS));
      const changed = times(random, 3).reduce((message) => mutate(random, message), body);
      const text = scramble(random, JSON.stringify(changed));
      const changes = random.next() < 0.3 ? oddHeaders(random) : {};
      await check(
        server,
        text,
        { ...headers, ...changes },
        `seed ${seed}, round ${round}: ${text}`,
      );
    }
    assertEquals(({} as { polluted?: boolean }).polluted, undefined);
    assertEquals((await server.post(request("ping"))).status, 200);
  });
}

type Server = ReturnType<typeof serveMcp>;

async function check(
  server: Server,
  text: string,
  headers: Record<string, string>,
  what: string,
): Promise<void> {
  const callsBefore = server.calls.length;
  const answer = await server.post(text, headers);
  assert(STATUSES.includes(answer.status), `${answer.status} for ${what}`);
  const written = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body);
  assert(!written.includes(API_KEY), what);
  assert(written.length < 20_000, what);
  const type = answer.headers.get("content-type");
  if (answer.status === 202) assertEquals([answer.body, type], ["", null], what);
  else if (type === "text/event-stream") assert(written.startsWith("event: message\n"), what);
  else if (answer.status !== 401 && answer.status !== 413) checkMessage(answer.body, text, what);
  const calls = server.calls.slice(callsBefore);
  assert(calls.length <= 1, what);
  for (const call of calls) {
    const { method, params } = JSON.parse(text);
    assertEquals([method, params.name], ["tools/call", call.tool], what);
    assertEquals(call.arguments, params.arguments ?? {}, what);
    assert(call.run_id !== "" && call.call_id !== "", what);
  }
}

/** Either a result or an error, and the id of the request or none. */
// deno-lint-ignore no-explicit-any -- what it is, is what is tested
function checkMessage(message: any, text: string, what: string): void {
  assertEquals(message.jsonrpc, "2.0", what);
  assert(("result" in message) !== ("error" in message), what);
  if ("error" in message) {
    assert(Number.isInteger(message.error.code), what);
    assertEquals(typeof message.error.message, "string", what);
  }
  if ("id" in message) assertEquals(message.id, JSON.parse(text).id, what);
  else assert("error" in message, what);
}

function times(random: Random, most: number): number[] {
  return Array.from({ length: random.integer(0, most) }, (_, index) => index);
}

/** Puts something odd in some place, takes something away, or wraps all of it. */
function mutate(random: Random, value: unknown): unknown {
  if (random.next() < 0.02) return random.pick([[value], { value }, random.pick(ODD)]);
  if (typeof value !== "object" || value === null) return random.pick(ODD);
  const keys = Object.keys(value);
  if (keys.length === 0 || random.next() < 0.1) {
    return { ...value, [String(random.pick(ODD)).slice(0, 20)]: random.pick(ODD) };
  }
  const key = random.pick(keys);
  const { [key]: part, ...others } = value as Record<string, unknown>;
  if (random.next() < 0.2) return others;
  return { ...others, [key]: random.next() < 0.5 ? mutate(random, part) : random.pick(ODD) };
}

/** Mostly leaves it; else cuts, doubles or overwrites some of it. */
function scramble(random: Random, text: string): string {
  if (random.next() < 0.8) return text;
  const at = random.integer(0, text.length);
  return random.pick([
    text.slice(0, at),
    text.slice(at),
    text + text,
    text.slice(0, at) + random.pick(['"', "{", "]", ",", "\\", "\u0000", "é", "1"]) +
    text.slice(at + 1),
  ]);
}

function oddHeaders(random: Random): Record<string, string> {
  const name = random.pick([
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
    "content-type",
    "accept",
  ]);
  const values = [
    "",
    "x",
    "2026-07-28",
    "2025-11-25",
    "=?base64?AA==?=",
    "a".repeat(4_000),
    "tools/call",
  ];
  return { [name]: random.pick(values) };
}
