import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { RpcError } from "./protocol.ts";
import { rpcErrorResponse } from "./rpc_response.ts";

/** Every header that the protocol has clients send. */
const ALLOWED_HEADERS = [
  "apikey",
  "authorization",
  "content-type",
  "mcp-method",
  "mcp-name",
  "mcp-protocol-version",
  "x-client-info",
  "x-request-id",
];

/**
 * Refuses pages of origins that the operator did not name. Only browsers send one, and a page that got
 * itself a name of this machine (DNS rebinding) is found out by it; the protocol asks for no more.
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#security-&-endpoint (read 2026-11-20)
 */
export function allowOrigins(allowed: readonly string[]): MiddlewareHandler {
  const forBrowsers = cors({
    origin: [...allowed],
    allowMethods: ["POST"],
    allowHeaders: ALLOWED_HEADERS,
    exposeHeaders: ["retry-after", "www-authenticate", "x-request-id"],
    maxAge: 86400,
  });
  return async (c, next) => {
    const origin = c.req.header("origin");
    if (origin === undefined) return await next();
    if (!allowed.includes(origin)) {
      return rpcErrorResponse(
        new RpcError(
          "invalid_request",
          "Cannot serve this origin: it is not in MCP_ALLOWED_ORIGINS",
          403,
        ),
      );
    }
    return await forBrowsers(c, next);
  };
}

/** From a list with commas between; whatever is no origin, such as one with a path, would never match. */
export function readOrigins(list: string | undefined): string[] {
  const origins = (list ?? "").split(",").map((item) => item.trim()).filter((item) => item !== "");
  for (const origin of origins) {
    if (URL.parse(origin)?.origin !== origin) {
      throw new Error(`Cannot start: MCP_ALLOWED_ORIGINS holds ${origin}, which is no origin`);
    }
  }
  return origins;
}
