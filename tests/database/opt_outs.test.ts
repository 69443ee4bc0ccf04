import { databaseTest, enqueue, messageOf, senderOf } from "../support/engine.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import { refusalAs } from "../support/tenancy.ts";
import {
  asService,
  asUser,
  createAccount,
  createWorld,
  freshNumber,
  type World,
} from "../support/world.ts";
import { assertEquals, assertNotEquals } from "@std/assert";
import type postgres from "postgres";

const optOut =
  ({ workspaceId }: World, address: string | null, wording: string | null = null) =>
  (tx: postgres.TransactionSql) =>
    tx`select public.opt_out(${workspaceId}, ${address}, ${wording}) as id`;

const endOptOut =
  (id: string, wording: string | null = "Asked for it on the phone") =>
  (tx: postgres.TransactionSql) => tx`select public.end_opt_out(${id}, ${wording})`;

async function recordOptOut(sql: postgres.Sql, world: World, address: string): Promise<string> {
  const [row] = await asUser(sql, world.memberId, optOut(world, address));
  return row!.id;
}

databaseTest("strangers opt nobody out", async (sql) => {
  const world = await createWorld(sql);
  const { ownerId: strangerId } = await createWorld(sql);
  const attempt = optOut(world, freshNumber());

  assertEquals(await refusalOf(() => asRole(sql, "anon", null, attempt)), "42501");
  assertEquals(await refusalOf(() => asRole(sql, "authenticated", null, attempt)), "PT404");
  assertEquals(await refusalAs(sql, strangerId, attempt), "PT404");
});

databaseTest("only a phone number or an e-mail address opts out", async (sql) => {
  const world = await createWorld(sql);

  for (const address of [null, "", "4155550100", "+0", "nobody", "two words@example.com"]) {
    assertEquals(
      await refusalAs(sql, world.memberId, optOut(world, address)),
      "PT400",
      `${address}`,
    );
  }
});

databaseTest("a member writes down an opt-out with who said it and how", async (sql) => {
  const world = await createWorld(sql);
  const address = freshNumber();

  const [row] = await asUser(sql, world.memberId, optOut(world, address, "Please stop"));

  const [stored] = await sql`
    select workspace_id, kind, address, source, wording, actor_id, ended_at
    from public.opt_outs where id = ${row!.id}`;
  assertEquals({ ...stored }, {
    workspace_id: world.workspaceId,
    kind: "phone",
    address,
    source: "member",
    wording: "Please stop",
    actor_id: world.memberId,
    ended_at: null,
  });
});

databaseTest("an e-mail address opts out however it is spelt", async (sql) => {
  const world = await createWorld(sql);

  const first = await recordOptOut(sql, world, " Someone@Example.COM ");
  const second = await recordOptOut(sql, world, "someone@example.com");

  assertEquals(first, second);
  const [stored] = await sql`select kind, address from public.opt_outs where id = ${first}`;
  assertEquals({ ...stored }, { kind: "email", address: "someone@example.com" });
});

databaseTest("an opt-out that holds already is written down once", async (sql) => {
  const world = await createWorld(sql);
  const address = freshNumber();

  const ids = [
    await recordOptOut(sql, world, address),
    await recordOptOut(sql, world, address),
  ];

  assertEquals(ids[0], ids[1]);
  const audit = await sql`
    select from public.audit_log where entity_id = ${ids[0]!} and action = 'opt_out.recorded'`;
  assertEquals(audit.length, 1);
});

databaseTest(
  "nobody writes opt-outs but through the functions, and strangers see none",
  async (sql) => {
    const world = await createWorld(sql);
    const id = await recordOptOut(sql, world, freshNumber());
    const writes: ((tx: postgres.TransactionSql) => Promise<unknown>)[] = [
      (tx) =>
        tx`insert into public.opt_outs (workspace_id, kind, address, source)
        values (${world.workspaceId}, 'phone', ${freshNumber()}, 'import')`,
      (tx) => tx`update public.opt_outs set address = '+14155550100' where id = ${id}`,
      (tx) => tx`delete from public.opt_outs where id = ${id}`,
    ];
    const read = async (userId: string) =>
      (await asUser(sql, userId, (tx) => tx`select id from public.opt_outs`)).length;

    for (const write of writes) assertEquals(await refusalAs(sql, world.ownerId, write), "42501");
    assertEquals(await read(await createAccount(sql, "stranger")), 0);
    assertEquals(await read(world.memberId), 1);
  },
);

databaseTest("only an owner or admin ends an opt-out, and says why", async (sql) => {
  const world = await createWorld(sql);
  const { ownerId: strangerId } = await createWorld(sql);
  const id = await recordOptOut(sql, world, freshNumber());

  assertEquals(await refusalAs(sql, strangerId, endOptOut(id)), "PT404");
  assertEquals(await refusalAs(sql, world.memberId, endOptOut(id)), "PT403");
  for (const wording of [null, "", "  "]) {
    assertEquals(await refusalAs(sql, world.adminId, endOptOut(id, wording)), "PT400");
  }
  await asUser(sql, world.adminId, endOptOut(id));
  assertEquals(await refusalAs(sql, world.adminId, endOptOut(id)), "PT409");
});

