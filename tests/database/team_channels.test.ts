import { databaseTest } from "../support/engine.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import { addMember, refusalAs } from "../support/tenancy.ts";
import { asUser, createAccount, createWorld, type World } from "../support/world.ts";
import { assertEquals, assertNotEquals } from "@std/assert";
import type postgres from "postgres";

const open = (
  { workspaceId }: World,
  name: string | null,
  isPrivate = false,
  description: string | null = null,
) =>
(tx: postgres.TransactionSql) =>
  tx`select * from public.create_team_channel(${workspaceId}, ${name}, ${description}, ${isPrivate})`;

const add =
  ({ workspaceId }: World, channelId: string, userId: string) => (tx: postgres.TransactionSql) =>
    tx`insert into public.team_channel_members (workspace_id, team_channel_id, user_id)
    values (${workspaceId}, ${channelId}, ${userId})`;

const say =
  ({ workspaceId }: World, channelId: string, body = "Hi") => (tx: postgres.TransactionSql) =>
    tx`insert into public.team_messages (workspace_id, team_channel_id, body)
    values (${workspaceId}, ${channelId}, ${body})`;

/** The channels, their members and messages that a person sees of a channel. */
const seenOf = (sql: postgres.Sql, userId: string, channelId: string) =>
  asRole(sql, "authenticated", userId, async (tx) => [
    (await tx`select from public.team_channels where id = ${channelId}`).length,
    (await tx`select from public.team_channel_members where team_channel_id = ${channelId}`).length,
    (await tx`select from public.team_messages where team_channel_id = ${channelId}`).length,
  ]);

/** A world with a further member and a channel of the member's, in which the member said something. */
async function createTalking(sql: postgres.Sql, isPrivate = false) {
  const world = await createWorld(sql);
  const channelId = await asUser(sql, world.memberId, async (tx) => {
    const [channel] = await open(world, "support", isPrivate)(tx);
    await say(world, channel!.id, "Good morning")(tx);
    return channel!.id as string;
  });
  return { world, channelId, colleagueId: await addMember(sql, world) };
}

databaseTest("strangers open no team channel, members do", async (sql) => {
  const world = await createWorld(sql);
  const { ownerId: strangerId } = await createWorld(sql);

  assertEquals(await refusalOf(() => asRole(sql, "anon", null, open(world, "x"))), "42501");
  assertEquals(await refusalAs(sql, strangerId, open(world, "x")), "PT404");
  const [channel] = await asUser(sql, world.memberId, open(world, "  Support "));
  assertEquals([channel!.name, channel!.created_by], ["Support", world.memberId]);
  const members = await sql`
    select user_id from public.team_channel_members where team_channel_id = ${channel!.id}`;
  assertEquals([...members], [{ user_id: world.memberId }]);
});

databaseTest("a team channel has a name of 1 to 80 characters", async (sql) => {
  const world = await createWorld(sql);

  for (const name of [null, "", "   ", "x".repeat(81)]) {
    assertEquals(await refusalAs(sql, world.memberId, open(world, name)), "PT400", `${name}`);
  }
  const long = open(world, "x", false, "x".repeat(501));
  assertEquals(await refusalAs(sql, world.memberId, long), "PT400");
});

databaseTest("a name is taken once in a workspace, however it is spelt", async (sql) => {
  const { world } = await createTalking(sql, true);
  const other = await createWorld(sql);

  assertEquals(await refusalAs(sql, world.adminId, open(world, "SUPPORT")), "PT409");
  assertEquals((await asUser(sql, other.memberId, open(other, "support"))).length, 1);
});

databaseTest("channels and memberships are written through what was granted alone", async (sql) => {
  const { world, channelId } = await createTalking(sql);
  const writes: ((tx: postgres.TransactionSql) => Promise<unknown>)[] = [
    (tx) =>
      tx`insert into public.team_channels (workspace_id, name) values (${world.workspaceId}, 'x')`,
    (tx) =>
      tx`update public.team_channels set created_by = ${world.ownerId} where id = ${channelId}`,
    (tx) =>
      tx`update public.team_channel_members set user_id = ${world.ownerId}
        where team_channel_id = ${channelId}`,
  ];

  for (const write of writes) assertEquals(await refusalAs(sql, world.ownerId, write), "42501");
});

