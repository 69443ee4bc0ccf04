import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";
import { databaseTest } from "../support/engine.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import { createFullWorld } from "../support/full_world.ts";
import { asService, asUser, createAccount, createWorld, freshNumber } from "../support/world.ts";

databaseTest("creating a workspace makes its creator the owner and writes it down", async (sql) => {
  const userId = await createAccount(sql, "owner");
  const [workspace] = await asUser(
    sql,
    userId,
    (tx) => tx`select * from public.create_workspace('Müller & Söhne', null, 'Europe/Berlin')`,
  );

  assert(/^m-ller-s-hne(-[0-9a-f]{8})?$/.test(workspace!.slug), workspace!.slug);
  const members = await sql`
    select user_id, role from public.workspace_members where workspace_id = ${workspace!.id}`;
  assertEquals([...members], [{ user_id: userId, role: "owner" }]);
  const audit = await sql`select actor_id, action from public.audit_log where workspace_id = ${
    workspace!.id
  }`;
  assertEquals([...audit], [{ actor_id: userId, action: "workspace.created" }]);
});

databaseTest("a workspace that cannot be created is refused with a status", async (sql) => {
  const userId = await createAccount(sql, "owner");
  const slug = `taken-${crypto.randomUUID()}`;
  await asUser(sql, userId, (tx) => tx`select public.create_workspace('First', ${slug})`);
  const attempts: [string | null, string | null, string, string][] = [
    ["", null, "UTC", "PT400"],
    ["x".repeat(101), null, "UTC", "PT400"],
    ["Name", "Not a slug", "UTC", "PT400"],
    ["Name", "a", "UTC", "PT400"],
    ["Name", null, "Mars/Olympus", "PT400"],
    ["Name", slug, "UTC", "PT409"],
  ];
  for (const [name, chosen, timezone, code] of attempts) {
    const create = () =>
      asUser(
        sql,
        userId,
        (tx) => tx`select public.create_workspace(${name}, ${chosen}, ${timezone})`,
      );
    assertEquals(await refusalOf(create), code, `${name} ${chosen} ${timezone}`);
  }
  const asAnon = () =>
    asRole(sql, "anon", null, (tx) => tx`select public.create_workspace('Name')`);
  assertEquals(await refusalOf(asAnon), "42501");
  const withoutPerson = () =>
    asRole(sql, "authenticated", null, (tx) => tx`select public.create_workspace('Name')`);
  assertEquals(await refusalOf(withoutPerson), "PT401");
});

databaseTest("a workspace keeps an owner, whoever removes or demotes the last one", async (sql) => {
  const { workspaceId, ownerId, adminId } = await createWorld(sql);
  const statements = [
    () =>
      sql`delete from public.workspace_members where workspace_id = ${workspaceId} and user_id = ${ownerId}`,
    () =>
      sql`update public.workspace_members set role = 'admin' where workspace_id = ${workspaceId} and user_id = ${ownerId}`,
    () => sql`delete from public.profiles where id = ${ownerId}`,
  ];
  for (const statement of statements) assertEquals(await refusalOf(statement), "PT409");

  await sql.begin(async (tx) => {
    await tx`update public.workspace_members set role = 'admin' where workspace_id = ${workspaceId} and user_id = ${ownerId}`;
    await tx`update public.workspace_members set role = 'owner' where workspace_id = ${workspaceId} and user_id = ${adminId}`;
  });
});

databaseTest(
  "two owners who leave at the same time do not leave a workspace without one",
  async (sql) => {
    const { workspaceId, ownerId, adminId } = await createWorld(sql);
    await sql`
    update public.workspace_members set role = 'owner'
    where workspace_id = ${workspaceId} and user_id = ${adminId}`;
    const [first, second] = [await sql.reserve(), await sql.reserve()];
    const leave = (connection: postgres.ReservedSql, userId: string) =>
      connection`delete from public.workspace_members where workspace_id = ${workspaceId} and user_id = ${userId}`;
    try {
      await first`begin`;
      await second`begin`;
      await leave(first, ownerId);
      await leave(second, adminId);
      const ends = await Promise.allSettled([first`commit`, second`commit`]);
      assertEquals(ends.map((end) => end.status).sort(), ["fulfilled", "rejected"]);
    } finally {
      first.release();
      second.release();
    }
    const owners = await sql`
    select from public.workspace_members where workspace_id = ${workspaceId} and role = 'owner'`;
    assertEquals(owners.length, 1);
  },
);

