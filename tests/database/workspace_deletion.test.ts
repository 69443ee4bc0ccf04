import {
  databaseTest,
  enqueue,
  ingest,
  pidOf,
  textFrom,
  untilSettledOrBlocked,
} from "../support/engine.ts";
import { createFullWorld, type FullWorld } from "../support/full_world.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import {
  countSecrets,
  createConfirmedAccount,
  placesOf,
  refusalAs,
  rowCountsAs,
  rowCountsOf,
  secretIdsOf,
  signIn,
} from "../support/tenancy.ts";
import { asService, asUser, createAccount, createWorld, freshNumber } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

const deleteWorkspace =
  (workspaceId: string, slug: string | null) => (tx: postgres.TransactionSql) =>
    tx`select public.delete_workspace(${workspaceId}, ${slug})`;

async function slugOf(sql: postgres.Sql, workspaceId: string): Promise<string> {
  return (await sql`select slug from public.workspaces where id = ${workspaceId}`)[0]!.slug;
}

async function secretsOf(sql: postgres.Sql, workspaceId: string): Promise<string[]> {
  const rows = await sql`select id from public.connections where workspace_id = ${workspaceId}`;
  return await secretIdsOf(sql, rows.map((row) => row.id));
}

databaseTest("only an owner deletes a workspace", async (sql) => {
  const world = await createWorld(sql);
  const strangerId = await createAccount(sql, "stranger");
  const remove = deleteWorkspace(world.workspaceId, await slugOf(sql, world.workspaceId));

  assertEquals(await refusalOf(() => asRole(sql, "anon", null, remove)), "42501");
  assertEquals(await refusalOf(() => asRole(sql, "authenticated", null, remove)), "PT404");
  assertEquals(await refusalAs(sql, strangerId, remove), "PT404");
  assertEquals(await refusalAs(sql, world.memberId, remove), "PT403");
  assertEquals(await refusalAs(sql, world.adminId, remove), "PT403");
});

databaseTest("a workspace is not deleted by another slug than its own", async (sql) => {
  const [world, other] = [await createWorld(sql), await createWorld(sql)];
  const slug = await slugOf(sql, world.workspaceId);
  const before = await rowCountsOf(sql, world.workspaceId);
  const wrong = [null, "", slug.toUpperCase(), ` ${slug}`, await slugOf(sql, other.workspaceId)];

  for (const given of wrong) {
    const refusal = await refusalAs(sql, world.ownerId, deleteWorkspace(world.workspaceId, given));
    assertEquals(refusal, "PT400", `${given}`);
  }
  assertEquals(await rowCountsOf(sql, world.workspaceId), before);
});

databaseTest("nobody but the owner of the schema purges", async (sql) => {
  const { ownerId } = await createWorld(sql);
  const purge = (tx: postgres.TransactionSql) => tx`select private.purge_deleted_workspaces(1000)`;

  assertEquals(await refusalAs(sql, ownerId, purge), "42501");
  assertEquals(await refusalOf(() => asRole(sql, "service_role", null, purge)), "42501");
});

databaseTest("nothing of a deleted workspace is left but that it was deleted", async (sql) => {
  const world = await createFullWorld(sql);
  const { workspaceId, ownerId, slug } = world;
  const secretIds = await secretsOf(sql, workspaceId);
  const tables = Object.keys(await rowCountsOf(sql, workspaceId));
  assert(tables.length >= 36, tables.join());
  assert(secretIds.length >= 6, `${secretIds.length}`);

  await asUser(sql, ownerId, deleteWorkspace(workspaceId, slug));

  assertEquals(await rowCountsOf(sql, workspaceId), {});
  assertEquals(await countSecrets(sql, secretIds), 0);
  assertEquals(await placesOf(sql, workspaceId), ["private.workspace_deletions"]);
  const [row] = await sql`
    select slug, deleted_by, purged_at is not null as is_purged
    from private.workspace_deletions where workspace_id = ${workspaceId}`;
  assertEquals({ ...row }, { slug, deleted_by: ownerId, is_purged: true });
});

