import { assert, assertEquals } from "@std/assert";
import { setFault } from "../support/messages.ts";
import {
  buyAtProvider,
  countPurchases,
  findNumber,
  ordersOf,
  purchase,
  readNumber,
  runMaintenance,
  slowProvider,
  waitWithOrders,
  withProvider,
} from "../support/numbers.ts";
import { databaseTest } from "../support/engine.ts";
import { callFunction } from "../support/functions.ts";
import { essenceOf, expireRequests, isReplay } from "../support/idempotency.ts";
import { type Person, serviceClient, signUp } from "../support/people.ts";
import {
  createConnectedWorkspace,
  readSimulatedAccount,
  type Workspace,
} from "../support/workspace.ts";
import { asService, freshNumber } from "../support/world.ts";
import type postgres from "postgres";

databaseTest("a stranger finds no connection to buy with, and a member may not", async (sql) => {
  const workspace = await createConnectedWorkspace();
  const [stranger, member] = await Promise.all([signUp("stranger"), addMember(sql, workspace)]);
  const request = { phone_number: await findNumber(workspace), idempotency_key: "k" };

  const byStranger = await purchase(workspace, request, stranger);
  const byMember = await purchase(workspace, request, member);

  assertEquals([byStranger.status, byStranger.body.error.code], [404, "not_found"]);
  assertEquals([byMember.status, byMember.body.error.code], [403, "forbidden"]);
  assertEquals([await countPurchases(workspace), await ordersOf(workspace)], [0, []]);
});

Deno.test("without one idempotency key, or with fields that are wrong, nothing is ordered", async () => {
  const workspace = await createConnectedWorkspace();
  const good = {
    connection_id: workspace.connectionId,
    phone_number: freshNumber(),
    country: "US",
    idempotency_key: "k",
  };
  const wrong: [string, Record<string, unknown>, Record<string, string>?][] = [
    ["idempotency_key", { idempotency_key: undefined }],
    ["idempotency_key", {}, { "idempotency-key": "another" }],
    ["idempotency_key", { idempotency_key: undefined }, { "idempotency-key": "x".repeat(256) }],
    ["phone_number", { phone_number: "4155550100" }],
    ["country", { country: "usa" }],
    ["friendly_name", { friendly_name: "" }],
    ["price", { price: 1 }],
  ];

  for (const [field, changes, headers = {}] of wrong) {
    const { status, body } = await callFunction("phone-numbers/purchase", {
      token: workspace.owner.token,
      json: { ...good, ...changes },
      headers,
    });
    assertEquals([status, body.error.details.issues[0].field], [400, field]);
  }
  assertEquals(await ordersOf(workspace), []);
});

Deno.test("a key is good for one order", async () => {
  const workspace = await createConnectedWorkspace();
  const request = { phone_number: await findNumber(workspace), idempotency_key: "k" };
  await purchase(workspace, request);

  for (const changes of [{ phone_number: await findNumber(workspace) }, { friendly_name: "B" }]) {
    const { status, body } = await purchase(workspace, { ...request, ...changes });
    assertEquals([status, body.error.code], [409, "idempotency_key_reused"]);
  }
  assertEquals(await countPurchases(workspace), 1);
});

Deno.test("a number that cannot be bought is refused with the provider's reason, and not asked for again", async () => {
  const workspace = await createConnectedWorkspace();
  const request = { phone_number: "+15005550000", idempotency_key: "k" };

  const first = await purchase(workspace, request);
  const again = await purchase(workspace, request);

  assertEquals([first.status, first.body.error.code], [409, "number_unavailable"]);
  assertEquals(first.body.error.details.provider_code, "21422");
  assert(first.body.error.message.includes("not available"), first.body.error.message);
  assertEquals([again.status, again.body.error.code], [409, "number_unavailable"]);
  assertEquals(again.body.error.message, first.body.error.message);
  assertEquals(await countPurchases(workspace), 1);
  assertEquals((await ordersOf(workspace)).map((order) => order.state), ["failed"]);
});

