import { createToolWorld, grantPersonal, type ToolWorld } from "../support/agent_tools.ts";
import { addNumber, databaseTest } from "../support/engine.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import { addAgent, createAdminOfTwo, refusalAs } from "../support/tenancy.ts";
import { asService, asUser, createWorld } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import type postgres from "postgres";

type Work = (tx: postgres.TransactionSql) => Promise<unknown>;

const deny = (
  agentId: string,
  connectionId: string,
  scopes: (string | null)[] | null = ["sms"],
) =>
(tx: postgres.TransactionSql) =>
  tx`select * from public.deny_agent_scopes(${agentId}, ${connectionId}, ${scopes})`;

databaseTest(
  "only an owner or admin denies an agent a scope, and lifts the denial",
  async (sql) => {
    const world = await createToolWorld(sql);
    const { ownerId: strangerId } = await createWorld(sql);
    const works: Work[] = [
      deny(world.agentId, world.accounts.Twilio),
      deny(world.agentId, world.accounts.Twilio, []),
    ];

    for (const work of works) {
      assertEquals(await refusalOf(() => asRole(sql, "anon", null, work)), "42501");
      assertEquals(await refusalAs(sql, strangerId, work), "PT404");
      assertEquals(await refusalAs(sql, world.memberId, work), "PT403");
      await asUser(sql, world.adminId, work);
      await asUser(sql, world.ownerId, work);
    }
  },
);

databaseTest(
  "an admin keeps an agent off a personal account, which its owner cannot undo",
  async (sql) => {
    const world = await createToolWorld(sql);
    const { connectionId, permissionId } = await grantPersonal(sql, world, world.memberId);

    const [denied] = await asUser(sql, world.adminId, deny(world.agentId, connectionId));

    assertEquals([denied!.id, denied!.denied_scopes], [permissionId, ["sms"]]);
    const lift = deny(world.agentId, connectionId, []);
    assertEquals(await refusalAs(sql, world.memberId, lift), "PT403");
  },
);

databaseTest(
  "a personal account of a colleague's is nothing that a member can find",
  async (sql) => {
    const world = await createToolWorld(sql);
    const { connectionId } = await grantPersonal(sql, world, world.adminId);
    const words: string[] = [];

    for (const id of [connectionId, crypto.randomUUID()]) {
      words.push(await refusalAs(sql, world.memberId, deny(world.agentId, id)));
    }

    assertEquals(words, ["PT404", "PT404"]);
  },
);

databaseTest("a denial names scopes that the provider has", async (sql) => {
  const { agentId, adminId, accounts } = await createToolWorld(sql);

  for (const scopes of [null, [null], ["sms", null], [""], ["email"], ["sms", "everything"]]) {
    const refusal = await refusalAs(sql, adminId, deny(agentId, accounts.Twilio, scopes));
    assertEquals(refusal, "PT400", JSON.stringify(scopes));
  }
});

databaseTest("a denial stays within its workspace", async (sql) => {
  const { own, other } = await createAdminOfTwo(sql);
  const [agentId, otherAgentId] = [await addAgent(sql, own), await addAgent(sql, other)];

  for (
    const [agent, connection] of [
      [otherAgentId, own.connectionId],
      [agentId, other.connectionId],
      [crypto.randomUUID(), own.connectionId],
      [agentId, crypto.randomUUID()],
    ] as const
  ) {
    assertEquals(await refusalAs(sql, own.adminId, deny(agent, connection)), "PT404");
  }
});

databaseTest("what is denied is written down", async (sql) => {
  const { agentId, adminId, accounts } = await createToolWorld(sql);

  await asUser(sql, adminId, deny(agentId, accounts.Twilio));

  const [row] = await sql`
    select actor_id, details from public.audit_log
    where entity_id = ${agentId} and action = 'agent_permission.denied'`;
  assertEquals({ ...row }, {
    actor_id: adminId,
    details: { connection_id: accounts.Twilio, denied_scopes: ["sms"] },
  });
});

databaseTest("only admins deny tools, and only those that there are", async (sql) => {
  const world = await createToolWorld(sql);
  const denyTools = (keys: (string | null)[]) => (tx: postgres.TransactionSql) =>
    tx`
      update public.agent_guardrails set denied_capability_keys = ${keys}
      where agent_id = ${world.agentId} returning denied_capability_keys as keys`;

  assertEquals((await asUser(sql, world.memberId, denyTools(["send_message"]))).length, 0);
  assertEquals(await refusalAs(sql, world.adminId, denyTools(["send_mesage"])), "PT400");
  assertEquals(await refusalAs(sql, world.adminId, denyTools(["send_message", null])), "23514");
  const [row] = await asUser(sql, world.adminId, denyTools(["send_message"]));
  assertEquals(row!.keys, ["send_message"]);
  const [none] = await asUser(sql, world.adminId, denyTools([]));
  assertEquals(none!.keys, []);
});

/** An address of the world's Resend account, which an agent may answer. */
async function addAddress(sql: postgres.Sql, { accounts }: ToolWorld, agentId?: string) {
  const [row] = await sql`
    insert into public.email_senders (connection_id, email_address, status, last_verified_at, agent_id)
    values (
      ${accounts.Resend}, ${`desk-${crypto.randomUUID()}@example.com`}, 'active', now(), ${
    agentId ?? null
  }
    )
    returning id`;
  return row!.id as string;
}

