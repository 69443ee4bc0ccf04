import { databaseTest, enqueue, record, startAttempts } from "../support/engine.ts";
import { asService, createWorld, freshNumber } from "../support/world.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import type postgres from "postgres";

/** An attempt whose outcome nobody knows, to be looked up before anything else. */
async function startLookUp(sql: postgres.Sql) {
  const world = await createWorld(sql);
  const { token, id } = await startAttempts(sql, world);
  await record(sql, token, [{ message_id: id, outcome: "unknown", external_id: `SM${id}` }]);
  await makeFirst(sql, id);
  return { world, id };
}

const makeFirst = (sql: postgres.Sql, messageId: string) =>
  sql`update private.look_ups set due_at = '2000-01-01' where message_id = ${messageId}`;

const claimLookUps = (sql: postgres.Sql, limit = 1, leaseSeconds = 60) =>
  asService(sql, (tx) => tx`select * from public.claim_look_ups(${limit}, ${leaseSeconds})`);

const extend = async (sql: postgres.Sql, token: string, seconds = 60) => {
  const [row] = await asService(
    sql,
    (tx) => tx`select public.extend_lease(${token}, ${seconds}) as is_held`,
  );
  return row!.is_held as boolean;
};

databaseTest("a look-up is claimed with all that an attempt is recognised by", async (sql) => {
  const { world, id } = await startLookUp(sql);

  const [claimed] = await claimLookUps(sql);

  const { lease_token, attempt_started_at, to_address, ...rest } = claimed!;
  assertEquals(rest, {
    message_id: id,
    attempt_number: 1,
    connection_id: world.connectionId,
    provider: "twilio",
    external_id: `SM${id}`,
    channel: "sms",
    from_address: world.phoneNumber,
    body: "Hello",
  });
  assert(Date.now() - attempt_started_at.getTime() < 60_000);
  assert(to_address.startsWith("+"));
  const [found] = await record(sql, lease_token, [
    { message_id: id, outcome: "accepted", external_id: `SM${id}` },
  ]);
  assertEquals(found!.is_recorded, true);
});

databaseTest(
  "what is looked up is not handed over, and what waits is not looked up",
  async (sql) => {
    const { world, id } = await startLookUp(sql);
    const [waiting] = await enqueue(sql, world, [{ to_address: freshNumber(), body: "Hello" }]);

    const sent = await asService(
      sql,
      (tx) => tx`select message_id from public.claim_outbound_jobs(1)`,
    );
    const lookedUp = await claimLookUps(sql);

    assertEquals(sent.map((row) => row.message_id), [waiting!.message_id]);
    assertEquals(lookedUp.map((row) => row.message_id), [id]);
  },
);

databaseTest("what somebody held who looked it up and stopped is looked up again", async (sql) => {
  const { id } = await startLookUp(sql);
  const [first] = await claimLookUps(sql);
  await sql`
    update private.outbound_leases set ends_at = now() where token = ${first!.lease_token}`;
  await sql`select private.end_expired_leases()`;
  await makeFirst(sql, id);

  const [again] = await claimLookUps(sql);

  assertEquals([again!.message_id, again!.attempt_number], [id, 1]);
  assertEquals(await extend(sql, first!.lease_token), false);
});

databaseTest("a lease that is extended holds for so long from now", async (sql) => {
  const { token } = await startAttempts(sql, await createWorld(sql));
  await sql`
    update private.outbound_leases set ends_at = now() + interval '1 second' where token = ${token}`;

  const isHeld = await extend(sql, token, 90);

  const [lease] = await sql`
    select extract(epoch from ends_at - now())::float8 as left_s
    from private.outbound_leases where token = ${token}`;
  assertEquals(isHeld, true);
  assert(lease!.left_s > 80 && lease!.left_s <= 90, `${lease!.left_s} s are left`);
});

databaseTest("a lease that is not there is not extended", async (sql) => {
  assertEquals(await extend(sql, crypto.randomUUID()), false);
});

databaseTest("a claim of look-ups, and an extension, have their bounds", async (sql) => {
  for (const [limit, leaseSeconds] of [[0, 60], [1001, 60], [1, 9], [1, 901]] as const) {
    await assertRejects(() => claimLookUps(sql, limit, leaseSeconds), Error, "Cannot claim");
  }
  for (const seconds of [9, 901]) {
    await assertRejects(() => extend(sql, crypto.randomUUID(), seconds), Error, "Cannot extend");
  }
});
