import { assertEquals } from "@std/assert";
import postgres from "postgres";
import { connectToDatabase, readTestStack, refusalOf } from "../support/stack.ts";
import { createFullWorld } from "../support/full_world.ts";
import { asService, asUser, createWorld, freshNumber } from "../support/world.ts";

Deno.test("claims at once share the jobs out: none twice, never more than the limit", async () => {
  const sql = connectToDatabase(4);
  try {
    const { workspaceId, memberId } = await createWorld(sql);
    const messages = Array.from(
      { length: 40 },
      () => ({ to_address: freshNumber(), body: "Hello" }),
    );
    await asUser(
      sql,
      memberId,
      (tx) => tx`select * from public.enqueue_messages(${workspaceId}, ${tx.json(messages)})`,
    );
    await sql`update private.outbound_jobs set turn = -(extract(epoch from clock_timestamp()) * 1000)::bigint where workspace_id = ${workspaceId}`;

    const claims = await Promise.all(
      Array.from(
        { length: 4 },
        () => asService(sql, (tx) => tx`select message_id from public.claim_outbound_jobs(9)`),
      ),
    );

    assertEquals(claims.map((claim) => claim.length), [9, 9, 9, 9]);
    assertEquals(new Set(claims.flat().map((row) => row.message_id)).size, 36);
    await sql`delete from private.outbound_jobs where workspace_id = ${workspaceId}`;
  } finally {
    await sql.end();
  }
});

Deno.test("a claim without a sensible limit or lease is refused", async () => {
  const sql = connectToDatabase();
  for (
    const [limit, lease] of [[0, 60], [1001, 60], [-1, 60], [null, 60], [1, -5], [1, null]] as const
  ) {
    const claim = () =>
      asService(sql, (tx) => tx`select * from public.claim_outbound_jobs(${limit}, ${lease})`);
    assertEquals(await refusalOf(claim), "PT400", `${limit} ${lease}`);
  }
  await sql.end();
});

