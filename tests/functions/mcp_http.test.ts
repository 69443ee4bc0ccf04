/** Who gets an answer from the mcp function at all. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { AppError } from "../../supabase/functions/_shared/http/error.ts";
import { createApp } from "../../supabase/functions/mcp/app.ts";
import { readOrigins } from "../../supabase/functions/mcp/origins.ts";
import { assertThrows } from "@std/assert";
import { API_KEY, tool } from "../support/scripted_tools.ts";
import { request, serveMcp, statelessRequest } from "../support/mcp.ts";

const PAGE = "https://app.example.com";
const LIST = request("tools/list");

/** One of each kind: nobody without a key learns which of them would have been answered. */
const BODIES: Record<string, string> = {
  "a list": JSON.stringify(LIST),
  "a call": JSON.stringify(request("tools/call", { name: "send_message" })),
  "a call that is malformed": JSON.stringify(request("tools/call", { name: 1 })),
  "a handshake": JSON.stringify(
    request("initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "test", version: "1" },
    }),
  ),
  "a ping": JSON.stringify(request("ping")),
  "a discovery": JSON.stringify(statelessRequest("server/discover").body),
  "a notification": JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }),
  "an unknown method": JSON.stringify(request("no/such")),
  "a batch": JSON.stringify([LIST]),
  "no JSON": "{",
  "nothing": "",
};

for (const [name, body] of Object.entries(BODIES)) {
  Deno.test(`mcp answers ${name} with 401 where the key is missing or not valid`, async () => {
    await using server = serveMcp({ tools: [tool("send_message")] });
    const wrong = ["sbk_of-nobody", "eyJ.a.b", "sb_secret_x", `${API_KEY} `, `${API_KEY}x`, ""];
    const given = ["", "Basic c2Jr", API_KEY, ...wrong.map((key) => `Bearer ${key}`)]
      .filter((authorization) => authorization.trim() !== `Bearer ${API_KEY}`);

    for (const authorization of given) {
      const answer = await server.post(body, { authorization });
      assertEquals(
        [answer.status, answer.body.error.code],
        [401, "not_authenticated"],
        authorization,
      );
      assertEquals(
        answer.headers.get("www-authenticate"),
        authorization === ""
          ? 'Bearer realm="switchboard"'
          : 'Bearer realm="switchboard", error="invalid_token"',
      );
    }
    assertEquals(server.calls, []);
  });
}

Deno.test("mcp has no sessions and no streams to listen to", async () => {
  await using server = serveMcp();
  const authorization = `Bearer ${API_KEY}`;

  for (const method of ["GET", "DELETE", "PUT"]) {
    const response = await fetch(server.url, {
      method,
      headers: { authorization, accept: "text/event-stream", "mcp-session-id": "1" },
    });
    await response.body?.cancel();
    assertEquals([response.status, response.headers.get("allow")], [405, "POST"], method);
  }
  const answer = await server.post(LIST, { "mcp-session-id": "1", "last-event-id": "1" });
  assertEquals([answer.status, answer.headers.get("mcp-session-id")], [200, null]);
});

Deno.test("mcp answers 404 beside its one path, also where OAuth is looked for", async () => {
  await using server = serveMcp();

  for (const path of ["/sse", "/.well-known/oauth-protected-resource", "/messages"]) {
    const response = await fetch(server.url + path, {
      headers: { authorization: `Bearer ${API_KEY}` },
    });
    await response.body?.cancel();
    assertEquals(response.status, 404, path);
  }
});

Deno.test("mcp takes a slash at the end", async () => {
  const app = createApp({ tools: failing(), allowedOrigins: [] });

  const response = await app.request("/mcp/", { method: "POST" });

  assertEquals(response.status, 401);
});

Deno.test("mcp takes JSON alone, which no page can post unasked", async () => {
  await using server = serveMcp();
  const types = ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""];

  for (const type of types) {
    const body = new TextEncoder().encode(JSON.stringify(LIST));
    const { status, body: answer } = await server.post(body, { "content-type": type });
    assertEquals([status, answer.error.code, "id" in answer], [415, -32600, false], type);
  }
  for (const type of ["application/json; charset=utf-8", "Application/JSON"]) {
    assertEquals((await server.post(LIST, { "content-type": type })).status, 200, type);
  }
});

