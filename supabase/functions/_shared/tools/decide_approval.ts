import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import { AppError } from "../http/error.ts";
import { completeToolCall } from "./complete_tool_call.ts";
import type { ToolAnswer, ToolDeps } from "./execute_tool.ts";
import { decideApproval, runApproved, type ToolCallRow } from "./tool_call_rows.ts";

export interface Decision {
  decision: "approve" | "refuse";
  note?: string | undefined;
}

/** A member's word on what an agent wants to do. What is approved is done before this returns. */
export async function decideAndRun(
  deps: ToolDeps,
  member: DatabaseClient,
  approvalId: string,
  decision: Decision,
): Promise<ToolAnswer> {
  const decided = await decide(member, approvalId, decision);
  const row = decided && (decision.decision === "refuse" || decided.state !== "awaiting_approval")
    ? decided
    : await runIfApproved(deps.service, approvalId, decided);
  return await completeToolCall(deps, row, {
    action: "do what was approved",
    family: row.ask?.family ?? "",
    isReadOnly: false,
  });
}

/** Null where the same was decided before: by somebody whose answer was lost, or who died before acting. */
async function decide(
  member: DatabaseClient,
  approvalId: string,
  decision: Decision,
): Promise<ToolCallRow | null> {
  try {
    return await decideApproval(member, approvalId, decision);
  } catch (error) {
    const isDecided = error instanceof AppError && error.code === "conflict";
    if (!isDecided || decision.decision === "refuse") throw error;
    const approval = dataOf(
      await member.from("agent_approvals").select("status").eq("id", approvalId).maybeSingle(),
    );
    if (approval?.status !== "approved") throw error;
    return null;
  }
}

/** A provider is asked by whoever begins what was approved; what waits for another word is not begun. */
async function runIfApproved(
  service: DatabaseClient,
  approvalId: string,
  decided: ToolCallRow | null,
): Promise<ToolCallRow> {
  try {
    return await runApproved(service, approvalId);
  } catch (error) {
    const isPending = error instanceof AppError && error.code === "not_found";
    if (isPending && decided) return decided;
    throw error;
  }
}
