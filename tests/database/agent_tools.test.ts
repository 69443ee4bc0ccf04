import {
  addKey,
  type AgentCaller,
  ALL_TOOLS,
  byKey,
  checkedList,
  createToolWorld,
  grant,
  grantPersonal,
  listOf,
  type ToolList,
  type ToolWorld,
  without,
} from "../support/agent_tools.ts";
import { databaseTest } from "../support/engine.ts";
import { asUser } from "../support/world.ts";
import { assertEquals } from "@std/assert";
import type postgres from "postgres";

/** What takes tools away, as the person does it who may, and what is left then. */
interface Loss {
  take(sql: postgres.Sql, world: ToolWorld): Promise<unknown>;
  left: ToolList;
}

const TWILIO_SENDING = ["send_message", "schedule_message", "cancel_message", "twilio_send_sms"];

const revoke = (sql: postgres.Sql, world: ToolWorld, connectionId: string) =>
  asUser(sql, world.adminId, (tx) =>
    tx`
      select public.revoke_agent_permission(p.id) from public.agent_integration_permissions as p
      where p.agent_id = ${world.agentId} and p.connection_id = ${connectionId}`);

const deny = (sql: postgres.Sql, world: ToolWorld, connectionId: string, scopes: string[]) =>
  asUser(
    sql,
    world.adminId,
    (tx) => tx`select public.deny_agent_scopes(${world.agentId}, ${connectionId}, ${scopes})`,
  );

const denyTools = (sql: postgres.Sql, world: ToolWorld, keys: string[]) =>
  asUser(sql, world.adminId, (tx) =>
    tx`
      update public.agent_guardrails set denied_capability_keys = ${keys}
      where agent_id = ${world.agentId}`);

const openBreaker = (sql: postgres.Sql, connectionId: string, probeIn: string, state = "open") =>
  sql`
    insert into public.connection_health (connection_id, state, opened_at, probe_at)
    values (${connectionId}, ${state}, now(), now() + ${probeIn}::interval)`;

const setRole = (sql: postgres.Sql, world: ToolWorld, userId: string, role: string) =>
  asUser(
    sql,
    world.ownerId,
    (tx) => tx`select public.set_member_role(${world.workspaceId}, ${userId}, ${role})`,
  );

const remove = (sql: postgres.Sql, world: ToolWorld, userId: string) =>
  asUser(
    sql,
    world.ownerId,
    (tx) => tx`select public.remove_member(${world.workspaceId}, ${userId})`,
  );

const LOSSES: Record<string, Loss> = {
  "a grant that is taken back": {
    take: (sql, world) => revoke(sql, world, world.accounts.ClickSend),
    left: without("ClickSend"),
  },
  "a grant that has expired": {
    take: (sql, world) =>
      sql`
        update public.agent_integration_permissions set expires_at = now()
        where connection_id = ${world.accounts.ClickSend}`,
    left: without("ClickSend"),
  },
  "a scope that is not granted any more": {
    take: (sql, world) => grant(sql, world, world.accounts.Twilio, ["history"]),
    left: without("Twilio", TWILIO_SENDING),
  },
  "a scope that is denied": {
    take: (sql, world) => deny(sql, world, world.accounts.Twilio, ["sms"]),
    left: without("Twilio", TWILIO_SENDING),
  },
  "a tool that is denied": {
    take: (sql, world) => denyTools(sql, world, ["send_message", "twilio_get_sms_history"]),
    left: ALL_TOOLS.filter(([key]) => !["send_message", "twilio_get_sms_history"].includes(key)),
  },
  "a connection that its provider refuses": {
    take: (sql, world) =>
      sql`
        update public.connections set status = 'error', last_error = 'x'
        where id = ${world.accounts.Resend}`,
    left: without("Resend"),
  },
  "a connection that is disconnected": {
    take: (sql, world) =>
      sql`update public.connections set status = 'inactive' where id = ${world.accounts.Resend}`,
    left: without("Resend"),
  },
  "a connection whose breaker is open": {
    take: (sql, world) => openBreaker(sql, world.accounts.Resend, "1 minute"),
    left: without("Resend"),
  },
  "the agent's active flag": {
    take: (sql, world) =>
      asUser(sql, world.adminId, (tx) =>
        tx`
        update public.agents set is_active = false where id = ${world.agentId}`),
    left: [],
  },
  "the role of the admin who granted": {
    take: async (sql, world) => {
      // One of the three is granted by somebody who goes on being an owner.
      await grant(sql, world, world.accounts.Resend, ["email"], world.ownerId);
      await setRole(sql, world, world.adminId, "member");
    },
    left: without("ClickSend", undefined, without("Twilio")),
  },
  "the admin who granted, leaving the workspace": {
    take: async (sql, world) => {
      await grant(sql, world, world.accounts.Resend, ["email"], world.ownerId);
      await remove(sql, world, world.adminId);
    },
    left: without("ClickSend", undefined, without("Twilio")),
  },
};

for (const [loss, { take, left }] of Object.entries(LOSSES)) {
  databaseTest(`${loss} takes exactly its tools along`, async (sql) => {
    const world = await createToolWorld(sql);
    const callers = [byKey(world), { agent_id: world.agentId, actor_id: world.ownerId }];
    for (const caller of callers) assertEquals(await listOf(sql, caller), ALL_TOOLS);

    await take(sql, world);

    for (const caller of callers) {
      assertEquals(await listOf(sql, caller), left);
      assertEquals(await checkedList(sql, world, caller), left, "the one check says the same");
    }
  });
}

