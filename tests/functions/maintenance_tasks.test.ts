/** The tasks of the maintenance, one after the other, whatever becomes of each. */
import { createApp } from "../../supabase/functions/maintenance/app.ts";
import type { Transport } from "../../supabase/functions/_shared/providers/transport.ts";
import { fail, scriptedService } from "../support/scripted_service.ts";
import { assertEquals } from "@std/assert";

const ASKED = [
  "claim_look_ups",
  "claim_agent_offers",
  "claim_number_orders",
  "claim_number_verifications",
  "expire_agent_approvals",
  "purge_idempotent_requests",
  "count_recent_usage",
];

async function runMaintenance(answers: Record<string, () => unknown>, taskLimitMs?: number) {
  const { service, calls } = scriptedService(answers);
  const app = createApp({
    service,
    transport: {} as Transport,
    offers: { transport: {} as Transport, resolve: () => Promise.resolve([]) },
    webhooksUrl: "https://project.example.com",
    secretKeys: ["sb_secret_x"],
    ...(taskLimitMs === undefined ? {} : { taskLimitMs }),
  });
  const answer = await app.request("/maintenance", {
    method: "POST",
    headers: { apikey: "sb_secret_x" },
  });
  return { status: answer.status, body: await answer.json(), asked: calls.map(({ name }) => name) };
}

Deno.test("the maintenance looks up messages before it looks after numbers", async () => {
  const { status, body, asked } = await runMaintenance({});

  assertEquals([status, asked], [200, ASKED]);
  assertEquals(body.look_ups, { accepted: 0, unknown: 0 });
  assertEquals(Object.keys(body), [
    "look_ups",
    "agent_offers",
    "number_orders",
    "phone_numbers",
    "agent_approvals",
    "idempotent_requests",
    "usage",
  ]);
});

Deno.test("a task that fails stands in no other's way, and is told", async () => {
  const { status, asked } = await runMaintenance({ claim_look_ups: () => fail(503, "") });

  assertEquals([status, asked], [503, ASKED]);
});

Deno.test("a task that does not end stands in no other's way, and is told", async () => {
  const { promise: never } = Promise.withResolvers();

  const { status, asked } = await runMaintenance({ claim_number_orders: () => never }, 1);

  assertEquals([status, asked], [500, ASKED]);
});