Deno.test("a number that the connection has, or has ordered, is not ordered again", async () => {
  const workspace = await createConnectedWorkspace();
  const ordered = await findNumber(workspace);
  await setFault(workspace, { kind: "server_error", operation: "numbers.create", times: 1 });
  await purchase(workspace, { phone_number: ordered, idempotency_key: "unknown" });

  for (const phone_number of [workspace.phoneNumber, ordered]) {
    const { status, body } = await purchase(workspace, { phone_number, idempotency_key: "new" });
    assertEquals([status, body.error.code], [409, "conflict"]);
    assertEquals(body.error.details.issues[0].field, "phone_number");
  }
  assertEquals(await countPurchases(workspace), 1);
});

Deno.test("where a provider sells nothing through its API, it says what to do instead", async () => {
  const workspace = await createConnectedWorkspace();
  const { asked, post } = withProvider({ purchaseNumber: undefined as never }, {});

  const { status, body } = await post(workspace, "purchase", {
    connection_id: workspace.connectionId,
    phone_number: freshNumber(),
    country: "US",
    idempotency_key: "k",
  });

  assertEquals([status, body.error.code], [422, "unsupported"]);
  assert(body.error.details.hint.includes("POST /phone-numbers"));
  assertEquals([asked, await ordersOf(workspace)], [[], []]);
});

Deno.test("what a provider refuses for the moment is ordered by the same request later", async () => {
  const workspace = await createConnectedWorkspace();
  const request = { phone_number: await findNumber(workspace), idempotency_key: "k" };
  await setFault(workspace, { kind: "rate_limited", operation: "numbers.create", times: 1 });

  const refused = await purchase(workspace, request);
  const bought = await purchase(workspace, request);

  assertEquals([refused.status, refused.body.error.code], [429, "rate_limited"]);
  assertEquals([bought.status, bought.body.is_duplicate], [201, false]);
  assertEquals((await ordersOf(workspace)).map((order) => order.state), ["completed"]);
});

Deno.test("a number is bought, taken over and pointed at us; the same request buys nothing more", async () => {
  const workspace = await createConnectedWorkspace();
  const phoneNumber = await findNumber(workspace);
  const request = { phone_number: phoneNumber, friendly_name: "Sales", idempotency_key: "k" };

  const first = await purchase(workspace, request);
  const again = await purchase(workspace, request);

  assertEquals([first.status, first.body.is_duplicate], [201, false]);
  const { number_order, phone_number } = first.body;
  assertEquals([number_order.state, number_order.phone_number_id], ["completed", phone_number.id]);
  assertEquals(
    [phone_number.phone_number, phone_number.friendly_name, phone_number.status],
    [phoneNumber, "Sales", "active"],
  );
  assertEquals(phone_number.webhook_configured, true);
  const { numbers } = await readSimulatedAccount(workspace.account.account_sid);
  const atProvider = numbers.find((number) => number.phone_number === phoneNumber)!;
  assert(atProvider.sms_url.includes("/webhooks/twilio/"), atProvider.sms_url);
  assertEquals([essenceOf(again), isReplay(again)], [essenceOf(first), true]);
  assertEquals(await countPurchases(workspace), 1);
});

Deno.test("an order is read by admins, and stands in the audit log", async () => {
  const workspace = await createConnectedWorkspace();
  const phone_number = await findNumber(workspace);
  const { body } = await purchase(workspace, { phone_number, idempotency_key: "k" });

  const { data: order } = await workspace.owner.client.from("number_orders").select("*").single();
  const { data: entries } = await serviceClient().from("audit_log").select("action, actor_id")
    .eq("entity_id", body.number_order.id).order("id");

  assertEquals([order!.state, order!.ordered_by], ["completed", workspace.owner.id]);
  assertEquals(entries, [
    { action: "number_order.requested", actor_id: workspace.owner.id },
    { action: "number_order.completed", actor_id: null },
  ]);
});

databaseTest("one key is one order in a workspace, also for two people at once", async (sql) => {
  const workspace = await createConnectedWorkspace();
  const admin = await addMember(sql, workspace, "admin");
  const request = { phone_number: await findNumber(workspace), idempotency_key: "k" };

  const answers = await Promise.all(
    [workspace.owner, admin].map((person) => purchase(workspace, request, person)),
  );

  assertEquals(new Set(answers.map(({ body }) => body.number_order.id)).size, 1);
  for (const { status } of answers) assert([201, 202].includes(status), String(status));
  assertEquals(answers.filter(({ body }) => !body.is_duplicate).length, 1);
  assertEquals(await countPurchases(workspace), 1);
});

