import { databaseTest } from "../support/engine.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import { addAgent, placesOf, refusalAs } from "../support/tenancy.ts";
import { asService, asUser, createAccount, createWorld, type World } from "../support/world.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import postgres from "postgres";

interface Key {
  id: string;
  api_key: string;
}

const createKey =
  (agentId: string, scopes: (string | null)[] | null = ["sms"], days: number | null = 30) =>
  (tx: postgres.TransactionSql) =>
    tx<Key[]>`
      select * from public.create_agent_key(
        ${agentId}, 'Desk', ${scopes}, now() + make_interval(days => ${days})
      )`;

const rotateKey =
  (keyId: string, overlapMinutes: number | null = 60) => (tx: postgres.TransactionSql) =>
    tx<Key[]>`select * from public.rotate_agent_key(${keyId}, ${overlapMinutes})`;

const revokeKey = (keyId: string) => (tx: postgres.TransactionSql) =>
  tx`select public.revoke_agent_key(${keyId})`;

const readKey = (apiKey: string | null) => (tx: postgres.TransactionSql) =>
  tx`select * from private.read_agent_caller(${tx.json({ api_key: apiKey })})`;

async function isGood(sql: postgres.Sql, key: Key): Promise<boolean> {
  try {
    return (await asService(sql, readKey(key.api_key))).length === 1;
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === "PT401") return false;
    throw error;
  }
}

async function createKeyed(sql: postgres.Sql) {
  const world = await createWorld(sql);
  const agentId = await addAgent(sql, world);
  const [key] = await asUser(sql, world.adminId, createKey(agentId, ["sms", "history"]));
  return { world, agentId, key: key! };
}

const refusalsOf = async (
  sql: postgres.Sql,
  world: World,
  work: (tx: postgres.TransactionSql) => Promise<unknown>,
) => [
  await refusalOf(() => asRole(sql, "anon", null, work)),
  await refusalAs(sql, await createAccount(sql, "stranger"), work),
  await refusalAs(sql, world.memberId, work),
];

databaseTest("only an owner or admin makes, rotates and revokes a key", async (sql) => {
  const { world, agentId, key } = await createKeyed(sql);
  const refused = ["42501", "PT404", "PT403"];

  assertEquals(await refusalsOf(sql, world, createKey(agentId)), refused);
  assertEquals(await refusalsOf(sql, world, rotateKey(key.id)), refused);
  assertEquals(await refusalsOf(sql, world, revokeKey(key.id)), refused);
  assert(await isGood(sql, key));
});

databaseTest("an admin of another workspace manages no key of this one", async (sql) => {
  const { agentId, key } = await createKeyed(sql);
  const { ownerId } = await createWorld(sql);

  for (const work of [createKey(agentId), rotateKey(key.id), revokeKey(key.id)]) {
    assertEquals(await refusalAs(sql, ownerId, work), "PT404");
  }
});

databaseTest("a key names scopes that exist", async (sql) => {
  const { world, agentId } = await createKeyed(sql);
  const lists = [null, [], [null], ["sms", null], [""], ["everything"], ["sms", "everything"]];

  for (const scopes of lists) {
    const refusal = await refusalAs(sql, world.adminId, createKey(agentId, scopes));
    assertEquals(refusal, "PT400", JSON.stringify(scopes));
  }
});

databaseTest("a key ends within a year, and not in the past", async (sql) => {
  const { world, agentId } = await createKeyed(sql);

  for (const days of [null, -1, 0, 367, 100_000]) {
    const refusal = await refusalAs(sql, world.adminId, createKey(agentId, ["sms"], days));
    assertEquals(refusal, "PT400", `${days}`);
  }
  const forever = (tx: postgres.TransactionSql) =>
    tx`select public.create_agent_key(${agentId}, 'Desk', '{sms}', 'infinity')`;
  assertEquals(await refusalAs(sql, world.adminId, forever), "PT400");
});

databaseTest("a key has a name of 1 to 100 characters", async (sql) => {
  const { world, agentId } = await createKeyed(sql);

  for (const name of [null, "", "  ", "x".repeat(101)]) {
    const create = (tx: postgres.TransactionSql) =>
      tx`select public.create_agent_key(${agentId}, ${name}, '{sms}')`;
    assertEquals(await refusalAs(sql, world.adminId, create), "PT400", `${name}`);
  }
});

