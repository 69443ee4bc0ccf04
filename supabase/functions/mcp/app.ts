import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { createBaseApp } from "../_shared/http/app.ts";
import { AppError } from "../_shared/http/error.ts";
import type { AgentCaller } from "../_shared/tools/caller.ts";
import type { AgentTools } from "./agent_tools.ts";
import { readEra } from "./era.ts";
import { readBody, readCall, readId, type RequestId } from "./message.ts";
import { complete, findMethod, LISTEN, type MethodContext } from "./methods.ts";
import { allowOrigins } from "./origins.ts";
import { RpcError } from "./protocol.ts";
import { endedSubscription, rpcErrorResponse, rpcResponse } from "./rpc_response.ts";

export interface McpDeps {
  tools: AgentTools;
  /** Where pages may call from, such as https://app.example.com. */
  allowedOrigins: readonly string[];
  /** How many tools a page of the list has: all of them, since not every client turns pages. */
  pageSize?: number;
}

const PAGE_SIZE = 100;
/** The content of an e-mail may have a million characters. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * The agents' tools as a server of the Model Context Protocol over Streamable HTTP. Nothing is kept
 * between two requests, so there are no sessions, and no streams to listen to (405).
 */
export function createApp(deps: McpDeps) {
  const { tools, pageSize = PAGE_SIZE } = deps;
  return createBaseApp({
    name: "mcp",
    cors: allowOrigins(deps.allowedOrigins),
    maxBodyBytes: MAX_BODY_BYTES,
  })
    .use(challenge)
    .post("/", async (c) => {
      const caller = readAgentKey(c);
      const asked = watch(tools);
      const response = await answer(c, { tools: asked.tools, caller, pageSize });
      // Whoever holds no valid key learns nothing, not even what was wrong with the request.
      if (!asked.isAsked()) await tools.listTools(caller, { limit: 1 });
      return response;
    });
}

/** Tells a client that was refused what to send. There is no OAuth server that it could be sent to. */
const challenge = createMiddleware(async (c, next) => {
  await next();
  if (c.res.status !== 401) return;
  const isWrong = c.req.header("authorization") !== undefined;
  c.res.headers.set(
    "www-authenticate",
    `Bearer realm="switchboard"${isWrong ? ', error="invalid_token"' : ""}`,
  );
});

function readAgentKey(c: Context): AgentCaller {
  const key = /^Bearer (sbk_[\w-]{1,200})$/i.exec(c.req.header("authorization") ?? "")?.[1];
  if (key === undefined) {
    throw new AppError("not_authenticated", "Cannot act: no key of an agent", {
      hint: "Send a key that create_agent_key gave, as Authorization: Bearer sbk_…",
    });
  }
  return { api_key: key };
}

/** Listing and executing have the key checked by the same query that does the work. */
function watch(tools: AgentTools): { tools: AgentTools; isAsked(): boolean } {
  let isAsked = false;
  return {
    tools: {
      listTools(caller, page) {
        isAsked = true;
        return tools.listTools(caller, page);
      },
      executeTool(caller, call) {
        isAsked = true;
        return tools.executeTool(caller, call);
      },
    },
    isAsked: () => isAsked,
  };
}

async function answer(c: Context, context: MethodContext): Promise<Response> {
  let id: RequestId | undefined;
  try {
    requireJson(c);
    const body = readBody(await c.req.arrayBuffer());
    id = readId(body);
    const call = readCall(body);
    const era = readEra(c.req.raw.headers, { id, ...call });
    if (id === undefined) return new Response(null, { status: 202 });
    const method = findMethod(era, call.method);
    if (!method) {
      const status = era === "stateless" ? 404 : 200;
      throw new RpcError(
        "method_not_found",
        `Method not found: ${call.method.slice(0, 100)}`,
        status,
      );
    }
    const result = complete(era, await method(context, call.params));
    return call.method === LISTEN ? endedSubscription(id, result) : rpcResponse(id, result);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return rpcErrorResponse(error, id);
  }
}

/** A page can post plain text to any server without asking first, but not JSON. */
function requireJson(c: Context): void {
  const [type = ""] = (c.req.header("content-type") ?? "").split(";");
  if (type.trim().toLowerCase() === "application/json") return;
  throw new RpcError("invalid_request", "Cannot read the body: send it as application/json", 415);
}