Deno.test("the schedule is set where pg_cron and pg_net are, and calls dispatch with the key from Vault", async () => {
  const sql = connectToDatabase();
  const admin = postgres(readTestStack().admin_database_url, { max: 1, onnotice: () => {} });
  class Undo extends Error {}
  try {
    const { workspaceId, messageId } = await createWorld(sql);
    await admin.begin(async (tx) => {
      await tx`delete from private.outbound_jobs where true`;
      await tx`delete from private.look_ups where true`;
      const [without] = await tx`select private.schedule_dispatch() as is_set`;
      await tx.unsafe(`
        create schema cron; create table cron.called (name text, schedule text, command text);
        create function cron.schedule(text, text, text) returns bigint language sql
          as 'insert into cron.called values ($1, $2, $3) returning 1::bigint';
        create schema net; create table net.called (url text, headers jsonb);
        create function net.http_post(url text, body jsonb, params jsonb, headers jsonb, timeout_milliseconds integer)
          returns bigint language sql as 'insert into net.called values ($1, $4) returning 1::bigint';
        grant usage on schema cron, net to postgres;
        grant all on all tables in schema cron, net to postgres;`);
      const [withBoth] = await tx`select private.schedule_dispatch() as is_set`;
      const [job] = await tx`select command from cron.called where name = 'switchboard-dispatch'`;
      await tx`select vault.create_secret('https://project.example.com', 'switchboard_url')`;
      await tx`select vault.create_secret('sb_secret_x', 'switchboard_secret_key')`;

      await tx.unsafe(job!.command);
      const idle = await tx`select url from net.called`;
      await tx`insert into private.outbound_jobs (message_id, workspace_id) values (${messageId}, ${workspaceId})`;
      await tx.unsafe(job!.command);
      await tx`delete from private.outbound_jobs where true`;
      await tx`
        insert into private.outbound_leases (token, step, ends_at, jobs)
        select gen_random_uuid(), 'send', now(), array[
          jsonb_populate_record(null::private.leased_job, jsonb_build_object('message_id', ${messageId}::uuid))
        ]`;
      await tx.unsafe(job!.command);
      const called = await tx`select url, headers ->> 'apikey' as key from net.called`;

      assertEquals([without!.is_set, withBoth!.is_set], [false, true]);
      assertEquals([...idle], []);
      assertEquals([...called], [
        { url: "https://project.example.com/functions/v1/dispatch", key: "sb_secret_x" },
        { url: "https://project.example.com/functions/v1/dispatch", key: "sb_secret_x" },
      ]);
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  } finally {
    await admin.end();
    await sql.end();
  }
});

Deno.test("what a provider says amiss of parts and prices does not keep the rest from being recorded", async () => {
  const sql = connectToDatabase();
  try {
    const { workspaceId, memberId } = await createWorld(sql);
    const messages = Array.from(
      { length: 5 },
      () => ({ to_address: freshNumber(), body: "Hello" }),
    );
    await asUser(
      sql,
      memberId,
      (tx) => tx`select * from public.enqueue_messages(${workspaceId}, ${tx.json(messages)})`,
    );
    await sql`update private.outbound_jobs set turn = -(extract(epoch from clock_timestamp()) * 1000)::bigint where workspace_id = ${workspaceId}`;
    const claimed = await asService(sql, (tx) => tx`select * from public.claim_outbound_jobs(5)`);
    const odd = [
      { segment_count: 40000 },
      { price: "NaN", price_currency: "USD" },
      { price: 1, price_currency: "dollars" },
      { external_id: "" },
      { outcome: "rejected", external_id: null },
    ];
    const results = claimed.map(({ message_id }, index) => ({
      message_id,
      outcome: "accepted",
      external_id: `SM${index}`,
      ...odd[index],
    }));
    const [first] = results;

    const recorded = await asService(
      sql,
      (tx) =>
        tx`select * from public.record_attempts(${claimed[0]!.lease_token}, ${
          tx.json([...results, first!] as never)
        })`,
    );

    assertEquals(recorded.map((row) => row.is_recorded), Array(5).fill(true));
    const attempts = await sql`
      select outcome, segment_count, price from public.message_attempts
      where message_id = any (${claimed.map((row) => row.message_id)})
      order by outcome`;
    assertEquals(
      attempts.map((row) => ({ ...row })),
      ["accepted", "accepted", "accepted", "rejected", "unknown"].map((outcome) => ({
        outcome,
        segment_count: null,
        price: null,
      })),
    );
  } finally {
    await sql.end();
  }
});

Deno.test("one malformed message of a batch is refused alone", async () => {
  const sql = connectToDatabase();
  try {
    const { workspaceId, memberId } = await createWorld(sql);
    const to_address = freshNumber();
    const messages = [
      null,
      "text",
      { to_address, body: "x", media_urls: "https://x" },
      { to_address, body: "x", media_urls: [null] },
      { to_address, body: "x", media_urls: ["https://"] },
      { conversation_id: "x", body: "x" },
      { to_address, body: "x", phone_number_id: "x" },
      { to_address, body: "\n\t " },
      { to_address, body: "fine" },
    ];
    const rows = await asUser(
      sql,
      memberId,
      (tx) => tx`select * from public.enqueue_messages(${workspaceId}, ${tx.json(messages)})`,
    );
    assertEquals(rows.map((row) => row.error_code), [
      "invalid_request",
      "invalid_request",
      "invalid_request",
      "media_url_invalid",
      "media_url_invalid",
      "conversation_not_found",
      "sender_not_found",
      "message_empty",
      null,
    ]);
    await sql`delete from private.outbound_jobs where workspace_id = ${workspaceId}`;
  } finally {
    await sql.end();
  }
});

Deno.test("a number that is not active, or private to somebody else, sends nothing", async () => {
  const sql = connectToDatabase();
  try {
    const world = await createFullWorld(sql);
    const send = async (userId: string) => {
      const messages = [{ to_address: freshNumber(), body: "Hello" }];
      const [row] = await asUser(
        sql,
        userId,
        (tx) =>
          tx`select * from public.enqueue_messages(${world.workspaceId}, ${tx.json(messages)})`,
      );
      return row!.error_code;
    };
    await sql`
      update public.phone_numbers set status = 'error', is_default = false
      where id = ${world.phoneNumberId}`;

    // What is left is the admin's own number.
    assertEquals([await send(world.adminId), await send(world.memberId)], [null, "no_sender"]);
    await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;
  } finally {
    await sql.end();
  }
});

Deno.test("senders, receivers and receipts over the same contacts never wait in a circle", async () => {
  const sql = connectToDatabase(6);
  try {
    const { workspaceId, memberId, connectionId, phoneNumber } = await createWorld(sql);
    const contacts = Array.from({ length: 12 }, freshNumber);
    const shuffled = () => contacts.toSorted(() => Math.random() - 0.5);
    const receive = () => {
      const webhooks = shuffled().map((from) => {
        const externalId = "SM" + crypto.randomUUID();
        const event = {
          kind: "message",
          externalId,
          channel: "sms",
          from,
          to: phoneNumber,
          text: "Hi",
          media: [],
        };
        return { connection_id: connectionId, events: [event], body: "x" };
      });
      return asService(
        sql,
        (tx) => tx`select state from public.ingest_webhooks(${tx.json(webhooks)})`,
      );
    };
    const send = () =>
      asUser(
        sql,
        memberId,
        (tx) =>
          tx`select status as state from public.enqueue_messages(${workspaceId}, ${
            tx.json(shuffled().map((to_address) => ({ to_address, body: "Hi" })))
          })`,
      );

    const replay = async () => {
      const ids = await sql`
        update public.webhook_events set state = 'quarantined', reason = 'test', processed_at = null
        where id in (select id from public.webhook_events where workspace_id = ${workspaceId} limit 5)
        returning id`;
      return await asService(
        sql,
        (tx) =>
          tx`select 'processed' as state from public.replay_webhook_events(${
            ids.map((row) => row.id)
          })`,
      );
    };

    for (let round = 0; round < 15; round++) {
      const answers = await Promise.all([
        receive(),
        send(),
        receive(),
        send(),
        receive(),
        replay(),
      ]);
      const states = new Set(answers.flat().map((row) => row.state));
      assertEquals(states, new Set(["processed", "queued"]));
    }
    await sql`delete from private.outbound_jobs where workspace_id = ${workspaceId}`;
  } finally {
    await sql.end();
  }
});

Deno.test("what arrives or is sent together stays in its order", async () => {
  const sql = connectToDatabase();
  try {
    const { workspaceId, memberId, connectionId, phoneNumber } = await createWorld(sql);
    const contact = freshNumber();
    const texts = ["1", "2", "3", "4"];
    const webhooks = texts.map((text) => {
      const externalId = "SM" + crypto.randomUUID();
      const event = {
        kind: "message",
        externalId,
        channel: "sms",
        from: contact,
        to: phoneNumber,
        text,
        media: [],
      };
      return { connection_id: connectionId, events: [event, event], body: "x" };
    });
    const told = await asService(
      sql,
      (tx) => tx`select webhook_index, state from public.ingest_webhooks(${tx.json(webhooks)})`,
    );
    const messages = texts.map((body) => ({ to_address: contact, body }));
    await asUser(
      sql,
      memberId,
      (tx) => tx`select * from public.enqueue_messages(${workspaceId}, ${tx.json(messages)})`,
    );

    const rows = await sql`
      select m.body, t.snippet from public.conversation_messages as m
      join public.conversations as t on t.id = m.conversation_id
      where t.workspace_id = ${workspaceId} and t.contact_address = ${contact}
      order by m.created_at`;

    assertEquals(rows.map((row) => row.body), [...texts, ...texts]);
    assertEquals(rows[0]!.snippet, "4");
    assertEquals(
      told.map((row) => [row.webhook_index, row.state]),
      [0, 1, 2, 3].flatMap((index) => [[index, "processed"], [index, "duplicate"]]),
    );
    await sql`delete from private.outbound_jobs where workspace_id = ${workspaceId}`;
  } finally {
    await sql.end();
  }
});

Deno.test("two messages of one batch under one key are one, and the other's contact is left alone", async () => {
  const sql = connectToDatabase();
  try {
    const { workspaceId, memberId } = await createWorld(sql);
    const [first, second] = [freshNumber(), freshNumber()];
    const messages = [first, second].map((to_address) => ({
      to_address,
      body: "Hello",
      idempotency_key: "k",
    }));
    const rows = await asUser(
      sql,
      memberId,
      (tx) => tx`select * from public.enqueue_messages(${workspaceId}, ${tx.json(messages)})`,
    );
    const contacts = await sql`
      select address from public.contact_addresses
      where workspace_id = ${workspaceId} and address in (${first}, ${second})`;

    assertEquals(rows.map((row) => row.error_code), [null, "idempotency_key_reused"]);
    assertEquals(contacts.map((row) => row.address), [first]);
    await sql`delete from private.outbound_jobs where workspace_id = ${workspaceId}`;
  } finally {
    await sql.end();
  }
});
