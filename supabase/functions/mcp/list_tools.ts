import type { ListToolsResult, Tool } from "@modelcontextprotocol/server";
import * as z from "zod/mini";
import { AppError, ERROR_CODES } from "../_shared/http/error.ts";
import { text } from "../_shared/http/fields.ts";
import { toFormat } from "../_shared/tools/formats.ts";
import type { Fields } from "./message.ts";
import type { MethodContext } from "./methods.ts";
import { object, readParams } from "./params.ts";
import { OWN_META, RpcError } from "./protocol.ts";

const listParams = object({ cursor: z.optional(text(1000)) });

export async function listTools(
  { tools, caller, pageSize }: MethodContext,
  params: Fields,
): Promise<ListToolsResult> {
  const { cursor } = readParams(listParams, params);
  const page = await tools.listTools(caller, { limit: pageSize, cursor }).catch(refuseCursor);
  const { nextCursor, emptyBecause } = page;
  return {
    tools: page.tools.map((tool) => toFormat(tool, "mcp") as unknown as Tool),
    ...(nextCursor === null ? {} : { nextCursor }),
    ...(emptyBecause === null ? {} : { _meta: { [`${OWN_META}empty_because`]: emptyBecause } }),
  };
}

/** The cursor is all that a client chose of the request: what is wrong with it is wrong with that. */
function refuseCursor(error: unknown): never {
  if (error instanceof AppError && [400, 422].includes(ERROR_CODES[error.code])) {
    throw new RpcError("invalid_params", error.message);
  }
  throw error;
}
