import * as z from "zod/mini";
import type { CallerDeps } from "../_shared/caller_deps.ts";
import { requireCaller } from "../_shared/http/authentication.ts";
import { createBaseApp } from "../_shared/http/app.ts";
import { readJson } from "../_shared/http/body.ts";
import { browserFacing } from "../_shared/http/browser_facing.ts";
import { AppError } from "../_shared/http/error.ts";
import { uuid } from "../_shared/http/fields.ts";
import { readAgentCaller } from "../_shared/tools/caller.ts";
import { decideAndRun } from "../_shared/tools/decide_approval.ts";
import { executeTool, type ToolDeps } from "../_shared/tools/execute_tool.ts";
import { createOfferRoutes, type OfferRoutesDeps } from "../_shared/tools/offer_routes.ts";
import { answerAgent, answerMember } from "./answers.ts";
import { decisionRequest, executeRequest } from "./requests.ts";

export interface ExecuteToolDeps extends CallerDeps, ToolDeps, OfferRoutesDeps {}

/** The longest HTML of an e-mail, in JSON. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

/**
 * The one way in which agents act; where people decide about what they may not do alone, and where
 * agents fetch the messages that are offered to them.
 */
export function createApp(deps: ExecuteToolDeps) {
  return createBaseApp({
    name: "execute-tool",
    cors: browserFacing(),
    maxBodyBytes: MAX_BODY_BYTES,
  })
    .post("/", async (c) => {
      const { agent_id, arguments: given = {}, ...request } = await readJson(c, executeRequest);
      const authorization = c.req.header("authorization");
      const caller = await readAgentCaller(deps.authenticate, authorization, agent_id);
      return answerAgent(c, await executeTool(deps, caller, { ...request, arguments: given }));
    })
    .post("/approvals/:id", requireCaller(deps.authenticate), async (c) => {
      const id = c.req.param("id");
      if (!z.safeParse(uuid(), id).success) {
        throw new AppError("not_found", "Cannot find the approval");
      }
      const request = await readJson(c, decisionRequest);
      const member = deps.asCaller(c.var.caller.token);
      const answer = await decideAndRun(deps, member, id, request);
      return answerMember(c, id, request.decision, answer);
    })
    .route("/offers", createOfferRoutes(deps));
}
