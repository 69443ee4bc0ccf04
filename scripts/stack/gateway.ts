import { allowAnyOrigin, answerPreflight } from "./cors.ts";
import { errorResponse } from "./envelope.ts";
import { describeError } from "./errors.ts";
import { portInUse } from "./ports.ts";
import { settlesWithin } from "./processes.ts";
import type { Origin } from "./proxy.ts";
import type { Log } from "./types.ts";

/** What the gateway hands requests to. */
export interface Routes {
  authAndData(request: Request): Promise<Response>;
  /** The path begins with the function's name and keeps the query. */
  functions(request: Request, path: string, origin: Origin): Promise<Response>;
}

/** The one address that clients know. */
export interface Gateway {
  port: number;
  /** Until called, every request is told to come back. */
  open(routes: Routes): void;
  /** Tells every request from now on that the stack is not there. */
  close(): void;
  stop(): Promise<void>;
}

const STOP_PATIENCE_MS = 2_000;
const FUNCTIONS = "/functions/v1";

/** Listens on loopback; port 0 takes any free one. */
export function startGateway(port: number, log: Log): Gateway {
  let routes: Routes | undefined;
  let server: Deno.HttpServer<Deno.NetAddr>;
  const aborter = new AbortController();
  const options = { hostname: "127.0.0.1", port, signal: aborter.signal, onListen: () => {} };
  try {
    server = Deno.serve(options, async (request, info) => {
      try {
        return await route(request, routes, { clientAddress: info.remoteAddr.hostname });
      } catch (error) {
        if (!request.signal.aborted) {
          log(
            `Cannot answer ${request.method} ${new URL(request.url).pathname}: ${
              describeError(error)
            }`,
          );
        }
        return errorResponse(500, "internal", "Cannot answer: see the log");
      }
    });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw portInUse(port, "the gateway", "give another one with --port");
  }
  return {
    port: server.addr.port,
    open: (opened) => {
      routes = opened;
    },
    close: () => {
      routes = undefined;
    },
    async stop() {
      const closed = server.shutdown();
      if (!await settlesWithin(closed, STOP_PATIENCE_MS)) aborter.abort();
      await closed;
    },
  };
}

async function route(
  request: Request,
  routes: Routes | undefined,
  origin: Origin,
): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  if (routes === undefined) {
    return errorResponse(503, "unavailable", "Cannot answer: the stack is starting or stopping");
  }
  if (pathname === "/health") return Response.json({ status: "ok" });
  if (["/auth/v1", "/rest/v1", "/storage/v1"].some((prefix) => isBelow(pathname, prefix))) {
    return answerPreflight(request) ?? allowAnyOrigin(await routes.authAndData(request));
  }
  if (pathname.startsWith(`${FUNCTIONS}/`)) {
    if (request.headers.has("upgrade")) {
      return errorResponse(501, "unsupported", "Cannot upgrade: only HTTP is served");
    }
    return await routes.functions(request, pathname.slice(FUNCTIONS.length) + search, origin);
  }
  return errorResponse(404, "not_found", `Cannot find ${pathname}`);
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}
