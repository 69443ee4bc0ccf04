import { callFunction } from "../support/functions.ts";
import {
  enqueue,
  messagesAtProvider,
  readMessage,
  runDispatch,
  setFault,
  untilProviderIdle,
  untilStatus,
} from "../support/messages.ts";
import { jobOf, makeDue } from "../support/queue.ts";
import { control } from "../support/simulator.ts";
import { connectToDatabase } from "../support/stack.ts";
import { createConnectedWorkspace } from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";

Deno.test("two dispatchers at once hand every message over exactly once", async () => {
  const workspace = await createConnectedWorkspace();
  const ids = await enqueue(
    workspace,
    Array.from(
      { length: 120 },
      (_, index) => ({ to_address: freshNumber(), body: `Hello ${index}` }),
    ),
  );

  await Promise.all([runDispatch(), runDispatch(), runDispatch()]);

  const taken = await messagesAtProvider(workspace);
  assertEquals(taken.length, ids.length);
  assertEquals(new Set(taken.map((message) => message.body)).size, ids.length);
});

Deno.test("one workspace's damaged secret does not touch another's messages", async () => {
  const sql = connectToDatabase();
  const [damaged, healthy] = await Promise.all([
    createConnectedWorkspace(),
    createConnectedWorkspace(),
  ]);
  await sql`
    select vault.update_secret(current_secret_id, 'not json') from private.connection_credentials
    where connection_id = ${damaged.connectionId}`;
  await sql.end();
  const [stuck] = await enqueue(damaged, [{ to_address: freshNumber(), body: "Hello" }]);
  const [sent] = await enqueue(healthy, [{ to_address: freshNumber(), body: "Hello" }]);

  await runDispatch();

  assertEquals((await readMessage(stuck!)).status, "failed");
  await untilStatus(sent!, "delivered");
});

Deno.test("when credentials cannot be read at all, messages go back and nothing is called unknown", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const [id] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);
  const signature = "public.read_connection_credentials(uuid[], text, uuid, uuid)";
  await sql.unsafe(`revoke execute on function ${signature} from service_role`);
  try {
    await runDispatch();
  } finally {
    await sql.unsafe(`grant execute on function ${signature} to service_role`);
  }

  assertEquals((await readMessage(id!)).message_attempts.map((attempt) => attempt.outcome), [
    "rejected",
  ]);
  await makeDue(sql, id!);
  await sql.end();
  await runDispatch();
  await untilStatus(id!, "delivered");
});

Deno.test("a receipt that comes before the answer is kept, and recording does not undo it", async () => {
  const workspace = await createConnectedWorkspace();
  await setFault(workspace, { kind: "receipt_early" });
  const [id] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);

  await runDispatch();
  await untilProviderIdle(workspace);

  const message = await readMessage(id!);
  assertEquals(message.status, "delivered");
  assertEquals(message.message_attempts.map((attempt) => attempt.outcome), ["accepted"]);
});

Deno.test("a 429 is tried again, not before the provider allows it", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  await setFault(workspace, {
    kind: "rate_limited",
    operation: "messages.create",
    retry_after_seconds: 120,
    times: 1,
  });
  const [id] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);

  await runDispatch();
  const job = await jobOf(sql, id!);
  assert(job!.wait_seconds > 100, `waits ${job!.wait_seconds} s`);
  assertEquals((await readMessage(id!)).status, "queued");
  await makeDue(sql, id!);
  await runDispatch();
  await sql.end();

  const message = await untilStatus(id!, "delivered");
  assertEquals(message.message_attempts.map((attempt) => attempt.outcome).sort(), [
    "accepted",
    "rejected",
  ]);
  assertEquals((await messagesAtProvider(workspace)).length, 1);
});

Deno.test("a 429 without Retry-After backs off by itself", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  await setFault(workspace, { kind: "rate_limited", operation: "messages.create", times: 1 });
  const [id] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);

  await runDispatch();

  const { wait_seconds, step } = (await jobOf(sql, id!))!;
  await sql.end();
  assertEquals(step, "send");
  assert(wait_seconds > 2 && wait_seconds < 10, `waits ${wait_seconds} s`);
});

Deno.test("a recipient who opted out at the provider fails at once, with the reason", async () => {
  const workspace = await createConnectedWorkspace();
  const to_address = freshNumber();
  await control("/twilio/inbound", {
    json: {
      account_sid: workspace.account.account_sid,
      from: to_address,
      to: workspace.phoneNumber,
      body: "STOP",
    },
  });
  // As if it had been said before the account was connected.
  const sql = connectToDatabase(1);
  await sql`
    update public.opt_outs set ended_at = now(), ended_source = 'provider'
    where workspace_id = ${workspace.id}`;
  const [id] = await enqueue(workspace, [{ to_address, body: "Hello" }]);

  await runDispatch();

  const message = await readMessage(id!);
  assertEquals([message.status, message.error_code], ["failed", "recipient_opted_out"]);
  assertEquals(
    message.message_attempts.map((attempt) => [attempt.outcome, attempt.provider_code]),
    [
      ["rejected", "21610"],
    ],
  );
  const holding = await sql`
    select source from public.opt_outs where workspace_id = ${workspace.id} and ended_at is null`;
  await sql.end();
  assertEquals([...holding], [{ source: "provider" }]);
});

Deno.test("a message whose sender was disconnected meanwhile fails, and nobody is asked", async () => {
  const workspace = await createConnectedWorkspace();
  const [id] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);
  await callFunction(`connections/${workspace.connectionId}`, {
    method: "DELETE",
    token: workspace.owner.token,
  });

  await runDispatch();

  const message = await readMessage(id!);
  assertEquals([message.status, message.error_code], ["failed", "sender_inactive"]);
  assertEquals(await messagesAtProvider(workspace), []);
});

Deno.test("no secret shows in what a failed hand-over leaves behind", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  await control(`/twilio/accounts/${workspace.account.account_sid}`, {
    method: "PATCH",
    json: { auth_token: "f".repeat(32) },
  });
  const [id] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);

  await runDispatch();

  const message = await readMessage(id!);
  await sql.end();
  assertEquals([message.status, message.error_code], ["failed", "authentication_failed"]);
  assertMatch(message.error_message!, /Twilio/);
  assert(!JSON.stringify(message).includes(workspace.account.auth_token));
});
