import {
  enqueue,
  messagesAtProvider,
  readMessage,
  releaseReceipts,
  runDispatch,
  runLookUps,
  setFault,
  untilProviderIdle,
  untilStatus,
} from "../support/messages.ts";
import { serviceClient } from "../support/people.ts";
import { jobOf, killDuringHandOver, makeDue } from "../support/queue.ts";
import { control } from "../support/simulator.ts";
import { connectToDatabase } from "../support/stack.ts";
import { createConnectedWorkspace } from "../support/workspace.ts";
import { freshNumber } from "../support/world.ts";
import { assertEquals } from "@std/assert";

Deno.test("a dispatcher killed after the provider took the message does not send it twice", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const [id] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);
  await setFault(workspace, {
    kind: "slow",
    operation: "messages.create",
    delay_ms: 30_000,
    stage: "after",
    times: 1,
  });
  await setFault(workspace, { kind: "receipt_late" });

  await killDuringHandOver(workspace);
  await runDispatch();
  await runLookUps();
  const leased = await readMessage(id!);
  await makeDue(sql, id!);
  await runDispatch();
  await runLookUps();

  assertEquals(leased.message_attempts[0]!.outcome, null, "untouched while the lease holds");
  const looked = await readMessage(id!);
  assertEquals(looked.message_attempts.map((attempt) => attempt.outcome), ["accepted"]);
  const [taken, ...more] = await messagesAtProvider(workspace);
  assertEquals([looked.message_attempts[0]!.external_id, more.length], [taken!.sid, 0]);
  assertEquals(await jobOf(sql, id!), undefined);
  await sql.end();
});

Deno.test("a dispatcher killed before the provider took the message leaves it to be looked up, then to a person", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const [id] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);
  await setFault(workspace, {
    kind: "slow",
    operation: "messages.create",
    delay_ms: 30_000,
    stage: "before",
    times: 1,
  });

  await killDuringHandOver(workspace);
  await makeDue(sql, id!);
  await runDispatch();
  await runLookUps();

  const waiting = await readMessage(id!);
  assertEquals([waiting.status, waiting.message_attempts[0]!.outcome], ["sending", "unknown"]);
  const job = await jobOf(sql, id!);
  assertEquals([job!.step, job!.attempt_count], ["look_up", 1]);

  await sql`
    update public.message_attempts set started_at = now() - interval '16 minutes'
    where message_id = ${id!}`;
  await makeDue(sql, id!);
  await runLookUps();
  const ended = await readMessage(id!);
  assertEquals([ended.status, ended.error_code], ["failed", "outcome_unknown"]);
  assertEquals(await messagesAtProvider(workspace), []);
  assertEquals(await jobOf(sql, id!), undefined);
  await sql.end();
});

Deno.test("a look-up does not take another message of the same words for its own", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const to_address = freshNumber();
  await setFault(workspace, {
    kind: "reset",
    operation: "messages.create",
    stage: "before",
    times: 1,
  });
  const [lost] = await enqueue(workspace, [{ to_address, body: "Same words" }]);
  await runDispatch();
  const [sent] = await enqueue(workspace, [{ to_address, body: "Same words" }]);
  await runDispatch();
  await untilStatus(sent!, "delivered");

  await makeDue(sql, lost!);
  await runLookUps();
  await sql.end();

  const { status, message_attempts: [attempt] } = await readMessage(lost!);
  assertEquals([status, attempt!.outcome, attempt!.external_id], ["sending", "unknown", null]);
});

Deno.test("of two lost messages of the same words, none is taken for the other", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const to_address = freshNumber();
  const lost = { kind: "reset", operation: "messages.create", times: 1 };
  await setFault(workspace, { kind: "receipt_late" });
  const ids = [];
  for (const stage of ["before", "after"]) {
    await setFault(workspace, { ...lost, stage });
    ids.push(...await enqueue(workspace, [{ to_address, body: "Same words" }]));
    await runDispatch();
  }

  for (const id of ids) await makeDue(sql, id);
  await runLookUps();
  await sql.end();

  for (const id of ids) {
    assertEquals((await readMessage(id)).message_attempts[0]!.outcome, "unknown");
  }
  await releaseReceipts(workspace, 2);
  await untilStatus(ids[1]!, "delivered");
  assertEquals((await readMessage(ids[0]!)).status, "sending");
});