databaseTest("a public channel is seen by the workspace and by nobody else", async (sql) => {
  const { channelId, colleagueId } = await createTalking(sql);
  const { ownerId: strangerId } = await createWorld(sql);

  assertEquals(await seenOf(sql, strangerId, channelId), [0, 0, 0]);
  assertEquals(await seenOf(sql, colleagueId, channelId), [1, 1, 1]);
});

databaseTest("a private channel is seen by its members and by admins alone", async (sql) => {
  const { world, channelId, colleagueId } = await createTalking(sql, true);
  const { ownerId: strangerId } = await createWorld(sql);

  assertEquals(await seenOf(sql, strangerId, channelId), [0, 0, 0]);
  assertEquals(await seenOf(sql, colleagueId, channelId), [0, 0, 0]);
  for (const userId of [world.memberId, world.adminId, world.ownerId]) {
    assertEquals(await seenOf(sql, userId, channelId), [1, 1, 1]);
  }
  await asUser(sql, world.adminId, add(world, channelId, colleagueId));
  assertEquals(await seenOf(sql, colleagueId, channelId), [1, 2, 1]);
});

databaseTest("only admins add somebody to a channel: nobody adds themselves", async (sql) => {
  for (const isPrivate of [true, false]) {
    const { world, channelId, colleagueId } = await createTalking(sql, isPrivate);
    const { ownerId: strangerId } = await createWorld(sql);

    assertEquals(await refusalAs(sql, strangerId, add(world, channelId, strangerId)), "42501");
    assertEquals(await refusalAs(sql, colleagueId, add(world, channelId, colleagueId)), "42501");
    assertEquals(await refusalAs(sql, world.memberId, add(world, channelId, colleagueId)), "42501");
    await asUser(sql, world.adminId, add(world, channelId, colleagueId));
  }
});

databaseTest("nobody from outside is added to a channel", async (sql) => {
  const { world, channelId } = await createTalking(sql);
  const strangerId = await createAccount(sql, "stranger");

  assertEquals(await refusalAs(sql, world.adminId, add(world, channelId, strangerId)), "23503");
});

