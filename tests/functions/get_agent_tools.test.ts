import type { Authenticate } from "../../supabase/functions/_shared/http/authentication.ts";
import { createApp } from "../../supabase/functions/get-agent-tools/app.ts";
import { addPerson, ALL_KEYS, getTools, namesOf } from "../support/agent_requests.ts";
import { createToolWorld, grant } from "../support/agent_tools.ts";
import { databaseTest } from "../support/engine.ts";
import type { Answer } from "../support/functions.ts";
import { scriptedService, succeed } from "../support/scripted_service.ts";
import { asUser } from "../support/world.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";

databaseTest("an agent's key lists its tools in the format of each model", async (sql) => {
  const world = await createToolWorld(sql);
  const shapes: Record<string, string> = {
    openai: "function,type",
    anthropic: "description,input_schema,name",
    mcp: "description,inputSchema,name,title",
  };

  for (const [format, shape] of Object.entries(shapes)) {
    const answer = await getTools(world.apiKey, { format });

    assertEquals(answer.status, 200, JSON.stringify(answer.body));
    assertEquals(answer.body.format, format);
    assertEquals(answer.body.agent, { id: world.agentId, name: "Receptionist" });
    assertEquals(namesOf(answer), ALL_KEYS);
    for (const field of shape.split(",")) {
      assert(field in answer.body.tools[0], `${format} ${field}`);
    }
    assertEquals(answer.body.labels.clicksend_get_balance, "Check Account Balance");
    assertEquals(Object.keys(answer.body.labels), ALL_KEYS);
    assertEquals([answer.body.next_cursor, "empty_because" in answer.body], [null, false]);
  }
  assertEquals((await getTools(world.apiKey)).body.format, "openai");
});

databaseTest("tools are read page by page over HTTP", async (sql) => {
  const world = await createToolWorld(sql);
  const names: string[] = [];
  let cursor: string | null = null;

  do {
    const answer: Answer = await getTools(world.apiKey, {
      limit: "5",
      ...(cursor === null ? {} : { cursor }),
    });
    assertEquals(answer.status, 200, JSON.stringify(answer.body));
    names.push(...namesOf(answer));
    cursor = answer.body.next_cursor;
  } while (cursor !== null && names.length <= ALL_KEYS.length);

  assertEquals(names, ALL_KEYS);
});

databaseTest("a signed-in member sees the tools of an agent of the workspace", async (sql) => {
  const world = await createToolWorld(sql);
  const { token } = await addPerson(sql, world);

  const answer = await getTools(token, { agent_id: world.agentId });

  assertEquals(namesOf(answer), ALL_KEYS);
  assertEquals(answer.body.agent.id, world.agentId);
});

databaseTest(
  "a stranger's agent and an unknown one answer alike, to a person and to a key",
  async (sql) => {
    const world = await createToolWorld(sql);
    const other = await createToolWorld(sql);
    const { token } = await addPerson(sql, world);

    for (const bearer of [token, world.apiKey]) {
      const answers = await Promise.all(
        [other.agentId, crypto.randomUUID()].map((agent_id) => getTools(bearer, { agent_id })),
      );

      assertEquals(answers.map(({ status }) => status), [404, 404]);
      assertEquals(answers[0]!.body, answers[1]!.body);
      assertEquals(answers[0]!.body.error.details.issues[0].field, "agent_id");
    }
  },
);

databaseTest("an agent that is switched off gets no tools, and why", async (sql) => {
  const world = await createToolWorld(sql);
  await sql`update public.agents set is_active = false where id = ${world.agentId}`;

  const { status, body } = await getTools(world.apiKey);

  assertEquals([status, body.tools, body.labels], [200, [], {}]);
  assertEquals(body.empty_because.code, "agent_inactive");
  assertMatch(body.empty_because.message, /switch it on/);
});

