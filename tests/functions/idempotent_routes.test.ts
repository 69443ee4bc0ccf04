import { assertEquals, assertNotEquals } from "@std/assert";
import { createConnectionDeps } from "../../supabase/functions/_shared/connections/deps.ts";
import { createBaseApp } from "../../supabase/functions/_shared/http/app.ts";
import { requireCaller } from "../../supabase/functions/_shared/http/authentication.ts";
import { AppError } from "../../supabase/functions/_shared/http/error.ts";
import {
  fingerprintOf,
  type RequestIdentity,
} from "../../supabase/functions/_shared/http/fingerprint.ts";
import { beginAtOnce, idempotent } from "../../supabase/functions/_shared/http/idempotent.ts";
import { isReplay } from "../support/idempotency.ts";
import { signUp } from "../support/people.ts";
import { readTestStack } from "../support/stack.ts";
import { createWorkspace } from "../support/workspace.ts";

/** A function whose handler leaves everything to one call: here, to `work`. */
async function createFunction(work: (run: number) => Response) {
  const { url, publishable_key, secret_key } = readTestStack();
  const deps = createConnectionDeps({
    supabaseUrl: url,
    publishableKey: publishable_key,
    secretKey: secret_key,
    secretKeys: [secret_key],
    webhooksUrl: `${url}/functions/v1/webhooks`,
    simulatorUrl: undefined,
  });
  const owner = await signUp("owner");
  const workspaceId = await createWorkspace(owner);
  let runs = 0;
  const app = createBaseApp({ name: "unit" })
    .use(requireCaller(deps.authenticate))
    .use(idempotent(deps))
    .use(beginAtOnce)
    .post("/", () => work(++runs))
    .post("/:id/start", () => work(++runs));
  const post = (path: string, fields: Record<string, unknown>, key?: string) =>
    app.request(`/unit${path}`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${owner.token}`,
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      body: JSON.stringify({ workspace_id: workspaceId, ...fields }),
    });
  return { post, runs: () => runs };
}

Deno.test("a route that begins at once runs once for each key, path and body", async () => {
  const { post, runs } = await createFunction((run) => Response.json({ run }, { status: 202 }));

  const first = await post("/", { name: "Spring" }, "k");
  const again = await post("/", { name: "Spring" }, "k");
  const other = await post("/", { name: "Summer" }, "k");
  const elsewhere = await post("/1/start", { name: "Spring" }, "k");

  assertEquals([again.status, isReplay(again)], [202, true]);
  assertEquals(await again.text(), await first.text());
  assertEquals([other.status, (await other.json()).error.code], [409, "idempotency_key_reused"]);
  assertEquals([elsewhere.status, runs()], [202, 2]);
});

Deno.test("a path of any length has a key of its own", async () => {
  const { post } = await createFunction(() => new Response(null, { status: 204 }));
  const path = `/${"x".repeat(300)}`;

  const first = await post(`${path}1/start`, {}, "k");
  const again = await post(`${path}1/start`, {}, "k");
  const other = await post(`${path}2/start`, {}, "k");

  assertEquals([first.status, again.status, isReplay(again)], [204, 204, true]);
  assertEquals(other.status, 409, "refused at worst, but never answered for another");
});

Deno.test("without a key, or a workspace, nothing is kept", async () => {
  const { post, runs } = await createFunction(() => new Response(null, { status: 204 }));

  await post("/", {});
  await post("/", {});
  await post("/", { workspace_id: "none" }, "k");
  await post("/", { workspace_id: "none" }, "k");

  assertEquals(runs(), 4);
});

Deno.test("what a route refused runs again, and what it may have done does not", async () => {
  const codes = ["conflict", "rate_limited", "unavailable"] as const;
  const { post } = await createFunction((run) => {
    throw new AppError(codes[run - 1] ?? "internal", "No");
  });

  const statuses = [];
  for (let round = 0; round < 4; round++) {
    const answer = await post("/", {}, "k");
    statuses.push([answer.status, isReplay(answer)]);
  }

  assertEquals(statuses, [[409, false], [429, false], [503, false], [503, true]]);
});

Deno.test("a fingerprint hangs on a key, the caller and every value, not on the order of fields", async () => {
  const request: RequestIdentity = {
    callerId: "one",
    route: "POST /x",
    idempotencyKey: "k",
    body: { a: [1, { b: 2, c: null }], d: "x" },
  };
  const hash = (changes: Partial<RequestIdentity> = {}, key = "key") =>
    fingerprintOf(key, { ...request, ...changes });
  const first = await hash();

  assertEquals(await hash({ body: { d: "x", a: [1, { c: null, b: 2 }] } }), first);
  const others = await Promise.all([
    hash({}, "another key"),
    hash({ callerId: "two" }),
    hash({ route: "POST /y" }),
    hash({ idempotencyKey: "l" }),
    hash({ body: { a: [{ b: 2, c: null }, 1], d: "x" } }),
    hash({ body: { a: [1, { b: 2 }], d: "x" } }),
    hash({ body: { a: [1, [["b", 2], ["c", null]]], d: "x" } }),
  ]);
  for (const other of others) assertNotEquals(other, first);
});
