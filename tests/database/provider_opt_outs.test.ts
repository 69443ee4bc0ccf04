import {
  databaseTest,
  enqueue,
  ingest,
  messageOf,
  receiptOf,
  record,
  startAttempts,
} from "../support/engine.ts";
import { hear, isOptedOut, optOutsOf, recordOptOut } from "../support/opt_outs.ts";
import { signIn } from "../support/tenancy.ts";
import { asService, createWorld, freshNumber, type World } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const REFUSED = {
  outcome: "rejected",
  error_code: "recipient_opted_out",
  provider_code: "21610",
  is_retryable: false,
};

const recipientOf = async (sql: postgres.Sql, messageId: string): Promise<string> =>
  (await sql`select to_address from public.conversation_messages where id = ${messageId}`)[0]!
    .to_address;

const note = (sql: postgres.Sql, messageIds: string[]) =>
  sql`select private.note_provider_opt_outs(${messageIds}::uuid[])`;

databaseTest(
  "a hand-over that is refused for an opt-out tells us of it, and no other refusal does",
  async (sql) => {
    const world = await createWorld(sql);
    const { token, ids } = await startAttempts(sql, world, 3);
    const recipients = await Promise.all(ids.map((id) => recipientOf(sql, id)));

    await record(sql, token, [
      { message_id: ids[0], ...REFUSED },
      { message_id: ids[1], ...REFUSED, error_code: "invalid_recipient" },
      { message_id: ids[2], outcome: "accepted", external_id: "SM1" },
    ]);

    const [optOut] = await optOutsOf(sql, world, recipients[0]!);
    const { source, wording, message_id, actor_id, ended_at } = optOut!;
    assertEquals({ source, wording, message_id, actor_id, ended_at }, {
      source: "provider",
      wording: null,
      message_id: ids[0]!,
      actor_id: null,
      ended_at: null,
    });
    assertEquals(await optOutsOf(sql, world, recipients[1]!), []);
    assertEquals(await optOutsOf(sql, world, recipients[2]!), []);
  },
);

databaseTest("a receipt that fails for an opt-out tells us of it", async (sql) => {
  const world = await createWorld(sql);
  const { token, id } = await startAttempts(sql, world);
  const recipient = await recipientOf(sql, id);
  await record(sql, token, [{ message_id: id, outcome: "accepted", external_id: "SM1" }]);
  const receipt = receiptOf(id, "failed", "SM1");

  await ingest(sql, world.connectionId, [{ ...receipt, errorCode: "recipient_opted_out" }]);

  assertEquals(
    (await optOutsOf(sql, world, recipient)).map((row) => [row.source, row.message_id]),
    [
      ["provider", id],
    ],
  );
  assertEquals({ ...await messageOf(sql, id) }, {
    status: "failed",
    error_code: "recipient_opted_out",
  });
});

databaseTest("a receipt of another workspace's connection tells nothing", async (sql) => {
  const [world, other] = [await createWorld(sql), await createWorld(sql)];
  const { id } = await startAttempts(sql, world);
  const receipt = receiptOf(id, "failed", "SM1");

  await ingest(sql, other.connectionId, [{ ...receipt, errorCode: "recipient_opted_out" }]);

  assertEquals(await optOutsOf(sql, world, await recipientOf(sql, id)), []);
  assertEquals(await optOutsOf(sql, other, await recipientOf(sql, id)), []);
});

databaseTest(
  "several refusals for one address are one opt-out, and what holds keeps its proof",
  async (sql) => {
    const world = await createWorld(sql);
    const [to_address, stopped] = [freshNumber(), freshNumber()];
    const rows = await enqueue(
      sql,
      world,
      [to_address, to_address, stopped].map((address) => ({ to_address: address, body: "Hello" })),
    );
    const keyword = await hear(sql, world, stopped, "STOP");

    await note(sql, rows.map((row) => row.message_id));
    await note(sql, rows.map((row) => row.message_id));
    await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;

    assertEquals((await optOutsOf(sql, world, to_address)).length, 1);
    assertEquals((await optOutsOf(sql, world, stopped)).map((row) => row.message_id), [keyword]);
  },
);

databaseTest(
  "a refusal from before the address came back is no news, a later one is",
  async (sql) => {
    const world = await createWorld(sql);
    const { ids: [early] } = await startAttempts(sql, world);
    const to_address = await recipientOf(sql, early!);
    await hear(sql, world, to_address, "STOP");
    await hear(sql, world, to_address, "START");

    await note(sql, [early!]);
    assertEquals(await isOptedOut(sql, world, to_address), false);

    const [late] = await enqueue(sql, world, [{ to_address, body: "Hello" }]);
    await asService(sql, (tx) => tx`select * from public.claim_outbound_jobs(1)`);
    await note(sql, [late!.message_id]);
    assertEquals(await isOptedOut(sql, world, to_address), true);
  },
);

databaseTest(
  "what came from a contact opts nobody out, and of several e-mail recipients none",
  async (sql) => {
    const world = await createWorld(sql);
    const address = `desk@${crypto.randomUUID()}.example.com`;
    await sql`
    insert into public.email_senders (workspace_id, connection_id, email_address, status, last_verified_at)
    values (${world.workspaceId}, ${world.connectionId}, ${address}, 'active', now())`;
    const [one, several] = [0, 1].map(() => `patient-${crypto.randomUUID()}@example.net`);
    const rows = await enqueue(sql, world, [
      { channel: "email", to_address: one, subject: "Hello", body: "Hello" },
      {
        channel: "email",
        to_address: several,
        subject: "Hello",
        body: "Hello",
        cc: ["c@example.net"],
      },
    ]);
    await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;

    await note(sql, [world.messageId, ...rows.map((row) => row.message_id)]);

    const noted = await sql`
    select kind, address from public.opt_outs where workspace_id = ${world.workspaceId}`;
    assertEquals([...noted], [{ kind: "email", address: one }]);
  },
);