databaseTest("a workspace is deleted although somebody waits for it in a circle", async (sql) => {
  const world = await createWorld(sql);
  const { workspaceId } = world;
  const slug = await slugOf(sql, workspaceId);
  await enqueue(sql, world, [{ to_address: freshNumber(), body: "Hello" }]);
  const owner = await sql.reserve();
  await signIn(owner, world.ownerId);
  const pid = await pidOf(owner);
  let deleting: Promise<unknown> = Promise.resolve();

  await sql.begin(async (tx) => {
    await tx`select from private.outbound_jobs where workspace_id = ${workspaceId} for update`;
    deleting = owner`select public.delete_workspace(${workspaceId}, ${slug})`.execute();
    await untilSettledOrBlocked(sql, pid, deleting);
    // As whoever holds a job goes on to write what refers to the workspace.
    await tx`
      insert into public.audit_log (workspace_id, action, entity_type, entity_id)
      values (${workspaceId}, 'message.sent', 'message', 'x')`;
  }).catch(() => {
    // Where the machine is slow, Postgres may choose this one to give way.
  });
  await deleting;
  await owner`commit`;
  owner.release();

  assertEquals(await rowCountsOf(sql, workspaceId), {});
});

databaseTest("another workspace loses nothing when one is deleted", async (sql) => {
  const [world, other] = [await createFullWorld(sql), await createFullWorld(sql)];
  const before = await rowCountsOf(sql, other.workspaceId);
  const secretIds = await secretsOf(sql, other.workspaceId);

  await asUser(sql, world.ownerId, deleteWorkspace(world.workspaceId, world.slug));

  assertEquals(await rowCountsOf(sql, other.workspaceId), before);
  assertEquals(await countSecrets(sql, secretIds), secretIds.length);
});

/** More than the call that deletes a workspace removes itself. */
const addManyRows = (sql: postgres.Sql, { workspaceId, connectionId }: FullWorld) =>
  sql`
    insert into public.webhook_events (workspace_id, connection_id, kind, external_id, event, body)
    select ${workspaceId}, ${connectionId}, 'unreadable', n::text, '{}', ''
    from generate_series(1, 2050) as n`;

/** Deletes a large workspace in which a message waits to be sent; most of it is still there. */
async function deleteLarge(sql: postgres.Sql): Promise<FullWorld> {
  const world = await createFullWorld(sql);
  await asUser(
    sql,
    world.memberId,
    (tx) =>
      tx`select public.enqueue_messages(
        ${world.workspaceId}, ${tx.json([{ to_address: freshNumber(), body: "Hello" }])}
      )`,
  );
  await sql`
    update private.outbound_jobs set turn = -(extract(epoch from clock_timestamp()) * 1000)::bigint where workspace_id = ${world.workspaceId}`;
  await addManyRows(sql, world);
  await asUser(sql, world.ownerId, deleteWorkspace(world.workspaceId, world.slug));
  return world;
}

databaseTest(
  "the slug of a deleted workspace is free at once, however large it is",
  async (sql) => {
    const world = await deleteLarge(sql);

    const create = (tx: postgres.TransactionSql) =>
      tx`select slug from public.create_workspace('Next', ${world.slug})`;

    assertEquals([...await asUser(sql, world.memberId, create)], [{ slug: world.slug }]);
  },
);

databaseTest("nobody sees anything of a workspace that is being removed", async (sql) => {
  const { workspaceId, ownerId, adminId, memberId } = await deleteLarge(sql);
  assert((await rowCountsOf(sql, workspaceId))["public.conversation_messages"]! >= 3);

  for (const userId of [ownerId, adminId, memberId]) {
    assertEquals(await rowCountsAs(sql, userId, workspaceId), {});
    const workspaces = await asUser(sql, userId, (tx) => tx`select id from public.workspaces`);
    assertEquals([...workspaces], []);
  }
});

