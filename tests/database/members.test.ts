import { databaseTest, type Row, senderOf } from "../support/engine.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import {
  addMember,
  connectAccount,
  countSecrets,
  listedNumber,
  refusalAs,
  rowCountsAs,
  secretIdsOf,
} from "../support/tenancy.ts";
import { asUser, createAccount, createWorld, freshNumber, type World } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

const setRole =
  ({ workspaceId }: World, userId: string, role: string | null) => (tx: postgres.TransactionSql) =>
    tx`select public.set_member_role(${workspaceId}, ${userId}, ${role})`;

const removeMember = ({ workspaceId }: World, userId: string) => (tx: postgres.TransactionSql) =>
  tx`select public.remove_member(${workspaceId}, ${userId})`;

const leave = ({ workspaceId }: World) => (tx: postgres.TransactionSql) =>
  tx`select public.leave_workspace(${workspaceId})`;

async function rolesOf(sql: postgres.Sql, { workspaceId }: World): Promise<Record<string, string>> {
  const rows = await sql`
    select user_id, role from public.workspace_members where workspace_id = ${workspaceId}`;
  return Object.fromEntries(rows.map((row) => [row.user_id, row.role]));
}

databaseTest("strangers and members change no role", async (sql) => {
  const world = await createWorld(sql);
  const strangerId = await createAccount(sql, "stranger");
  const promote = setRole(world, world.memberId, "admin");

  assertEquals(await refusalOf(() => asRole(sql, "anon", null, promote)), "42501");
  assertEquals(await refusalOf(() => asRole(sql, "authenticated", null, promote)), "PT404");
  assertEquals(await refusalAs(sql, strangerId, promote), "PT404");
  assertEquals(await refusalAs(sql, strangerId, setRole(world, strangerId, "owner")), "PT404");
  assertEquals(await refusalAs(sql, world.memberId, promote), "PT403");
});

databaseTest("the owner of one workspace changes no role in another", async (sql) => {
  const [own, other] = [await createWorld(sql), await createWorld(sql)];

  assertEquals(await refusalAs(sql, own.ownerId, setRole(other, other.memberId, "admin")), "PT404");
  assertEquals(await refusalAs(sql, own.ownerId, removeMember(other, other.memberId)), "PT404");
  assertEquals(await refusalAs(sql, own.ownerId, setRole(own, other.memberId, "owner")), "PT404");
});

databaseTest("a role that nobody knows is given to nobody", async (sql) => {
  const world = await createWorld(sql);

  for (const role of [null, "", "Owner", "superuser"]) {
    const refusal = await refusalAs(sql, world.ownerId, setRole(world, world.memberId, role));
    assertEquals(refusal, "PT400", `${role}`);
  }
});

databaseTest("an admin neither makes nor touches an owner", async (sql) => {
  const world = await createWorld(sql);
  await addMember(sql, world, "owner");
  const attempts = [
    setRole(world, world.adminId, "owner"),
    setRole(world, world.memberId, "owner"),
    setRole(world, world.ownerId, "member"),
    setRole(world, world.ownerId, "owner"),
    removeMember(world, world.ownerId),
  ];

  for (const attempt of attempts) {
    assertEquals(await refusalAs(sql, world.adminId, attempt), "PT403");
  }
});

databaseTest("an admin changes other roles, and an owner all of them", async (sql) => {
  const world = await createWorld(sql);

  await asUser(sql, world.adminId, setRole(world, world.memberId, "admin"));
  await asUser(sql, world.memberId, setRole(world, world.adminId, "member"));
  await asUser(sql, world.ownerId, setRole(world, world.memberId, "owner"));
  await asUser(sql, world.memberId, setRole(world, world.ownerId, "admin"));

  assertEquals(await rolesOf(sql, world), {
    [world.ownerId]: "admin",
    [world.adminId]: "member",
    [world.memberId]: "owner",
  });
});

databaseTest("a change of a role is written down with who, whose, from and to", async (sql) => {
  const world = await createWorld(sql);

  await asUser(sql, world.adminId, setRole(world, world.memberId, "admin"));

  const audit = await sql`
    select actor_id, entity_id, details from public.audit_log
    where workspace_id = ${world.workspaceId} and action = 'member.role_set'`;
  assertEquals([...audit], [{
    actor_id: world.adminId,
    entity_id: world.memberId,
    details: { from: "member", to: "admin" },
  }]);
});