/** Queues messages to one address before all others. */
async function queueFirst(sql: postgres.Sql, world: World, to_address: string, count: number) {
  const rows = await enqueue(
    sql,
    world,
    Array.from({ length: count }, () => ({ to_address, body: "Hello" })),
  );
  await sql`
    update private.outbound_jobs set turn = -(extract(epoch from clock_timestamp()) * 1000)::bigint where workspace_id = ${world.workspaceId}`;
  return rows.map((row) => row.message_id as string);
}

/** Those of `ids` that a claim takes: it goes on to others' jobs where some are refused. */
const claim = async (sql: postgres.Sql, count: number, ids: string[]): Promise<string[]> =>
  (await asService(sql, (tx) => tx`select message_id from public.claim_outbound_jobs(${count})`))
    .map((job) => job.message_id).filter((id) => ids.includes(id));

/**
 * The promise: no claim that begins after an opt-out was committed takes a message to the address. What a claim
 * took before that is handed over still, as a text that was on its way when the person wrote.
 */
databaseTest(
  "a campaign under way sends nothing more once an opt-out is committed",
  async (sql) => {
    const world = await createWorld(sql);
    const to_address = freshNumber();
    const ids = await queueFirst(sql, world, to_address, 6);
    const person = await sql.reserve();

    const before = await claim(sql, 2, ids);
    await signIn(person, world.memberId);
    await person`select public.opt_out(${world.workspaceId}, ${to_address})`;
    const beforeCommit = await claim(sql, 2, ids);
    await person`commit`;
    person.release();
    const afterCommit = await claim(sql, 2, ids);

    assertEquals([before.length, beforeCommit.length, afterCommit.length], [2, 2, 0]);
    const failed = await sql`
    select count(*)::integer as count from public.conversation_messages
    where id = any (${ids}) and status = 'failed' and error_code = 'recipient_opted_out'`;
    assertEquals(failed[0]!.count, 2);
    const [left] = await sql`
    select count(*)::integer as count from private.outbound_jobs where message_id = any (${ids})`;
    assertEquals(left!.count, 0);
  },
);

databaseTest(
  "a message that was queued while the opt-out was written is not handed over",
  async (sql) => {
    const world = await createWorld(sql);
    const to_address = freshNumber();
    const person = await sql.reserve();
    await signIn(person, world.memberId);
    await person`select public.opt_out(${world.workspaceId}, ${to_address})`;

    // It is not refused, since the opt-out is not there yet: only the claim can see it.
    const [id] = await queueFirst(sql, world, to_address, 1);
    await person`commit`;
    person.release();

    assertEquals(await claim(sql, 1, [id!]), []);
    assertEquals({ ...await messageOf(sql, id!) }, {
      status: "failed",
      error_code: "recipient_opted_out",
    });
  },
);

databaseTest(
  "an opt-out leaves what waits where it is: the claim refuses it, or does not if the person came back",
  async (sql) => {
    const world = await createWorld(sql);
    const [gone, back] = [freshNumber(), freshNumber()];
    const [toGone] = await queueFirst(sql, world, gone, 1);
    const [toBack] = await queueFirst(sql, world, back, 1);

    for (const from of [gone, back]) await hear(sql, world, from, "STOP");
    assertEquals((await messageOf(sql, toGone!)).status, "queued");
    await hear(sql, world, back, "START");

    assertEquals(await claim(sql, 2, [toGone!, toBack!]), [toBack]);
    assertEquals((await messageOf(sql, toGone!)).error_code, "recipient_opted_out");
  },
);

databaseTest(
  "among claims and opt-outs at once, none that begins after an opt-out takes a message to it",
  async (sql) => {
    const world = await createWorld(sql);
    const addresses = Array.from({ length: 12 }, freshNumber);
    const queued = await enqueue(
      sql,
      world,
      [1, 2, 3].flatMap((number) =>
        addresses.map((to_address) => ({ to_address, body: `Hello ${number}` }))
      ),
    );
    await sql`
    update private.outbound_jobs set turn = -(extract(epoch from clock_timestamp()) * 1000)::bigint where workspace_id = ${world.workspaceId}`;
    const ids = queued.map((row) => row.message_id as string);
    const stopped = new Set<string>();
    const late: string[] = [];

    const stop = async () => {
      for (const address of addresses) {
        await recordOptOut(sql, world, address);
        stopped.add(address);
      }
    };
    const send = async () => {
      for (let left = queued.length; left > 0; left -= 2) {
        const before = new Set(stopped);
        for (const id of await claim(sql, 2, ids)) {
          const address = await recipientOf(sql, id);
          if (before.has(address)) late.push(address);
        }
      }
    };
    await Promise.all([stop(), send()]);

    assertEquals(late, []);
    const untouched = await sql`
    select m.id from public.conversation_messages as m
    where m.id = any (${queued.map((row) => row.message_id)})
      and m.error_code is distinct from 'recipient_opted_out'
      and not exists (select from public.message_attempts as a where a.message_id = m.id)`;
    assertEquals([...untouched], []);
  },
);
