import { type ErrorCode } from "../http/error.ts";
import type { AgentCaller } from "./caller.ts";
import { withCanonicalAddresses } from "./canonical_addresses.ts";
import { completeToolCall } from "./complete_tool_call.ts";
import { parseToolArguments, toolDefinitions } from "./definitions/registry.ts";
import { keepable, keepableName } from "./keepable.ts";
import type { AskDeps, JsonObject } from "./operations/registry.ts";
import { beginToolCall } from "./tool_call_rows.ts";

export interface ToolDeps extends AskDeps {
  /** Wakes the dispatcher in the background. */
  kickDispatch(): void;
}

export interface ToolRequest {
  tool: string;
  /** An object, or its JSON text, which OpenAI's models write. */
  arguments: unknown;
  /** The agent's own name of its run, and the model's id of the call within it: 1 to 255 characters. */
  run_id: string;
  call_id: string;
  /** Why, in the model's words, for the people who read what it did: up to 1000 characters. */
  reason?: string | undefined;
}

/** What a tool call came to, in a shape for models: short, without nulls or secrets. */
export interface ToolAnswer {
  /** Null where nothing could be written down. */
  toolCallId: string | null;
  status: "succeeded" | "awaiting_approval" | "refused" | "failed" | "running";
  /** The same call was made before, and this is what it came to. */
  isDuplicate: boolean;
  result?: JsonObject;
  error?: { code: ErrorCode; message: string; field?: string; hint: string };
  /** One sentence: what the model should do now. */
  next?: string;
}

/**
 * The one way in which an agent acts. Every refusal is an answer; it throws for callers who are nobody
 * (401, 404) and where the database cannot be reached.
 */
export async function executeTool(
  deps: ToolDeps,
  caller: AgentCaller,
  request: ToolRequest,
): Promise<ToolAnswer> {
  const { run_id, call_id, reason } = request;
  const definition = toolDefinitions.get(request.tool);
  const tool = definition?.key ?? keepableName(request.tool);
  const row = await beginToolCall(deps.service, caller, {
    tool,
    run_id,
    call_id,
    ...(reason ? { reason } : {}),
    ...readArguments(request.tool, request.arguments),
  });
  return await completeToolCall(deps, row, {
    action: `use ${tool}`,
    family: definition?.family ?? "",
    isReadOnly: definition?.isReadOnly ?? true,
  });
}

/** What breaks the rules is written down as it came, for people to see, and goes no further. */
function readArguments(tool: string, value: unknown): JsonObject {
  const given = typeof value === "string" ? readJsonText(value) : value;
  const definition = toolDefinitions.get(tool);
  if (!definition) return { arguments: keepable(given) };
  const parsed = parseToolArguments(definition, given);
  return "flaw" in parsed
    ? { arguments: keepable(given), flaw: { ...parsed.flaw } }
    : { arguments: withCanonicalAddresses(parsed.arguments) };
}

function readJsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
