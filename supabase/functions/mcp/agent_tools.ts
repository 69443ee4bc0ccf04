import type { AgentCaller } from "../_shared/tools/caller.ts";
import type { ToolAnswer, ToolRequest } from "../_shared/tools/execute_tool.ts";
import type { ToolPage } from "../_shared/tools/list_tools.ts";

/** The two doors that every agent has; each finds out who knocks, and throws 401 for nobody. */
export interface AgentTools {
  listTools(
    caller: AgentCaller,
    page: { limit: number; cursor?: string | undefined },
  ): Promise<ToolPage>;
  executeTool(caller: AgentCaller, call: ToolRequest): Promise<ToolAnswer>;
}
