import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import * as z from "zod/mini";
import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";
import { persist } from "../persist.ts";
import type { CallerEnv } from "./authentication.ts";
import { AppError } from "./error.ts";
import { uuid } from "./fields.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { readIdempotencyKey } from "./idempotency_key.ts";

export interface IdempotencyDeps {
  service: DatabaseClient;
  /** What fingerprints are made under. Secret. */
  fingerprintKey: string;
}

export interface BeginOptions {
  /**
   * For work that finds out by itself what a run that died has done. Without it nothing is run a second
   * time: the caller is told that the outcome is unknown.
   */
  mayRunAgain?: boolean;
}

export type IdempotentEnv = {
  Variables: CallerEnv["Variables"] & {
    /**
     * Called once the caller may do what they ask for, before it is done. Answers the first answer if
     * the request is a repetition: hand it on and do nothing. Without a key it does nothing.
     */
    begin(workspaceId: string, options?: BeginOptions): Promise<Response | null>;
  };
};

/** Says that an answer is that of an earlier request. */
export const REPLAY_HEADER = "idempotent-replayed";

/** A path can be longer than an index takes; the fingerprint has the whole of it. */
const MAX_ROUTE_LENGTH = 200;
const RUNNING_RETRY_AFTER_S = 2;

/**
 * Gives a repeated request the answer that the first one got, and keeps it for 24 hours. Stands after
 * `requireCaller`; does nothing until a handler calls `c.var.begin`.
 */
export function idempotent(deps: IdempotencyDeps) {
  return createMiddleware<IdempotentEnv>(async (c, next) => {
    let requestId: string | null = null;
    c.set("begin", async (workspaceId, options = {}) => {
      const begun = await begin(deps, c, workspaceId, options);
      if (begun instanceof Response) return begun;
      requestId = begun;
      return null;
    });
    await next();
    if (requestId !== null) await finish(deps.service, requestId, c);
  });
}

/**
 * Begins before the handler, for routes whose body names the workspace and whose handler makes one call
 * into the database, which does all of it or nothing. Stands after `idempotent`.
 */
export const beginAtOnce = createMiddleware<IdempotentEnv>(async (c, next) => {
  const { workspace_id } = await readFields(c);
  // What names no workspace is for the handler to refuse.
  const { success, data } = z.safeParse(uuid(), workspace_id);
  const replay = success ? await c.var.begin(data) : null;
  if (replay) return replay;
  await next();
  return undefined;
});

/** The id of the request that is to be run, null where it has no key, or the answer that it repeats. */
async function begin(
  { service, fingerprintKey }: IdempotencyDeps,
  c: Context<IdempotentEnv>,
  workspaceId: string,
  { mayRunAgain = false }: BeginOptions,
): Promise<string | Response | null> {
  const { idempotency_key, ...body } = await readFields(c);
  const inBody = typeof idempotency_key === "string" ? idempotency_key : undefined;
  const idempotencyKey = readIdempotencyKey(c, inBody);
  if (idempotencyKey === undefined) return null;
  const callerId = c.var.caller.id;
  const route = `${c.req.method} ${c.req.path.replace(/\/+$/, "")}`;
  const [begun] = dataOf(
    await service.rpc("begin_idempotent_request", {
      actor_id: callerId,
      workspace_id: workspaceId,
      route: route.slice(0, MAX_ROUTE_LENGTH),
      idempotency_key: idempotencyKey,
      fingerprint: await fingerprintOf(fingerprintKey, { callerId, route, idempotencyKey, body }),
      may_run_again: mayRunAgain,
    }),
  );
  if (begun?.state === "begun") return begun.request_id;
  if (begun?.state === "answered") return replayOf(begun.status, begun.body);
  throw refusalOf(begun?.state);
}

function replayOf(status: number, body: string | null): Response {
  const headers = new Headers({ [REPLAY_HEADER]: "true" });
  if (body !== null) headers.set("content-type", "application/json");
  return new Response(body, { status, headers });
}

function refusalOf(state: string | undefined): AppError {
  if (state === "reused") {
    return new AppError(
      "idempotency_key_reused",
      "Cannot take the request: its idempotency key belongs to another one",
      {
        issues: [{ field: "idempotency_key", message: "belongs to another request" }],
        hint: "Send another request with a key of its own",
      },
    );
  }
  if (state === "running") {
    return new AppError(
      "request_in_progress",
      "Cannot repeat the request: the first one is not finished",
      { hint: "Repeat it in a moment with the same key" },
      RUNNING_RETRY_AFTER_S,
    );
  }
  if (state === "unknown") {
    return new AppError(
      "outcome_unknown",
      "Cannot repeat the request: nobody knows how far the first one came",
      { hint: "Look what it has done; if it has not, send it again with another key" },
    );
  }
  throw new Error("begin_idempotent_request answered with an unknown state");
}

/** Keeps the answer before it is given. A process that stops before this leaves the outcome unknown. */
async function finish(service: DatabaseClient, requestId: string, c: Context): Promise<void> {
  const answer = isUndone(c) ? {} : await readAnswer(c.res);
  await persist("Keeping an answer", async () =>
    dataOf(
      await service.rpc("finish_idempotent_request", { request_id: requestId, ...answer }),
    ));
}

/**
 * Whether it is certain that nothing was done: the same key may then come again, corrected or later.
 * All refusals are such, and a provider that could not be asked.
 */
function isUndone(c: Context): boolean {
  if (c.error instanceof AppError && c.error.code === "provider_unavailable") return true;
  return c.res.status >= 400 && c.res.status < 500;
}

async function readAnswer(answer: Response): Promise<{ status: number; body?: string }> {
  const body = await answer.clone().text();
  return { status: answer.status, ...(body === "" ? {} : { body }) };
}

/** The fields of a JSON body; none where it is something else, which no handler takes. */
async function readFields(c: Context): Promise<Record<string, unknown>> {
  try {
    const body = JSON.parse(await c.req.text());
    return body !== null && typeof body === "object" ? body : {};
  } catch (error) {
    if (error instanceof AppError) throw error;
    return {};
  }
}