databaseTest("an opt-out that ended stays as history, and another can follow", async (sql) => {
  const world = await createWorld(sql);
  const address = freshNumber();
  const first = await recordOptOut(sql, world, address);
  await asUser(sql, world.adminId, endOptOut(first, "Signed up again"));

  const second = await recordOptOut(sql, world, address);

  assertNotEquals(first, second);
  const rows = await sql`
    select id, ended_at is not null as has_ended, ended_source, ended_wording, ended_actor_id
    from public.opt_outs where workspace_id = ${world.workspaceId} and address = ${address}
    order by has_ended desc`;
  assertEquals([...rows], [
    {
      id: first,
      has_ended: true,
      ended_source: "member",
      ended_wording: "Signed up again",
      ended_actor_id: world.adminId,
    },
    { id: second, has_ended: false, ended_source: null, ended_wording: null, ended_actor_id: null },
  ]);
});

databaseTest("nothing is queued to who opted out, until the opt-out ends", async (sql) => {
  const world = await createWorld(sql);
  const to_address = freshNumber();
  const id = await recordOptOut(sql, world, to_address);

  assertEquals(await senderOf(sql, world, { to_address }), "recipient_opted_out");
  await asUser(sql, world.adminId, endOptOut(id));
  assertEquals(await senderOf(sql, world, { to_address }), world.phoneNumber);
});

databaseTest("no reply goes to who opted out, whatever it names", async (sql) => {
  const world = await createWorld(sql);
  const [{ contact_address } = {}] = await sql`
    select contact_address from public.conversations where id = ${world.conversationId}`;
  await recordOptOut(sql, world, contact_address);
  const replies = [
    { conversation_id: world.conversationId },
    { conversation_id: world.conversationId, to_address: freshNumber() },
    { conversation_id: world.conversationId, phone_number_id: world.phoneNumberId },
  ];

  for (const reply of replies) {
    assertEquals(await senderOf(sql, world, reply), "recipient_opted_out");
  }
});

databaseTest("the operator's machinery queues nothing to who opted out either", async (sql) => {
  const world = await createWorld(sql);
  const to_address = freshNumber();
  await recordOptOut(sql, world, to_address);

  const [row] = await asService(
    sql,
    (tx) =>
      tx`select error_code from public.enqueue_messages(
        ${world.workspaceId}, ${tx.json([{ to_address, body: "Hello" }])}
      )`,
  );

  assertEquals(row!.error_code, "recipient_opted_out");
});

databaseTest("of several recipients only who opted out is left out", async (sql) => {
  const world = await createWorld(sql);
  const addresses = [freshNumber(), freshNumber(), freshNumber()];
  await recordOptOut(sql, world, addresses[1]!);

  const rows = await enqueue(
    sql,
    world,
    addresses.map((to_address) => ({ to_address, body: "Hello" })),
  );
  await sql`delete from private.outbound_jobs where workspace_id = ${world.workspaceId}`;

  assertEquals(rows.map((row) => row.error_code), [null, "recipient_opted_out", null]);
});

databaseTest("another workspace may still write to who opted out of one", async (sql) => {
  const [world, other] = [await createWorld(sql), await createWorld(sql)];
  const to_address = freshNumber();
  const id = await recordOptOut(sql, world, to_address);

  assertEquals(await senderOf(sql, other, { to_address }), other.phoneNumber);
  assertEquals(await refusalAs(sql, other.ownerId, endOptOut(id)), "PT404");
  const ownId = await recordOptOut(sql, other, to_address);
  await asUser(sql, other.adminId, endOptOut(ownId));
  assertEquals(await senderOf(sql, world, { to_address }), "recipient_opted_out");
});

/** Queues one message before all others and lets a dispatcher take one job, after `meanwhile`. */
async function claimAfter(
  sql: postgres.Sql,
  world: World,
  to_address: string,
  meanwhile: () => Promise<unknown>,
) {
  const [row] = await enqueue(sql, world, [{ to_address, body: "Hello" }]);
  await sql`
    update private.outbound_jobs set turn = -(extract(epoch from clock_timestamp()) * 1000)::bigint where message_id = ${
    row!.message_id
  }`;
  await meanwhile();
  const claimed = await asService(
    sql,
    (tx) => tx`select message_id, lease_token from public.claim_outbound_jobs(1)`,
  );
  const [left] = await sql`
    select
      (select count(*)::integer from public.message_attempts where message_id = ${
    row!.message_id
  }) as attempts,
      (select count(*)::integer from private.outbound_jobs where message_id = ${
    row!.message_id
  }) as jobs`;
  return {
    claimed: claimed.filter((job) => job.message_id === row!.message_id).map(() => true),
    message: { ...await messageOf(sql, row!.message_id) },
    ...(left as { attempts: number; jobs: number }),
  };
}

databaseTest("what waits for somebody who opts out meanwhile is not handed over", async (sql) => {
  const world = await createWorld(sql);
  const to_address = freshNumber();

  const outcome = await claimAfter(
    sql,
    world,
    to_address,
    () => recordOptOut(sql, world, to_address),
  );

  assertEquals(outcome, {
    claimed: [],
    message: { status: "failed", error_code: "recipient_opted_out" },
    attempts: 0,
    jobs: 0,
  });
});

databaseTest("what waits for somebody who came back is handed over", async (sql) => {
  const world = await createWorld(sql);
  const to_address = freshNumber();

  const outcome = await claimAfter(sql, world, to_address, async () => {
    await asUser(sql, world.adminId, endOptOut(await recordOptOut(sql, world, to_address)));
  });

  assertEquals(outcome, {
    claimed: [true],
    message: { status: "queued", error_code: null },
    attempts: 1,
    jobs: 0,
  });
});

databaseTest("an opt-out of another workspace holds no message back", async (sql) => {
  const [world, other] = [await createWorld(sql), await createWorld(sql)];
  const to_address = freshNumber();

  const { claimed } = await claimAfter(
    sql,
    world,
    to_address,
    () => recordOptOut(sql, other, to_address),
  );

  assertEquals(claimed, [true]);
});
