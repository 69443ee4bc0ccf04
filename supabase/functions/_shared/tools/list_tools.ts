import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import type { Json } from "../database/types.ts";
import type { AgentCaller } from "./caller.ts";
import type { ListedTool } from "./formats.ts";

export interface ToolPage {
  agent: { id: string; name: string };
  /** In their order: first those that choose the connection themselves, then provider by provider. */
  tools: ListedTool[];
  /** Null on the last page. */
  nextCursor: string | null;
  /** Why there is not one tool, and what to do; null where there is. */
  emptyBecause: { code: string; message: string } | null;
}

/** As `list_agent_tools` builds it. */
interface ToolRow {
  capability_key: string;
  display_label: string;
  description: string;
  arguments_schema: { [keyword: string]: Json };
  is_read_only: boolean;
  is_destructive: boolean;
  is_idempotent: boolean;
  connection_ids: string[];
}

/** What the agent may use now, in one round trip that also finds out who asks. */
export async function listTools(
  service: DatabaseClient,
  caller: AgentCaller,
  { limit, cursor }: { limit?: number | undefined; cursor?: string | undefined } = {},
): Promise<ToolPage> {
  const [page] = dataOf(
    await service.rpc("list_agent_tools", {
      caller: { ...caller },
      ...(limit === undefined ? {} : { page_limit: limit }),
      ...(cursor === undefined ? {} : { after_key: cursor }),
    }),
  );
  if (!page) throw new Error("list_agent_tools returned no row");
  const connections = page.connections as ListedTool["connections"];
  return {
    agent: page.agent as ToolPage["agent"],
    tools: (page.tools as unknown as ToolRow[]).map((row) => toListedTool(row, connections)),
    nextCursor: page.next_cursor,
    emptyBecause: page.empty_because as ToolPage["emptyBecause"],
  };
}

function toListedTool(row: ToolRow, connections: ListedTool["connections"]): ListedTool {
  return {
    key: row.capability_key,
    label: row.display_label,
    description: row.description,
    schema: row.arguments_schema,
    isReadOnly: row.is_read_only,
    isDestructive: row.is_destructive,
    isIdempotent: row.is_idempotent,
    connections: connections.filter(({ id }) => row.connection_ids.includes(id)),
  };
}
