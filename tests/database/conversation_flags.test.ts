import { databaseTest, pidOf, senderOf, untilSettledOrBlocked } from "../support/engine.ts";
import { confirmationsTo, flagsOf, hear, isOptedOut, optOutsOf } from "../support/opt_outs.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import { refusalAs, signIn } from "../support/tenancy.ts";
import { asUser, createWorld, freshNumber, type World } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

const resolve = (messageId: string, resolution: string | null) => (tx: postgres.TransactionSql) =>
  tx`select public.resolve_conversation_flag(${messageId}, ${resolution})`;

const flagsSeenBy = async (sql: postgres.Sql, userId: string) =>
  (await asUser(sql, userId, (tx) => tx`select message_id from public.conversation_flags`))
    .map((row) => row.message_id as string);

async function restrict(sql: postgres.Sql, { workspaceId }: World): Promise<void> {
  await sql`
    update public.workspaces set conversation_access = 'assigned' where id = ${workspaceId}`;
}

databaseTest(
  "a sentence that mentions a stop is flagged for a person, and not acted on",
  async (sql) => {
    const world = await createWorld(sql);
    const from = freshNumber();
    const sentences = [
      ["Please stop texting me", "stop"],
      ["Can I cancel on Friday?", "cancel"],
      ["TAKE ME OFF this list", "take me off"],
      ["Bitte UNSUBSCRIBE – danke", "unsubscribe"],
    ];

    const ids: string[] = [];
    for (const [sentence] of sentences) ids.push(await hear(sql, world, from, sentence!));

    assertEquals(
      await flagsOf(sql, world),
      sentences.map(([, words], index) => ({
        message_id: ids[index]!,
        words: words!,
        resolution: null,
        resolved_by: null,
      })),
    );
    assertEquals(await optOutsOf(sql, world, from), []);
    assertEquals(await confirmationsTo(sql, world, from), []);
    assertEquals(await senderOf(sql, world, { to_address: from }), world.phoneNumber);
  },
);

databaseTest(
  "a message that is acted on, or says nothing of the kind, is not flagged",
  async (sql) => {
    const world = await createWorld(sql);
    const from = freshNumber();

    for (const text of ["STOP", "START", "HELP", "See you at the weekend", "Stopp", ""]) {
      await hear(sql, world, from, text);
    }
    await hear(sql, world, from, "Please stop now", { optOutHint: "stop" });

    assertEquals(await flagsOf(sql, world), []);
  },
);

databaseTest("a sentence that the provider only takes for a help is flagged", async (sql) => {
  const world = await createWorld(sql);

  const id = await hear(sql, world, freshNumber(), "Help, make it stop", { optOutHint: "help" });

  assertEquals((await flagsOf(sql, world)).map((flag) => flag.message_id), [id]);
});

databaseTest(
  "strangers see no flag and resolve none, and nobody writes one by hand",
  async (sql) => {
    const world = await createWorld(sql);
    const { ownerId: strangerId } = await createWorld(sql);
    const id = await hear(sql, world, freshNumber(), "please stop");
    const attempt = resolve(id, "dismissed");
    const writes: ((tx: postgres.TransactionSql) => Promise<unknown>)[] = [
      (tx) =>
        tx`update public.conversation_flags set resolution = 'dismissed' where message_id = ${id}`,
      (tx) => tx`delete from public.conversation_flags where message_id = ${id}`,
      (tx) =>
        tx`insert into public.conversation_flags (message_id, workspace_id, conversation_id, words)
        values (${world.messageId}, ${world.workspaceId}, ${world.conversationId}, 'stop')`,
    ];

    assertEquals(await flagsSeenBy(sql, world.memberId), [id]);
    assertEquals(await flagsSeenBy(sql, strangerId), []);
    assertEquals(await refusalOf(() => asRole(sql, "anon", null, attempt)), "42501");
    assertEquals(await refusalOf(() => asRole(sql, "authenticated", null, attempt)), "PT404");
    assertEquals(await refusalAs(sql, strangerId, attempt), "PT404");
    for (const write of writes) assertEquals(await refusalAs(sql, world.ownerId, write), "42501");
  },
);

databaseTest("whoever sees only what is assigned resolves only that", async (sql) => {
  const world = await createWorld(sql);
  const id = await hear(sql, world, freshNumber(), "please stop");
  await restrict(sql, world);

  assertEquals(await flagsSeenBy(sql, world.memberId), []);
  assertEquals(await refusalAs(sql, world.memberId, resolve(id, "opted_out")), "PT404");
  await sql`
    update public.conversations set assigned_to = ${world.memberId}
    where id = (select conversation_id from public.conversation_flags where message_id = ${id})`;
  await asUser(sql, world.memberId, resolve(id, "dismissed"));
  assertEquals(await flagsSeenBy(sql, world.memberId), [id]);
});

