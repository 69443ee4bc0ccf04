import {
  addKey,
  ALL_TOOLS,
  byKey,
  createToolWorld,
  listOf,
  type Page,
  readPage,
  toList,
  type ToolWorld,
} from "../support/agent_tools.ts";
import { databaseTest } from "../support/engine.ts";
import { asRole, refusalOf } from "../support/stack.ts";
import { addMember, refusalAs } from "../support/tenancy.ts";
import { asService, createAccount } from "../support/world.ts";
import { assert, assertEquals } from "@std/assert";
import postgres from "postgres";

/** All that a refusal tells. */
async function wordsOf(work: () => Promise<unknown>) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    const { code, message, detail, hint } = error;
    return { code, message, detail, hint };
  }
  throw new Error("Expected a refusal, and it succeeded");
}

async function isRefused(sql: postgres.Sql, caller: Record<string, string>, code: string) {
  assertEquals(await refusalOf(() => readPage(sql, caller)), code, JSON.stringify(caller));
}

databaseTest("a tool says all that a model is told of it", async (sql) => {
  const world = await createToolWorld(sql);

  const { agent, tools, connections, empty_because } = await readPage(sql, byKey(world));

  assertEquals(agent, { id: world.agentId, name: "Receptionist" });
  assertEquals(empty_because, null);
  const [row] = await sql`
    select description, arguments_schema, is_read_only, is_destructive, is_idempotent
    from public.integration_capabilities where capability_key = 'clicksend_get_balance'`;
  assertEquals(tools.find((tool) => tool.capability_key === "clicksend_get_balance"), {
    capability_key: "clicksend_get_balance",
    display_label: "Check Account Balance",
    ...row,
    provider: "clicksend_sms",
    connection_ids: [world.accounts.ClickSend],
  });
  assertEquals(
    connections,
    ["ClickSend", "Resend", "Twilio"].map((display_name) => ({
      id: world.accounts[display_name as "Twilio"],
      display_name,
    })),
  );
  assertEquals(tools[0]!.provider, null);
});

databaseTest("pages of any size add up to the whole list", async (sql) => {
  const world = await createToolWorld(sql);

  for (const limit of [1, 4, 12, 13, 14]) {
    const pages: Page[] = [];
    let cursor: string | null = null;
    do {
      const page: Page = await readPage(sql, byKey(world), { limit, cursor });
      pages.push(page);
      cursor = page.next_cursor;
    } while (cursor !== null && pages.length <= ALL_TOOLS.length);
    assertEquals(pages.flatMap(toList), ALL_TOOLS, `limit ${limit}`);
    assertEquals(pages.length, Math.ceil(ALL_TOOLS.length / limit));
    assert(pages.every(({ tools }) => tools.length <= limit));
  }
});

databaseTest("a page goes on after a tool that was lost meanwhile", async (sql) => {
  const world = await createToolWorld(sql);
  const { next_cursor } = await readPage(sql, byKey(world), { limit: 8 });
  await sql`
    update public.agent_integration_permissions set is_active = false
    where connection_id = ${world.accounts.ClickSend}`;

  const rest = await readPage(sql, byKey(world), { cursor: next_cursor });

  assertEquals(toList(rest), ALL_TOOLS.slice(9));
});

databaseTest("what comes after the last page is no reason to wonder", async (sql) => {
  const world = await createToolWorld(sql);

  const page = await readPage(sql, byKey(world), { cursor: "vonage_search_numbers" });

  assertEquals([page.tools, page.next_cursor, page.empty_because], [[], null, null]);
});

databaseTest("a page takes 1 to 100 tools, and a cursor that there is", async (sql) => {
  const world = await createToolWorld(sql);

  for (const limit of [null, 0, -1, 101]) {
    assertEquals(await refusalOf(() => readPage(sql, byKey(world), { limit })), "PT400");
  }
  for (const cursor of ["", "pigeon_send_sms", "Send_message"]) {
    assertEquals(await refusalOf(() => readPage(sql, byKey(world), { cursor })), "PT400", cursor);
  }
});

/** What leaves the agent without tools, by the code that says so. */
const EMPTY: Record<string, (world: ToolWorld) => string> = {
  agent_inactive: (w) => `update public.agents set is_active = false where id = '${w.agentId}'`,
  nothing_granted: (w) =>
    `update public.agent_integration_permissions set is_active = false where agent_id = '${w.agentId}'`,
  grants_expired: (w) =>
    `update public.agent_integration_permissions set expires_at = now() where agent_id = '${w.agentId}'`,
  grantor_gone: (w) =>
    `update public.workspace_members set role = 'member' where user_id = '${w.adminId}'`,
  scopes_denied: (w) =>
    `update public.agent_integration_permissions set denied_scopes = allowed_scopes where agent_id = '${w.agentId}'`,
  key_scopes: (w) =>
    `update public.agent_api_keys set allowed_scopes = '{voice}' where id = '${w.keyId}'`,
  connections_unhealthy: (w) =>
    `update public.connections set status = 'error', last_error = 'x' where workspace_id = '${w.workspaceId}'`,
  tools_denied: (w) =>
    `update public.agent_guardrails set denied_capability_keys =
      array(select capability_key from public.integration_capabilities) where agent_id = '${w.agentId}'`,
};

