/** How an agent without a webhook fetches its offers over HTTP. */
import { createBaseApp } from "../../supabase/functions/_shared/http/app.ts";
import { createOfferRoutes } from "../../supabase/functions/_shared/tools/offer_routes.ts";
import { addKey } from "../support/agent_tools.ts";
import { databaseTest } from "../support/engine.ts";
import {
  type AgentWorld,
  createAgentWorld,
  hearContact,
  makeDue,
  statesOf,
  takeOver,
} from "../support/offers.ts";
import { type Arguments, scriptedService, succeed } from "../support/scripted_service.ts";
import { createWorkerDeps } from "../support/worker_deps.ts";
import { assertEquals, assertMatch } from "@std/assert";
import type { DatabaseClient } from "../../supabase/functions/_shared/database/client.ts";
import type postgres from "postgres";

const PERSON_TOKEN = "a.person.token";

/** The routes below another function's, as they are served; `personId` has signed in. */
function createRoutes(service: DatabaseClient, personId: string = crypto.randomUUID()) {
  const app = createBaseApp({ name: "execute-tool" }).route(
    "/offers",
    createOfferRoutes({
      service,
      authenticate: (token) =>
        Promise.resolve(token === PERSON_TOKEN ? { id: personId, token } : null),
      pauseMs: 1,
    }),
  );
  return async (path: string, bearer?: string, method = "GET") => {
    const headers: Record<string, string> = bearer ? { authorization: `Bearer ${bearer}` } : {};
    const answer = await app.request(`/execute-tool/offers${path}`, { method, headers });
    return { status: answer.status, body: await answer.json() };
  };
}

async function createPolling(sql: postgres.Sql) {
  const world = await createAgentWorld(sql);
  const { api_key } = await addKey(sql, world, ["history"]);
  return { world, key: api_key, ask: createRoutes(createWorkerDeps().service, world.memberId) };
}

const asPerson = (world: AgentWorld) => `agent_id=${world.agentId}`;

databaseTest("an agent fetches what was written, and says when it has it", async (sql) => {
  const { world, key, ask } = await createPolling(sql);
  const messageId = await hearContact(sql, world, "Are you open?");

  const { status, body } = await ask("", key);
  const [offer, ...others] = body.offers;
  assertEquals([status, others], [200, []]);
  assertEquals([offer.attempt_number, offer.type], [1, "message.received"]);
  assertMatch(offer.timestamp, /^2\d{3}-.*Z$/);
  assertEquals([offer.data.message_id, offer.data.text], [messageId, "Are you open?"]);
  assertEquals((await ask("", key)).body, { offers: [] });

  const done = await ask(`/${offer.id}/done`, key, "POST");
  assertEquals([done.status, done.body], [200, { offer: { id: offer.id, state: "delivered" } }]);
  await makeDue(sql, world);
  assertEquals((await ask("", key)).body, { offers: [] });
});

databaseTest("what is not done comes again", async (sql) => {
  const { world, key, ask } = await createPolling(sql);
  await hearContact(sql, world);

  const first = (await ask("?limit=1&visibility_seconds=10", key)).body.offers[0];
  await makeDue(sql, world);
  const second = (await ask("?limit=1", key)).body.offers[0];

  assertEquals([second.id, second.attempt_number], [first.id, 2]);
});

databaseTest("a person fetches for an agent of their own workspace alone", async (sql) => {
  const { world, ask } = await createPolling(sql);
  const other = await createPolling(sql);
  await hearContact(sql, world);
  await hearContact(sql, other.world);

  const own = await ask(`?${asPerson(world)}`, PERSON_TOKEN);
  assertEquals(own.body.offers.length, 1);
  const foreign = await ask(`?${asPerson(other.world)}`, PERSON_TOKEN);
  assertEquals([foreign.status, foreign.body.error.code], [404, "not_found"]);
  const id = own.body.offers[0].id;
  const done = await other.ask(`/${id}/done`, other.key, "POST");
  assertEquals([done.status, done.body.error.code], [404, "not_found"]);
  assertEquals(await statesOf(sql, world), ["pending"]);
});

databaseTest("an agent hears that the conversation is not in its hands any more", async (sql) => {
  const { world, key, ask } = await createPolling(sql);
  await hearContact(sql, world);
  const [offer] = (await ask("", key)).body.offers;

  await takeOver(sql, world);

  const { status, body } = await ask(`/${offer.id}/done`, key, "POST");
  assertEquals([status, body.offer.state], [200, "canceled"]);
  assertMatch(body.next, /^Do not answer it/);
});

databaseTest("an agent that is switched off is told so", async (sql) => {
  const { world, key, ask } = await createPolling(sql);
  await sql`update public.agents set is_active = false where id = ${world.agentId}`;

  const { status, body } = await ask("", key);

  assertEquals([status, body.error.code], [403, "agent_inactive"]);
});

Deno.test("nobody fetches without a key or a token, nor past the bounds", async () => {
  const { service, calls } = scriptedService({});
  const ask = createRoutes(service);
  const key = "sbk_" + "0".repeat(64);
  const refusals: [string, string | undefined, string, number, string][] = [
    ["", undefined, "GET", 401, "not_authenticated"],
    ["", "sbk_short", "GET", 401, "not_authenticated"],
    ["", PERSON_TOKEN, "GET", 400, "invalid_request"],
    ["?limit=0", key, "GET", 400, "invalid_request"],
    ["?limit=101", key, "GET", 400, "invalid_request"],
    ["?wait_seconds=26", key, "GET", 400, "invalid_request"],
    ["?visibility_seconds=9", key, "GET", 400, "invalid_request"],
    ["?wait=1", key, "GET", 400, "invalid_request"],
    ["/nonsense/done", key, "POST", 404, "not_found"],
    [`/${crypto.randomUUID()}/done`, undefined, "POST", 401, "not_authenticated"],
  ];

  for (const [path, bearer, method, status, code] of refusals) {
    const answer = await ask(path, bearer, method);
    assertEquals([answer.status, answer.body.error.code], [status, code], path);
  }
  assertEquals(calls, []);
});

Deno.test("who waits is answered as soon as there is something, and in the end", async () => {
  const row = { offer_id: "o", attempt_number: 1, payload: { type: "message.received" } };
  const answers = [[], [], [row]];
  const { service, count } = scriptedService({
    poll_agent_offers: (_input: Arguments) => succeed(answers.shift() ?? []),
  });
  const ask = createRoutes(service);
  const key = "sbk_" + "0".repeat(64);

  const { body } = await ask("?wait_seconds=5", key);
  assertEquals([body.offers, count("poll_agent_offers")], [
    [{ id: "o", attempt_number: 1, type: "message.received" }],
    3,
  ]);
  assertEquals((await ask("", key)).body, { offers: [] });
  assertEquals(count("poll_agent_offers"), 4);
});
