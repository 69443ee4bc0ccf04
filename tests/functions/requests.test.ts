import { assert, assertEquals, assertMatch } from "@std/assert";
import { callFunction } from "../support/functions.ts";
import { signUp } from "../support/people.ts";
import { readTestStack } from "../support/stack.ts";

/** What holds for every function that people call. */
const ENDPOINTS = ["connections", "phone-numbers", "messages"];
/** More than each takes: e-mails bring their attachments along. */
const TOO_MANY_BYTES: Record<string, number> = { messages: 13 * 1024 * 1024 };

for (const endpoint of ENDPOINTS) {
  Deno.test(`${endpoint} answers 401 without a valid token`, async () => {
    const { secret_key, publishable_key } = readTestStack();
    const { token } = await signUp("owner");
    const [header, claims, signature] = token.split(".");
    const forgedClaims = btoa(JSON.stringify({ sub: crypto.randomUUID(), role: "authenticated" }))
      .replaceAll("=", "");
    const forged = [
      undefined,
      "nonsense",
      "a.b.c",
      publishable_key,
      secret_key,
      [header, claims, signature!.split("").reverse().join("")].join("."),
      [header, forgedClaims, signature].join("."),
      [btoa('{"alg":"none","typ":"JWT"}').replaceAll("=", ""), claims, ""].join("."),
    ];
    for (const candidate of forged) {
      const { status, body } = await callFunction(endpoint, {
        json: {},
        ...(candidate === undefined ? {} : { token: candidate }),
      });
      assertEquals([status, body.error.code], [401, "not_authenticated"], `token ${candidate}`);
    }
  });

  Deno.test(`${endpoint} answers 400 for a body that is not JSON, and for one of the wrong shape`, async () => {
    const { token } = await signUp("owner");
    for (const text of ["", "{", "null and void"]) {
      const { status, body } = await callFunction(endpoint, { token, body: text, method: "POST" });
      assertEquals([status, body.error.code], [400, "invalid_json"], text);
    }
    for (const json of [null, [], 1, "text", { surprise: true }]) {
      const { status, body } = await callFunction(endpoint, { token, json });
      assertEquals([status, body.error.code], [400, "invalid_request"], JSON.stringify(json));
      assert(body.error.details.issues.length > 0);
    }
  });

  Deno.test(`${endpoint} answers 413 for a body over its limit, also when its length is not told`, async () => {
    const { token } = await signUp("owner");
    const large = JSON.stringify({ body: "x".repeat(TOO_MANY_BYTES[endpoint] ?? 300 * 1024) });
    const streamed = new Blob([large]).stream();
    for (const body of [large, streamed]) {
      const answer = await callFunction(endpoint, { token, body, method: "POST" });
      assertEquals([answer.status, answer.body.error.code], [413, "too_large"]);
    }
  });

  Deno.test(`${endpoint} lets browsers in, also to its errors`, async () => {
    const preflight = await callFunction(endpoint, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });
    const refused = await callFunction(endpoint, {
      json: {},
      headers: { origin: "https://app.example.com" },
    });

    assertEquals(preflight.status, 204);
    assertMatch(preflight.headers.get("access-control-allow-headers")!, /authorization/);
    assertEquals(refused.status, 401);
    assertEquals(refused.headers.get("access-control-allow-origin"), "*");
  });

  Deno.test(`${endpoint} carries the caller's request id, and makes one of its own`, async () => {
    const given = await callFunction(endpoint, {
      json: {},
      headers: { "x-request-id": "abc-123" },
    });
    const made = await callFunction(endpoint, { json: {} });

    assertEquals(given.headers.get("x-request-id"), "abc-123");
    assertMatch(made.headers.get("x-request-id")!, /^[0-9a-f-]{36}$/);
  });

  Deno.test(`${endpoint} answers 405 for a wrong method, and takes a slash at the end`, async () => {
    const { token } = await signUp("owner");
    const wrong = await callFunction(endpoint, { token, method: "PUT" });
    const slashed = await callFunction(`${endpoint}/`, { token, json: {} });

    assertEquals([wrong.status, wrong.body.error.code], [405, "method_not_allowed"]);
    assertEquals(wrong.headers.get("allow"), "POST");
    assertEquals(slashed.status, 400);
  });

  Deno.test(`${endpoint} answers 404 for an unknown path`, async () => {
    const { token } = await signUp("owner");
    const { status, body } = await callFunction(`${endpoint}/no/such/path/here`, { token });
    assertEquals([status, body.error.code], [404, "not_found"]);
  });
}

Deno.test("dispatch is for holders of the secret key", async () => {
  const { secret_key } = readTestStack();
  const { token } = await signUp("owner");

  const nobody = await callFunction("dispatch", { method: "POST" });
  const person = await callFunction("dispatch", { method: "POST", token });
  const operator = await callFunction("dispatch", {
    method: "POST",
    headers: { apikey: secret_key },
  });
  const bearer = await callFunction("dispatch", { method: "POST", token: secret_key });

  assertEquals([nobody.status, nobody.body.error.code], [401, "not_authenticated"]);
  assertEquals([person.status, person.body.error.code], [401, "not_authenticated"]);
  assertEquals([operator.status, bearer.status], [200, 200]);
});