databaseTest("a key has no tool that its scopes do not open", async (sql) => {
  const world = await createToolWorld(sql);
  const narrow = await addKey(sql, world, ["history", "balance", "voice"]);

  const list = await listOf(sql, { api_key: narrow.api_key });

  assertEquals(list, [
    ["get_message_status", ["Twilio"]],
    ["find_contact", ["Twilio"]],
    ["list_conversations", ["Twilio"]],
    ["read_conversation", ["Twilio"]],
    ["clicksend_get_balance", ["ClickSend"]],
    ["twilio_get_sms_history", ["Twilio"]],
    ["twilio_get_mms_history", ["Twilio"]],
  ]);
  assertEquals(await checkedList(sql, world, { api_key: narrow.api_key }), list);
  assertEquals(await listOf(sql, byKey(world)), ALL_TOOLS, "the other key has all of them");
});

databaseTest(
  "a breaker that is closed, or may let a message through, takes nothing",
  async (sql) => {
    const world = await createToolWorld(sql);
    await sql`insert into public.connection_health (connection_id) values (${world.accounts.Twilio})`;
    await openBreaker(sql, world.accounts.ClickSend, "-1 second");
    await openBreaker(sql, world.accounts.Resend, "1 minute", "half_open");

    assertEquals(await listOf(sql, byKey(world)), ALL_TOOLS);
  },
);

databaseTest("a denial stays when the same is granted again, until it is lifted", async (sql) => {
  const world = await createToolWorld(sql);
  const { Twilio } = world.accounts;
  await deny(sql, world, Twilio, ["sms"]);

  await grant(sql, world, Twilio, ["sms", "history"]);
  const denied = await listOf(sql, byKey(world));
  await deny(sql, world, Twilio, []);

  assertEquals(denied, without("Twilio", TWILIO_SENDING));
  assertEquals(await listOf(sql, byKey(world)), ALL_TOOLS);
});

databaseTest("what is denied before anything is granted grants nothing, and stays", async (sql) => {
  const world = await createToolWorld(sql);
  const [agent] = await sql`
    insert into public.agents (workspace_id, name) values (${world.workspaceId}, 'Another') returning id`;
  const other = { ...world, agentId: agent!.id };
  const caller = { agent_id: other.agentId, actor_id: world.ownerId };

  await deny(sql, other, world.accounts.Twilio, ["sms"]);
  const before = await listOf(sql, caller);
  await grant(sql, other, world.accounts.Twilio, ["sms", "balance"]);

  assertEquals(before, []);
  assertEquals(await listOf(sql, caller), [["twilio_get_balance", ["Twilio"]]]);
});

databaseTest("somebody else who grants again brings a grant back to life", async (sql) => {
  const world = await createToolWorld(sql);
  await remove(sql, world, world.adminId);

  await grant(sql, world, world.accounts.Twilio, ["sms", "history"], world.ownerId);

  const others = without("Resend", undefined, without("ClickSend"));
  assertEquals(await listOf(sql, byKey(world)), others);
});

databaseTest(
  "a person's own account serves the agent for that person and for itself",
  async (sql) => {
    const world = await createToolWorld(sql);
    await grantPersonal(sql, world, world.memberId);
    const personal: ToolList = [["telnyx_send_sms", ["Personal"]]];
    const telnyxOf = async (caller: AgentCaller) =>
      (await listOf(sql, caller)).filter(([key]) => key.startsWith("telnyx_"));
    const through = (actorId: string) => ({ agent_id: world.agentId, actor_id: actorId });

    assertEquals(await telnyxOf(byKey(world)), personal);
    assertEquals(await telnyxOf(through(world.memberId)), personal);
    for (const actorId of [world.ownerId, world.adminId]) {
      assertEquals(await telnyxOf(through(actorId)), []);
      assertEquals(await listOf(sql, through(actorId)), ALL_TOOLS, "not by its name either");
    }
  },
);

databaseTest("a personal account grants nothing once its owner has left", async (sql) => {
  const world = await createToolWorld(sql);
  const { connectionId } = await grantPersonal(sql, world, world.memberId);
  // As if leaving had not disconnected it.
  await remove(sql, world, world.memberId);
  await sql`update public.connections set status = 'active' where id = ${connectionId}`;
  await sql`
    update public.agent_integration_permissions set is_active = true
    where connection_id = ${connectionId}`;

  assertEquals(await listOf(sql, byKey(world)), ALL_TOOLS);
});

databaseTest("a personal account is its owner's to grant, whoever is written down", async (sql) => {
  const world = await createToolWorld(sql);
  const { permissionId } = await grantPersonal(sql, world, world.memberId);

  await sql`
    update public.agent_integration_permissions set granted_by = ${world.ownerId}
    where id = ${permissionId}`;

  assertEquals(await listOf(sql, byKey(world)), ALL_TOOLS);
});

databaseTest("an agent has no tool of another agent's grants", async (sql) => {
  const world = await createToolWorld(sql);
  const other = await createToolWorld(sql);
  await revoke(sql, other, other.accounts.Twilio);

  assertEquals(await listOf(sql, byKey(other)), without("Twilio"));
  assertEquals(await listOf(sql, byKey(world)), ALL_TOOLS);
});
