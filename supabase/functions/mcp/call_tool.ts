import type { CallToolResult } from "@modelcontextprotocol/server";
import * as z from "zod/mini";
import { AppError, ERROR_CODES } from "../_shared/http/error.ts";
import { text } from "../_shared/http/fields.ts";
import type { ToolAnswer, ToolRequest } from "../_shared/tools/execute_tool.ts";
import type { Fields } from "./message.ts";
import type { MethodContext } from "./methods.ts";
import { invalidParams, object, readParams, string } from "./params.ts";
import { OWN_META, type RpcError } from "./protocol.ts";
import { toToolResult } from "./tool_result.ts";

const RUN_ID = `${OWN_META}run_id`;
const CALL_ID = `${OWN_META}call_id`;
const REASON = `${OWN_META}reason`;

const callParams = object({
  name: string(),
  arguments: z.optional(object({})),
  _meta: z.optional(object({
    [RUN_ID]: z.optional(text(255)),
    [CALL_ID]: z.optional(text(255)),
    [REASON]: z.optional(text(1000)),
  })),
});

/** Where the database did not answer, it may have done the work all the same. */
const UNKNOWN = "Nobody knows whether it was done: look before you call again";
const REFUSED = "It was not done: do not repeat the call as it is";

export async function callTool(
  { tools, caller }: MethodContext,
  params: Fields,
): Promise<CallToolResult> {
  const call = readCall(params);
  const answer = await tools.executeTool(caller, call).catch(toAnswer);
  // The protocol has no result of what is no tool.
  if (answer.error?.code === "tool_not_found") throw unknownTool(call.tool);
  return toToolResult(answer, call);
}

function readCall(params: Fields): ToolRequest {
  const { name, _meta = {} } = readParams(callParams, params);
  const { [RUN_ID]: runId, [CALL_ID]: callId, [REASON]: reason } = _meta as Record<
    string,
    string | undefined
  >;
  if (callId !== undefined && runId === undefined) {
    throw invalidParams(`Invalid params: _meta.${RUN_ID} is missing beside ${CALL_ID}`);
  }
  return {
    tool: name,
    // As they came: what the tool does not know is its to refuse.
    arguments: params.arguments ?? {},
    run_id: runId ?? crypto.randomUUID(),
    call_id: callId ?? crypto.randomUUID(),
    ...(reason === undefined ? {} : { reason }),
  };
}

function unknownTool(name: string): RpcError {
  return invalidParams(`Unknown tool: ${name.slice(0, 128)}`);
}

/** A refusal that was thrown reads like any other; who holds no valid key gets no result at all. */
function toAnswer(error: unknown): ToolAnswer {
  if (!(error instanceof AppError) || error.code === "not_authenticated") throw error;
  const { code, message, details } = error;
  const isOurs = ERROR_CODES[code] >= 500;
  return {
    toolCallId: null,
    status: isOurs ? "failed" : "refused",
    isDuplicate: false,
    error: { code, message, hint: isOurs ? UNKNOWN : details.hint ?? REFUSED },
  };
}
