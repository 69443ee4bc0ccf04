import { assert, assertEquals } from "@std/assert";
import { createConnectionDeps } from "../../supabase/functions/_shared/connections/deps.ts";
import type { DatabaseClient } from "../../supabase/functions/_shared/database/client.ts";
import { createApp as createNumbersApp } from "../../supabase/functions/phone-numbers/app.ts";
import { databaseTest } from "../support/engine.ts";
import { callFunction } from "../support/functions.ts";
import { essenceOf, isReplay, loseRunners, requestsOf } from "../support/idempotency.ts";
import { setFault } from "../support/messages.ts";
import {
  countPurchases,
  findNumber,
  ordersOf,
  purchase,
  readNumber,
  runMaintenance,
  waitWithOrders,
} from "../support/numbers.ts";
import { eventually } from "../support/poll.ts";
import { readTestStack } from "../support/stack.ts";
import { createConnectedWorkspace, type Workspace } from "../support/workspace.ts";

/** The function itself, in a process that stops before it writes down what it bought. */
function dyingBuyer() {
  const { url, publishable_key, secret_key, simulator_url } = readTestStack();
  const deps = createConnectionDeps({
    supabaseUrl: url,
    publishableKey: publishable_key,
    secretKey: secret_key,
    secretKeys: [secret_key],
    webhooksUrl: `${url}/functions/v1/webhooks`,
    simulatorUrl: simulator_url,
  });
  let isDead = false;
  const service = new Proxy(deps.service, {
    get(target, name, receiver) {
      if (name !== "rpc") return Reflect.get(target, name, receiver);
      return (called: string, input: never) => {
        isDead ||= called === "store_ordered_number";
        return isDead ? new Promise(() => {}) : target.rpc(called as never, input);
      };
    },
  }) as DatabaseClient;
  const app = createNumbersApp({ ...deps, service });
  return (workspace: Workspace, json: Record<string, unknown>) =>
    void app.request("/phone-numbers/purchase", {
      method: "POST",
      headers: { authorization: `Bearer ${workspace.owner.token}` },
      body: JSON.stringify({ connection_id: workspace.connectionId, country: "US", ...json }),
    });
}

Deno.test("thirty identical purchases at once buy one number, and have one answer", async () => {
  const workspace = await createConnectedWorkspace();
  const request = { phone_number: await findNumber(workspace), idempotency_key: "k" };

  const answers = await Promise.all(
    Array.from({ length: 30 }, () => purchase(workspace, request)),
  );
  const again = await purchase(workspace, request);

  const bought = answers.filter(({ status }) => status === 201);
  assertEquals(bought.filter((answer) => !isReplay(answer)).length, 1);
  assertEquals(new Set(bought.map(essenceOf)), new Set([essenceOf(again)]));
  for (const { status, body } of answers.filter(({ status }) => status !== 201)) {
    assertEquals([status, body.error.code], [409, "request_in_progress"]);
  }
  assertEquals([again.status, isReplay(again)], [201, true]);
  assertEquals(await countPurchases(workspace), 1);
});

databaseTest(
  "whoever dies between buying a number and writing it down leaves one number, bought once",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    const request = { phone_number: await findNumber(workspace), idempotency_key: "k" };
    dyingBuyer()(workspace, request);
    await eventually("the number to be bought", async () => await countPurchases(workspace) > 0);

    const early = await purchase(workspace, request);
    await loseRunners(sql, workspace.id);
    const doubted = await purchase(workspace, request);
    await waitWithOrders(sql, workspace, "3 minutes");
    await runMaintenance();
    const late = await purchase(workspace, request);

    assertEquals([early.status, early.body.error.code], [409, "request_in_progress"]);
    assertEquals([doubted.status, doubted.body.number_order.state], [202, "requested"]);
    const [order] = await ordersOf(workspace);
    assertEquals(order!.state, "completed");
    assertEquals((await readNumber(order!.phone_number_id!)).status, "active");
    assertEquals([essenceOf(late), isReplay(late)], [essenceOf(doubted), true]);
    assertEquals(await countPurchases(workspace), 1);
  },
);

databaseTest(
  "a purchase that died after its order was completed tells what came of it",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    const request = { phone_number: await findNumber(workspace), idempotency_key: "k" };
    const first = await purchase(workspace, request);
    await loseRunners(sql, workspace.id);

    const again = await purchase(workspace, request);

    assertEquals([again.status, again.body.is_duplicate], [201, true]);
    assertEquals(again.body.phone_number, first.body.phone_number);
    assertEquals(await countPurchases(workspace), 1);
  },
);

databaseTest(
  "what a provider refuses is not kept: its order knows, or it is asked again",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    const request = { phone_number: await findNumber(workspace), idempotency_key: "k" };
    await setFault(workspace, { kind: "rate_limited", operation: "numbers.create", times: 1 });

    await purchase(workspace, request);
    const kept = await requestsOf(sql, workspace.id);

    assertEquals([...kept], []);
  },
);

databaseTest(
  "releasing and disconnecting may be repeated, also when they died half-way",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    const options = { token: workspace.owner.token, headers: { "idempotency-key": "k" } };
    const release = () =>
      callFunction(`phone-numbers/${workspace.phoneNumberId}/release`, {
        ...options,
        method: "POST",
      });
    const disconnect = () =>
      callFunction(`connections/${workspace.connectionId}`, { ...options, method: "DELETE" });

    for (const act of [release, disconnect]) {
      const [first, again] = [await act(), await act()];
      assertEquals([first.status, isReplay(first)], [204, false]);
      assertEquals([again.status, isReplay(again), again.body], [204, true, ""]);
    }
    const late = await release();
    assertEquals([late.status, isReplay(late)], [204, true], "also once the account is gone");
    await loseRunners(sql, workspace.id);
    const resumed = await disconnect();
    assertEquals([resumed.status, isReplay(resumed)], [204, false]);
  },
);

databaseTest("rotating is done once for each key", async (sql) => {
  const workspace = await createConnectedWorkspace();
  const { account_sid, auth_token } = workspace.account;
  const rotate = (headers: Record<string, string>) =>
    callFunction(`connections/${workspace.connectionId}/rotate`, {
      token: workspace.owner.token,
      headers,
      json: { credentials: { account_sid, auth_token } },
    });

  const first = await rotate({ "idempotency-key": "k" });
  const again = await rotate({ "idempotency-key": "k" });
  await loseRunners(sql, workspace.id);
  const lost = await rotate({ "idempotency-key": "k" });
  const without = await rotate({});

  assertEquals([first.status, isReplay(first)], [200, false]);
  assertEquals([essenceOf(again), isReplay(again)], [essenceOf(first), true]);
  assertEquals([lost.status, lost.body.error.code], [409, "outcome_unknown"]);
  assertEquals([without.status, isReplay(without)], [200, false]);
  assert(!JSON.stringify(first.body).includes(auth_token));
});