databaseTest("the last owner neither steps down nor goes, until another is one", async (sql) => {
  const world = await createWorld(sql);
  const goings = [
    setRole(world, world.ownerId, "admin"),
    removeMember(world, world.ownerId),
    leave(world),
  ];

  for (const going of goings) assertEquals(await refusalAs(sql, world.ownerId, going), "PT409");
  await asUser(sql, world.ownerId, setRole(world, world.adminId, "owner"));
  await asUser(sql, world.ownerId, leave(world));
  assertEquals((await rolesOf(sql, world))[world.ownerId], undefined);
});

databaseTest(
  "nobody writes memberships but through the functions, not even an owner",
  async (sql) => {
    const world = await createWorld(sql);
    const { workspaceId } = world;
    const strangerId = await createAccount(sql, "stranger");
    const writes: ((tx: postgres.TransactionSql) => Promise<unknown>)[] = [
      (tx) =>
        tx`insert into public.workspace_members (workspace_id, user_id, role)
        values (${workspaceId}, ${strangerId}, 'owner')`,
      (tx) =>
        tx`update public.workspace_members set role = 'owner' where workspace_id = ${workspaceId}`,
      (tx) => tx`delete from public.workspace_members where workspace_id = ${workspaceId}`,
      (tx) => tx`insert into public.workspaces (slug, name) values ('mine', 'Mine')`,
      (tx) => tx`update public.workspaces set deleted_at = now() where id = ${workspaceId}`,
      (tx) => tx`update public.workspaces set plan_id = 'enterprise' where id = ${workspaceId}`,
      (tx) => tx`delete from public.workspaces where id = ${workspaceId}`,
    ];

    for (const write of writes) {
      assertEquals(await refusalAs(sql, strangerId, write), "42501");
      assertEquals(await refusalAs(sql, world.memberId, write), "42501");
      assertEquals(await refusalAs(sql, world.ownerId, write), "42501");
      assertEquals(await refusalOf(() => asRole(sql, "service_role", null, write)), "42501");
    }
  },
);

databaseTest("strangers and members remove nobody, and nobody is removed twice", async (sql) => {
  const world = await createWorld(sql);
  const strangerId = await createAccount(sql, "stranger");
  const colleagueId = await addMember(sql, world);
  const remove = removeMember(world, colleagueId);

  assertEquals(await refusalOf(() => asRole(sql, "anon", null, remove)), "42501");
  assertEquals(await refusalAs(sql, strangerId, remove), "PT404");
  assertEquals(await refusalAs(sql, strangerId, leave(world)), "PT404");
  assertEquals(await refusalAs(sql, world.memberId, remove), "PT403");
  assertEquals(await refusalAs(sql, world.memberId, removeMember(world, world.ownerId)), "PT403");
  await asUser(sql, world.adminId, remove);
  assertEquals(await refusalAs(sql, world.adminId, remove), "PT404");
});

databaseTest("who leaves, who is removed and by whom is written down", async (sql) => {
  const world = await createWorld(sql);

  await asUser(sql, world.memberId, leave(world));
  await asUser(sql, world.ownerId, removeMember(world, world.adminId));

  const audit = await sql`
    select actor_id, action, entity_id, details ->> 'role' as role from public.audit_log
    where workspace_id = ${world.workspaceId} and entity_type = 'member' order by id`;
  assertEquals([...audit], [
    { actor_id: world.memberId, action: "member.left", entity_id: world.memberId, role: "member" },
    { actor_id: world.ownerId, action: "member.removed", entity_id: world.adminId, role: "admin" },
  ]);
});

/** Ties a member to the workspace in every way there is. */
async function tie(sql: postgres.Sql, world: World, userId: string) {
  const { workspaceId, conversationId, phoneNumberId } = world;
  const number = listedNumber();
  const connectionId = await connectAccount(sql, userId, workspaceId, {
    isPersonal: true,
    numbers: [number],
  });
  await asUser(
    sql,
    userId,
    (tx) => tx`select public.create_team_channel(${workspaceId}, 'support')`,
  );
  await asUser(sql, world.adminId, async (tx) => {
    await tx`update public.conversations set assigned_to = ${userId} where id = ${conversationId}`;
    await tx`
      insert into public.phone_number_assignments (workspace_id, phone_number_id, user_id)
      values (${workspaceId}, ${phoneNumberId}, ${userId})`;
  });
  await asUser(
    sql,
    userId,
    (tx) =>
      tx`insert into public.user_integration_settings (workspace_id, connection_id)
      values (${workspaceId}, ${world.connectionId})`,
  );
  const secretIds = await secretIdsOf(sql, [connectionId]);
  return { connectionId, secretIds, phoneNumber: number.phone_number as string };
}

type Ties = Awaited<ReturnType<typeof tie>>;

