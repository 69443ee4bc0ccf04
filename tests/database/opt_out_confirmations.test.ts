import { databaseTest, ingest, type Row, textFrom } from "../support/engine.ts";
import {
  confirmationsTo,
  hear,
  isOptedOut,
  optOutsOf,
  throughProvider,
} from "../support/opt_outs.ts";
import { refusalAs } from "../support/tenancy.ts";
import { asService, asUser, createWorld, freshNumber, type World } from "../support/world.ts";
import { inTrial } from "./impossible_rows/trial.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

/** A world whose provider answers no stop by itself. */
async function createSilentWorld(sql: postgres.Sql): Promise<World> {
  return await throughProvider(sql, await createWorld(sql), "vonage");
}

const setWording =
  ({ workspaceId }: World, wording: string | null) => (tx: postgres.TransactionSql) =>
    tx`update public.workspaces set opt_out_confirmation = ${wording} where id = ${workspaceId}`;

databaseTest(
  "a stop that the provider does not answer is confirmed from the number it went to",
  async (sql) => {
    const world = await createSilentWorld(sql);
    const from = freshNumber();

    await hear(sql, world, from, "Stop");

    const [optOut] = await optOutsOf(sql, world, from);
    const confirmations = await confirmationsTo(sql, world, from);
    assertEquals(
      confirmations.map(({ body, from_address, status, channel, idempotency_key }) => ({
        body,
        from_address,
        status,
        channel,
        idempotency_key,
      })),
      [{
        body:
          "You have been unsubscribed from Acme Dental and will get no more messages. Reply START to resubscribe.",
        from_address: world.phoneNumber,
        status: "queued",
        channel: "sms",
        idempotency_key: `opt_out_confirmation:${optOut!.id}`,
      }],
    );
    const [job] = await sql`
    select due_at <= now() as is_due from private.outbound_jobs where message_id = ${
      confirmations[0]!.id
    }`;
    assert(job!.is_due);
  },
);

databaseTest(
  "the confirmation is handed over although its recipient opted out, and nothing else is",
  async (sql) => {
    const world = await createSilentWorld(sql);
    const from = freshNumber();
    const [waiting] = await asUser(
      sql,
      world.memberId,
      (tx) =>
        tx`select message_id from public.enqueue_messages(${world.workspaceId}, ${
          tx.json([{ to_address: from, body: "Hello" }])
        })`,
    );
    await hear(sql, world, from, "Stop");
    await sql`
    update private.outbound_jobs set turn = -(extract(epoch from clock_timestamp()) * 1000)::bigint where workspace_id = ${world.workspaceId}`;

    const claimed = await asService(
      sql,
      (tx) => tx`select message_id, to_address, body from public.claim_outbound_jobs(2)`,
    );

    const [confirmation] = await confirmationsTo(sql, world, from);
    assertEquals(claimed.map((job) => [job.message_id, job.to_address]), [[
      confirmation!.id,
      from,
    ]]);
    const [refused] = await sql`
    select status, error_code from public.conversation_messages where id = ${waiting!.message_id}`;
    assertEquals({ ...refused }, { status: "failed", error_code: "recipient_opted_out" });
  },
);

databaseTest("one opt-out is confirmed once, however often it is said or told", async (sql) => {
  const world = await createSilentWorld(sql);
  const from = freshNumber();
  const event = textFrom(world, from, { text: "STOP" });

  await ingest(sql, world.connectionId, [event]);
  await ingest(sql, world.connectionId, [event]);
  await ingest(sql, world.connectionId, [
    textFrom(world, from, { text: "STOP" }),
    textFrom(world, from, { text: "Unsubscribe" }),
  ]);
  await Promise.all(
    Array.from({ length: 4 }, () => hear(sql, world, from, "stop")),
  );

  assertEquals((await optOutsOf(sql, world, from)).length, 1);
  assertEquals((await confirmationsTo(sql, world, from)).length, 1);
});

databaseTest("two stops at the same moment are one opt-out with one confirmation", async (sql) => {
  const world = await createSilentWorld(sql);
  const froms = Array.from({ length: 8 }, freshNumber);

  for (const from of froms) {
    await Promise.all([
      hear(sql, world, from, "STOP"),
      hear(sql, world, from, "STOP"),
      hear(sql, world, from, "STOP", { channel: "whatsapp" }),
    ]);
  }

  for (const from of froms) assertEquals((await confirmationsTo(sql, world, from)).length, 1);
});

databaseTest(
  "who came back and says stop again gets another confirmation, and a start gets none",
  async (sql) => {
    const world = await createSilentWorld(sql);
    const from = freshNumber();

    for (const text of ["STOP", "START", "STOP"]) await hear(sql, world, from, text);

    assertEquals((await confirmationsTo(sql, world, from)).length, 2);
  },
);

