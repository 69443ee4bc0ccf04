import { databaseTest, pidOf, untilSettledOrBlocked } from "../support/engine.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import { createConfirmedAccount, placesOf, refusalAs, signIn } from "../support/tenancy.ts";
import { asUser, createAccount, createWorld, type World } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

const createInvitation =
  (world: World, email: string | null, role: string | null = "member") =>
  (tx: postgres.TransactionSql) =>
    tx`select * from public.create_invitation(${world.workspaceId}, ${email}, ${role})`;

async function invite(sql: postgres.Sql, world: World, email: string, role = "member") {
  const [row] = await asUser(sql, world.ownerId, createInvitation(world, email, role));
  return { id: row!.id as string, token: row!.token as string };
}

const acceptInvitation = (token: string | null) => (tx: postgres.TransactionSql) =>
  tx`select * from public.accept_invitation(${token})`;

const revokeInvitation = (id: string) => (tx: postgres.TransactionSql) =>
  tx`select public.revoke_invitation(${id})`;

const invitationOf = async (sql: postgres.Sql, id: string) =>
  (await sql`select * from public.workspace_invitations where id = ${id}`)[0]!;

async function roleOf(sql: postgres.Sql, world: World, userId: string): Promise<string | null> {
  const [row] = await sql`
    select role from public.workspace_members
    where workspace_id = ${world.workspaceId} and user_id = ${userId}`;
  return row?.role ?? null;
}

databaseTest("only an owner or admin of the workspace invites", async (sql) => {
  const world = await createWorld(sql);
  const strangerId = await createAccount(sql, "stranger");
  const create = createInvitation(world, "new@example.com");

  assertEquals(await refusalOf(() => asRole(sql, "anon", null, create)), "42501");
  assertEquals(await refusalAs(sql, strangerId, create), "PT404");
  assertEquals(await refusalAs(sql, world.memberId, create), "PT403");
  assertEquals((await asUser(sql, world.adminId, create)).length, 1);
  assertEquals((await asUser(sql, world.ownerId, create)).length, 1);
});

databaseTest("only an owner invites an owner", async (sql) => {
  const world = await createWorld(sql);
  const create = createInvitation(world, "new@example.com", "owner");

  assertEquals(await refusalAs(sql, world.adminId, create), "PT403");
  assertEquals((await asUser(sql, world.ownerId, create)).length, 1);
});

databaseTest("an invitation needs an address and a role that exists", async (sql) => {
  const world = await createWorld(sql);
  const attempts: [string | null, string | null][] = [
    [null, "member"],
    ["", "member"],
    ["no-at-sign", "member"],
    ["two words@example.com", "member"],
    ["two@at@example.com", "member"],
    [`${"x".repeat(254)}@example.com`, "member"],
    ["new@example.com", null],
    ["new@example.com", ""],
    ["new@example.com", "boss"],
  ];

  for (const [email, role] of attempts) {
    const refusal = await refusalAs(sql, world.ownerId, createInvitation(world, email, role));
    assertEquals(refusal, "PT400", `${email} ${role}`);
  }
});

databaseTest(
  "who is a member already is not invited, however the address is spelt",
  async (sql) => {
    const world = await createWorld(sql);
    const email = ` MEMBER-${world.memberId}@Example.com`;

    assertEquals(await refusalAs(sql, world.ownerId, createInvitation(world, email)), "PT409");
  },
);

databaseTest("a newer invitation of an address withdraws the older one", async (sql) => {
  const world = await createWorld(sql);
  const person = await createConfirmedAccount(sql, "invited");
  const older = await invite(sql, world, person.email);
  const newer = await invite(sql, world, person.email.toUpperCase(), "admin");

  assertEquals(await refusalAs(sql, person.id, acceptInvitation(older.token)), "PT409");
  await asUser(sql, person.id, acceptInvitation(newer.token));
  assertEquals(await roleOf(sql, world, person.id), "admin");
});

databaseTest("a newer invitation leaves those of others and of other workspaces", async (sql) => {
  const [world, other] = [await createWorld(sql), await createWorld(sql)];
  const [first, second] = [
    await createConfirmedAccount(sql, "first"),
    await createConfirmedAccount(sql, "second"),
  ];
  const open = [
    await invite(sql, world, second.email),
    await invite(sql, other, first.email),
  ];

  await invite(sql, world, first.email);

  for (const { id } of open) assertEquals((await invitationOf(sql, id)).revoked_at, null);
});

databaseTest("two admins who invite an address at once leave one invitation open", async (sql) => {
  const world = await createWorld(sql);
  const [first, second] = [await sql.reserve(), await sql.reserve()];
  const create = (connection: postgres.ReservedSql) =>
    connection`select public.create_invitation(${world.workspaceId}, 'new@example.com')`;
  try {
    const secondPid = await pidOf(second);
    await signIn(first, world.ownerId);
    await signIn(second, world.adminId);
    await create(first);
    const creating = create(second).execute();
    await untilSettledOrBlocked(sql, secondPid, creating);
    await first`commit`;
    await creating;
    await second`commit`;
  } finally {
    first.release();
    second.release();
  }

  const rows = await sql`
    select revoked_at is null as is_open from public.workspace_invitations
    where workspace_id = ${world.workspaceId}`;
  assertEquals(rows.map((row) => row.is_open).sort(), [false, true]);
});

