/** Where agents hear of offers, and the secrets that sign what they hear. */
import { databaseTest } from "../support/engine.ts";
import {
  AGENT_URL,
  type AgentWorld,
  codeOf,
  createAgentWorld,
  setWebhook,
} from "../support/offers.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import { placesOf, refusalAs } from "../support/tenancy.ts";
import { asService, asUser, createAccount } from "../support/world.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import type postgres from "postgres";

const rotate = (agentId: string, overlapMinutes = 60) => (tx: postgres.TransactionSql) =>
  tx`select * from public.rotate_agent_webhook_secret(${agentId}, ${overlapMinutes})`;

const write = (agentId: string, url: string | null) => (tx: postgres.TransactionSql) =>
  tx`update public.agents set webhook_url = ${url} where id = ${agentId} returning id`;

const read = (sql: postgres.Sql, { agentId }: AgentWorld): Promise<string[]> =>
  asService(sql, async (tx) => {
    const [row] = await tx`
      select secrets from public.read_agent_webhook_secrets(array[${agentId}]::uuid[], 'test')`;
    return row?.secrets ?? [];
  });

const vaultNames = async (sql: postgres.Sql, { agentId }: AgentWorld) =>
  (await sql`select name from vault.secrets where name like ${`agent/${agentId}/%`}`).length;

databaseTest("a webhook that leads inside, by whatever spelling, is refused", async (sql) => {
  const world = await createAgentWorld(sql);
  await setWebhook(sql, world);
  const inside = [
    "http://agent.example.com/",
    "https://localhost/",
    "https://localhost./",
    "https://agent.localhost/",
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[fd00::1]/",
    "https://metadata.google.internal/",
    "https://db.local/",
    "https://agent/",
    "https://agent.example.com:8443/",
    "https://agent.example.com@127.0.0.1/",
    "https://127.0.0.1\\@agent.example.com/",
    "https://agent.example.com /",
    "https://１２７.0.0.1/",
    "ftp://agent.example.com/",
    "",
  ];

  for (const url of inside) {
    const code = await codeOf(() => asUser(sql, world.adminId, write(world.agentId, url)));
    assertEquals(code, "webhook_url_invalid", url);
  }
  const [agent] = await sql`select webhook_url from public.agents where id = ${world.agentId}`;
  assertEquals(agent!.webhook_url, AGENT_URL);
});

databaseTest("a webhook is set once the agent has a secret to check it with", async (sql) => {
  const world = await createAgentWorld(sql);
  const set = () => asUser(sql, world.adminId, write(world.agentId, AGENT_URL));

  assertEquals(await codeOf(set), "webhook_secret_missing");
  await asUser(sql, world.adminId, rotate(world.agentId));
  assertEquals((await set()).length, 1);
});

databaseTest("owners and admins alone set a webhook and rotate its secret", async (sql) => {
  const world = await createAgentWorld(sql);
  const other = await createAgentWorld(sql);
  await setWebhook(sql, world);

  const refused = [world.memberId, other.ownerId, await createAccount(sql, "stranger")].map(
    (userId) => refusalAs(sql, userId, rotate(world.agentId)),
  );
  assertEquals(await Promise.all(refused), ["PT403", "PT404", "PT404"]);
  assertEquals(
    await refusalOf(() => asRole(sql, "anon", null, rotate(world.agentId))),
    "42501",
  );
  for (const userId of [world.memberId, other.ownerId]) {
    assertEquals([...await asUser(sql, userId, write(world.agentId, null))], []);
  }
});

databaseTest(
  "a secret is shown once, kept in Vault alone, and read by the service",
  async (sql) => {
    const world = await createAgentWorld(sql);

    const secret = await setWebhook(sql, world);

    assertMatch(secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
    assertEquals(await placesOf(sql, secret), []);
    assertEquals(await placesOf(sql, secret.slice(6)), []);
    assertEquals(await read(sql, world), [secret]);
    for (const role of ["anon", "authenticated"] as const) {
      const refused = await refusalOf(() =>
        asRole(
          sql,
          role,
          world.ownerId,
          (tx) =>
            tx`select * from public.read_agent_webhook_secrets(array[${world.agentId}]::uuid[], 'x')`,
        )
      );
      assertEquals(refused, "42501");
    }
  },
);

databaseTest("every read of a secret is written down", async (sql) => {
  const world = await createAgentWorld(sql);
  await setWebhook(sql, world);

  await read(sql, world);

  const rows = await sql`
    select actor, reason from private.credential_access_log where agent_id = ${world.agentId}`;
  assertEquals(rows.map((row) => ({ ...row })), [{ actor: "service_role", reason: "test" }]);
});

databaseTest(
  "while a secret is replaced both sign, the new one first, until the old one ends",
  async (sql) => {
    const world = await createAgentWorld(sql);
    const first = await setWebhook(sql, world);

    const [second] = await asUser(sql, world.adminId, rotate(world.agentId, 60));
    assertEquals(await read(sql, world), [second!.secret, first]);
    assert(second!.previous_valid_until > new Date());

    const [third] = await asUser(sql, world.adminId, rotate(world.agentId, 60));
    assertEquals(await read(sql, world), [third!.secret, second!.secret]);
    assertEquals(await vaultNames(sql, world), 2);

    await sql`
    update private.agent_webhook_secrets set previous_ends_at = now() where agent_id = ${world.agentId}`;
    assertEquals(await read(sql, world), [third!.secret]);
  },
);

databaseTest("a secret that is replaced without overlap signs no more", async (sql) => {
  const world = await createAgentWorld(sql);
  await setWebhook(sql, world);

  const [second] = await asUser(sql, world.adminId, rotate(world.agentId, 0));

  assertEquals(await read(sql, world), [second!.secret]);
  assertEquals([second!.previous_valid_until, await vaultNames(sql, world)], [null, 1]);
  for (const overlap of [-1, 10_081]) {
    assertEquals(await refusalAs(sql, world.adminId, rotate(world.agentId, overlap)), "PT400");
  }
});

databaseTest("no secret outlives its agent or its workspace", async (sql) => {
  const [one, two] = [await createAgentWorld(sql), await createAgentWorld(sql)];
  await setWebhook(sql, one);
  await setWebhook(sql, two);
  await asUser(sql, two.adminId, rotate(two.agentId));

  await sql`delete from public.agents where id = ${one.agentId}`;
  await asUser(sql, two.ownerId, async (tx) => {
    const [workspace] = await tx`select slug from public.workspaces where id = ${two.workspaceId}`;
    await tx`select public.delete_workspace(${two.workspaceId}, ${workspace!.slug})`;
  });

  assertEquals([await vaultNames(sql, one), await vaultNames(sql, two)], [0, 0]);
});