databaseTest(
  "a key is shown once: its beginning and its hash are all that is kept",
  async (sql) => {
    const { key } = await createKeyed(sql);

    assertMatch(key.api_key, /^sbk_[0-9a-f]{64}$/);
    assertEquals(await placesOf(sql, key.api_key), []);
    assertEquals(await placesOf(sql, key.api_key.slice(4)), []);
    assertEquals(await placesOf(sql, key.api_key.slice(0, 12)), ["public.agent_api_keys"]);
    const [kept] = await sql`
    select key_hash = sha256(${key.api_key}::bytea) as is_hash
    from private.agent_api_key_hashes where key_id = ${key.id}`;
    assertEquals(kept!.is_hash, true);
  },
);

databaseTest("members see no keys, and nobody writes one", async (sql) => {
  const { world, agentId, key } = await createKeyed(sql);
  const read = (userId: string) =>
    asUser(sql, userId, (tx) => tx`select id from public.agent_api_keys`);

  assertEquals((await read(await createAccount(sql, "stranger"))).length, 0);
  assertEquals((await read(world.memberId)).length, 0);
  assertEquals((await read(world.adminId)).length, 1);
  const writes: ((tx: postgres.TransactionSql) => Promise<unknown>)[] = [
    (tx) => tx`insert into public.agent_api_keys (agent_id, name) values (${agentId}, 'x')`,
    (tx) => tx`update public.agent_api_keys set expires_at = 'infinity' where id = ${key.id}`,
    (tx) => tx`delete from public.agent_api_keys where id = ${key.id}`,
    (tx) => tx`select * from private.agent_api_key_hashes`,
  ];
  for (const write of writes) assertEquals(await refusalAs(sql, world.ownerId, write), "42501");
});

databaseTest("only the operator's machinery reads whose a key is", async (sql) => {
  const { world, agentId, key } = await createKeyed(sql);
  const read = readKey(key.api_key);

  assertEquals(await refusalOf(() => asRole(sql, "anon", null, read)), "42501");
  assertEquals(await refusalAs(sql, world.ownerId, read), "42501");
  assertEquals([...await asService(sql, read)], [{
    workspace_id: world.workspaceId,
    agent_id: agentId,
    key_id: key.id,
    actor_id: null,
    scopes: ["sms", "history"],
    is_active: true,
  }]);
});

databaseTest("a wrong key is nobody's", async (sql) => {
  const { key } = await createKeyed(sql);
  const wrong = [
    null,
    "",
    key.api_key.slice(0, -1),
    key.api_key.toUpperCase(),
    `${key.api_key} `,
    `sbk_${"0".repeat(64)}`,
  ];

  for (const apiKey of wrong) {
    assertEquals(await refusalOf(() => asService(sql, readKey(apiKey))), "PT401", `${apiKey}`);
  }
});

databaseTest("the use of a key is stamped, and at most once a minute", async (sql) => {
  const { key } = await createKeyed(sql);
  const lastUse = async (): Promise<number | null> =>
    (await sql`
      select extract(epoch from now() - last_used_at)::float8 as ago
      from public.agent_api_keys where id = ${key.id}`)[0]!.ago;
  const useAfter = async (seconds: number) => {
    await sql`
      update public.agent_api_keys set last_used_at = now() - make_interval(secs => ${seconds})
      where id = ${key.id}`;
    await asService(sql, readKey(key.api_key));
    return (await lastUse())!;
  };

  assertEquals(await lastUse(), null);
  await asService(sql, readKey(key.api_key));
  assert((await lastUse())! < 30);
  assert(await useAfter(40) >= 40, "not stamped again within the minute");
  assert(await useAfter(90) < 30, "stamped again after it");
});

databaseTest(
  "a revoked key is good for nothing at once, and revoking it again changes nothing",
  async (sql) => {
    const { world, key } = await createKeyed(sql);
    const revokedAt = async () =>
      (await sql`select revoked_at from public.agent_api_keys where id = ${key.id}`)[0]!.revoked_at;

    await asUser(sql, world.adminId, revokeKey(key.id));
    const first = await revokedAt();
    await asUser(sql, world.adminId, revokeKey(key.id));

    assertEquals(await isGood(sql, key), false);
    assertEquals(await revokedAt(), first);
  },
);

databaseTest("a key that has expired is good for nothing", async (sql) => {
  const { key } = await createKeyed(sql);

  await sql`
    update public.agent_api_keys set created_at = now() - interval '1 day', expires_at = now()
    where id = ${key.id}`;

  assertEquals(await isGood(sql, key), false);
});

databaseTest("the key of an agent that is switched off tells so", async (sql) => {
  const { world, agentId, key } = await createKeyed(sql);
  await asUser(
    sql,
    world.adminId,
    (tx) => tx`update public.agents set is_active = false where id = ${agentId}`,
  );

  const [caller] = await asService(sql, readKey(key.api_key));

  assertEquals([caller!.agent_id, caller!.is_active], [agentId, false]);
});

