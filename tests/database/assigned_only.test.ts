import { assertEquals } from "@std/assert";
import type postgres from "postgres";
import { databaseTest, enqueue, ingest, textFrom } from "../support/engine.ts";
import { createFullWorld, type FullWorld } from "../support/full_world.ts";
import { refusalOf } from "../support/stack.ts";
import { asUser, createAccount, freshNumber } from "../support/world.ts";

/** What is in a conversation, by table: each has rows in both conversations of a full world. */
const TABLES = [
  "conversations",
  "conversation_messages",
  "conversation_flags",
  "message_media",
  "email_details",
  "template_details",
  "message_attempts",
  "message_schedules",
  "calls",
  "live_chat_sessions",
];

databaseTest("by default a member sees every conversation", async (sql) => {
  const world = await createFullWorld(sql);

  for (const table of TABLES) {
    assertEquals(await conversationsSeen(sql, world.memberId, table), both(world), table);
  }
});

databaseTest("where only what is assigned is seen, nothing is seen at first", async (sql) => {
  const world = await createRestrictedWorld(sql);

  for (const table of [...TABLES, "agent_approvals"]) {
    assertEquals(await conversationsSeen(sql, world.memberId, table), [], table);
  }
});

databaseTest("what is assigned to a member is seen in every table", async (sql) => {
  const world = await createRestrictedWorld(sql);
  await assign(sql, world, { assigned_to: world.memberId });

  for (const table of [...TABLES, "agent_approvals"]) {
    const seen = await conversationsSeen(sql, world.memberId, table);
    assertEquals(seen, [world.conversationId], table);
  }
});

databaseTest(
  "what is assigned to a team channel is seen by those who belong to it",
  async (sql) => {
    const world = await createRestrictedWorld(sql);
    const colleagueId = await addMember(sql, world);
    // The member opened the channel; the colleague can read it, and does not belong to it.
    await assign(sql, world, { team_channel_id: world.teamChannelId });

    assertEquals(await conversationsSeen(sql, world.memberId), [world.conversationId]);
    assertEquals(await conversationsSeen(sql, colleagueId), []);
  },
);

databaseTest(
  "what runs on a number of a member's is seen, and no longer once it is taken back",
  async (sql) => {
    const world = await createRestrictedWorld(sql);
    await sql`
    insert into public.phone_number_assignments (workspace_id, phone_number_id, user_id)
    values (${world.workspaceId}, ${world.phoneNumberId}, ${world.memberId})`;
    const before = await conversationsSeen(sql, world.memberId, "conversation_messages");
    await sql`delete from public.phone_number_assignments where user_id = ${world.memberId}`;

    assertEquals(before, both(world));
    assertEquals(await conversationsSeen(sql, world.memberId, "conversation_messages"), []);
  },
);

databaseTest("owners and admins see every conversation all the same", async (sql) => {
  const world = await createRestrictedWorld(sql);

  for (const userId of [world.ownerId, world.adminId]) {
    assertEquals(await conversationsSeen(sql, userId, "calls"), both(world));
  }
});

