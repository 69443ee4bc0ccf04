import type { CallerDeps } from "../_shared/caller_deps.ts";
import { dataOf } from "../_shared/database/answer.ts";
import { createBaseApp } from "../_shared/http/app.ts";
import { browserFacing } from "../_shared/http/browser_facing.ts";
import { requireCaller } from "../_shared/http/authentication.ts";
import { readJson } from "../_shared/http/body.ts";
import { AppError, type ErrorCode, isErrorCode } from "../_shared/http/error.ts";
import { readIdempotencyKey } from "../_shared/http/idempotency_key.ts";
import { type IdempotencyDeps, REPLAY_HEADER } from "../_shared/http/idempotent.ts";
import type { CallDeps } from "../_shared/messages/dial_call.ts";
import { startCall } from "../_shared/messages/start_call.ts";
import { CAMPAIGN_UPLOADS, campaignRoutes } from "./campaigns.ts";
import { callRequest, toCall } from "./call_request.ts";
import { sendRequest, toMessage } from "./send_request.ts";
import { createWaitingRoutes } from "./waiting_routes.ts";

export interface MessagesDeps extends CallerDeps, CallDeps, IdempotencyDeps {
  /** Wakes the dispatcher in the background. */
  kickDispatch(): void;
}

/** 7 MB of files in base64, and what is written beside them. */
const MAX_BODY_BYTES = 12 * 1024 * 1024;

/** What to do about a refusal, where the words alone do not say it. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  media_not_found: "Upload it to the bucket message-media first, as <workspace_id>/<name>",
  no_sender: "Connect an account with a sender that no other workspace uses",
  outside_window: "Send an approved template, or wait until the contact writes again",
  plan_limit_reached: "Use a connection of your own, or ask the operator for a larger plan",
  spend_cap_reached: "Ask an owner or admin to raise workspaces.monthly_spend_cap",
  template_invalid:
    'Compare with the template in message_templates, or try it with rpc("preview_template")',
  too_large: "Link to large files instead",
};

/** Takes messages to send, stored and queued before the answer; changes them while they wait, retries them; starts calls. */
export function createApp(deps: MessagesDeps) {
  return createBaseApp({
    name: "messages",
    cors: browserFacing(),
    maxBodyBytes: MAX_BODY_BYTES,
    uploads: CAMPAIGN_UPLOADS,
  })
    .use(requireCaller(deps.authenticate))
    .post("/", async (c) => {
      const request = await readJson(c, sendRequest);
      const key = readIdempotencyKey(c, request.idempotency_key);
      const [queued] = dataOf(
        await deps.asCaller(c.var.caller.token).rpc("enqueue_messages", {
          workspace_id: request.workspace_id,
          messages: [toMessage(request, key)] as never,
        }),
      );
      if (!queued) throw new Error("enqueue_messages returned no row");
      if (queued.error_code) {
        const code = isErrorCode(queued.error_code) ? queued.error_code : "internal";
        const reason = queued.error_message.replace("Cannot queue the message: ", "");
        const hint = HINTS[code];
        throw new AppError(code, queued.error_message, {
          issues: [{ field: queued.error_field, message: reason }],
          ...(hint === undefined ? {} : { hint }),
        });
      }
      if (queued.is_duplicate) c.header(REPLAY_HEADER, "true");
      else deps.kickDispatch();
      return c.json({
        message: {
          id: queued.message_id,
          conversation_id: queued.conversation_id,
          status: queued.status,
        },
        is_duplicate: queued.is_duplicate,
      }, 202);
    })
    .post("/calls", async (c) => {
      const request = await readJson(c, callRequest);
      const key = readIdempotencyKey(c, request.idempotency_key);
      const started = await startCall(
        deps,
        deps.asCaller(c.var.caller.token),
        request.workspace_id,
        toCall(request, key),
      );
      if (started.is_duplicate) c.header(REPLAY_HEADER, "true");
      return c.json(started, 202);
    })
    .route("/campaigns", campaignRoutes(deps))
    .route("/", createWaitingRoutes(deps));
}