databaseTest("a flag is resolved once, with a word that is known", async (sql) => {
  const world = await createWorld(sql);
  const id = await hear(sql, world, freshNumber(), "please stop");

  for (const resolution of [null, "", "ignored"]) {
    assertEquals(await refusalAs(sql, world.memberId, resolve(id, resolution)), "PT400");
  }
  await asUser(sql, world.memberId, resolve(id, "dismissed"));
  assertEquals(await refusalAs(sql, world.memberId, resolve(id, "opted_out")), "PT409");
});

databaseTest(
  "a flag that is dismissed leaves the contact and the other flags as they are",
  async (sql) => {
    const world = await createWorld(sql);
    const from = freshNumber();
    const id = await hear(sql, world, from, "Don't stop");
    await hear(sql, world, from, "Stop it");

    await asUser(sql, world.memberId, resolve(id, "dismissed"));

    assertEquals((await flagsOf(sql, world)).map((flag) => [flag.resolution, flag.resolved_by]), [
      ["dismissed", world.memberId],
      [null, null],
    ]);
    assertEquals(await isOptedOut(sql, world, from), false);
  },
);

databaseTest(
  "a flag that was a stop opts out with message and member as proof, and settles the conversation",
  async (sql) => {
    const world = await createWorld(sql);
    const from = freshNumber();
    const first = await hear(sql, world, from, "Did you end it?");
    const id = await hear(sql, world, from, " Please stop texting me ");
    const elsewhere = await hear(sql, world, freshNumber(), "please stop");

    await asUser(sql, world.memberId, resolve(id, "opted_out"));

    const [optOut] = await optOutsOf(sql, world, from);
    assertEquals([optOut!.source, optOut!.wording, optOut!.message_id, optOut!.actor_id], [
      "member",
      "Please stop texting me",
      id,
      world.memberId,
    ]);
    const flags = await flagsOf(sql, world);
    assertEquals(flags.map((flag) => [flag.message_id, flag.resolution]), [
      [first, "opted_out"],
      [id, "opted_out"],
      [elsewhere, null],
    ]);
    assertEquals(await senderOf(sql, world, { to_address: from }), "recipient_opted_out");
    assertEquals(await confirmationsTo(sql, world, from), []);
    const audit = await sql`
    select action, actor_id from public.audit_log
    where workspace_id = ${world.workspaceId} and entity_id in (${optOut!.id}, ${id}) order by id`;
    assertEquals([...audit], [
      { action: "opt_out.recorded", actor_id: world.memberId },
      { action: "conversation_flag.opted_out", actor_id: world.memberId },
    ]);
  },
);

databaseTest("a stop that holds already keeps its proof when a flag says so, too", async (sql) => {
  const world = await createWorld(sql);
  const from = freshNumber();
  const keyword = await hear(sql, world, from, "STOP");
  const id = await hear(sql, world, from, "I said stop");

  await asUser(sql, world.memberId, resolve(id, "opted_out"));

  assertEquals((await optOutsOf(sql, world, from)).map((row) => row.message_id), [keyword]);
});

databaseTest(
  "two who resolve flags of one conversation at once do not wait in a circle",
  async (sql) => {
    const world = await createWorld(sql);
    const from = freshNumber();
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) ids.push(await hear(sql, world, from, "please stop"));
    const [holder, member, admin] = [await sql.reserve(), await sql.reserve(), await sql.reserve()];
    const resolveAt = (connection: postgres.ReservedSql, id: string) =>
      connection`select public.resolve_conversation_flag(${id}, 'opted_out')`.execute();

    await holder`begin`;
    await holder`select from public.conversation_flags where message_id = ${ids[1]!} for update`;
    await signIn(member, world.memberId);
    await signIn(admin, world.adminId);
    const [memberPid, adminPid] = [await pidOf(member), await pidOf(admin)];
    const first = resolveAt(member, ids[0]!);
    await untilSettledOrBlocked(sql, memberPid, first);
    const second = resolveAt(admin, ids[2]!);
    await untilSettledOrBlocked(sql, adminPid, second);
    await holder`commit`;
    const outcomes = await Promise.allSettled([
      first.then(() => member`commit`),
      second.then(() => admin`commit`, async (error) => {
        await admin`rollback`;
        throw error;
      }),
    ]);
    for (const connection of [holder, member, admin]) connection.release();

    assertEquals(
      outcomes.map((outcome) => outcome.status === "rejected" ? outcome.reason.code : "resolved"),
      ["resolved", "PT409"],
    );
    assertEquals(
      (await flagsOf(sql, world)).map((flag) => flag.resolution),
      Array(3).fill("opted_out"),
    );
    assertEquals((await optOutsOf(sql, world, from)).length, 1);
  },
);