databaseTest(
  "a channel of another workspace cannot be pointed at, even by who runs both",
  async (sql) => {
    const { world, channelId } = await createTalking(sql);
    const other = await createWorld(sql);
    await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${world.workspaceId}, ${other.adminId}, 'admin')`;
    const attempts: ((tx: postgres.TransactionSql) => Promise<unknown>)[] = [
      add(other, channelId, other.adminId),
      say(other, channelId),
      (tx) =>
        tx`update public.conversations set team_channel_id = ${channelId} where id = ${other.conversationId}`,
    ];

    for (const attempt of attempts) {
      assertEquals(await refusalAs(sql, other.adminId, attempt), "23503");
    }
  },
);

databaseTest("a member leaves a channel, and takes nobody else out", async (sql) => {
  const { world, channelId, colleagueId } = await createTalking(sql);
  await asUser(sql, world.adminId, add(world, channelId, colleagueId));
  const takeOut = (actorId: string, userId: string) =>
    asUser(sql, actorId, (tx) =>
      tx`delete from public.team_channel_members
        where team_channel_id = ${channelId} and user_id = ${userId} returning user_id`);

  assertEquals((await takeOut(colleagueId, world.memberId)).length, 0);
  assertEquals((await takeOut(colleagueId, colleagueId)).length, 1);
  assertEquals((await takeOut(world.adminId, world.memberId)).length, 1);
});

databaseTest("only admins rename, open up or delete a channel", async (sql) => {
  const { world, channelId, colleagueId } = await createTalking(sql, true);
  const { ownerId: strangerId } = await createWorld(sql);
  const change = (userId: string) =>
    asUser(sql, userId, async (tx) => [
      (await tx`update public.team_channels set is_private = false where id = ${channelId} returning id`)
        .length,
      (await tx`delete from public.team_channels where id = ${channelId} returning id`).length,
    ]);

  for (const userId of [strangerId, colleagueId, world.memberId]) {
    assertEquals(await change(userId), [0, 0]);
  }
  assertEquals(await change(world.adminId), [1, 1]);
});

databaseTest("a member writes only into channels they see", async (sql) => {
  const { world, channelId, colleagueId } = await createTalking(sql, true);
  const { ownerId: strangerId } = await createWorld(sql);
  const open = await createTalking(sql);

  assertEquals(await refusalAs(sql, strangerId, say(world, channelId)), "42501");
  assertEquals(await refusalAs(sql, colleagueId, say(world, channelId)), "42501");
  assertEquals(await refusalAs(sql, world.adminId, say(open.world, open.channelId)), "42501");
  await asUser(sql, world.memberId, say(world, channelId));
  await asUser(sql, open.colleagueId, say(open.world, open.channelId));
});

databaseTest("a member writes as nobody else, and dates nothing back", async (sql) => {
  const { world, channelId } = await createTalking(sql);
  const forge = (column: string, value: string) => (tx: postgres.TransactionSql) =>
    tx`insert into public.team_messages (workspace_id, team_channel_id, body, ${tx(column)})
      values (${world.workspaceId}, ${channelId}, 'x', ${value})`;
  const writes = [
    forge("sender_id", world.ownerId),
    forge("sender_id", world.memberId),
    forge("created_at", "2020-01-01"),
    (tx: postgres.TransactionSql) =>
      tx`update public.team_messages set sender_id = ${world.ownerId}`,
    (tx: postgres.TransactionSql) => tx`update public.team_messages set edited_at = null`,
  ];

  for (const write of writes) assertEquals(await refusalAs(sql, world.memberId, write), "42501");
  const [said] = await sql`
    select sender_id from public.team_messages where team_channel_id = ${channelId}`;
  assertEquals(said!.sender_id, world.memberId);
});

databaseTest("everybody edits and deletes their own messages alone", async (sql) => {
  const { world, channelId, colleagueId } = await createTalking(sql);
  const { ownerId: strangerId } = await createWorld(sql);
  const change = (userId: string) =>
    asUser(sql, userId, async (tx) => [
      (await tx`update public.team_messages set body = 'Changed'
        where team_channel_id = ${channelId} returning id`).length,
      (await tx`delete from public.team_messages where team_channel_id = ${channelId} returning id`)
        .length,
    ]);

  for (const userId of [strangerId, colleagueId, world.adminId, world.ownerId]) {
    assertEquals(await change(userId), [0, 0]);
  }
  assertEquals(await change(world.memberId), [1, 1]);
});

databaseTest("who was taken out of a private channel edits nothing there", async (sql) => {
  const { world, channelId } = await createTalking(sql, true);
  await sql`delete from public.team_channel_members where team_channel_id = ${channelId}`;

  const edited = await asUser(
    sql,
    world.memberId,
    (tx) =>
      tx`update public.team_messages set body = 'x' where workspace_id = ${world.workspaceId} returning id`,
  );

  assertEquals([...edited], []);
});

databaseTest("an edited message says when, and one saved as it was does not", async (sql) => {
  const { world, channelId } = await createTalking(sql);
  const edit = async (body: string) => {
    await asUser(
      sql,
      world.memberId,
      (tx) =>
        tx`update public.team_messages set body = ${body} where team_channel_id = ${channelId}`,
    );
    const [row] = await sql`
      select edited_at from public.team_messages where team_channel_id = ${channelId}`;
    return row!.edited_at;
  };

  assertEquals(await edit("Good morning"), null);
  assertNotEquals(await edit("Good evening"), null);
});
