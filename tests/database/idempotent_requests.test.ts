import { assertEquals } from "@std/assert";
import postgres from "postgres";
import { databaseTest, enqueue, type Row } from "../support/engine.ts";
import { asRole, readTestStack, refusalOf } from "../support/stack.ts";
import { refusalAs } from "../support/tenancy.ts";
import { asService, createWorld, freshNumber, type World } from "../support/world.ts";

const HASH = "00".repeat(32);
const OTHER_HASH = "ff".repeat(32);

async function begin(sql: postgres.Sql, world: World, changes: Row = {}) {
  const given = { actorId: world.adminId, key: "k", hash: HASH, mayRunAgain: false, ...changes };
  const [row] = await asService(
    sql,
    (tx) =>
      tx`select * from public.begin_idempotent_request(
        ${given.actorId}, ${world.workspaceId}, 'POST /x', ${given.key}, ${given.hash}, ${given.mayRunAgain}
      )`,
  );
  return row!;
}

const finish = (sql: postgres.Sql, id: string, status: number | null, body: string | null) =>
  asService(
    sql,
    (tx) => tx`select public.finish_idempotent_request(${id}, ${status}::smallint, ${body})`,
  );

const change = (sql: postgres.Sql, { workspaceId }: World, changes: string) =>
  sql.unsafe(
    `update private.idempotent_requests set ${changes} where workspace_id = '${workspaceId}'`,
  );

const countOf = async (sql: postgres.Sql, { workspaceId }: World) =>
  (await sql`select from private.idempotent_requests where workspace_id = ${workspaceId}`).length;

databaseTest("nobody but the functions begins, finishes or purges a request", async (sql) => {
  const { ownerId } = await createWorld(sql);
  const calls = [
    (tx: postgres.TransactionSql) =>
      tx`select public.begin_idempotent_request(null, null, '', '', '')`,
    (tx: postgres.TransactionSql) => tx`select public.finish_idempotent_request(null)`,
    (tx: postgres.TransactionSql) => tx`select public.purge_idempotent_requests()`,
    (tx: postgres.TransactionSql) => tx`select private.purge_idempotent_requests(1)`,
  ];
  for (const call of calls) {
    assertEquals(await refusalOf(() => asRole(sql, "anon", null, call)), "42501");
    assertEquals(await refusalAs(sql, ownerId, call), "42501");
  }
  assertEquals(await refusalOf(() => asRole(sql, "service_role", null, calls[3]!)), "42501");
  for (const role of ["authenticated", "service_role"] as const) {
    const read = () =>
      asRole(sql, role, ownerId, (tx) => tx`select from private.idempotent_requests`);
    assertEquals(await refusalOf(read), "42501");
  }
});

databaseTest("a request is begun once, and repeated as it was answered", async (sql) => {
  const world = await createWorld(sql);

  const first = await begin(sql, world);
  const meanwhile = await begin(sql, world);
  const other = await begin(sql, world, { hash: OTHER_HASH });
  await finish(sql, first.request_id, 201, '{"b": 1, "a":2}');
  await finish(sql, first.request_id, 500, "late");
  const again = await begin(sql, world);

  assertEquals([first.state, meanwhile.state, other.state], ["begun", "running", "reused"]);
  assertEquals([again.state, again.status, again.body], ["answered", 201, '{"b": 1, "a":2}']);
  assertEquals(again.request_id, null);
});

databaseTest("a request with which nothing was done leaves its key free", async (sql) => {
  const world = await createWorld(sql);
  const { request_id } = await begin(sql, world);

  await finish(sql, request_id, null, null);
  const corrected = await begin(sql, world, { hash: OTHER_HASH });
  await finish(sql, corrected.request_id, 200, null);
  await finish(sql, corrected.request_id, null, null);

  assertEquals(corrected.state, "begun");
  assertEquals((await begin(sql, world, { hash: OTHER_HASH })).state, "answered");
});