databaseTest("one workspace's rule says nothing of another's", async (sql) => {
  const [restricted, open] = [await createRestrictedWorld(sql), await createFullWorld(sql)];
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${open.workspaceId}, ${restricted.memberId}, 'member')`;

  assertEquals(await conversationsSeen(sql, restricted.memberId), both(open));
});

databaseTest("only an owner or admin changes what members see", async (sql) => {
  const world = await createRestrictedWorld(sql);
  const open = (userId: string) =>
    asUser(
      sql,
      userId,
      (tx) =>
        tx`update public.workspaces set conversation_access = 'all' where id = ${world.workspaceId}`,
    );

  assertEquals((await open(world.memberId)).count, 0);
  assertEquals((await open(world.adminId)).count, 1);
});

databaseTest(
  "a member changes what is assigned, hands it over, and reaches nothing else",
  async (sql) => {
    const world = await createRestrictedWorld(sql);
    await assign(sql, world, { assigned_to: world.memberId });
    const change = (set: string) =>
      asUser(sql, world.memberId, (tx) => tx.unsafe(`update public.conversations set ${set}`));

    const starred = await change("is_starred = true");
    const handedOver = await change(`assigned_to = '${world.adminId}'`);

    assertEquals([starred.count, handedOver.count], [1, 1]);
    assertEquals(await conversationsSeen(sql, world.memberId), []);
    const [other] = await sql`
    select is_starred, assigned_to from public.conversations where id = ${world.otherConversationId}`;
    assertEquals({ ...other }, { is_starred: false, assigned_to: null });
  },
);

databaseTest(
  "a member cannot take what is not assigned by joining a channel or taking a number",
  async (sql) => {
    const world = await createRestrictedWorld(sql);
    await assign(sql, world, { team_channel_id: world.privateTeamChannelId });
    const takes = [
      `insert into public.team_channel_members (workspace_id, team_channel_id, user_id)
     values ('${world.workspaceId}', '${world.privateTeamChannelId}', '${world.memberId}')`,
      `insert into public.phone_number_assignments (workspace_id, phone_number_id, user_id)
     values ('${world.workspaceId}', '${world.phoneNumberId}', '${world.memberId}')`,
    ];

    for (const take of takes) {
      const code = await refusalOf(() => asUser(sql, world.memberId, (tx) => tx.unsafe(take)));
      assertEquals(code, "42501");
    }
  },
);

databaseTest("a member writes only where and from what is assigned", async (sql) => {
  const world = await createRestrictedWorld(sql);
  const [other] = await sql`
    select contact_address from public.conversations where id = ${world.otherConversationId}`;
  const send = async (message: Record<string, unknown>) => {
    const [row] = await enqueue(sql, world, [{ body: "Hello", ...message }]);
    return row!.error_code ?? row!.conversation_id;
  };

  assertEquals(await send({ conversation_id: world.conversationId }), "conversation_not_found");
  assertEquals(await send({ to_address: other!.contact_address }), "conversation_not_assigned");
  assertEquals(await send({ to_address: freshNumber() }), "no_sender");
  assertEquals(
    await send({ to_address: freshNumber(), phone_number_id: world.phoneNumberId }),
    "sender_not_found",
  );

  // Assigned, it is answered from the number it runs on.
  await assign(sql, world, { assigned_to: world.memberId });
  assertEquals(await send({ conversation_id: world.conversationId }), world.conversationId);

  // With a number of their own, a member begins conversations, and goes on seeing them.
  await sql`
    insert into public.phone_number_assignments (workspace_id, phone_number_id, user_id)
    values (${world.workspaceId}, ${world.phoneNumberId}, ${world.memberId})`;
  const begun = await send({ to_address: freshNumber() });
  await sql`delete from public.phone_number_assignments where user_id = ${world.memberId}`;
  assertEquals(
    await conversationsSeen(sql, world.memberId),
    [world.conversationId, begun].sort(),
  );
  await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;
});

databaseTest("a member cannot draw another's messages in by taking their address", async (sql) => {
  const world = await createRestrictedWorld(sql);
  await assign(sql, world, { assigned_to: world.memberId });
  const [other] = await sql`
    select contact_id, contact_address from public.conversations where id = ${world.otherConversationId}`;
  const take = async (tx: postgres.TransactionSql) => {
    const { count } = await tx`
      delete from public.contact_addresses where address = ${other!.contact_address}`;
    assertEquals(count, 0);
    return await tx`
      insert into public.contact_addresses (workspace_id, contact_id, kind, address)
      values (${world.workspaceId}, ${world.contactId}, 'phone', ${freshNumber()})`;
  };

  assertEquals(await refusalOf(() => asUser(sql, world.memberId, take)), "42501");
});

databaseTest("what comes in is nobody's until it is assigned", async (sql) => {
  const world = await createRestrictedWorld(sql);
  await ingest(sql, world.connectionId, [textFrom(world, freshNumber())]);

  assertEquals(await conversationsSeen(sql, world.memberId), []);
  assertEquals((await conversationsSeen(sql, world.ownerId)).length, 3);
});

async function createRestrictedWorld(sql: postgres.Sql): Promise<FullWorld> {
  const world = await createFullWorld(sql);
  await sql`update public.workspaces set conversation_access = 'assigned' where id = ${world.workspaceId}`;
  return world;
}

async function addMember(sql: postgres.Sql, { workspaceId }: FullWorld): Promise<string> {
  const userId = await createAccount(sql, "colleague");
  await sql`
    insert into public.workspace_members (workspace_id, user_id, role)
    values (${workspaceId}, ${userId}, 'member')`;
  return userId;
}

/** Changes whose the first conversation is. */
async function assign(sql: postgres.Sql, world: FullWorld, to: Record<string, string>) {
  await sql`update public.conversations set ${sql(to)} where id = ${world.conversationId}`;
}

function both(world: FullWorld): string[] {
  return [world.conversationId, world.otherConversationId].sort();
}

/** The conversations whose rows somebody sees in a table. */
async function conversationsSeen(
  sql: postgres.Sql,
  userId: string,
  table = "conversations",
): Promise<string[]> {
  const column = table === "conversations" ? "id" : "conversation_id";
  const rows = await asUser(
    sql,
    userId,
    (tx) => tx.unsafe(`select distinct ${column} as id from public.${table} order by 1`),
  );
  return rows.map((row) => row.id);
}
