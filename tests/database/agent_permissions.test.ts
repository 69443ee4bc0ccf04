import { databaseTest } from "../support/engine.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import {
  addAgent,
  addMember,
  clickSendConnectionOf,
  connectAccount,
  createAdminOfTwo,
  createClickSender,
  refusalAs,
  validateClickSend,
} from "../support/tenancy.ts";
import { asService, asUser, createAccount, createWorld } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

const grantTo = (
  agentId: string,
  connectionId: string,
  scopes: (string | null)[] | null = ["sms"],
  expiresAt: string | null = null,
) =>
(tx: postgres.TransactionSql) =>
  tx`select * from public.grant_agent_permission(${agentId}, ${connectionId}, ${scopes}, ${expiresAt})`;

const revoke = (permissionId: string) => (tx: postgres.TransactionSql) =>
  tx`select public.revoke_agent_permission(${permissionId})`;

async function can(
  sql: postgres.Sql,
  agentId: string,
  connectionId: string,
  scopes = ["sms"],
): Promise<boolean> {
  const [row] = await asService(
    sql,
    (tx) =>
      tx`select exists (
        select from private.agent_itself(${agentId}) as a cross join lateral private.agent_connections(a) as c
        where c.connection_id = ${connectionId} and c.scopes @> ${scopes}
      ) as can`,
  );
  return row!.can;
}

async function createEmployer(sql: postgres.Sql) {
  const world = await createWorld(sql);
  return { world, agentId: await addAgent(sql, world) };
}

/** An agent that may text through the workspace's connection. */
async function createTrusted(sql: postgres.Sql) {
  const { world, agentId } = await createEmployer(sql);
  const [permission] = await asUser(sql, world.adminId, grantTo(agentId, world.connectionId));
  return { world, agentId, permissionId: permission!.id as string };
}

databaseTest("only an owner or admin lets an agent use a workspace's connection", async (sql) => {
  const { world, agentId } = await createEmployer(sql);
  const strangerId = await createAccount(sql, "stranger");
  const grant = grantTo(agentId, world.connectionId);

  assertEquals(await refusalOf(() => asRole(sql, "anon", null, grant)), "42501");
  assertEquals(await refusalAs(sql, strangerId, grant), "PT404");
  assertEquals(await refusalAs(sql, world.memberId, grant), "PT403");
  assertEquals(await can(sql, agentId, world.connectionId), false);
  await asUser(sql, world.adminId, grant);
  assertEquals(await can(sql, agentId, world.connectionId), true);
});

databaseTest("a personal connection is granted by its owner alone", async (sql) => {
  const { world, agentId } = await createEmployer(sql);
  const connectionId = await connectAccount(sql, world.memberId, world.workspaceId, {
    isPersonal: true,
  });
  const grant = grantTo(agentId, connectionId);

  for (const userId of [world.ownerId, world.adminId, await addMember(sql, world)]) {
    assertEquals(await refusalAs(sql, userId, grant), "PT404");
  }
  await asUser(sql, world.memberId, grant);
  assertEquals(await can(sql, agentId, connectionId), true);
});

databaseTest("a grant names scopes that the provider has", async (sql) => {
  const { world, agentId } = await createEmployer(sql);
  const lists = [null, [], [null], ["sms", null], [""], ["email"], ["sms", "everything"]];

  for (const scopes of lists) {
    const grant = grantTo(agentId, world.connectionId, scopes);
    assertEquals(await refusalAs(sql, world.adminId, grant), "PT400", JSON.stringify(scopes));
  }
  assertEquals(await can(sql, agentId, world.connectionId), false);
});

databaseTest("a grant ends later, or not at all", async (sql) => {
  const { world, agentId } = await createEmployer(sql);
  const grant = grantTo(agentId, world.connectionId, ["sms"], "2020-01-01");

  assertEquals(await refusalAs(sql, world.adminId, grant), "PT400");
});