for (const [code, statement] of Object.entries(EMPTY)) {
  databaseTest(`an agent without tools is told why: ${code}`, async (sql) => {
    const world = await createToolWorld(sql);

    await sql.unsafe(statement(world));

    const { tools, empty_because } = await readPage(sql, byKey(world));
    assertEquals(tools, []);
    assertEquals(empty_because!.code, code);
    assert(empty_because!.message.includes(": "), "and what to do");
  });
}

databaseTest("a new agent has been granted nothing", async (sql) => {
  const world = await createToolWorld(sql);
  const [agent] = await sql`
    insert into public.agents (workspace_id, name) values (${world.workspaceId}, 'New') returning id`;

  const page = await readPage(sql, { agent_id: agent!.id, actor_id: world.memberId });

  assertEquals(page.empty_because!.code, "nothing_granted");
});

databaseTest("of several reasons the one closest to a tool is told", async (sql) => {
  const world = await createToolWorld(sql);
  const { Twilio, ClickSend, Resend } = world.accounts;
  await sql`
    update public.agent_integration_permissions set expires_at = now()
    where connection_id = ${Twilio}`;
  await sql`update public.connections set status = 'inactive' where id = ${ClickSend}`;
  await sql`
    update public.agent_integration_permissions set is_active = false
    where connection_id = ${Resend}`;

  const { empty_because } = await readPage(sql, byKey(world));

  assertEquals(empty_because!.code, "connections_unhealthy");
});

databaseTest(
  "an unknown agent, a stranger's and no id at all are told apart by nobody",
  async (sql) => {
    const world = await createToolWorld(sql);
    const other = await createToolWorld(sql);
    const read = (agent_id: string) => () => readPage(sql, { agent_id, actor_id: world.ownerId });

    const words = await Promise.all(
      [other.agentId, crypto.randomUUID(), "agent", ""].map((id) => wordsOf(read(id))),
    );

    assertEquals(words[0]!.code, "PT404");
    for (const other of words) assertEquals(other, words[0]);
  },
);

databaseTest("a key opens its own agent alone", async (sql) => {
  const world = await createToolWorld(sql);
  const other = await createToolWorld(sql);
  const { apiKey: api_key } = world;

  assertEquals(await listOf(sql, { api_key, agent_id: world.agentId }), ALL_TOOLS);
  for (const agent_id of [other.agentId, crypto.randomUUID(), "agent"]) {
    await isRefused(sql, { api_key, agent_id }, "PT404");
  }
});

databaseTest("nobody at all acts as no agent", async (sql) => {
  const { agentId } = await createToolWorld(sql);

  await isRefused(sql, {}, "PT401");
  await isRefused(sql, { agent_id: agentId }, "PT401");
  await isRefused(sql, { api_key: "" }, "PT401");
  await isRefused(
    sql,
    { agent_id: agentId, actor_id: await createAccount(sql, "stranger") },
    "PT404",
  );
});

databaseTest("who sees only what is assigned acts through no agent", async (sql) => {
  const world = await createToolWorld(sql);
  const { agentId: agent_id, workspaceId } = world;
  const memberId = await addMember(sql, world);

  assertEquals(await listOf(sql, { agent_id, actor_id: memberId }), ALL_TOOLS);
  await sql`
    update public.workspaces set conversation_access = 'assigned' where id = ${workspaceId}`;

  await isRefused(sql, { agent_id, actor_id: memberId }, "PT403");
  for (const actor_id of [world.ownerId, world.adminId]) {
    assertEquals(await listOf(sql, { agent_id, actor_id }), ALL_TOOLS);
  }
  assertEquals(await listOf(sql, byKey(world)), ALL_TOOLS);
});

databaseTest("only the operator's machinery lists tools and reads who acts", async (sql) => {
  const world = await createToolWorld(sql);
  const caller = sql.json({ api_key: world.apiKey });
  const calls: ((tx: postgres.TransactionSql) => Promise<unknown>)[] = [
    (tx) => tx`select * from public.list_agent_tools(${caller})`,
    (tx) => tx`select * from private.read_agent_caller(${caller})`,
    (tx) => tx`select private.explain_no_tools(private.agent_itself(${world.agentId}))`,
  ];

  for (const call of calls) {
    assertEquals(await refusalOf(() => asRole(sql, "anon", null, call)), "42501");
    assertEquals(await refusalAs(sql, world.ownerId, call), "42501");
    await asService(sql, call);
  }
});

databaseTest("a call does not wait for another that has stamped the key", async (sql) => {
  const world = await createToolWorld(sql);

  await sql.begin(async (tx) => {
    await tx`select private.read_agent_caller(${tx.json(byKey(world))})`;
    const list = await asService(sql, async (other) => {
      await other`set local lock_timeout = '1s'`;
      return await other`select tools, connections from public.list_agent_tools(${
        other.json(byKey(world))
      })`;
    });
    assertEquals(toList(list[0] as never), ALL_TOOLS);
  });
});

databaseTest("a key without limits of its own adds nothing to what was granted", async (sql) => {
  const world = await createToolWorld(sql);
  const [row] = await sql`
    select array_agg(distinct s.scope) as scopes from public.service_providers as p
    cross join lateral jsonb_array_elements_text(p.scopes_supported) as s (scope)`;

  const { api_key } = await addKey(sql, world, row!.scopes);

  assertEquals(await listOf(sql, { api_key }), ALL_TOOLS);
});
