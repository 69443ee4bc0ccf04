import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { requestId } from "hono/request-id";
import { Hono } from "hono/tiny";
import { AppError, errorResponse } from "./error.ts";

export interface AppOptions {
  /** The function's name, which the platform leaves at the start of every path. */
  name: string;
  /** `browserFacing()` where browsers may call it; the others do not carry it along. */
  cors?: MiddlewareHandler;
  /** 256 kB where it is not given. */
  maxBodyBytes?: number;
  /** Where larger bodies are read piece by piece: such paths, after the function's name. */
  uploads?: { path: RegExp; maxBodyBytes: number };
}

const DEFAULT_MAX_BODY_BYTES = 256 * 1024;

/** An app with what every function has: request id, body limit, CORS and the error envelope. */
export function createBaseApp(options: AppOptions): Hono {
  const app = new Hono({ strict: false }).basePath(`/${options.name}`);
  app.use(requestId({ limitLength: 64 }));
  app.use(async (c, next) => {
    await next();
    c.res.headers.set("x-request-id", c.var.requestId);
  });
  if (options.cors) app.use(options.cors);
  const limit = limitBody(options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES);
  const { uploads } = options;
  const limitUpload = uploads && limitBody(uploads.maxBodyBytes);
  app.use((c, next) =>
    limitUpload && uploads.path.test(c.req.path) ? limitUpload(c, next) : limit(c, next)
  );
  app.onError((error, c) => errorResponse(toAppError(error, options.name, c.var.requestId)));
  app.notFound((c) => {
    const allowed = METHODS.filter((method) => hasRoute(app, method, c.req.path));
    if (allowed.length === 0) {
      return errorResponse(new AppError("not_found", `Cannot find ${c.req.path}`));
    }
    const answer = errorResponse(
      new AppError("method_not_allowed", `Cannot ${c.req.method} here`, {
        hint: `Use ${allowed.join(" or ")}`,
      }),
    );
    answer.headers.set("allow", allowed.join(", "));
    return answer;
  });
  return app;
}

function limitBody(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new AppError("too_large", `Cannot read the body: more than ${maxSize} bytes`);
    },
  });
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Whether a handler, not only middleware, stands at this path for this method. */
function hasRoute(app: Hono, method: string, path: string): boolean {
  const [matches] = app.router.match(method, path);
  return matches.some(([[, route]]) => route.method === method);
}

/** Whatever was not meant for the caller is logged by its name and place, and hidden. */
function toAppError(error: Error, functionName: string, requestId: string | undefined): AppError {
  if (error instanceof AppError) return error;
  console.error(
    JSON.stringify({ function: functionName, request_id: requestId, error: error.stack }),
  );
  return new AppError("internal", "Cannot answer: something went wrong here", {
    hint: "Try again; quote the x-request-id of this answer if it stays",
  });
}
