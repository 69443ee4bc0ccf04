import type postgres from "postgres";
import { createApp } from "../../supabase/functions/get-agent-tools/app.ts";
import { createAuthenticate } from "../../supabase/functions/_shared/http/authentication.ts";
import { createServiceClient } from "../../supabase/functions/_shared/database/client.ts";
import { readEnvironment } from "../../supabase/functions/_shared/environment.ts";
import type { Stack } from "../stack/types.ts";
import { type Caller, compareLatency } from "./measure.ts";

const CONNECTIONS = 10;
const TOOLS = 60;

/**
 * What the database does for a key that asks for its tools, against the bare join that finds the same
 * rows; and how many requests to the database the function makes for it.
 */
export async function compareAgentTools(sql: postgres.Sql, stack: Stack): Promise<boolean[]> {
  const { agentId, apiKey } = await createAgent(sql);
  const caller = sql.json({ api_key: apiKey });
  const list = () => sql`select * from public.list_agent_tools(${caller})`;
  const join = () =>
    sql`
      select t.capability_key, t.display_label, t.description, t.arguments_schema, t.is_read_only,
        t.is_destructive, t.is_idempotent, p.name as provider, c.id as connection_id, c.display_name
      from public.agent_integration_permissions as g
      join public.connections as c on c.id = g.connection_id
      join public.service_providers as p on p.name = c.provider
      join public.integration_capabilities as t
        on t.integration_id = p.id and t.required_scope = any (g.allowed_scopes)
      where g.agent_id = ${agentId}
      order by p.name, t.display_order`;
  const [page] = await list();
  const keysOf = (tools: Iterable<{ capability_key?: string }>) =>
    Array.from(tools, (tool) => tool.capability_key);
  const keys = keysOf(page!.tools);
  if (keys.length !== TOOLS || keys.join() !== keysOf(await join()).join()) {
    throw new Error(`Cannot compare: ${keys.length} tools in place of ${TOOLS}, or other ones`);
  }
  return [
    await compareLatency({
      name: `Agent tools: ${TOOLS} on ${CONNECTIONS} connections, the whole of it against the join`,
      ceiling: 2,
      subject: { name: "list_agent_tools", call: timed(list) },
      reference: { name: "bare join", call: timed(join) },
    }),
    await countRequests(stack, apiKey),
  ];
}

const timed = (query: () => Promise<unknown>): Caller["call"] => async () => {
  const startedAt = performance.now();
  await query();
  return performance.now() - startedAt;
};

/** An agent with an account of every provider, and as many tools as are measured. */
async function createAgent(sql: postgres.Sql): Promise<{ agentId: string; apiKey: string }> {
  const userId = crypto.randomUUID();
  await sql`insert into auth.users (id, email) values (${userId}, ${`bench-${userId}@example.com`})`;
  const asOwner = <Row>(work: (tx: postgres.TransactionSql) => Promise<Row[]>) =>
    sql.begin(async (tx) => {
      await tx`select set_config('request.jwt.claims', ${JSON.stringify({ sub: userId })}, true)`;
      await tx`set local role authenticated`;
      return await work(tx);
    }) as Promise<Row[]>;
  const [workspace] = await asOwner((tx) => tx`select id from public.create_workspace('Bench')`);
  const connections = await sql`
    select c.id, array(
      select jsonb_array_elements_text(p.scopes_supported) except all values ('numbers'), ('voice')
    ) as scopes
    from public.service_providers as p
    cross join lateral public.store_connection(
      ${userId}, ${workspace!.id}, p.name, 'account', p.display_name, '{"key": "x"}',
      gen_random_uuid()::text || gen_random_uuid(), 'x', '[]'
    ) as c
    order by p.name limit ${CONNECTIONS}`;
  const [agent] = await asOwner((tx) =>
    tx`
    insert into public.agents (workspace_id, name) values (${workspace!.id}, 'Bench') returning id`
  );
  for (const { id, scopes } of connections) {
    await asOwner((tx) =>
      tx`
      select from public.grant_agent_permission(${agent!.id}, ${id}, ${scopes})`
    );
  }
  // Those that work whatever the provider stand once for ten connections, which no join of rows does.
  await asOwner((tx) =>
    tx`
    update public.agent_guardrails
    set denied_capability_keys = array(
      select capability_key from public.integration_capabilities where integration_id is null
    )
    where agent_id = ${agent!.id}`
  );
  const [key] = await asOwner((tx) =>
    tx`
    select api_key from public.create_agent_key(
      ${agent!.id}, 'Bench', array(
        select distinct required_scope from public.integration_capabilities where required_scope is not null
      )
    )`
  );
  return { agentId: agent!.id, apiKey: key!.api_key };
}

/** Lets the function itself answer, and counts what it asks over the network. */
async function countRequests(stack: Stack, apiKey: string): Promise<boolean> {
  const environment = readEnvironment((name) =>
    ({
      SUPABASE_URL: stack.url,
      SUPABASE_ANON_KEY: stack.publishableKey,
      SUPABASE_SERVICE_ROLE_KEY: stack.secretKey,
    })[name]
  );
  const bareFetch = globalThis.fetch;
  const requested: string[] = [];
  globalThis.fetch = (input, init) => {
    requested.push(new URL(input instanceof Request ? input.url : input).pathname);
    return bareFetch(input, init);
  };
  const app = createApp({
    authenticate: createAuthenticate(environment),
    service: createServiceClient(environment),
  });
  try {
    const answer = await app.request("/get-agent-tools", {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    const { tools } = await answer.json();
    const isOne = requested.length === 1 && tools.length === TOOLS;
    console.log(
      `\nAgent tools: ${tools.length} tools with ${requested.length} request (${requested.join()}): ` +
        (isOne ? "ok" : "TOO MANY"),
    );
    return isOne;
  } finally {
    globalThis.fetch = bareFetch;
  }
}