Deno.test("ten orders of one number by ten keys at once buy it once", async () => {
  const workspace = await createConnectedWorkspace();
  const phone_number = await findNumber(workspace);

  const answers = await Promise.all(
    Array.from(
      { length: 10 },
      (_, index) => purchase(workspace, { phone_number, idempotency_key: `key ${index}` }),
    ),
  );

  assertEquals(answers.filter(({ status }) => status === 409).length, 9);
  assertEquals(await countPurchases(workspace), 1);
});

databaseTest(
  "an answer that is lost leaves an order unknown, and the account tells",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    const request = { phone_number: await findNumber(workspace), idempotency_key: "k" };
    await setFault(workspace, {
      kind: "reset",
      stage: "after",
      operation: "numbers.create",
      times: 1,
    });

    const lost = await purchase(workspace, request);
    const early = await purchase(workspace, request);
    await waitWithOrders(sql, workspace, "1 minute");
    await runMaintenance();
    const late = await purchase(workspace, request);

    assertEquals([lost.status, lost.body.number_order.state], [202, "unknown"]);
    assertEquals([essenceOf(early), isReplay(early)], [essenceOf(lost), true]);
    assertEquals([essenceOf(late), isReplay(late)], [essenceOf(lost), true]);
    const [settled] = await ordersOf(workspace);
    assertEquals(settled!.state, "completed");
    assertEquals((await readNumber(settled!.phone_number_id!)).webhook_configured, true);
    assertEquals(await countPurchases(workspace), 1);
  },
);

databaseTest(
  "whoever dies while buying leaves one number and an order that is completed",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    const phoneNumber = await findNumber(workspace);
    await reserve(sql, workspace, phoneNumber);
    await buyAtProvider(workspace, { PhoneNumber: phoneNumber });

    await runMaintenance();
    const held = await ordersOf(workspace);
    await waitWithOrders(sql, workspace, "3 minutes");
    await runMaintenance();
    const again = await purchase(workspace, { phone_number: phoneNumber, idempotency_key: "k" });

    assertEquals(held.map((order) => order.state), ["requested"], "its process may live still");
    assertEquals([again.status, again.body.phone_number.status], [201, "active"]);
    assertEquals(await countPurchases(workspace), 1);
  },
);

databaseTest(
  "what the account never shows was not bought; before that, nobody buys it again",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    const phoneNumber = await findNumber(workspace);
    await setFault(workspace, { kind: "server_error", operation: "numbers.create", times: 1 });
    await purchase(workspace, { phone_number: phoneNumber, idempotency_key: "k" });

    await waitWithOrders(sql, workspace, "14 minutes");
    await runMaintenance();
    const [early] = await ordersOf(workspace);
    await waitWithOrders(sql, workspace, "16 minutes");
    await runMaintenance();
    const [late] = await ordersOf(workspace);

    assertEquals([early!.state, early!.error_code], ["unknown", "provider_unavailable"]);
    assertEquals([late!.state, late!.error_code], ["failed", "not_bought"]);
    assertEquals(await countPurchases(workspace), 1);
    const anew = await purchase(workspace, { phone_number: phoneNumber, idempotency_key: "new" });
    assertEquals(anew.status, 201);
  },
);

databaseTest(
  "a provider that is down settles nothing, until the order is given up",
  async (sql) => {
    const workspace = await createConnectedWorkspace();
    await setFault(workspace, { kind: "server_error" });
    await purchase(workspace, { phone_number: freshNumber(), idempotency_key: "k" });

    await waitWithOrders(sql, workspace, "2 days");
    const report = await runMaintenance();
    const [waiting] = await ordersOf(workspace);
    await waitWithOrders(sql, workspace, "73 hours");
    await runMaintenance();
    const [given] = await ordersOf(workspace);

    assert(report.number_orders.open >= 1);
    assertEquals(waiting!.state, "unknown");
    assert(new Date(waiting!.due_at!).getTime() > Date.now() + 30 * 60_000, "asked less often");
    assertEquals([given!.state, given!.error_code], ["failed", "abandoned"]);
  },
);