databaseTest("the key of a workspace that is being removed is good for nothing", async (sql) => {
  const { world, key } = await createKeyed(sql);

  const read = () =>
    sql.begin(async (tx) => {
      await tx`update public.workspaces set deleted_at = now() where id = ${world.workspaceId}`;
      await readKey(key.api_key)(tx);
    });

  assertEquals(await refusalOf(read), "PT401");
});

databaseTest("a key overlaps the one that takes over, and then ends", async (sql) => {
  const { world, key } = await createKeyed(sql);

  const [next] = await asUser(sql, world.adminId, rotateKey(key.id, 60));

  assertEquals([await isGood(sql, key), await isGood(sql, next!)], [true, true]);
  const [old] = await sql`
    select replaced_by, extract(epoch from expires_at - now())::float8 / 60 as minutes_left
    from public.agent_api_keys where id = ${key.id}`;
  assertEquals(old!.replaced_by, next!.id);
  assert(old!.minutes_left > 55 && old!.minutes_left <= 60, `${old!.minutes_left}`);
  await sql`
    update public.agent_api_keys set created_at = created_at - interval '61 minutes',
      expires_at = expires_at - interval '61 minutes' where id = ${key.id}`;
  assertEquals([await isGood(sql, key), await isGood(sql, next!)], [false, true]);
});

databaseTest("the key that takes over has the same scopes and no longer life", async (sql) => {
  const { world, key } = await createKeyed(sql);

  const [next] = await asUser(sql, world.adminId, rotateKey(key.id));

  const [row] = await sql`
    select n.allowed_scopes = o.allowed_scopes and n.agent_id = o.agent_id
      and n.expires_at - n.created_at <= interval '30 days' as is_alike
    from public.agent_api_keys as n, public.agent_api_keys as o
    where n.id = ${next!.id} and o.id = ${key.id}`;
  assertEquals(row!.is_alike, true);
});

databaseTest("a rotation never prolongs the old key", async (sql) => {
  const { world, key } = await createKeyed(sql);
  await sql`
    update public.agent_api_keys set expires_at = now() + interval '5 minutes' where id = ${key.id}`;

  await asUser(sql, world.adminId, rotateKey(key.id, 60));

  const [old] = await sql`
    select expires_at <= now() + interval '5 minutes' as is_short
    from public.agent_api_keys where id = ${key.id}`;
  assertEquals(old!.is_short, true);
});

databaseTest("without overlap the old key ends at once", async (sql) => {
  const { world, key } = await createKeyed(sql);

  const [next] = await asUser(sql, world.adminId, rotateKey(key.id, 0));

  assertEquals([await isGood(sql, key), await isGood(sql, next!)], [false, true]);
  const [row] = await sql`
    select revoked_at is not null as is_revoked from public.agent_api_keys where id = ${key.id}`;
  assertEquals(row!.is_revoked, true);
});

databaseTest("only a key in use is rotated, and with an overlap of at most a week", async (sql) => {
  const { world, agentId, key } = await createKeyed(sql);
  const [revoked] = await asUser(sql, world.adminId, createKey(agentId));
  const [expired] = await asUser(sql, world.adminId, createKey(agentId));
  await asUser(sql, world.adminId, revokeKey(revoked!.id));
  await sql`
    update public.agent_api_keys set created_at = now() - interval '1 day', expires_at = now()
    where id = ${expired!.id}`;
  const refusal = (keyId: string, minutes?: number | null) =>
    refusalAs(sql, world.adminId, rotateKey(keyId, minutes));

  for (const minutes of [null, -1, 10_081]) assertEquals(await refusal(key.id, minutes), "PT400");
  assertEquals(await refusal(revoked!.id), "PT409");
  assertEquals(await refusal(expired!.id), "PT409");
  await asUser(sql, world.adminId, rotateKey(key.id));
  assertEquals(await refusal(key.id), "PT409");
});

databaseTest("what is done to keys is written down, without the key", async (sql) => {
  const { world, key } = await createKeyed(sql);

  const [next] = await asUser(sql, world.adminId, rotateKey(key.id));
  await asUser(sql, world.ownerId, revokeKey(next!.id));

  const rows = await sql`
    select actor_id, action from public.audit_log
    where workspace_id = ${world.workspaceId} and action like 'agent\\_key.%' order by id`;
  assertEquals([...rows], [
    { actor_id: world.adminId, action: "agent_key.created" },
    { actor_id: world.adminId, action: "agent_key.rotated" },
    { actor_id: world.ownerId, action: "agent_key.revoked" },
  ]);
});