databaseTest("nothing of a workspace that is being removed is sent", async (sql) => {
  const world = await deleteLarge(sql);
  const { workspaceId } = world;
  const waiting = await sql`
    select id from public.conversation_messages where workspace_id = ${workspaceId} and status = 'queued'`;
  assert(waiting.length >= 1);
  const jobs = await sql`select from private.outbound_jobs where workspace_id = ${workspaceId}`;
  assertEquals(jobs.length, 0);

  const claimed = await asService(
    sql,
    (tx) => tx`select message_id from public.claim_outbound_jobs(1000)`,
  );
  const enqueued = await asService(
    sql,
    (tx) =>
      tx`select error_code from public.enqueue_messages(
        ${workspaceId}, ${tx.json([{ to_address: freshNumber(), body: "Hello" }])}
      )`,
  );

  const waitingIds = new Set(waiting.map((row) => row.id));
  assertEquals(claimed.filter((row) => waitingIds.has(row.message_id)), []);
  assertEquals([...enqueued], [{ error_code: "no_sender" }]);
  assertEquals(await secretsOf(sql, workspaceId), []);
});

databaseTest("nothing is received for a workspace that is being removed", async (sql) => {
  const world = await deleteLarge(sql);

  const [row] = await ingest(sql, world.connectionId, [textFrom(world, freshNumber())]);

  assertEquals(row!.state, "disconnected");
});

databaseTest("nobody joins a workspace that is being removed", async (sql) => {
  const world = await createFullWorld(sql);
  const person = await createConfirmedAccount(sql, "invited");
  const [invitation] = await asUser(
    sql,
    world.ownerId,
    (tx) => tx`select token from public.create_invitation(${world.workspaceId}, ${person.email})`,
  );
  await addManyRows(sql, world);
  await asUser(sql, world.ownerId, deleteWorkspace(world.workspaceId, world.slug));

  const accept = (tx: postgres.TransactionSql) =>
    tx`select public.accept_invitation(${invitation!.token})`;
  const refusal = await refusalAs(sql, person.id, accept);

  assert(["PT404", "PT409"].includes(refusal), refusal);
});

databaseTest("a large workspace is removed a batch at a time, to the last row", async (sql) => {
  const { workspaceId } = await deleteLarge(sql);
  const isLeft = async () =>
    (await sql`select from public.workspaces where id = ${workspaceId}`).length === 1;
  assert(await isLeft());

  let rounds = 0;
  for (; rounds < 100 && await isLeft(); rounds++) {
    const [purged] = await sql`select private.purge_deleted_workspaces(10) as row_count`;
    assert(purged!.row_count <= 10, `${purged!.row_count}`);
  }

  assert(rounds > 3, `${rounds}`);
  assertEquals(await rowCountsOf(sql, workspaceId), {});
  const [row] = await sql`
    select purged_at is not null as is_purged from private.workspace_deletions
    where workspace_id = ${workspaceId}`;
  assertEquals(row!.is_purged, true);
});

databaseTest("a purge takes no row of a workspace that was not deleted", async (sql) => {
  const world = await createFullWorld(sql);
  await deleteLarge(sql);
  const before = await rowCountsOf(sql, world.workspaceId);

  await sql`select private.purge_deleted_workspaces(100000)`;

  assertEquals(await rowCountsOf(sql, world.workspaceId), before);
});

databaseTest("an account connected while its workspace goes does not keep it", async (sql) => {
  const world = await createFullWorld(sql);
  const { workspaceId } = world;
  await addManyRows(sql, world);
  const [first, second] = [await sql.reserve(), await sql.reserve()];
  try {
    const secondPid = await pidOf(second);
    await signIn(first, world.ownerId);
    await first`select public.delete_workspace(${workspaceId}, ${world.slug})`;
    const token = crypto.randomUUID() + crypto.randomUUID();
    const connecting = second`
      select public.store_connection(
        ${world.adminId}, ${workspaceId}, 'twilio', 'AC1', 'Late', '{}', ${token}, 'x', '[]'
      )`.execute();
    await untilSettledOrBlocked(sql, secondPid, connecting);
    await first`commit`;
    // Refused or not: what counts is that nothing of it is left.
    await connecting.catch(() => {});
  } finally {
    first.release();
    second.release();
  }

  await sql`select private.purge_deleted_workspaces(10000)`;

  assertEquals(await rowCountsOf(sql, workspaceId), {});
});
