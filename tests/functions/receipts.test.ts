import {
  enqueue,
  readMessage,
  releaseReceipts,
  runDispatch,
  setFault,
  untilProviderIdle,
  untilStatus,
} from "../support/messages.ts";
import { control } from "../support/simulator.ts";
import { eventsOf, postSigned, statusParameters, webhookUrl } from "../support/webhooks.ts";
import { connectTwilio, createConnectedWorkspace } from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";

Deno.test("connecting again keeps the address that providers were given", async () => {
  const workspace = await createConnectedWorkspace();
  await setFault(workspace, { kind: "receipt_late" });
  const [id] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);
  await runDispatch();

  await connectTwilio(workspace.owner, workspace.id, workspace.account);
  await releaseReceipts(workspace, 2);

  await untilStatus(id!, "delivered");
});

Deno.test("a receipt with another message's id, or for a refused attempt, changes nothing", async () => {
  const workspace = await createConnectedWorkspace();
  const url = await webhookUrl(workspace);
  await setFault(workspace, { kind: "receipt_dropped" });
  const [taken] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);
  await runDispatch();
  await setFault(workspace, { kind: "rate_limited", operation: "messages.create", times: 1 });
  const [refused] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);
  await runDispatch();

  for (const [digit, id] of [taken, refused].entries()) {
    const parameters = statusParameters(workspace, "SM" + `${digit}`.repeat(32), "delivered");
    await postSigned(`${url}?message=${id}&attempt=1`, parameters, workspace.account.auth_token);
    assertEquals((await readMessage(id!)).status, "queued");
  }
  assertEquals((await eventsOf(workspace)).map((event) => event.state), [
    "quarantined",
    "quarantined",
  ]);
});

Deno.test("receipts repeated and out of order leave the furthest status, and each is kept", async () => {
  const workspace = await createConnectedWorkspace();
  await setFault(workspace, { kind: "receipt_reordered" });
  await setFault(workspace, { kind: "receipt_duplicate", copies: 3 });
  const [id] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);

  await runDispatch();
  await untilStatus(id!, "delivered");
  await untilProviderIdle(workspace);

  assertEquals((await readMessage(id!)).status, "delivered");
  const statuses = (await eventsOf(workspace)).map((event) => event.status);
  assertEquals(new Set(statuses).size, statuses.length, "each status once");
  assert(statuses.includes("sent") && statuses.includes("delivered"), statuses.join());
});

Deno.test("every order of three receipts ends in the same state", async () => {
  const workspace = await createConnectedWorkspace();
  const url = await webhookUrl(workspace);
  const orders = permutationsOf(["sending", "sent", "delivered"]);
  const ids = await enqueue(
    workspace,
    orders.map(() => ({ to_address: freshNumber(), body: "Hello" })),
  );
  await setFault(workspace, { kind: "receipt_dropped" });
  await runDispatch();

  const ends = [];
  for (const [index, order] of orders.entries()) {
    const { message_attempts: [attempt] } = await readMessage(ids[index]!);
    for (const status of order) {
      const parameters = statusParameters(workspace, attempt!.external_id!, status);
      await postSigned(
        `${url}?message=${ids[index]}&attempt=1`,
        parameters,
        workspace.account.auth_token,
      );
    }
    const message = await readMessage(ids[index]!);
    ends.push([message.status, message.delivered_at !== null]);
  }

  assertEquals(ends, orders.map(() => ["delivered", true]));
});

Deno.test("a failure says why, and nothing moves a message out of it", async () => {
  const workspace = await createConnectedWorkspace();
  const to = freshNumber();
  await control("/twilio/recipients", {
    json: {
      account_sid: workspace.account.account_sid,
      number: to,
      statuses: ["sent", "undelivered", "delivered"],
      error_code: 30005,
    },
  });
  const [id] = await enqueue(workspace, [{ to_address: to, body: "Hello" }]);

  await runDispatch();
  await untilStatus(id!, "undelivered");
  await untilProviderIdle(workspace);

  const message = await readMessage(id!);
  assertEquals([message.status, message.delivered_at], ["undelivered", null]);
  assertEquals(message.error_code, "invalid_recipient");
  assertMatch(message.error_message!, /30005/);
});

Deno.test("a receipt of a message that nobody sent is quarantined", async () => {
  const workspace = await createConnectedWorkspace();
  const parameters = statusParameters(workspace, "SM" + "0".repeat(32), "delivered");

  const { status } = await postSigned(
    await webhookUrl(workspace),
    parameters,
    workspace.account.auth_token,
  );

  assertEquals(status, 200);
  const [event] = await eventsOf(workspace);
  assertEquals([event!.state, event!.reason], ["quarantined", "no_such_message"]);
});

Deno.test("a receipt cannot name another workspace's attempt", async () => {
  const [mine, theirs] = await Promise.all([
    createConnectedWorkspace(),
    createConnectedWorkspace(),
  ]);
  await setFault(theirs, { kind: "receipt_dropped" });
  const [id] = await enqueue(theirs, [{ to_address: freshNumber(), body: "Hello" }]);
  await runDispatch();
  const { message_attempts: [attempt] } = await readMessage(id!);
  const parameters = statusParameters(mine, attempt!.external_id!, "delivered");

  await postSigned(
    `${await webhookUrl(mine)}?message=${id}&attempt=1`,
    parameters,
    mine.account.auth_token,
  );

  assertEquals((await readMessage(id!)).status, "queued");
  const [event] = await eventsOf(mine);
  assertEquals(event!.state, "quarantined");
});

function permutationsOf<Item>(items: Item[]): Item[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, index) =>
    permutationsOf(items.toSpliced(index, 1)).map((rest) => [item, ...rest])
  );
}
