import { assertEquals } from "@std/assert";
import { providers } from "../../supabase/functions/_shared/providers/registry.ts";
import { callFunction } from "../support/functions.ts";
import { serviceClient } from "../support/people.ts";
import { connectToDatabase } from "../support/stack.ts";
import { manage } from "./providers/desk.ts";
import { type AgentDesk, execute, openAgentDesk, setLines } from "./tools/agent_desk.ts";

/** What is taken from an agent is neither listed nor executed from the next request on. */

const BALANCE = "twilio_get_balance";

async function listedTools({ apiKey }: AgentDesk): Promise<string[]> {
  const { status, body } = await callFunction("get-agent-tools?format=mcp&limit=100", {
    token: apiKey,
  });
  return status === 200 ? body.tools.map(({ name }: { name: string }) => name) : [String(status)];
}

interface Removal {
  what: string;
  remove(desk: AgentDesk): PromiseLike<unknown>;
  /** What is left of the tools. */
  left(before: string[]): string[];
  refusal: [status: number, code: string];
}

const withoutBalance = (before: string[]) => before.filter((name) => name !== BALANCE);
const none = () => [];

const grantWithout = async ({ owner, agentId, connectionId }: AgentDesk, scope: string) => {
  const { data } = await serviceClient().from("agent_integration_permissions")
    .select("allowed_scopes").eq("agent_id", agentId).single();
  return await owner.client.rpc("grant_agent_permission", {
    agent_id: agentId,
    connection_id: connectionId,
    allowed_scopes: data!.allowed_scopes.filter((granted) => granted !== scope),
  });
};

const REMOVALS: Removal[] = [
  {
    what: "a scope that is removed",
    remove: (desk) => grantWithout(desk, "balance"),
    left: withoutBalance,
    refusal: [403, "tool_not_allowed"],
  },
  {
    what: "a scope that is denied",
    remove: ({ owner, agentId, connectionId }) =>
      owner.client.rpc("deny_agent_scopes", {
        agent_id: agentId,
        connection_id: connectionId,
        denied_scopes: ["balance"],
      }),
    left: withoutBalance,
    refusal: [403, "tool_not_allowed"],
  },
  {
    what: "a tool that is denied",
    remove: (desk) => setLines(desk, { denied_capability_keys: [BALANCE] }),
    left: withoutBalance,
    refusal: [403, "tool_not_allowed"],
  },
  {
    what: "a grant that is revoked",
    async remove({ owner, agentId }) {
      const { data } = await owner.client.from("agent_integration_permissions").select("id")
        .eq("agent_id", agentId).single();
      return await owner.client.rpc("revoke_agent_permission", { permission_id: data!.id });
    },
    left: none,
    refusal: [403, "tool_not_allowed"],
  },
  {
    what: "a connection whose breaker is open",
    async remove({ workspaceId, connectionId }) {
      const sql = connectToDatabase(1);
      await sql`
        insert into public.connection_health (connection_id, workspace_id, state, opened_at, probe_at)
        values (${connectionId}, ${workspaceId}, 'open', now(), now() + interval '1 hour')
        on conflict (connection_id) do update
        set state = 'open', opened_at = excluded.opened_at, probe_at = excluded.probe_at`;
      await sql.end();
    },
    left: none,
    refusal: [503, "connection_unavailable"],
  },
  {
    what: "a connection that is disconnected",
    remove: (desk) => manage(desk, "DELETE"),
    left: none,
    refusal: [403, "tool_not_allowed"],
  },
  {
    what: "an agent that is switched off",
    remove: ({ owner, agentId }) =>
      owner.client.from("agents").update({ is_active: false }).eq("id", agentId),
    left: none,
    refusal: [403, "agent_inactive"],
  },
  {
    what: "a key that is revoked",
    async remove({ owner, agentId }) {
      const { data } = await owner.client.from("agent_api_keys").select("id")
        .eq("agent_id", agentId).single();
      return await owner.client.rpc("revoke_agent_key", { key_id: data!.id });
    },
    left: () => ["401"],
    refusal: [401, "not_authenticated"],
  },
];

for (const { what, remove, left, refusal } of REMOVALS) {
  Deno.test(`${what} takes exactly its tools along`, async () => {
    const desk = await openAgentDesk(providers.get("twilio")!);
    const before = await listedTools(desk);
    const worked = await execute(desk, BALANCE, {});

    await remove(desk);
    const after = await execute(desk, BALANCE, {});

    assertEquals([before.includes(BALANCE), worked.status], [true, 200]);
    assertEquals([after.status, after.body.error?.code], refusal, JSON.stringify(after.body));
    assertEquals(await listedTools(desk), left(before));
  });
}