databaseTest("what is taken back or denied is gone with the next request", async (sql) => {
  const world = await createToolWorld(sql);
  const admin = await addPerson(sql, world, "admin");
  const { ClickSend, Twilio } = world.accounts;

  const { error } = await admin.client.rpc("deny_agent_scopes", {
    agent_id: world.agentId,
    connection_id: Twilio,
    denied_scopes: ["history"],
  });
  const denied = await getTools(world.apiKey);
  await grant(sql, world, ClickSend, ["balance"], admin.id);
  const narrowed = await getTools(world.apiKey);

  assertEquals(error, null);
  const left = ALL_KEYS.filter((key) =>
    !/history|find_contact|conversation|get_message_status/.test(key)
  );
  assertEquals(namesOf(denied), left);
  assertEquals(namesOf(narrowed), left.filter((key) => key !== "clicksend_send_sms"));
});

databaseTest("a request that cannot be meant is refused with the field", async (sql) => {
  const world = await createToolWorld(sql);
  const queries: [field: string, value: string][] = [
    ["format", "xml"],
    ["limit", "0"],
    ["limit", "101"],
    ["limit", "1.5"],
    ["limit", "many"],
    ["cursor", "Not a cursor"],
    ["cursor", "pigeon_send_sms"],
    ["agent_id", ""],
    ["surprise", "1"],
  ];

  for (const [field, value] of queries) {
    const { status, body } = await getTools(world.apiKey, { [field]: value });
    assertEquals([status, body.error?.code], [400, "invalid_request"], `${field}=${value}`);
    assertEquals(body.error.details.issues[0].field, field);
  }
  const { token } = await addPerson(sql, world);
  const { status, body } = await getTools(token);
  assertEquals([status, body.error.details.issues[0].field], [400, "agent_id"]);
});

databaseTest("no person and no visitor calls what the function calls", async (sql) => {
  const world = await createToolWorld(sql);
  const { client } = await addPerson(sql, world, "owner");

  const { error } = await client.rpc("list_agent_tools", { caller: { api_key: world.apiKey } });

  assertEquals(error?.code, "42501");
});

databaseTest("a person's own account is listed to nobody else in the workspace", async (sql) => {
  const world = await createToolWorld(sql);
  const person = await addPerson(sql, world);
  const [connection] = await sql`
    select id from public.store_connection(
      ${person.id}, ${world.workspaceId}, 'telnyx', ${crypto.randomUUID()}, 'Mine',
      ${sql.json({ key: "x" })}, ${crypto.randomUUID() + crypto.randomUUID()}, 'x', '[]', true
    )`;
  await asUser(sql, person.id, (tx) =>
    tx`
    select public.grant_agent_permission(${world.agentId}, ${connection!.id}, '{sms}')`);
  const colleague = await addPerson(sql, world, "admin");
  const query = { agent_id: world.agentId };

  assert(namesOf(await getTools(person.token, query)).includes("telnyx_send_sms"));
  assertEquals(namesOf(await getTools(colleague.token, query)), ALL_KEYS);
});

Deno.test("tools are listed with one request to the database, for a key and for a person", async () => {
  const row = {
    agent: { id: "a", name: "Agent" },
    tools: [],
    next_cursor: null,
    empty_because: { code: "nothing_granted", message: "Nothing: grant something" },
  };
  const authenticate: Authenticate = (token) => Promise.resolve({ id: "person", token });
  const bearers = { [`sbk_${"0".repeat(64)}`]: "api_key", "a.b.c": "actor_id" };

  for (const [bearer, field] of Object.entries(bearers)) {
    const { service, calls } = scriptedService({ list_agent_tools: () => succeed([row]) });
    const app = createApp({ authenticate, service });

    const answer = await app.request("/get-agent-tools?agent_id=a", {
      headers: { authorization: `Bearer ${bearer}` },
    });

    assertEquals(answer.status, 200);
    assertEquals(calls.map(({ name }) => name), ["list_agent_tools"]);
    assert(field in (calls[0]!.input.caller as object));
  }
});
