import type { CallToolResult } from "@modelcontextprotocol/server";
import type { ToolAnswer, ToolRequest } from "../_shared/tools/execute_tool.ts";
import { OWN_META } from "./protocol.ts";

/** The model cannot make the same call again: the ids that would make it the same are not its own. */
const NEXT_WHILE_WAITING =
  "Nothing was done yet: a member of the workspace has to approve it, and then it is done by itself. " +
  "Tell the user so, try no other way, and do not call it again.";

/**
 * A tool's answer in the protocol's form: the same JSON as structured content and as text. What was not
 * done is a result too, so that the model reads it, and says so in a sentence before.
 */
export function toToolResult(answer: ToolAnswer, call: ToolRequest): CallToolResult {
  const { status, result, error } = answer;
  const next = nextOf(answer);
  const content = {
    status,
    ...(result === undefined ? {} : { result }),
    ...(error === undefined ? {} : { error }),
    ...(next === undefined ? {} : { next }),
  };
  const sentences = status === "succeeded" ? [] : [error?.message, error?.hint, next];
  return {
    content: [toText(sentences), JSON.stringify(content)].filter((text) => text !== "")
      .map((text) => ({ type: "text", text })),
    structuredContent: content,
    isError: status !== "succeeded" && status !== "awaiting_approval",
    _meta: {
      // A client that lost an answer asks again with these, and it stays one call.
      [`${OWN_META}run_id`]: call.run_id,
      [`${OWN_META}call_id`]: call.call_id,
      ...(answer.toolCallId === null ? {} : { [`${OWN_META}tool_call_id`]: answer.toolCallId }),
      ...(answer.isDuplicate ? { [`${OWN_META}is_duplicate`]: true } : {}),
    },
  };
}

function nextOf({ status, error, next }: ToolAnswer): string | undefined {
  if (status === "awaiting_approval") return NEXT_WHILE_WAITING;
  return next === error?.hint ? undefined : next;
}

function toText(sentences: (string | undefined)[]): string {
  return sentences.filter((sentence) => sentence !== undefined)
    .map((sentence) => /[.!?]$/.test(sentence) ? sentence : `${sentence}.`).join(" ");
}