databaseTest("an invited address is kept in lower case, for seven days", async (sql) => {
  const world = await createWorld(sql);

  const { id } = await invite(sql, world, "  New.Person@Example.COM ");

  const { email, created_at, expires_at } = await invitationOf(sql, id);
  assertEquals([email, expires_at - created_at], ["new.person@example.com", 7 * 86_400_000]);
});

databaseTest("the token of an invitation is kept nowhere", async (sql) => {
  const world = await createWorld(sql);
  const email = `${crypto.randomUUID()}@example.com`;

  const { token } = await invite(sql, world, email);

  assert(token.length >= 43, "nobody guesses it");
  assertEquals(await placesOf(sql, email, ["public"]), ["public.workspace_invitations"]);
  assertEquals(await placesOf(sql, token), []);
});

databaseTest("members see no invitations, and nobody writes one", async (sql) => {
  const world = await createWorld(sql);
  const { id } = await invite(sql, world, "new@example.com");
  const read = (userId: string) =>
    asUser(sql, userId, (tx) => tx`select id from public.workspace_invitations`);

  assertEquals((await read(await createAccount(sql, "stranger"))).length, 0);
  assertEquals((await read(world.memberId)).length, 0);
  assertEquals((await read(world.adminId)).length, 1);
  const writes: ((tx: postgres.TransactionSql) => Promise<unknown>)[] = [
    (tx) =>
      tx`insert into public.workspace_invitations (workspace_id, email, role)
        values (${world.workspaceId}, 'other@example.com', 'owner')`,
    (tx) => tx`update public.workspace_invitations set role = 'owner' where id = ${id}`,
    (tx) => tx`delete from public.workspace_invitations where id = ${id}`,
  ];
  for (const write of writes) assertEquals(await refusalAs(sql, world.ownerId, write), "42501");
});

databaseTest("an invitation is for its address alone, whoever holds the token", async (sql) => {
  const world = await createWorld(sql);
  const other = await createConfirmedAccount(sql, "other");
  const { token } = await invite(sql, world, `${crypto.randomUUID()}@example.com`);
  const accept = acceptInvitation(token);

  assertEquals(await refusalOf(() => asRole(sql, "anon", null, accept)), "42501");
  assertEquals(await refusalOf(() => asRole(sql, "authenticated", null, accept)), "PT401");
  assertEquals(await refusalAs(sql, other.id, accept), "PT404");
  assertEquals(await roleOf(sql, world, other.id), null);
});

databaseTest("an invitation waits until its address is confirmed", async (sql) => {
  const world = await createWorld(sql);
  const person = await createConfirmedAccount(sql, "invited");
  const { token } = await invite(sql, world, person.email);
  await sql`update auth.users set email_confirmed_at = null where id = ${person.id}`;

  assertEquals(await refusalAs(sql, person.id, acceptInvitation(token)), "PT404");
  await sql`update auth.users set email_confirmed_at = now() where id = ${person.id}`;
  await asUser(sql, person.id, acceptInvitation(token));
});

databaseTest("a token that nobody made opens nothing", async (sql) => {
  const world = await createWorld(sql);
  const person = await createConfirmedAccount(sql, "invited");
  const { token } = await invite(sql, world, person.email);

  for (const wrong of [null, "", token.toUpperCase(), `${token} `, "f".repeat(64)]) {
    assertEquals(await refusalAs(sql, person.id, acceptInvitation(wrong)), "PT404", `${wrong}`);
  }
});

databaseTest("an invitation that has expired opens nothing", async (sql) => {
  const world = await createWorld(sql);
  const person = await createConfirmedAccount(sql, "invited");
  const { id, token } = await invite(sql, world, person.email);
  await sql`
    update public.workspace_invitations
    set created_at = now() - interval '7 days', expires_at = now() where id = ${id}`;

  assertEquals(await refusalAs(sql, person.id, acceptInvitation(token)), "PT410");
});

databaseTest(
  "an invitation lets in once: who was removed does not come back by it",
  async (sql) => {
    const world = await createWorld(sql);
    const person = await createConfirmedAccount(sql, "invited");
    const { token } = await invite(sql, world, person.email);
    await asUser(sql, person.id, acceptInvitation(token));

    assertEquals(await refusalAs(sql, person.id, acceptInvitation(token)), "PT409");
    await asUser(
      sql,
      world.ownerId,
      (tx) => tx`select public.remove_member(${world.workspaceId}, ${person.id})`,
    );
    assertEquals(await refusalAs(sql, person.id, acceptInvitation(token)), "PT409");
  },
);