databaseTest(
  "no row of any table can be moved to another workspace, not even by the owner of the tables",
  async (sql) => {
    const [own, other] = [await createFullWorld(sql), await createWorld(sql)];
    const tables = await sql`
    select c.relname as name from pg_attribute as a
    join pg_class as c on c.oid = a.attrelid and c.relkind in ('r', 'p')
    where c.relnamespace = 'public'::regnamespace and a.attname = 'workspace_id'`;
    assert(tables.length >= 36);
    for (const { name } of tables) {
      const move = () =>
        sql`update ${
          sql("public." + name)
        } set workspace_id = ${other.workspaceId} where workspace_id = ${own.workspaceId}`;
      assertEquals(await refusalOf(move), "PT422", name);
    }
  },
);

databaseTest("a member cannot write into, or point at, another workspace", async (sql) => {
  const [own, other] = [await createWorld(sql), await createWorld(sql)];
  const attempts: [string, (tx: postgres.TransactionSql) => Promise<unknown>][] = [
    ["42501", (tx) => tx`insert into public.contacts (workspace_id) values (${other.workspaceId})`],
    [
      "42501",
      (tx) =>
        tx`insert into public.contact_addresses (workspace_id, contact_id, kind, address)
        values (${other.workspaceId}, ${other.contactId}, 'phone', ${freshNumber()})`,
    ],
    [
      "23503",
      (tx) =>
        tx`insert into public.contact_addresses (workspace_id, contact_id, kind, address)
        values (${own.workspaceId}, ${other.contactId}, 'phone', ${freshNumber()})`,
    ],
    [
      "23503",
      (tx) =>
        tx`update public.conversations set assigned_to = ${other.memberId} where id = ${own.conversationId}`,
    ],
  ];
  for (const [code, attempt] of attempts) {
    assertEquals(await refusalOf(() => asUser(sql, own.memberId, attempt)), code);
  }
  const touched = await asUser(
    sql,
    own.memberId,
    (tx) =>
      tx`update public.conversations set is_starred = true where id = ${other.conversationId} returning id`,
  );
  assertEquals([...touched], []);
});

databaseTest(
  "a message cannot be enqueued for a workspace that is not the caller's",
  async (sql) => {
    const [own, other] = [await createWorld(sql), await createWorld(sql)];
    const enqueue = (workspaceId: string | null) => () =>
      asUser(
        sql,
        own.memberId,
        (tx) =>
          tx`select * from public.enqueue_messages(${workspaceId}, ${
            tx.json([{ to_address: freshNumber(), body: "x" }])
          })`,
      );
    assertEquals(await refusalOf(enqueue(other.workspaceId)), "PT404");
    assertEquals(await refusalOf(enqueue(null)), "PT404");
  },
);

databaseTest(
  "only an owner or admin stands behind a connection, whatever the function says",
  async (sql) => {
    const own = await createWorld(sql);
    const strangerId = await createAccount(sql, "stranger");
    const store = (actorId: string, token = crypto.randomUUID() + crypto.randomUUID()) => () =>
      asService(sql, (tx) =>
        tx`select id from public.store_connection(
        ${actorId}, ${own.workspaceId}, 'twilio', 'AC1', 'x', '{}'::jsonb, ${token}, 'x', '[]'::jsonb
      )`);

    assertEquals(await refusalOf(store(strangerId)), "PT404");
    assertEquals(await refusalOf(store(own.memberId)), "PT403");
    assertEquals(await refusalOf(store(own.adminId, "short")), "22023");
    const disconnect = (actorId: string) => () =>
      asService(sql, (tx) => tx`select public.disconnect(${actorId}, ${own.connectionId})`);
    assertEquals(await refusalOf(disconnect(strangerId)), "PT404");
    assertEquals(await refusalOf(disconnect(own.memberId)), "PT403");
  },
);

databaseTest("a workspace with live credentials is not deleted by a bare cascade", async (sql) => {
  const { workspaceId, connectionId, adminId } = await createWorld(sql);
  const remove = () => sql`delete from public.workspaces where id = ${workspaceId}`;

  assertEquals(await refusalOf(remove), "23503");
  await asService(sql, (tx) => tx`select public.disconnect(${adminId}, ${connectionId})`);
  await remove();

  const [left] =
    await sql`select count(*)::integer as count from public.conversation_messages where workspace_id = ${workspaceId}`;
  assertEquals(left!.count, 0);
});

databaseTest("an account gets a profile, named by itself or by its address", async (sql) => {
  const id = crypto.randomUUID();
  await sql`
    insert into auth.users (id, email, raw_user_meta_data)
    values (${id}, ${`named-${id}@example.com`}, ${sql.json({ display_name: "Front desk" })})`;
  const unnamed = await createAccount(sql, "somebody");

  const rows =
    await sql`select display_name from public.profiles where id in (${id}, ${unnamed}) order by display_name`;
  assertEquals(rows.map((row) => row.display_name), ["Front desk", `somebody-${unnamed}`]);
});
