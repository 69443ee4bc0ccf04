/** Messages that a person who acts could still get sent: what becomes one, and what becomes of it. */
import { attemptsOf, die, giveUp, letterOf, retry, start } from "../support/dead_letters.ts";
import { ingest, messageOf, receiptOf, record, type Row } from "../support/engine.ts";
import {
  accepted,
  claim,
  countersOf,
  countOf,
  createQuietWorld,
  limitTest,
  measuredOf,
  rejected,
  setSpend,
} from "../support/limits.ts";
import { cancel, errorOf, jobOf } from "../support/waiting_messages.ts";
import { asService, asUser, createAccount } from "../support/world.ts";
import { assertEquals } from "@std/assert";

limitTest("what somebody could set right is kept, what nobody can is not", async (sql) => {
  const outcomes: [string, Row, number][] = [
    ["account", { owner: "account" }, 0],
    ["provider", { owner: "provider" }, 0],
    ["the last try", { owner: "provider", is_retryable: true }, 7],
    ["not the last try", { owner: "provider", is_retryable: true }, 6],
    ["recipient", { owner: "recipient" }, 0],
    ["caller", { owner: "caller" }, 0],
    ["unsupported", { owner: "caller", error_code: "unsupported" }, 0],
  ];
  const found: Record<string, unknown> = {};
  for (const [name, result, failureCount] of outcomes) {
    const { world, token, id } = await start(sql, failureCount);
    await record(sql, token, [{ ...rejected(id, "provider"), ...result }]);
    found[name] = [(await messageOf(sql, id)).status, await letterOf(sql, id) ?? "none"];
    assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
  }
  const unknown = await giveUp(sql);

  assertEquals(found, {
    account: ["failed", "refused"],
    provider: ["failed", "refused"],
    "the last try": ["failed", "refused"],
    "not the last try": ["queued", "none"],
    recipient: ["failed", "none"],
    caller: ["failed", "none"],
    unsupported: ["failed", "none"],
  });
  assertEquals(await letterOf(sql, unknown.id), "outcome_unknown");
  assertEquals(await countersOf(sql, unknown.world), []);
});

limitTest(
  "what only ever has to wait dies after a day, unless a person asked for it again",
  async (sql) => {
    const { world, token, id } = await start(sql);
    const limited = { ...rejected(id, "provider"), error_code: "rate_limited" };
    const again = async () => {
      await sql`update private.outbound_jobs set due_at = now() where message_id = ${id}`;
      await sql`update public.connection_health set paused_until = null where workspace_id = ${world.workspaceId}`;
      return await claim(sql, world);
    };

    await record(sql, token, [limited]);
    const waits = await letterOf(sql, id);
    await sql`
    update public.message_attempts set started_at = now() - interval '25 hours' where message_id = ${id}`;
    await record(sql, (await again()).token, [limited]);
    const died = await letterOf(sql, id);
    await asUser(sql, world.adminId, retry(id));
    await record(sql, (await again()).token, [limited]);

    assertEquals([waits, died, await letterOf(sql, id)], [undefined, "rate_limited", undefined]);
    assertEquals((await jobOf(sql, id))!.attempt_count, 3);
  },
);

limitTest("a retry queues it again, counts it again, and goes on numbering", async (sql) => {
  const { world, id } = await die(sql);
  const before = await countOf(sql, world);

  const [message] = await asUser(sql, world.adminId, retry(id));

  const { token } = await claim(sql, world);
  assertEquals([before.reserved, (await countOf(sql, world)).reserved], [0, 1]);
  assertEquals([message!.id, message!.status, message!.error_code], [id, "queued", null]);
  assertEquals(await letterOf(sql, id), undefined);
  await record(sql, token, [accepted(id)]);
  assertEquals(await attemptsOf(sql, id), [[1, "rejected"], [2, "accepted"]]);
  const audit = await sql`
    select actor_id from public.audit_log where entity_id = ${id} and action = 'message.retried'`;
  assertEquals([...audit], [{ actor_id: world.adminId }]);
  assertEquals(await countersOf(sql, world), await measuredOf(sql, world));
  assertEquals((await errorOf(sql, world.adminId, retry(id)))[0], "not_found");
});