/** Whether the agent may text on the workspace's account from a number, by the one check. */
const canSendFrom = (
  sql: postgres.Sql,
  { agentId, connectionId }: ToolWorld,
  senderId: string | null,
  tool = "twilio_send_sms",
): Promise<boolean> =>
  asService(sql, async (tx) => {
    const [row] = await tx`
      select private.agent_can(${agentId}, ${connectionId}, ${tool}, ${senderId}) as can`;
    return row!.can;
  });

databaseTest("an agent sends from what is assigned to it or to nobody", async (sql) => {
  const world = await createToolWorld(sql);
  const { workspaceId, phoneNumberId, agentId } = world;
  const otherAgentId = await addAgent(sql, world);
  const assign = (who: "agent_id" | "user_id", id: string) =>
    sql`
      insert into public.phone_number_assignments ${
      sql({ workspace_id: workspaceId, phone_number_id: phoneNumberId, [who]: id })
    }`;
  const answerBy = (id: string | null) =>
    sql`update public.phone_numbers set agent_id = ${id} where id = ${phoneNumberId}`;
  const can = () => canSendFrom(sql, world, phoneNumberId);

  assertEquals(await can(), true, "nobody's");
  await assign("user_id", world.memberId);
  assertEquals(await can(), false, "a person's");
  await assign("agent_id", agentId);
  assertEquals(await can(), true, "a person's and its own");
  await sql`delete from public.phone_number_assignments where phone_number_id = ${phoneNumberId}`;
  await answerBy(otherAgentId);
  assertEquals(await can(), false, "another agent answers");
  await assign("agent_id", otherAgentId);
  assertEquals(await can(), false, "another agent's");
  await answerBy(agentId);
  assertEquals(await can(), true, "it answers");
});

databaseTest(
  "an agent sends from the numbers that its guardrails list, where they list any",
  async (sql) => {
    const world = await createToolWorld(sql);
    const listed = await addNumber(sql, world, { sms: true });
    const [row] = await sql`select id from public.phone_numbers where phone_number = ${listed}`;
    const allow = (ids: string[] | null) =>
      sql`
      update public.agent_guardrails set allowed_phone_number_ids = ${ids}
      where agent_id = ${world.agentId}`;
    const both = async () => [
      await canSendFrom(sql, world, world.phoneNumberId),
      await canSendFrom(sql, world, row!.id),
    ];

    assertEquals(await both(), [true, true]);
    await allow([row!.id]);
    assertEquals(await both(), [false, true]);
    await allow([]);
    assertEquals(await both(), [false, false]);
  },
);

databaseTest("an agent sends from senders of the connection that are in use", async (sql) => {
  const world = await createToolWorld(sql);
  const other = await createToolWorld(sql);
  const [address, colleagues] = [
    await addAddress(sql, world),
    await addAddress(sql, world, await addAgent(sql, world)),
  ];
  const resend = { ...world, connectionId: world.accounts.Resend };
  const canMail = (senderId: string) => canSendFrom(sql, resend, senderId, "resend_send_email");

  assertEquals(await canMail(address), true);
  assertEquals(await canMail(colleagues), false, "another agent's");
  assertEquals(await canMail(world.phoneNumberId), false, "of another connection");
  for (const id of [other.phoneNumberId, crypto.randomUUID(), address]) {
    assertEquals(await canSendFrom(sql, world, id), false);
  }
  await sql`update public.email_senders set status = 'inactive' where id = ${address}`;
  assertEquals(await canMail(address), false, "retired");
  await sql`
    update public.phone_numbers set status = 'inactive', is_default = false where id = ${world.phoneNumberId}`;
  assertEquals(await canSendFrom(sql, world, world.phoneNumberId), false, "retired");
  await sql`update public.email_senders set status = 'inactive' where id = ${address}`;
  assertEquals(await canMail(address), false, "retired, too");
});

databaseTest(
  "an agent may send from one sender at a time, and from none of a stranger's",
  async (sql) => {
    const world = await createToolWorld(sql);
    const other = await createToolWorld(sql);
    const may = async (agentId: string, numberId: string | null, addressId: string | null) => {
      const [row] = await asService(
        sql,
        (tx) =>
          tx`select private.agent_may_send_from(${agentId}, ${numberId}, ${addressId}) as may`,
      );
      return row!.may;
    };

    const address = await addAddress(sql, world);

    assert(await may(world.agentId, world.phoneNumberId, null));
    assert(await may(world.agentId, null, address));
    assertEquals(await may(world.agentId, null, null), false);
    assertEquals(await may(world.agentId, world.phoneNumberId, address), false);
    assertEquals(await may(other.agentId, world.phoneNumberId, null), false);
    assertEquals(await may(other.agentId, null, address), false);
    await sql`
    update public.agent_guardrails set allowed_phone_number_ids = ${[world.phoneNumberId]}
    where agent_id = ${other.agentId}`;
    assertEquals(await may(other.agentId, world.phoneNumberId, null), false, "listed or not");
  },
);

databaseTest("an agent can do nothing that has no name", async (sql) => {
  const world = await createToolWorld(sql);

  for (const tool of ["twilio_send_mms", "clicksend_send_sms", "pigeon_send_sms", "", null]) {
    assertEquals(await canSendFrom(sql, world, null, tool as string), false, `${tool}`);
  }
  assertEquals(await canSendFrom(sql, world, null), true);
});