databaseTest("an invitation gives the role it names, and is written down", async (sql) => {
  const world = await createWorld(sql);
  for (const role of ["member", "admin", "owner"]) {
    const person = await createConfirmedAccount(sql, role);
    const { id, token } = await invite(sql, world, person.email.toUpperCase(), role);

    const [member] = await asUser(sql, person.id, acceptInvitation(token));

    assertEquals([member!.workspace_id, member!.user_id], [world.workspaceId, person.id]);
    assertEquals(await roleOf(sql, world, person.id), role);
    const { accepted_at, accepted_by } = await invitationOf(sql, id);
    assertEquals([accepted_at !== null, accepted_by], [true, person.id]);
    const audit = await sql`
      select actor_id, action from public.audit_log where entity_id = ${id} order by id`;
    assertEquals([...audit], [
      { actor_id: world.ownerId, action: "invitation.created" },
      { actor_id: person.id, action: "invitation.accepted" },
    ]);
  }
});

databaseTest("an invitation of a present member changes no role", async (sql) => {
  const world = await createWorld(sql);
  const person = await createConfirmedAccount(sql, "invited");
  const { token } = await invite(sql, world, person.email, "owner");
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${world.workspaceId}, ${person.id}, 'member')`;

  assertEquals(await refusalAs(sql, person.id, acceptInvitation(token)), "PT409");
  assertEquals(await roleOf(sql, world, person.id), "member");
});

databaseTest("only an owner or admin revokes, and only what was not accepted", async (sql) => {
  const world = await createWorld(sql);
  const strangerId = await createAccount(sql, "stranger");
  const person = await createConfirmedAccount(sql, "invited");
  const { id, token } = await invite(sql, world, person.email);

  assertEquals(await refusalAs(sql, strangerId, revokeInvitation(id)), "PT404");
  assertEquals(await refusalAs(sql, person.id, revokeInvitation(id)), "PT404");
  assertEquals(await refusalAs(sql, world.memberId, revokeInvitation(id)), "PT403");
  await asUser(sql, person.id, acceptInvitation(token));
  assertEquals(await refusalAs(sql, world.adminId, revokeInvitation(id)), "PT409");
});

databaseTest(
  "a revoked invitation opens nothing, and revoking it again changes nothing",
  async (sql) => {
    const world = await createWorld(sql);
    const person = await createConfirmedAccount(sql, "invited");
    const { id, token } = await invite(sql, world, person.email);

    await asUser(sql, world.adminId, revokeInvitation(id));
    const { revoked_at } = await invitationOf(sql, id);
    await asUser(sql, world.ownerId, revokeInvitation(id));

    assertEquals(await refusalAs(sql, person.id, acceptInvitation(token)), "PT409");
    assertEquals((await invitationOf(sql, id)).revoked_at, revoked_at);
    const audit = await sql`
    select actor_id from public.audit_log where entity_id = ${id} and action = 'invitation.revoked'`;
    assertEquals([...audit], [{ actor_id: world.adminId }]);
  },
);

/** Two accept at once; answers how the second fared, and who is a member by the invitation now. */
async function acceptAtOnce(sql: postgres.Sql, world: World, token: string, userIds: string[]) {
  const [first, second] = [await sql.reserve(), await sql.reserve()];
  const accept = (connection: postgres.ReservedSql) =>
    connection`select public.accept_invitation(${token})`;
  try {
    const secondPid = await pidOf(second);
    await signIn(first, userIds[0]!);
    await signIn(second, userIds[1]!);
    await accept(first);
    const accepting = accept(second).execute();
    await untilSettledOrBlocked(sql, secondPid, accepting);
    await first`commit`;
    const refusal = await refusalOf(() => accepting);
    const members = await sql`
      select user_id from public.workspace_members
      where workspace_id = ${world.workspaceId} and user_id = any (${userIds})`;
    return { refusal, memberIds: members.map((row) => row.user_id) };
  } finally {
    await second`rollback`;
    first.release();
    second.release();
  }
}

databaseTest("one person who accepts twice at once joins once", async (sql) => {
  const world = await createWorld(sql);
  const { id, email } = await createConfirmedAccount(sql, "invited");
  const { token } = await invite(sql, world, email);

  const { refusal, memberIds } = await acceptAtOnce(sql, world, token, [id, id]);

  assertEquals([refusal, memberIds], ["PT409", [id]]);
});

databaseTest("of two accounts with the address that accept at once, one joins", async (sql) => {
  const world = await createWorld(sql);
  const [own, single] = [
    await createConfirmedAccount(sql, "own"),
    await createConfirmedAccount(sql, "sso"),
  ];
  await sql`update auth.users set is_sso_user = true, email = ${own.email} where id = ${single.id}`;
  const { token } = await invite(sql, world, own.email);

  const { refusal, memberIds } = await acceptAtOnce(sql, world, token, [own.id, single.id]);

  assertEquals([refusal, memberIds], ["PT409", [own.id]]);
});