databaseTest("an order that takes time is followed to its number", async (sql) => {
  const workspace = await createConnectedWorkspace();
  const number = ownedNumber();
  let isDone = false;
  const provider = slowProvider({
    order: () => isDone ? { state: "completed", number } : { state: "pending", orderId: "order-1" },
  });

  const ordered = await provider.post(workspace, "purchase", orderOf(workspace, number));
  await waitWithOrders(sql, workspace, "1 minute");
  await provider.runMaintenance();
  const [waiting] = await ordersOf(workspace);
  isDone = true;
  await provider.runMaintenance();
  const [undue] = await ordersOf(workspace);
  await sql`select private.apply_number_order_event(${workspace.connectionId}, 'order-1')`;
  await provider.runMaintenance();
  const [completed] = await ordersOf(workspace);

  assertEquals([ordered.status, ordered.body.number_order.state], [202, "pending"]);
  assertEquals([waiting!.state, undue!.state], ["pending", "pending"]);
  assertEquals(completed!.state, "completed");
  const stored = await readNumber(completed!.phone_number_id!);
  assertEquals([stored.status, stored.webhook_configured], ["active", true]);
  assertEquals(provider.asked.filter((name) => name === "purchaseNumber").length, 1);
});

databaseTest("an order that the provider gives up is failed, with its reason", async (sql) => {
  const workspace = await createConnectedWorkspace();
  const number = ownedNumber();
  const provider = slowProvider({ order: () => ({ state: "failed", reason: "No address" }) });

  await provider.post(workspace, "purchase", orderOf(workspace, number));
  await waitWithOrders(sql, workspace, "1 minute");
  await provider.runMaintenance();
  await expireRequests(sql, workspace.id);
  const again = await provider.post(workspace, "purchase", orderOf(workspace, number));

  assertEquals([again.status, again.body.error.code], [422, "provider_refused"]);
  assertEquals(again.body.error.message, "No address");
});

databaseTest("an order of an account that was disconnected ends", async (sql) => {
  const workspace = await createConnectedWorkspace();
  await setFault(workspace, { kind: "server_error", operation: "numbers.create", times: 1 });
  const request = { phone_number: await findNumber(workspace), idempotency_key: "k" };
  await purchase(workspace, request);
  await callFunction(`connections/${workspace.connectionId}`, {
    method: "DELETE",
    token: workspace.owner.token,
  });

  await waitWithOrders(sql, workspace, "1 minute");
  await runMaintenance();
  const refused = await purchase(workspace, { ...request, idempotency_key: "new" });

  const [order] = await ordersOf(workspace);
  assertEquals([order!.state, order!.error_code], ["failed", "disconnected"]);
  assertEquals([refused.status, refused.body.error.code], [409, "conflict"]);
});

function ownedNumber() {
  const phoneNumber = freshNumber();
  return {
    externalId: "PN" + phoneNumber,
    phoneNumber,
    friendlyName: phoneNumber,
    capabilities: { sms: true, mms: false, voice: false, whatsapp: false },
    webhookUrl: "",
    status: "active" as const,
  };
}

function orderOf(workspace: Workspace, number: { phoneNumber: string }) {
  return {
    connection_id: workspace.connectionId,
    phone_number: number.phoneNumber,
    country: "US",
    idempotency_key: "k",
  };
}

async function addMember(
  sql: postgres.Sql,
  workspace: Workspace,
  role = "member",
): Promise<Person> {
  const member = await signUp(role);
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${workspace.id}, ${member.id}, ${role})`;
  return member;
}

/** What is committed before the provider is asked. */
async function reserve(sql: postgres.Sql, workspace: Workspace, phoneNumber: string) {
  await asService(
    sql,
    (tx) =>
      tx`select * from public.reserve_number_order(
        ${workspace.owner.id}, ${workspace.connectionId}, ${phoneNumber}, 'US', 'k'
      )`,
  );
}
