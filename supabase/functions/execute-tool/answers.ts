import type { Context } from "hono";
import { AppError } from "../_shared/http/error.ts";
import { REPLAY_HEADER } from "../_shared/http/idempotent.ts";
import type { ToolAnswer } from "../_shared/tools/execute_tool.ts";

const RUNNING_RETRY_AFTER_S = 2;

/** What the agent's program is answered; what the tool did not do is an error like any other. */
export function answerAgent(c: Context, answer: ToolAnswer): Response {
  const { status, isDuplicate, result, next } = answer;
  if (status !== "succeeded" && status !== "awaiting_approval") throw toError(answer);
  if (isDuplicate) c.header(REPLAY_HEADER, "true");
  const body = {
    tool_call: describeCall(answer),
    is_duplicate: isDuplicate,
    result,
    ...(next === undefined ? {} : { next }),
  };
  return c.json(body, status === "succeeded" ? 200 : 202);
}

function toError({ toolCallId, status, error, next }: ToolAnswer): AppError {
  const call = toolCallId === null ? {} : { tool_call: { id: toolCallId, status } };
  if (!error) {
    return new AppError(
      "request_in_progress",
      "Cannot repeat the call: the first one is not finished",
      { ...(next === undefined ? {} : { hint: next }), ...call },
      RUNNING_RETRY_AFTER_S,
    );
  }
  const { code, message, field, hint } = error;
  return new AppError(code, message, {
    ...(field === undefined
      ? {}
      : { issues: [{ field, message: message.replace(/^Cannot [^:]+: /, "") }] }),
    hint,
    ...call,
  });
}

/** What the person who decided is answered: the decision was taken, whatever became of the call. */
export function answerMember(
  c: Context,
  approvalId: string,
  decision: "approve" | "refuse",
  answer: ToolAnswer,
): Response {
  const { result, error } = answer;
  return c.json({
    approval: { id: approvalId, status: statusOf(decision, answer) },
    tool_call: {
      ...describeCall(answer),
      ...(result === undefined ? {} : { result }),
      ...(error === undefined || decision === "refuse" ? {} : { error }),
    },
  });
}

/** What was approved may cross another line by now, and wait for another word. */
function statusOf(decision: "approve" | "refuse", { status }: ToolAnswer): string {
  if (decision === "refuse") return "refused";
  return status === "awaiting_approval" ? "pending" : "approved";
}

function describeCall({ toolCallId, status }: ToolAnswer) {
  return { id: toolCallId, status };
}
