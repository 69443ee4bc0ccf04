import { addPerson, getTools } from "../support/agent_requests.ts";
import { addKey, createToolWorld } from "../support/agent_tools.ts";
import { databaseTest } from "../support/engine.ts";
import type { Answer } from "../support/functions.ts";
import type { Person } from "../support/people.ts";
import { readTestStack } from "../support/stack.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";

async function refusalOf(answer: Promise<Answer>) {
  const { status, body } = await answer;
  return [status, body.error?.code];
}

const rotate = async ({ client }: Person, keyId: string, overlapMinutes: number) => {
  const { data, error } = await client
    .rpc("rotate_agent_key", { key_id: keyId, overlap_minutes: overlapMinutes });
  if (error) throw new Error(error.message);
  return data[0]!;
};

databaseTest("a key that an admin makes works at once, and is shown this once", async (sql) => {
  const world = await createToolWorld(sql);
  const { client } = await addPerson(sql, world, "admin");

  const { data, error } = await client.rpc("create_agent_key", {
    agent_id: world.agentId,
    name: "Desk",
    allowed_scopes: ["balance"],
  });

  assertEquals(error, null);
  const { id, api_key } = data![0]!;
  assertMatch(api_key, /^sbk_[0-9a-f]{64}$/);
  const { body } = await getTools(api_key);
  assertEquals(Object.keys(body.labels), ["clicksend_get_balance"]);
  const seen = await Promise.all([
    client.from("agent_api_keys").select().eq("id", id),
    client.from("audit_log").select().eq("workspace_id", world.workspaceId),
  ]);
  for (const rows of seen) {
    assert(rows.data!.length > 0);
    assert(!JSON.stringify(rows.data).includes(api_key.slice(12)), "only its beginning");
  }
});

databaseTest("a key that is rotated overlaps the next one, and then ends", async (sql) => {
  const world = await createToolWorld(sql);
  const admin = await addPerson(sql, world, "admin");
  const statuses = async (...keys: string[]) =>
    (await Promise.all(keys.map((key) => getTools(key)))).map(({ status }) => status);

  const next = await rotate(admin, world.keyId, 60);
  assertEquals(await statuses(world.apiKey, next.api_key), [200, 200]);
  await sql`
    update public.agent_api_keys set created_at = created_at - interval '61 minutes',
      expires_at = expires_at - interval '61 minutes' where id = ${world.keyId}`;
  assertEquals(await statuses(world.apiKey, next.api_key), [401, 200]);
  const last = await rotate(admin, next.id, 0);
  assertEquals(await statuses(next.api_key, last.api_key), [401, 200]);
});

databaseTest(
  "a key that is revoked or has expired is refused from the next request on",
  async (sql) => {
    const world = await createToolWorld(sql);
    const admin = await addPerson(sql, world, "admin");
    const expiring = await addKey(sql, world, ["sms"]);
    const refused = [401, "not_authenticated"];
    assertEquals((await getTools(world.apiKey)).status, 200);
    assertEquals((await getTools(expiring.api_key)).status, 200);

    const { error } = await admin.client.rpc("revoke_agent_key", { key_id: world.keyId });
    await sql`
    update public.agent_api_keys set created_at = now() - interval '1 day', expires_at = now()
    where id = ${expiring.id}`;

    assertEquals(error, null);
    assertEquals(await refusalOf(getTools(world.apiKey)), refused);
    assertEquals(await refusalOf(getTools(expiring.api_key)), refused);
  },
);

databaseTest("an admin sees when a key was last used, and never the key", async (sql) => {
  const world = await createToolWorld(sql);
  const admin = await addPerson(sql, world, "admin");
  const readKey = async () => {
    const { data } = await admin.client.from("agent_api_keys").select().eq("id", world.keyId)
      .single();
    return data!;
  };
  const before = await readKey();

  await getTools(world.apiKey);

  const after = await readKey();
  assertEquals(before.last_used_at, null);
  assert(Math.abs(Date.now() - Date.parse(after.last_used_at!)) < 60_000);
  assert(!JSON.stringify(after).includes(world.apiKey.slice(12)), "only its beginning");
});

databaseTest("whoever has neither a key nor a token is refused", async (sql) => {
  const { agentId: agent_id, apiKey } = await createToolWorld(sql);
  const { secret_key, publishable_key } = readTestStack();
  const wrong = [
    undefined,
    "nonsense",
    "a.b.c",
    publishable_key,
    secret_key,
    apiKey.slice(0, -1),
    apiKey.toUpperCase(),
    `sbk_${"0".repeat(64)}`,
  ];

  for (const token of wrong) {
    const refusal = await refusalOf(getTools(token, { agent_id }));
    assertEquals(refusal, [401, "not_authenticated"], `${token}`);
  }
});