databaseTest("an agent is granted nothing of another workspace", async (sql) => {
  // Whoever administers both is not confused either.
  const { other, own: world } = await createAdminOfTwo(sql);
  const [agentId, otherAgentId] = [await addAgent(sql, world), await addAgent(sql, other)];
  const pairs: [string, string][] = [
    [otherAgentId, world.connectionId],
    [agentId, other.connectionId],
    [crypto.randomUUID(), world.connectionId],
    [agentId, crypto.randomUUID()],
  ];

  for (const [agent, connection] of pairs) {
    assertEquals(await refusalAs(sql, world.adminId, grantTo(agent, connection)), "PT404");
  }
  const write = () =>
    sql`insert into public.agent_integration_permissions (workspace_id, agent_id, connection_id, allowed_scopes)
      values (${world.workspaceId}, ${otherAgentId}, ${world.connectionId}, '{sms}')`;
  assertEquals(await refusalOf(write), "23503");
});

databaseTest("nothing is granted on the operator's or a disconnected connection", async (sql) => {
  const { world, agentId } = await createEmployer(sql);
  const [platform] = await asService(
    sql,
    (tx) =>
      tx`select id from public.store_platform_connection(
      'twilio', ${crypto.randomUUID()}, 'Operator', '{}', ${"t".repeat(43) + agentId}, 'x', '[]'
    )`,
  );
  await asService(
    sql,
    (tx) => tx`select public.disconnect(${world.adminId}, ${world.connectionId})`,
  );

  for (const id of [platform!.id, world.connectionId]) {
    assertEquals(await refusalAs(sql, world.ownerId, grantTo(agentId, id)), "PT404");
  }
});

databaseTest("nobody writes a permission but through the functions", async (sql) => {
  const { world, agentId, permissionId } = await createTrusted(sql);
  const writes: ((tx: postgres.TransactionSql) => Promise<unknown>)[] = [
    (tx) =>
      tx`insert into public.agent_integration_permissions (workspace_id, agent_id, connection_id, allowed_scopes)
        values (${world.workspaceId}, ${agentId}, ${world.connectionId}, '{sms}')`,
    (tx) =>
      tx`update public.agent_integration_permissions set allowed_scopes = '{voice}' where id = ${permissionId}`,
    (tx) => tx`delete from public.agent_integration_permissions where id = ${permissionId}`,
  ];

  for (const write of writes) assertEquals(await refusalAs(sql, world.ownerId, write), "42501");
});

databaseTest(
  "a grant is seen by members, one on a personal connection by its owner",
  async (sql) => {
    const { world, agentId } = await createTrusted(sql);
    const connectionId = await connectAccount(sql, world.memberId, world.workspaceId, {
      isPersonal: true,
    });
    await asUser(sql, world.memberId, grantTo(agentId, connectionId));
    const read = async (userId: string) =>
      (await asUser(sql, userId, (tx) => tx`select id from public.agent_integration_permissions`))
        .length;

    assertEquals(await read(await createAccount(sql, "stranger")), 0);
    assertEquals(await read(world.adminId), 1);
    assertEquals(await read(world.memberId), 2);
  },
);

databaseTest("a second grant takes the place of the first", async (sql) => {
  const { world, agentId, permissionId } = await createTrusted(sql);
  await asUser(sql, world.adminId, revoke(permissionId));

  const [row] = await asUser(
    sql,
    world.ownerId,
    grantTo(agentId, world.connectionId, ["voice", "mms"], "2999-01-01"),
  );

  assertEquals([row!.id, row!.is_active, row!.granted_by], [permissionId, true, world.ownerId]);
  assertEquals(await can(sql, agentId, world.connectionId, ["sms"]), false);
  assertEquals(await can(sql, agentId, world.connectionId, ["mms", "voice"]), true);
});

databaseTest("a member takes back only what is on a connection of their own", async (sql) => {
  const { world, agentId, permissionId } = await createTrusted(sql);
  const { ownerId: strangerId } = await createWorld(sql);
  const colleagueId = await addMember(sql, world);
  const connectionId = await connectAccount(sql, world.memberId, world.workspaceId, {
    isPersonal: true,
  });
  const [own] = await asUser(sql, world.memberId, grantTo(agentId, connectionId));

  assertEquals(await refusalAs(sql, strangerId, revoke(permissionId)), "PT404");
  assertEquals(await refusalAs(sql, world.memberId, revoke(permissionId)), "PT403");
  assertEquals(await refusalAs(sql, colleagueId, revoke(own!.id)), "PT403");
  await asUser(sql, world.memberId, revoke(own!.id));
  assertEquals(await can(sql, agentId, connectionId), false);
});

