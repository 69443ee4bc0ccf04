import {
  addNumber,
  databaseTest,
  enqueue,
  ingest,
  jobOf,
  messageOf,
  receiptOf,
  record,
  type Row,
  startAttempts,
} from "../support/engine.ts";
import { readTestStack } from "../support/stack.ts";
import { asService, createWorld, freshNumber } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import postgres from "postgres";

databaseTest("a message whose number went away is not claimed, and fails", async (sql) => {
  const world = await createWorld(sql);
  const [queued] = await enqueue(sql, world, [{ to_address: freshNumber(), body: "Hello" }]);
  await sql`
    update public.phone_numbers set status = 'inactive', is_default = false
    where id = ${world.phoneNumberId}`;

  const claimed = await asService(
    sql,
    (tx) => tx`select message_id from public.claim_outbound_jobs(1)`,
  );

  assertEquals(claimed.filter((job) => job.message_id === queued!.message_id), []);
  assertEquals({ ...await messageOf(sql, queued!.message_id) }, {
    status: "failed",
    error_code: "sender_inactive",
  });
});

databaseTest(
  "what a dispatcher held when its lease ended is unknown, and shown as under way",
  async (sql) => {
    const { token, id } = await startAttempts(sql, await createWorld(sql));
    await sql`update private.outbound_leases set ends_at = now() where token = ${token}`;

    await asService(sql, (tx) => tx`select 1 from public.claim_outbound_jobs(1)`);

    const [attempt] = await sql`
    select outcome from public.message_attempts where message_id = ${id}`;
    assertEquals([(await messageOf(sql, id)).status, attempt!.outcome], ["sending", "unknown"]);
  },
);

databaseTest(
  "the schedule is left out without pg_net, and silent without its secrets",
  async (sql) => {
    const { workspaceId, messageId } = await createWorld(sql);
    const admin = postgres(readTestStack().admin_database_url, { max: 1, onnotice: () => {} });
    class Undo extends Error {}
    try {
      await admin.begin(async (tx) => {
        await tx.unsafe(`
        create schema cron; create function cron.schedule(text, text, text) returns bigint
          language sql as 'select 1::bigint';`);
        const [withoutNet] = await tx`select private.schedule_dispatch() as is_set`;
        await tx.unsafe(`
        create schema net; create table net.called (url text);
        create function net.http_post(url text, body jsonb, params jsonb, headers jsonb, timeout_milliseconds integer)
          returns bigint language sql as 'insert into net.called values ($1) returning 1::bigint';
        grant usage on schema net to postgres; grant all on net.called to postgres;`);
        await tx`insert into private.outbound_jobs (message_id, workspace_id) values (${messageId}, ${workspaceId})`;
        await tx`select private.call_dispatch_when_due()`;

        assertEquals(withoutNet!.is_set, false);
        assertEquals((await tx`select from net.called`).length, 0);
        throw new Undo();
      });
    } catch (error) {
      if (!(error instanceof Undo)) throw error;
    } finally {
      await admin.end();
    }
  },
);

databaseTest("an attempt after the last one is not made", async (sql) => {
  const world = await createWorld(sql);
  const rejected = { outcome: "rejected", error_code: "provider_unavailable", is_retryable: true };
  const ends = [];
  for (const failureCount of [6, 7]) {
    const { token, id } = await startAttempts(sql, world, 1, failureCount);
    await record(sql, token, [{ message_id: id, ...rejected }]);
    ends.push([(await messageOf(sql, id)).status, (await jobOf(sql, id))?.step]);
    await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;
  }

  assertEquals(ends, [["queued", "send"], ["failed", undefined]]);
});

databaseTest("an unknown outcome is looked up after a minute, not at once", async (sql) => {
  const { token, id } = await startAttempts(sql, await createWorld(sql));

  await record(sql, token, [{ message_id: id, outcome: "unknown" }]);

  const { step, wait_seconds } = (await jobOf(sql, id))!;
  assertEquals(step, "look_up");
  assert(wait_seconds > 50 && wait_seconds <= 60, `waits ${wait_seconds} s`);
});

databaseTest("no wait is longer than an hour by itself, or a day when asked for", async (sql) => {
  const { token, id } = await startAttempts(sql, await createWorld(sql));
  await record(sql, token, [{
    message_id: id,
    outcome: "rejected",
    error_code: "rate_limited",
    is_retryable: true,
    retry_after_ms: 1e15,
  }]);
  const { wait_seconds } = (await jobOf(sql, id))!;
  const [{ longest } = {}] = await sql`
    select max(extract(epoch from private.retry_delay('provider_unavailable', n, null)))::float8 as longest
    from generate_series(1, 100) as n`;

  assert(wait_seconds > 86_000 && wait_seconds <= 86_400, `waits ${wait_seconds} s`);
  assert(longest > 2_880 && longest <= 4_320, `waits ${longest} s`);
});