Deno.test("mcp answers 413 for a body over its limit, also when its length is not told", async () => {
  await using server = serveMcp({ tools: [tool("send_email")] });
  const large = JSON.stringify(request("tools/call", { name: "x".repeat(5 * 1024 * 1024) }));
  const allowed = request("tools/call", {
    name: "send_email",
    arguments: { html: "x".repeat(3 * 1024 * 1024) },
  });

  for (const body of [large, new Blob([large]).stream()]) {
    const answer = await server.post(body);
    assertEquals([answer.status, answer.body.error.code], [413, "too_large"]);
  }
  assertEquals((await server.post(allowed)).status, 200);
});

Deno.test("mcp refuses pages of origins that nobody named, before anything else", async () => {
  await using server = serveMcp({}, { allowedOrigins: [PAGE] });
  const origins = [
    "https://evil.example.com",
    "null",
    `${PAGE}:8443`,
    "http://app.example.com",
    "x",
  ];

  for (const origin of origins) {
    const answer = await server.post(LIST, { origin });
    assertEquals([answer.status, answer.body.error.code, "id" in answer.body], [
      403,
      -32600,
      false,
    ]);
    assertEquals(answer.headers.get("access-control-allow-origin"), null);
    assertEquals((await server.post(LIST, { origin, authorization: "" })).status, 403);
    const preflight = await fetch(server.url, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });
    await preflight.body?.cancel();
    assertEquals(preflight.status, 403);
  }
});

Deno.test("mcp lets pages of origins in that were named, also to its errors", async () => {
  await using server = serveMcp({}, { allowedOrigins: [PAGE] });

  const preflight = await fetch(server.url, {
    method: "OPTIONS",
    headers: {
      origin: PAGE,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,mcp-protocol-version,mcp-method,mcp-name",
    },
  });
  await preflight.body?.cancel();
  const answered = await server.post(LIST, { origin: PAGE });
  const refused = await server.post(LIST, { origin: PAGE, authorization: "" });

  assertEquals(preflight.status, 204);
  for (const name of ["authorization", "mcp-protocol-version", "mcp-method", "mcp-name"]) {
    assert(preflight.headers.get("access-control-allow-headers")?.split(",").includes(name), name);
  }
  assertEquals([answered.status, refused.status], [200, 401]);
  for (const { headers } of [preflight, answered, refused]) {
    assertEquals(headers.get("access-control-allow-origin"), PAGE);
  }
});

Deno.test("mcp takes origins from a list, and does not start with something else in it", () => {
  assertEquals(readOrigins(undefined), []);
  assertEquals(readOrigins(" https://a.example.com, http://localhost:6274,"), [
    "https://a.example.com",
    "http://localhost:6274",
  ]);
  for (
    const list of [
      "*",
      "a.example.com",
      "https://a.example.com/",
      "null",
      "https://*.example.com/x",
    ]
  ) {
    assertMatch(assertThrows(() => readOrigins(list), Error).message, /MCP_ALLOWED_ORIGINS/);
  }
});

Deno.test("mcp without its database says so, and when to come back", async () => {
  const app = createApp({ tools: failing(), allowedOrigins: [] });
  const initialize = JSON.parse(BODIES["a handshake"]!);

  for (const body of [LIST, initialize, request("no/such")]) {
    const response = await app.request("/mcp", {
      method: "POST",
      headers: { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    assertEquals([response.status, response.headers.get("retry-after")], [503, "5"]);
    assertEquals((await response.json()).error.code, "unavailable");
  }
});

Deno.test("mcp carries the caller's request id, and keeps its answers out of caches", async () => {
  await using server = serveMcp();

  const { headers } = await server.post(LIST, { "x-request-id": "abc-123" });

  assertEquals(headers.get("x-request-id"), "abc-123");
  assertEquals(headers.get("cache-control"), "no-store");
});

function failing() {
  const fail = () => {
    throw new AppError("unavailable", "Cannot reach the database: try again", {}, 5);
  };
  return { listTools: async () => await fail(), executeTool: async () => await fail() };
}
