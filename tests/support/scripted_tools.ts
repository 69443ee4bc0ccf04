import { AppError } from "../../supabase/functions/_shared/http/error.ts";
import type { AgentCaller } from "../../supabase/functions/_shared/tools/caller.ts";
import type {
  ToolAnswer,
  ToolRequest,
} from "../../supabase/functions/_shared/tools/execute_tool.ts";
import type { JsonObject } from "../../supabase/functions/_shared/tools/operations/ask.ts";
import type { ListedTool } from "../../supabase/functions/_shared/tools/formats.ts";
import type { AgentTools } from "../../supabase/functions/mcp/agent_tools.ts";

type Answer = Pick<ToolAnswer, "status"> & Partial<ToolAnswer>;

/** What a test gives its agent. */
export interface Script {
  tools?: ListedTool[];
  /** By the tool's key; a tool without one answers with its arguments. */
  answers?: Record<string, (call: ToolRequest) => Answer | Promise<Answer>>;
  emptyBecause?: { code: string; message: string } | null;
}

const AGENT = { id: crypto.randomUUID(), name: "Front desk" };
export const API_KEY = "sbk_test-key-of-an-agent";

export function tool(key: string, more: Partial<ListedTool> = {}): ListedTool {
  return {
    key,
    label: key.replaceAll("_", " "),
    description: `Does what ${key} says.`,
    schema: { type: "object", properties: {}, required: [], additionalProperties: false },
    isReadOnly: false,
    isDestructive: true,
    isIdempotent: false,
    connections: [],
    ...more,
  };
}

/** The agents' tools in memory: one key, pages by position, and a repeated call is the first one. */
export function scriptedTools({ tools = [], answers = {}, emptyBecause = null }: Script = {}) {
  const calls: ToolRequest[] = [];
  const seen = new Map<string, ToolAnswer>();
  const requireKey = (caller: AgentCaller) => {
    if (!("api_key" in caller) || caller.api_key !== API_KEY) {
      throw new AppError("not_authenticated", "Cannot act: unknown key");
    }
  };
  const agentTools: AgentTools = {
    async listTools(caller, { limit, cursor = "0" }) {
      await Promise.resolve(requireKey(caller));
      const first = Number(cursor);
      if (!Number.isInteger(first)) throw new AppError("invalid_request", "Cannot read the cursor");
      const next = first + limit;
      return {
        agent: AGENT,
        tools: tools.slice(first, next),
        nextCursor: next < tools.length ? String(next) : null,
        emptyBecause,
      };
    },
    async executeTool(caller, call) {
      requireKey(caller);
      calls.push(call);
      const identity = JSON.stringify([call.run_id, call.call_id, call.tool, call.arguments]);
      const first = seen.get(identity);
      if (first) return { ...first, isDuplicate: true };
      const answer = { toolCallId: crypto.randomUUID(), isDuplicate: false, ...await run(call) };
      seen.set(identity, answer);
      return answer;
    },
  };
  function run(call: ToolRequest): Answer | Promise<Answer> {
    if (!tools.some(({ key }) => key === call.tool)) {
      const error = {
        code: "tool_not_found",
        message: "No such tool",
        hint: "Use another",
      } as const;
      return { status: "refused", error };
    }
    return answers[call.tool]?.(call) ??
      { status: "succeeded", result: call.arguments as JsonObject };
  }
  return { tools: agentTools, calls };
}