async function tiesLeft(
  sql: postgres.Sql,
  world: World,
  userId: string,
  ties: Ties,
): Promise<Row> {
  const [left] = await sql`
    select
      (select assigned_to from public.conversations where id = ${world.conversationId}) as assigned_to,
      (select count(*)::integer from public.phone_number_assignments where user_id = ${userId}) as assignments,
      (select count(*)::integer from public.team_channel_members where user_id = ${userId}) as channels,
      (select count(*)::integer from public.user_integration_settings where user_id = ${userId}) as settings,
      (select status from public.connections where id = ${ties.connectionId}) as connection,
      (select status from public.phone_numbers where connection_id = ${ties.connectionId}) as number,
      (select count(*)::integer from private.connection_credentials
        where connection_id = ${ties.connectionId}) as credentials`;
  return { ...left, secrets: await countSecrets(sql, ties.secretIds) };
}

const NOTHING_LEFT = {
  assigned_to: null,
  assignments: 0,
  channels: 0,
  settings: 0,
  connection: "inactive",
  number: "inactive",
  credentials: 0,
  secrets: 0,
};

const GOINGS: Record<string, (sql: postgres.Sql, world: World) => Promise<unknown>> = {
  "is removed": (sql, world) => asUser(sql, world.adminId, removeMember(world, world.memberId)),
  "leaves": (sql, world) => asUser(sql, world.memberId, leave(world)),
  "deletes the account": (sql, { memberId }) => sql`delete from auth.users where id = ${memberId}`,
};

for (const [goes, go] of Object.entries(GOINGS)) {
  databaseTest(`who ${goes} takes every tie and personal secret away`, async (sql) => {
    const world = await createWorld(sql);
    const ties = await tie(sql, world, world.memberId);
    assertEquals(await tiesLeft(sql, world, world.memberId, ties), {
      assigned_to: world.memberId,
      assignments: 1,
      channels: 1,
      settings: 1,
      connection: "active",
      number: "active",
      credentials: 1,
      secrets: 2,
    });

    await go(sql, world);

    assertEquals(await tiesLeft(sql, world, world.memberId, ties), NOTHING_LEFT);
  });

  databaseTest(`who ${goes} sees nothing from the next query on`, async (sql) => {
    const world = await createWorld(sql);
    await tie(sql, world, world.memberId);
    const before = Object.keys(await rowCountsAs(sql, world.memberId, world.workspaceId));
    assert(before.length >= 8, before.join());

    await go(sql, world);

    assertEquals(await rowCountsAs(sql, world.memberId, world.workspaceId), {});
    const [workspaces, send] = [
      await asRole(
        sql,
        "authenticated",
        world.memberId,
        (tx) => tx`select id from public.workspaces`,
      ),
      () => senderOf(sql, world, { to_address: freshNumber() }),
    ];
    assertEquals([...workspaces], []);
    assertEquals(await refusalOf(send), "PT404");
  });
}

databaseTest("who goes leaves the workspace's own and others' connections alone", async (sql) => {
  const world = await createWorld(sql);
  const other = await createWorld(sql);
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${other.workspaceId}, ${world.memberId}, 'member')`;
  const kept = [
    world.connectionId,
    await connectAccount(sql, world.adminId, world.workspaceId, { isPersonal: true }),
    await connectAccount(sql, world.memberId, other.workspaceId, { isPersonal: true }),
  ];
  const secretIds = await secretIdsOf(sql, kept);

  await asUser(sql, world.adminId, removeMember(world, world.memberId));

  const rows = await sql`select status from public.connections where id = any (${kept}::uuid[])`;
  assertEquals(rows.map((row) => row.status), ["active", "active", "active"]);
  assertEquals(await countSecrets(sql, secretIds), 6);
});

databaseTest("what somebody who went has said stays", async (sql) => {
  const world = await createWorld(sql);
  const [before] = await sql`
    select count(*)::integer as count from public.conversation_messages
    where workspace_id = ${world.workspaceId} and sender_id = ${world.memberId}`;
  assertEquals(before!.count, 1);

  await sql`delete from auth.users where id = ${world.memberId}`;

  const rows = await sql`
    select direction from public.conversation_messages
    where workspace_id = ${world.workspaceId} order by direction`;
  assertEquals(rows.map((row) => row.direction), ["inbound", "outbound"]);
});

databaseTest(
  "the account of a last owner is not deleted, that of another owner is",
  async (sql) => {
    const world = await createWorld(sql);
    const remove = () => sql`delete from auth.users where id = ${world.ownerId}`;

    assertEquals(await refusalOf(remove), "PT409");
    await asUser(sql, world.ownerId, setRole(world, world.adminId, "owner"));
    await remove();
    assertEquals((await rolesOf(sql, world))[world.ownerId], undefined);
  },
);
