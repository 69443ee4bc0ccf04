import { Hono } from "hono";
import * as z from "zod/mini";
import { dataOf } from "../_shared/database/answer.ts";
import type { Database } from "../_shared/database/types.ts";
import type { CallerEnv } from "../_shared/http/authentication.ts";
import { readJson } from "../_shared/http/body.ts";
import { AppError } from "../_shared/http/error.ts";
import { uuid } from "../_shared/http/fields.ts";
import type { MessagesDeps } from "./app.ts";
import { editRequest } from "./edit_request.ts";

type Message = Pick<
  Database["public"]["Tables"]["conversation_messages"]["Row"],
  "id" | "conversation_id" | "status" | "body" | "scheduled_at"
>;

const retryRequest = z.strictObject({ may_send_twice: z.optional(z.boolean()) });

/** Changes and takes back messages that no dispatcher has taken yet; retries and gives up dead letters. */
export function createWaitingRoutes(deps: Pick<MessagesDeps, "asCaller" | "kickDispatch">) {
  return new Hono<CallerEnv>()
    .patch("/:id", async (c) => {
      const id = readId(c.req.param("id"));
      const changes = await readJson(c, editRequest);
      const message = dataOf(
        await deps.asCaller(c.var.caller.token).rpc("edit_message", {
          message_id: id,
          changes: changes as never,
        }),
      );
      deps.kickDispatch();
      return c.json({ message: describe(message) });
    })
    .post("/:id/retry", async (c) => {
      const id = readId(c.req.param("id"));
      // Mostly there is nothing to say.
      const hasBody = await c.req.text() !== "";
      const { may_send_twice = false } = hasBody ? await readJson(c, retryRequest) : {};
      const message = dataOf(
        await deps.asCaller(c.var.caller.token).rpc("retry_message", {
          message_id: id,
          may_send_twice,
        }),
      );
      deps.kickDispatch();
      return c.json({ message: describe(message) }, 202);
    })
    .post("/:id/cancel", async (c) => {
      const id = readId(c.req.param("id"));
      const message = dataOf(
        await deps.asCaller(c.var.caller.token).rpc("cancel_message", { message_id: id }),
      );
      return c.json({ message: describe(message) });
    });
}

/** What is no id at all is not found either. */
function readId(id: string): string {
  if (z.safeParse(uuid(), id).success) return id;
  throw new AppError("not_found", "Cannot find a message of yours to send by this id");
}

function describe({ id, conversation_id, status, body, scheduled_at }: Message) {
  return { id, conversation_id, status, body, scheduled_at };
}