Deno.test("a message that was given up long ago does not stand in the way of one of the same words", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const to_address = freshNumber();
  const lost = { kind: "reset", operation: "messages.create", times: 1 };
  await setFault(workspace, { kind: "receipt_dropped" });
  await setFault(workspace, { ...lost, stage: "before" });
  const [old] = await enqueue(workspace, [{ to_address, body: "Same words" }]);
  await runDispatch();
  await sql`
    update public.message_attempts set started_at = now() - interval '2 hours' where message_id = ${old!}`;
  await makeDue(sql, old!);
  await runLookUps();
  await setFault(workspace, { ...lost, stage: "after" });
  const [fresh] = await enqueue(workspace, [{ to_address, body: "Same words" }]);
  await runDispatch();

  await makeDue(sql, fresh!);
  await runLookUps();
  await sql.end();

  assertEquals((await readMessage(old!)).error_code, "outcome_unknown");
  assertEquals((await readMessage(fresh!)).message_attempts[0]!.outcome, "accepted");
});

Deno.test("a look-up takes neither another text nor what the contact wrote", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const to_address = freshNumber();
  await setFault(workspace, {
    kind: "reset",
    operation: "messages.create",
    stage: "before",
    times: 1,
  });
  const [lost] = await enqueue(workspace, [{ to_address, body: "Yes" }]);
  await runDispatch();
  const [other] = await enqueue(workspace, [{ to_address, body: "No" }]);
  await runDispatch();
  await untilStatus(other!, "delivered");
  await control("/twilio/inbound", {
    json: {
      account_sid: workspace.account.account_sid,
      from: to_address,
      to: workspace.phoneNumber,
      body: "Yes",
    },
  });

  await makeDue(sql, lost!);
  await runLookUps();
  await sql.end();

  assertEquals((await readMessage(lost!)).message_attempts[0]!.outcome, "unknown");
});

Deno.test("a worker that lost its lease changes nothing", async () => {
  const sql = connectToDatabase();
  const workspace = await createConnectedWorkspace();
  const [id] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);
  const { data: claimed } = await serviceClient().rpc("claim_outbound_jobs", { claim_limit: 1000 });
  const job = claimed!.find((row) => row.message_id === id)!;
  await sql`update private.outbound_leases set ends_at = now() where token = ${job.lease_token}`;
  await runDispatch();

  const { data } = await serviceClient().rpc("record_attempts", {
    lease_token: job.lease_token,
    results: [{ message_id: id!, outcome: "accepted", external_id: "SMlate" }],
  });

  assertEquals(data, [{ message_id: id!, is_recorded: false }]);
  const { message_attempts: [attempt] } = await readMessage(id!);
  assertEquals([attempt!.outcome, attempt!.external_id], ["unknown", null]);
  await sql.end();
});

for (const stage of ["before", "after"]) {
  Deno.test(`a 500 ${stage} the provider acted is unknown, and only what it did counts`, async () => {
    const sql = connectToDatabase();
    const workspace = await createConnectedWorkspace();
    await setFault(workspace, {
      kind: "server_error",
      operation: "messages.create",
      stage,
      times: 1,
    });
    await setFault(workspace, { kind: "receipt_late" });
    const [id] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);

    await runDispatch();
    const unknown = await readMessage(id!);
    await makeDue(sql, id!);
    await runLookUps();
    const settled = await readMessage(id!);
    await sql.end();

    assertEquals([unknown.status, unknown.message_attempts[0]!.outcome], ["sending", "unknown"]);
    const taken = await messagesAtProvider(workspace);
    assertEquals(taken.length, stage === "after" ? 1 : 0);
    assertEquals(settled.message_attempts[0]!.outcome, stage === "after" ? "accepted" : "unknown");
  });
}

const AMBIGUOUS = [
  { kind: "reset", stage: "before" },
  { kind: "reset", stage: "after" },
  { kind: "garbage" },
];
for (const fault of AMBIGUOUS) {
  Deno.test(`${Object.values(fault).join(" ")} is settled by the receipt, without a second text`, async () => {
    const workspace = await createConnectedWorkspace();
    await setFault(workspace, { ...fault, operation: "messages.create", times: 1 });
    const [id] = await enqueue(workspace, [{ to_address: freshNumber(), body: "Hello" }]);

    await runDispatch();
    await untilProviderIdle(workspace);

    const taken = await messagesAtProvider(workspace);
    const { status, message_attempts: attempts } = await readMessage(id!);
    assertEquals(attempts.length, 1);
    if (taken.length === 0) {
      assertEquals([status, attempts[0]!.outcome], ["sending", "unknown"]);
    } else {
      assertEquals([status, attempts[0]!.outcome], ["delivered", "accepted"]);
    }
    assertEquals(taken.length, "stage" in fault && fault.stage === "before" ? 0 : 1);
  });
}