databaseTest(
  "an admin takes back any grant, and taking it back again changes nothing",
  async (sql) => {
    const { world, agentId, permissionId } = await createTrusted(sql);
    const connectionId = await connectAccount(sql, world.memberId, world.workspaceId, {
      isPersonal: true,
    });
    const [personal] = await asUser(sql, world.memberId, grantTo(agentId, connectionId));

    for (const id of [permissionId, personal!.id, permissionId]) {
      await asUser(sql, world.adminId, revoke(id));
    }

    assertEquals(await can(sql, agentId, world.connectionId), false);
    assertEquals(await can(sql, agentId, connectionId), false);
    const audit = await sql`
    select from public.audit_log
    where workspace_id = ${world.workspaceId} and action = 'agent_permission.revoked'`;
    assertEquals(audit.length, 2);
  },
);

databaseTest("an agent may nothing where no scope is named", async (sql) => {
  const { world: { memberId }, agentId } = await createClickSender(sql);

  for (const scopes of [null, [], [null], ["sms", null]]) {
    const isAllowed = await asUser(sql, memberId, validateClickSend(agentId, memberId, scopes));
    assertEquals(isAllowed, false, JSON.stringify(scopes));
  }
  assertEquals(await asUser(sql, memberId, validateClickSend(agentId, memberId, ["sms"])), true);
});

databaseTest("an agent may only what was granted to it, all of it, and there", async (sql) => {
  const { world, agentId } = await createTrusted(sql);
  const [colleagueId, elsewhere] = [
    await addAgent(sql, world),
    await connectAccount(sql, world.adminId, world.workspaceId),
  ];

  assertEquals(await can(sql, agentId, world.connectionId, ["mms"]), false);
  assertEquals(await can(sql, agentId, world.connectionId, ["sms", "mms"]), false);
  assertEquals(await can(sql, colleagueId, world.connectionId), false);
  assertEquals(await can(sql, agentId, elsewhere), false);
});

const ENDINGS: Record<string, string> = {
  "the grant expires":
    "update public.agent_integration_permissions set expires_at = now() where agent_id = $1",
  "the agent is switched off": "update public.agents set is_active = false where id = $1",
  "the connection is refused by its provider":
    "update public.connections set status = 'error', last_error = 'x' where id = (select connection_id from public.agent_integration_permissions where agent_id = $1)",
  "the connection is disconnected":
    "update public.connections set status = 'inactive' where id = (select connection_id from public.agent_integration_permissions where agent_id = $1)",
};

for (const [ending, statement] of Object.entries(ENDINGS)) {
  databaseTest(`an agent may nothing once ${ending}`, async (sql) => {
    const { world, agentId } = await createTrusted(sql);
    assertEquals(await can(sql, agentId, world.connectionId), true);

    await sql.unsafe(statement, [agentId]);

    assertEquals(await can(sql, agentId, world.connectionId), false);
  });
}

databaseTest("every new agent has closed guardrails", async (sql) => {
  const { agentId } = await createEmployer(sql);

  const [row] = await sql`
    select messages_per_hour, messages_per_day, spend_per_day::float8, quiet_hours_start, quiet_hours_end,
      may_reach_new_contacts, first_contact_needs_approval, destructive_needs_approval
    from public.agent_guardrails where agent_id = ${agentId}`;

  assertEquals({ ...row }, {
    messages_per_hour: 60,
    messages_per_day: 500,
    spend_per_day: 10,
    quiet_hours_start: "21:00:00",
    quiet_hours_end: "08:00:00",
    may_reach_new_contacts: false,
    first_contact_needs_approval: true,
    destructive_needs_approval: true,
  });
});