databaseTest("a request that died is unknown, unless its work may run again", async (sql) => {
  const world = await createWorld(sql);
  const { request_id } = await begin(sql, world);
  await change(sql, world, "lease_ends_at = now()");

  const refused = await begin(sql, world);
  const again = await begin(sql, world, { mayRunAgain: true });
  const third = await begin(sql, world, { mayRunAgain: true });

  assertEquals([refused.state, again.state, third.state], ["unknown", "begun", "running"]);
  assertEquals(again.request_id, request_id);
});

databaseTest("a stranger begins nothing, and is shown nothing", async (sql) => {
  const [world, other] = [await createWorld(sql), await createWorld(sql)];

  assertEquals(await refusalOf(() => begin(sql, world, { actorId: other.ownerId })), "PT404");
  assertEquals(await countOf(sql, world), 0);
});

databaseTest("a key that has expired begins anew, whatever stood under it", async (sql) => {
  const world = await createWorld(sql);
  const { request_id } = await begin(sql, world);
  await finish(sql, request_id, 201, "{}");
  await change(sql, world, "lease_ends_at = now() - interval '1 day', expires_at = now()");

  const anew = await begin(sql, world, { hash: OTHER_HASH });

  assertEquals([anew.state, await countOf(sql, world)], ["begun", 1]);
});

databaseTest("a purge takes what has expired, up to its limit, and nothing else", async (sql) => {
  const [world, kept] = [await createWorld(sql), await createWorld(sql)];
  for (const key of ["a", "b", "c"]) await begin(sql, world, { key });
  await begin(sql, kept);
  await change(sql, world, "lease_ends_at = '1999-12-31', expires_at = '2000-01-01'");

  const [purged] = await sql`select private.purge_idempotent_requests(2) as row_count`;

  assertEquals([purged!.row_count, await countOf(sql, world)], [2, 1]);
  await asService(sql, (tx) => tx`select public.purge_idempotent_requests()`);
  assertEquals([await countOf(sql, world), await countOf(sql, kept)], [0, 1]);
});

databaseTest("two at once are begun once", async (sql) => {
  const world = await createWorld(sql);

  const begun = await Promise.all(Array.from({ length: 4 }, () => begin(sql, world)));

  assertEquals(begun.map(({ state }) => state).sort(), ["begun", "running", "running", "running"]);
});

databaseTest(
  "a message that is queued again is answered as at first, and a refused one has no status",
  async (sql) => {
    const world = await createWorld(sql);
    const message = { to_address: freshNumber(), body: "Hello", idempotency_key: "k" };
    const [first] = await enqueue(sql, world, [message]);
    const { message_id } = first!;
    const again = async (changes: Row = {}) => {
      const [row] = await enqueue(sql, world, [{ ...message, ...changes }]);
      return [row!.message_id, row!.status, row!.is_duplicate];
    };

    await sql`update public.conversation_messages set status = 'sent' where id = ${message_id}`;
    const sent = await again();
    await sql`update public.conversation_messages set scheduled_at = now() + interval '1 day' where id = ${message_id}`;
    const scheduled = await again();
    const refused = await again({ body: "Other" });

    assertEquals([first!.status, first!.is_duplicate], ["queued", false]);
    assertEquals(sent, [message_id, "queued", true]);
    assertEquals(scheduled, [message_id, "scheduled", true]);
    assertEquals(refused, [null, null, null]);
  },
);

databaseTest("the purge is scheduled where there is pg_cron", async (sql) => {
  const [without] = await sql`select private.schedule_idempotency_purge() as is_set`;
  const admin = postgres(readTestStack().admin_database_url, { max: 1, onnotice: () => {} });
  class Undo extends Error {}
  let job: Row | undefined;
  try {
    await admin.begin(async (tx) => {
      await tx.unsafe(`
        create schema cron; create table cron.called (name text, schedule text, command text);
        create function cron.schedule(text, text, text) returns bigint language sql
          as 'insert into cron.called values ($1, $2, $3) returning 1::bigint';`);
      await tx`select private.schedule_idempotency_purge()`;
      [job] = await tx`select schedule, command from cron.called`;
      await tx.unsafe(String(job!.command));
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  } finally {
    await admin.end();
  }

  assertEquals(without!.is_set, false);
  assertEquals({ ...job }, {
    schedule: "* * * * *",
    command: "select private.purge_idempotent_requests(5000)",
  });
});