databaseTest("a batch recorded in part keeps its lease for the rest", async (sql) => {
  const { token, ids } = await startAttempts(sql, await createWorld(sql), 2);
  const accepted = (id: string) => ({
    message_id: id,
    outcome: "accepted",
    external_id: `SM${id}`,
  });
  const leased = async () => {
    const [lease] = await sql`
        select array(select j.message_id from unnest(jobs) as j) as message_ids
        from private.outbound_leases where token = ${token}`;
    return lease?.message_ids ?? [];
  };

  await record(sql, token, [accepted(ids[0]!), { message_id: ids[1], outcome: "maybe" }]);
  const after = await leased();
  const [again] = await record(sql, token, [accepted(ids[0]!)]);
  const [rest] = await record(sql, token, [accepted(ids[1]!)]);

  assertEquals(after, [ids[1]]);
  assertEquals([again!.is_recorded, rest!.is_recorded], [false, true]);
  assertEquals(await leased(), []);
});

databaseTest("a receipt stands against whatever is recorded after it", async (sql) => {
  const world = await createWorld(sql);
  const { token, ids } = await startAttempts(sql, world, 2);
  const [told, doubted] = ids as [string, string];
  await ingest(sql, world.connectionId, [
    receiptOf(told, "delivered", "SM1"),
    receiptOf(doubted, "delivered", "SM2"),
  ]);

  await record(sql, token, [
    { message_id: told, outcome: "accepted", external_id: "SM1", status: "sent" },
    { message_id: doubted, outcome: "unknown" },
  ]);

  assertEquals((await messageOf(sql, told)).status, "delivered");
  assertEquals((await messageOf(sql, doubted)).status, "delivered");
  assertEquals(await jobOf(sql, doubted), undefined);
  const attempts = await sql`
    select outcome, external_id from public.message_attempts where message_id = any (${ids})
    order by external_id`;
  assertEquals(attempts.map((row) => [row.outcome, row.external_id]), [
    ["accepted", "SM1"],
    ["accepted", "SM2"],
  ]);
});

databaseTest("a receipt settles what was to be looked up", async (sql) => {
  const world = await createWorld(sql);
  const { token, id } = await startAttempts(sql, world);
  await record(sql, token, [{ message_id: id, outcome: "unknown" }]);
  const before = await jobOf(sql, id);

  await ingest(sql, world.connectionId, [receiptOf(id, "sent", "SM1")]);

  assertEquals([before?.step, await jobOf(sql, id)], ["look_up", undefined]);
});

databaseTest("a receipt for an attempt that was refused changes nothing", async (sql) => {
  const world = await createWorld(sql);
  const { token, id } = await startAttempts(sql, world);
  await record(sql, token, [{
    message_id: id,
    outcome: "rejected",
    error_code: "content_refused",
  }]);

  const [event] = await ingest(sql, world.connectionId, [receiptOf(id, "delivered", "SM1")]);

  assertEquals(event!.state, "quarantined");
  const [attempt] = await sql`
    select outcome from public.message_attempts where message_id = ${id}`;
  assertEquals([(await messageOf(sql, id)).status, attempt!.outcome], ["failed", "rejected"]);
});

databaseTest(
  "a lease that ends leaves a message that was accepted meanwhile alone",
  async (sql) => {
    const world = await createWorld(sql);
    const { token, id } = await startAttempts(sql, world);
    await ingest(sql, world.connectionId, [receiptOf(id, "queued", "SM1")]);
    await sql`update private.outbound_leases set ends_at = now() where token = ${token}`;

    await asService(sql, (tx) => tx`select 1 from public.claim_outbound_jobs(1)`);

    assertEquals([(await messageOf(sql, id)).status, await jobOf(sql, id)], ["queued", undefined]);
  },
);

databaseTest("a twin is a message of the same words from the same number", async (sql) => {
  const world = await createWorld(sql);
  const second = await addNumber(sql, world, { sms: true });
  const to_address = freshNumber();
  const message = { to_address, body: "Same words", from_address: world.phoneNumber };
  const hasTwin = async (other: Row) => {
    const [first] = await enqueue(sql, world, [message, { ...message, ...other }]);
    await asService(sql, (tx) => tx`select 1 from public.claim_outbound_jobs(2)`);
    const [row] = await asService(
      sql,
      (tx) => tx`select * from public.read_look_up(${first!.message_id}, '{}')`,
    );
    await sql`
      update public.message_attempts set outcome = 'rejected', error_code = 'x', finished_at = now()
      where workspace_id = ${world.workspaceId} and outcome is null`;
    return row!.has_unsettled_twin;
  };

  assertEquals(
    [await hasTwin({ from_address: second }), await hasTwin({ body: "Other" }), await hasTwin({})],
    [false, false, true],
  );
});