databaseTest("only admins of the workspace make agents and move guardrails", async (sql) => {
  const { world, agentId } = await createEmployer(sql);
  const { ownerId: strangerId } = await createWorld(sql);
  const create = (tx: postgres.TransactionSql) =>
    tx`insert into public.agents (workspace_id, name) values (${world.workspaceId}, 'x')`;
  const move = (userId: string) =>
    asUser(sql, userId, async (tx) => [
      (await tx`update public.agent_guardrails set may_reach_new_contacts = true
        where agent_id = ${agentId} returning agent_id`).length,
      (await tx`update public.agents set is_active = true where id = ${agentId} returning id`)
        .length,
    ]);

  for (const userId of [strangerId, world.memberId]) {
    assertEquals(await refusalAs(sql, userId, create), "42501");
    assertEquals(await move(userId), [0, 0]);
  }
  assertEquals(await move(world.adminId), [1, 1]);
});

databaseTest("no agent loses its guardrails, or gets those of another", async (sql) => {
  const { world, agentId } = await createEmployer(sql);
  const writes: ((tx: postgres.TransactionSql) => Promise<unknown>)[] = [
    (tx) => tx`delete from public.agent_guardrails where agent_id = ${agentId}`,
    (tx) => tx`update public.agent_guardrails set agent_id = gen_random_uuid()`,
    (tx) =>
      tx`insert into public.agent_guardrails (workspace_id, agent_id)
        values (${world.workspaceId}, ${agentId})`,
    (tx) => tx`delete from public.agents where id = ${agentId}`,
  ];

  for (const write of writes) assertEquals(await refusalAs(sql, world.ownerId, write), "42501");
});

databaseTest("a member's own granted ClickSend connection is valid and is theirs", async (sql) => {
  const { world, agentId, connectionId } = await createClickSender(sql);
  const { memberId } = world;

  assertEquals(
    await asUser(sql, memberId, validateClickSend(agentId, memberId, ["history", "sms"])),
    true,
  );
  assertEquals(await asService(sql, validateClickSend(agentId, memberId, ["sms"])), true);
  assertEquals(await asUser(sql, memberId, validateClickSend(agentId, memberId, ["mms"])), false);
  const [connection] = await asUser(sql, memberId, clickSendConnectionOf(memberId));
  const { external_username, ...rest } = connection!;
  assertEquals(rest, {
    connection_id: connectionId,
    connection_name: "Account",
    connection_status: "active",
    configuration: {},
  });
  assert(external_username.startsWith("AC"));
  assertEquals((await asService(sql, clickSendConnectionOf(memberId))).length, 1);
});

databaseTest(
  "nobody is told what a colleague may do with a shared ClickSend account",
  async (sql) => {
    const world = await createWorld(sql);
    const agentId = await addAgent(sql, world);
    const connectionId = await connectAccount(sql, world.adminId, world.workspaceId, {
      provider: "clicksend_sms",
    });
    await asUser(
      sql,
      world.adminId,
      (tx) => tx`select public.grant_agent_permission(${agentId}, ${connectionId}, '{sms}')`,
    );

    assertEquals(
      await asUser(sql, world.ownerId, validateClickSend(agentId, world.memberId, ["sms"])),
      false,
    );
    assertEquals(
      await asUser(sql, world.memberId, validateClickSend(agentId, world.memberId, ["sms"])),
      true,
    );
  },
);

databaseTest(
  "an account of a colleague's, or of another provider, is no ClickSend account of a person's",
  async (sql) => {
    const { world, agentId } = await createClickSender(sql);
    const valid = (userId: string, agent = agentId) =>
      asService(sql, validateClickSend(agent, userId, ["sms"]));

    assertEquals(await valid(world.memberId), true);
    assertEquals(await valid(world.adminId), false, "the account is the member's own");
    const shared = await connectAccount(sql, world.adminId, world.workspaceId, {
      provider: "clicksend_sms",
    });
    await asUser(sql, world.adminId, grantTo(agentId, shared));
    assertEquals(await valid(world.adminId), true);
    assertEquals(await valid(await createAccount(sql, "stranger")), false);
    const other = await createTrusted(sql);
    assertEquals(await valid(other.world.adminId, other.agentId), false, "Twilio's");
  },
);
