import { AppError, type ErrorCode, isErrorCode } from "../http/error.ts";
import { logDefect } from "../log_defect.ts";
import { persist } from "../persist.ts";
import { fitAnswer } from "./answers/fit.ts";
import { NEXT_WHILE_WAITING, nextAfterError, nextAfterSuccess } from "./answers/next_steps.ts";
import type { ToolAnswer, ToolDeps } from "./execute_tool.ts";
import { type Ask, type AskOutcome, askProvider } from "./operations/registry.ts";
import { finishToolCall, type ToolCallRow } from "./tool_call_rows.ts";

/** What a tool call is about, for the words that it is answered with. */
export interface Purpose {
  /** As it goes on after `Cannot`. */
  action: string;
  /** Empty where it is not known. */
  family: string;
  /** What only reads leaves nothing to the dispatcher. */
  isReadOnly: boolean;
}

/** Asks the provider where that is left to do, and tells what it all came to. */
export async function completeToolCall(
  deps: ToolDeps,
  row: ToolCallRow,
  purpose: Purpose,
): Promise<ToolAnswer> {
  if (row.state === "ask") return toAnswer(await askAndFinish(deps, row), purpose);
  const isQueued = row.state === "succeeded" && row.result?.status === "queued";
  if (isQueued && !row.is_duplicate && !purpose.isReadOnly) deps.kickDispatch();
  return toAnswer(row, purpose);
}

async function askAndFinish(deps: ToolDeps, row: ToolCallRow): Promise<ToolCallRow> {
  const { tool_call_id: id, ask } = row;
  if (!ask || !id) throw new Error("A tool call is to ask, and does not say what");
  const outcome = await askSafely(deps, ask, id);
  if (!outcome) return { ...row, state: "running" };
  const finished = await persist(
    "Finishing a tool call",
    () => finishToolCall(deps.service, id, outcome),
  );
  // Where it could not be written down, the next try asks again, or finds the call that was placed.
  return finished ?? {
    ...row,
    ...("result" in outcome ? { state: "succeeded", result: outcome.result } : {
      state: "failed",
      error_code: outcome.error.code,
      error_message: outcome.error.message,
    }),
  };
}

/** A tool call must not stay open because we stumbled: it has failed, and may be made again. */
async function askSafely(deps: ToolDeps, ask: Ask, id: string): Promise<AskOutcome | null> {
  try {
    const outcome = await askProvider(deps, ask, id);
    return outcome && "result" in outcome ? { result: fitAnswer(outcome.result) } : outcome;
  } catch (error) {
    logDefect(`Asking for ${ask.family}`, error);
    const code: ErrorCode = error instanceof AppError ? error.code : "internal";
    return { error: { code, message: "Cannot ask the provider: something went wrong here" } };
  }
}

function toAnswer(row: ToolCallRow, purpose: Purpose): ToolAnswer {
  const { tool_call_id: toolCallId, state, is_duplicate: isDuplicate } = row;
  const result = fitAnswer(row.result ?? {});
  switch (state) {
    case "succeeded": {
      const next = nextAfterSuccess(purpose.family, result);
      const known = { toolCallId, status: state, isDuplicate, result };
      return next === undefined ? known : { ...known, next };
    }
    case "awaiting_approval":
      return { toolCallId, status: state, isDuplicate, result, next: NEXT_WHILE_WAITING };
    case "refused":
    case "failed": {
      const error = toError(row, purpose);
      return { toolCallId, status: state, isDuplicate, error, next: error.hint };
    }
    case "running": {
      const next = nextAfterError("request_in_progress");
      return { toolCallId, status: state, isDuplicate: true, next };
    }
    default:
      throw new Error("A tool call is in an unknown state");
  }
}

function toError(
  { error_code, error_field, error_message, hint }: ToolCallRow,
  { action }: Purpose,
) {
  const code: ErrorCode = isErrorCode(error_code) ? error_code : "internal";
  const reason = error_message ?? "something went wrong here";
  return {
    code,
    message: reason.startsWith("Cannot ") ? reason : `Cannot ${action}: ${reason}`,
    ...(error_field ? { field: error_field } : {}),
    hint: hint ?? nextAfterError(code),
  };
}
