/** The tool calls' part of the database, as its functions answer. */
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import type { AgentCaller } from "./caller.ts";
import type { Ask, AskOutcome, JsonObject } from "./operations/registry.ts";

export interface ToolCallRow {
  tool_call_id: string | null;
  state: "succeeded" | "awaiting_approval" | "refused" | "failed" | "running" | "ask";
  is_duplicate: boolean;
  result: JsonObject | null;
  error_code: string | null;
  error_field: string | null;
  error_message: string | null;
  hint: string | null;
  /** What is left to do: ask this of a provider, then finish. */
  ask: Ask | null;
}

export async function beginToolCall(
  service: DatabaseClient,
  caller: AgentCaller,
  call: JsonObject,
): Promise<ToolCallRow> {
  return theOne(dataOf(await service.rpc("execute_agent_tool", { caller: { ...caller }, call })));
}

export async function finishToolCall(
  service: DatabaseClient,
  toolCallId: string,
  outcome: AskOutcome,
): Promise<ToolCallRow> {
  return theOne(
    dataOf(await service.rpc("finish_agent_tool", { tool_call_id: toolCallId, outcome })),
  );
}

/** As the person behind the client, who must be a member. */
export async function decideApproval(
  member: DatabaseClient,
  approvalId: string,
  { decision, note }: { decision: string; note?: string | undefined },
): Promise<ToolCallRow> {
  return theOne(
    dataOf(
      await member.rpc("decide_agent_approval", {
        approval_id: approvalId,
        decision,
        ...(note === undefined ? {} : { note }),
      }),
    ),
  );
}

/** Begins what was approved and is not begun yet. Whether the person may, is asked before. */
export async function runApproved(
  service: DatabaseClient,
  approvalId: string,
): Promise<ToolCallRow> {
  return theOne(dataOf(await service.rpc("run_approved_tool", { approval_id: approvalId })));
}

function theOne(answer: unknown): ToolCallRow {
  const row = Array.isArray(answer) ? answer[0] : answer;
  if (!row) throw new Error("A tool call's function returned no row");
  return row as ToolCallRow;
}