limitTest(
  "a retry is refused beyond the limits, and asks about opt-outs once more",
  async (sql) => {
    const { world, id } = await die(sql);
    await setSpend(sql, world, { cap: 0 });
    const refusal = await errorOf(sql, world.adminId, retry(id));
    await setSpend(sql, world, { cap: null });
    const [message] =
      await sql`select to_address from public.conversation_messages where id = ${id}`;
    await asUser(
      sql,
      world.memberId,
      (tx) => tx`select public.opt_out(${world.workspaceId}, ${message!.to_address})`,
    );

    await asUser(sql, world.adminId, retry(id));
    const { ids } = await claim(sql, world);

    assertEquals(refusal, ["spend_cap_reached", "workspace_id"]);
    assertEquals(ids, []);
    assertEquals(await messageOf(sql, id), { status: "failed", error_code: "recipient_opted_out" });
    assertEquals([await letterOf(sql, id), await countersOf(sql, world)], [undefined, []]);
  },
);

limitTest(
  "of an unknown outcome, only who accepts a second text has it sent again",
  async (sql) => {
    const { world, id } = await giveUp(sql);

    assertEquals(await errorOf(sql, world.ownerId, retry(id)), [
      "outcome_unknown",
      "may_send_twice",
    ]);
    await asUser(sql, world.ownerId, retry(id, true));

    assertEquals((await messageOf(sql, id)).status, "queued");
  },
);

limitTest("a dead letter is canceled; of an unknown outcome it stays failed", async (sql) => {
  const [known, unknown] = [await die(sql), await giveUp(sql)];
  await sql`
    insert into private.email_attachments (message_id, position, file_name, content_type, content)
    values (${known.id}, 1, 'a.txt', 'text/plain', 'x')`;

  const [canceled] = await asUser(sql, known.world.adminId, cancel(known.id));
  const [left] = await asUser(sql, unknown.world.ownerId, cancel(unknown.id));

  assertEquals([canceled!.status, left!.status], ["canceled", "failed"]);
  assertEquals([await letterOf(sql, known.id), await letterOf(sql, unknown.id)], [
    undefined,
    undefined,
  ]);
  const files = await sql`select 1 from private.email_attachments where message_id = ${known.id}`;
  assertEquals(files.length, 0);
  const audit = await sql`
    select actor_id from public.audit_log where entity_id = ${known.id} and action = 'message.canceled'`;
  assertEquals([...audit], [{ actor_id: known.world.adminId }]);
  assertEquals(await countersOf(sql, known.world), []);
  // What was given up may still turn out to have been sent.
  await ingest(sql, unknown.world.connectionId, [receiptOf(unknown.id, "delivered", "SM1")]);
  assertEquals((await messageOf(sql, unknown.id)).status, "delivered");
  assertEquals(await countersOf(sql, unknown.world), await measuredOf(sql, unknown.world));
});

limitTest("members may neither retry nor cancel, strangers find nothing", async (sql) => {
  const { world, id } = await die(sql);
  const stranger = await createAccount(sql, "stranger");

  for (const act of [retry(id), cancel(id)]) {
    assertEquals((await errorOf(sql, world.memberId, act))[0], "forbidden");
    assertEquals((await errorOf(sql, stranger, act))[0], "not_found");
  }
  assertEquals(await letterOf(sql, id), "refused");
});

limitTest("who sees only what is assigned sees only those dead letters", async (sql) => {
  const world = await createQuietWorld(sql);
  const [own, other] = [await die(sql, {}, world), await die(sql, {}, world)];
  await sql`
    update public.workspaces set conversation_access = 'assigned' where id = ${world.workspaceId}`;
  await sql`
    update public.conversations as t set assigned_to = ${world.memberId}
    from public.conversation_messages as m where m.id = ${own.id} and t.id = m.conversation_id`;

  const seen = await asUser(
    sql,
    world.memberId,
    (tx) =>
      tx`select message_id from public.dead_letters where workspace_id = ${world.workspaceId}`,
  );

  assertEquals(seen.map((row) => row.message_id), [own.id]);
  for (const act of [retry, cancel]) {
    assertEquals((await errorOf(sql, world.memberId, act(own.id)))[0], "forbidden");
    assertEquals((await errorOf(sql, world.memberId, act(other.id)))[0], "not_found");
  }
});

limitTest("the operator's machinery gives a dead letter up, too", async (sql) => {
  const { id } = await die(sql);

  const [canceled] = await asService(sql, cancel(id));

  assertEquals([canceled!.status, await letterOf(sql, id)], ["canceled", undefined]);
});
