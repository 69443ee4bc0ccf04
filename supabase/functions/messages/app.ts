import { parsePhoneNumberFromString } from "libphonenumber-js/min";
import * as z from "zod/mini";
import type { CallerDeps } from "../_shared/caller_deps.ts";
import { dataOf } from "../_shared/database/answer.ts";

import { createBaseApp } from "../_shared/http/app.ts";
import { requireCaller } from "../_shared/http/authentication.ts";
import { readJson } from "../_shared/http/body.ts";
import { AppError, isErrorCode } from "../_shared/http/error.ts";
import { listOf, storableText, text, uuid } from "../_shared/http/fields.ts";

const sendRequest = z.strictObject({
  workspace_id: uuid(),
  to: z.optional(text(50)),
  conversation_id: z.optional(uuid()),
  body: z.optional(storableText()),
  media_urls: z.optional(listOf(text(2048), 100)),
  from: z.optional(text(50)),
  phone_number_id: z.optional(uuid()),
  idempotency_key: z.optional(text(255)),
}).check(
  z.refine((request) => (request.to === undefined) !== (request.conversation_id === undefined), {
    error: "must be given, or conversation_id, and not both",
    path: ["to"],
  }),
);

export interface MessagesDeps extends CallerDeps {
  /** Wakes the dispatcher in the background. */
  kickDispatch(): void;
}

/** Takes messages to send: stored and queued before the answer, handed over after it. */
export function createApp(deps: MessagesDeps) {
  return createBaseApp({ name: "messages", isBrowserFacing: true })
    .use(requireCaller(deps.authenticate))
    .post("/", async (c) => {
      const request = await readJson(c, sendRequest);
      const idempotencyKey = readIdempotencyKey(
        c.req.header("idempotency-key"),
        request.idempotency_key,
      );
      const message = {
        body: request.body ?? "",
        media_urls: request.media_urls ?? [],
        ...(request.to === undefined ? {} : { to_address: toE164(request.to, "to") }),
        ...(request.from === undefined ? {} : { from_address: toE164(request.from, "from") }),
        ...(request.conversation_id === undefined
          ? {}
          : { conversation_id: request.conversation_id }),
        ...(request.phone_number_id === undefined
          ? {}
          : { phone_number_id: request.phone_number_id }),
        ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }),
      };
      const [queued] = dataOf(
        await deps.asCaller(c.var.caller.token).rpc("enqueue_messages", {
          workspace_id: request.workspace_id,
          messages: [message],
        }),
      );
      if (!queued) throw new Error("enqueue_messages returned no row");
      if (queued.error_code) {
        const code = isErrorCode(queued.error_code) ? queued.error_code : "internal";
        const reason = queued.error_message.replace("Cannot queue the message: ", "");
        throw new AppError(code, queued.error_message, {
          issues: [{ field: queued.error_field, message: reason }],
          ...(code === "no_sender"
            ? { hint: "Connect an account with a number that no other workspace uses" }
            : {}),
        });
      }
      deps.kickDispatch();
      return c.json({
        message: {
          id: queued.message_id,
          conversation_id: queued.conversation_id,
          status: queued.status,
        },
        is_duplicate: queued.is_duplicate,
      }, 202);
    });
}

/** E.164 from any international spelling; whether the number exists is for the provider to say. */
function toE164(input: string, field: "to" | "from"): string {
  const parsed = parsePhoneNumberFromString(input, { extract: false });
  if (parsed?.isPossible() && !parsed.ext) return parsed.number;
  throw new AppError(
    field === "to" ? "invalid_recipient" : "invalid_sender",
    `Cannot queue the message: ${field} is not a phone number`,
    {
      issues: [{ field, message: "is not a phone number" }],
      hint: "Use the international form, such as +14155550100",
    },
  );
}

/** The key of the header or of the body; both only if they say the same. */
function readIdempotencyKey(inHeader: string | undefined, inBody: string | undefined) {
  if (inHeader === undefined || inBody === undefined || inHeader === inBody) {
    return inBody ?? inHeader;
  }
  throw new AppError("invalid_request", "Cannot queue the message: two idempotency keys", {
    issues: [{ field: "idempotency_key", message: "differs from the Idempotency-Key header" }],
  });
}