databaseTest("a provider that answers by itself is not repeated", async (sql) => {
  const world = await createWorld(sql);
  const providers = ["twilio", "telnyx", "signalwire", "messagebird", "clicksend_sms"];

  for (const provider of providers) {
    const through = await throughProvider(sql, world, provider);
    for (const text of ["STOP", "stop", " Stop "]) {
      const from = freshNumber();
      await hear(sql, through, from, text);
      assertEquals(await isOptedOut(sql, world, from), true);
      assertEquals(await confirmationsTo(sql, world, from), [], `${provider}: ${text}`);
    }
  }
});

databaseTest(
  "a provider is repeated neither where it gives a hint, nor by a toll-free number",
  async (sql) => {
    const silent = await createSilentWorld(sql);
    const tollFree = await throughProvider(
      sql,
      silent,
      "vonage",
      `+1833${freshNumber().slice(-7)}`,
    );
    const [hinted, network, beyondNetwork] = [freshNumber(), freshNumber(), freshNumber()];

    await hear(sql, silent, hinted, "Genug", { optOutHint: "stop" });
    await hear(sql, tollFree, network, "Stop");
    await hear(sql, tollFree, beyondNetwork, "Quit");

    assertEquals((await confirmationsTo(sql, silent, hinted)).length, 0);
    assertEquals((await confirmationsTo(sql, silent, network)).length, 0);
    assertEquals((await confirmationsTo(sql, silent, beyondNetwork)).length, 1);
  },
);

databaseTest("what a provider does not take for a stop is confirmed there, too", async (sql) => {
  const world = await createWorld(sql);
  const heard: [string, Row][] = [
    ["Stop.", {}],
    ["opt-out", {}],
    ["Arrêt", {}],
    ["STOP", { channel: "whatsapp" }],
  ];

  for (const [text, changes] of heard) {
    const from = freshNumber();
    await hear(sql, world, from, text, changes);
    const confirmations = await confirmationsTo(sql, world, from);
    assertEquals(confirmations.map(({ channel }) => channel), [
      "channel" in changes ? "whatsapp" : "sms",
    ], text);
  }
});

databaseTest("a workspace words its own confirmation, or sends none", async (sql) => {
  const world = await createSilentWorld(sql);
  const [one, another] = [freshNumber(), freshNumber()];

  await asUser(
    sql,
    world.adminId,
    setWording(world, "{{workspace}}: no more texts. {{workspace}}"),
  );
  await hear(sql, world, one, "STOP");
  await asUser(sql, world.adminId, setWording(world, null));
  await hear(sql, world, another, "STOP");

  const [confirmation] = await confirmationsTo(sql, world, one);
  assertEquals(confirmation!.body, "Acme Dental: no more texts. Acme Dental");
  assertEquals(await confirmationsTo(sql, world, another), []);
  assertEquals(await isOptedOut(sql, world, another), true);
  const failures = await sql`
    select from public.audit_log
    where workspace_id = ${world.workspaceId} and action = 'opt_out.not_confirmed'`;
  assertEquals(failures.length, 0);
});

databaseTest("only owners and admins word the confirmation", async (sql) => {
  const world = await createWorld(sql);

  await asUser(sql, world.memberId, setWording(world, "Bye"));
  const [row] = await sql`
    select opt_out_confirmation from public.workspaces where id = ${world.workspaceId}`;

  assert(row!.opt_out_confirmation.startsWith("You have been unsubscribed"));
  assertEquals(await refusalAs(sql, world.adminId, setWording(world, " ")), "23514");
});

databaseTest("the longest wording and name still make one message", async (sql) => {
  const world = await createSilentWorld(sql);
  const from = freshNumber();
  await sql`
    update public.workspaces
    set name = repeat('x', 100), opt_out_confirmation = left(repeat('{{workspace}}', 24), 320)
    where id = ${world.workspaceId}`;

  await hear(sql, world, from, "STOP");

  const [confirmation] = await confirmationsTo(sql, world, from);
  assertEquals(confirmation!.body.length, 1600);
});

databaseTest(
  "an opt-out holds when its confirmation cannot be queued, and the log says why",
  async (sql) => {
    const world = await createSilentWorld(sql);
    const from = freshNumber();
    const breakQueue = `
    create or replace function private.thread_and_queue(workspace_id uuid, drafts private.outbound_draft[])
    returns void language plpgsql set search_path = '' as $$ begin raise 'Full'; end; $$`;

    await inTrial(sql, breakQueue, async (tx) => {
      await tx`select * from public.ingest_webhook(${world.connectionId}, ${
        tx.json([textFrom(world, from, { text: "STOP" })] as never)
      }, 'x')`;

      const held = await tx`
      select id from public.opt_outs
      where workspace_id = ${world.workspaceId} and address = ${from} and ended_at is null`;
      const audit = await tx`
      select entity_id, details from public.audit_log
      where workspace_id = ${world.workspaceId} and action = 'opt_out.not_confirmed'`;
      assertEquals([...audit], [{ entity_id: held[0]!.id, details: { reason: "P0001: Full" } }]);
    });
  },
);
