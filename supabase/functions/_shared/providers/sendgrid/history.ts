import * as z from "zod/mini";
import { isoTime, optionalText, readJson } from "../json.ts";
import { EMAIL_ADDRESS } from "../outbound_email.ts";
import {
  type FoundMessage,
  type MessageReceipt,
  type MessageSearch,
  type Operation,
  type Page,
  RefusedAnswerError,
  UnreadableAnswerError,
} from "../provider.ts";
import { meaningOf } from "../provider_errors.ts";
import { apiRequest, checkId } from "./request.ts";
import { readSendgridStatus, toExternalId } from "./words.ts";

const activity = z.object({
  messages: z.array(z.object({ msg_id: z.string(), status: optionalText })),
});

/**
 * Email Activity, an add-on, is the one place that finds by the beginning of an identifier, which is
 * all that a send returns: each recipient has another end.
 * https://www.twilio.com/docs/sendgrid/for-developers/sending-email/getting-started-email-activity-api (read 2026-11-20)
 */
export const lookUpSendgridMessage: Operation<{ externalId: string }, MessageReceipt> = {
  toRequest: ({ externalId }, credentials) =>
    apiRequest(credentials, "GET", "/messages", {
      query: [["query", `msg_id LIKE "${checkId(externalId)}%"`], ["limit", "1"]],
    }),
  readResponse({ json }, { externalId }) {
    const [message] = readJson(activity, json).messages;
    if (!message) {
      throw new RefusedAnswerError({ ...meaningOf("not_found"), message: "no such message" });
    }
    if (toExternalId(message.msg_id) !== externalId) {
      throw new UnreadableAnswerError("unexpected msg_id");
    }
    const { status } = message;
    return { externalId, status: readSendgridStatus(status), providerStatus: status };
  },
};

const logs = z.object({
  messages: z.array(z.object({
    sg_message_id: z.string(),
    from_email: optionalText,
    to_email: optionalText,
    status: optionalText,
    reason: optionalText,
    sg_message_id_created_at: optionalText,
  })),
});

const NOT_DELIVERED = new Set(["deferred", "dropped", "bounced", "blocked"]);

/** Email Logs cannot be asked by sender: those of others are left out afterwards. */
export const searchSendgridMessages: Operation<
  MessageSearch & { pageUrl?: string },
  Page<FoundMessage>
> = {
  toRequest({ from, to, since }, credentials) {
    const sinceTime = isoTime(since);
    if (!sinceTime) throw new Error("since is no time");
    if (!from && !to) throw new Error("neither from nor to");
    if (to && !EMAIL_ADDRESS.test(to)) throw new Error("to is no address");
    const conditions = [
      ...(to ? [`to_email = "${to}"`] : []),
      `sg_message_id_created_at >= TIMESTAMP "${sinceTime}"`,
    ];
    return apiRequest(credentials, "POST", "/logs", {
      json: { query: conditions.join(" AND "), limit: 1000 },
    });
  },
  readResponse({ json }, { from }) {
    const found = readJson(logs, json).messages.map((message): FoundMessage => {
      const { sg_message_id, status, reason } = message;
      const createdAt = isoTime(message.sg_message_id_created_at);
      return {
        externalId: toExternalId(sg_message_id),
        status: readSendgridStatus(status),
        providerStatus: status,
        from: message.from_email,
        to: message.to_email,
        direction: "outbound",
        ...(createdAt ? { createdAt } : {}),
        ...(reason && NOT_DELIVERED.has(status) ? { errorMessage: reason } : {}),
      };
    });
    const isFromSender = (address: string) => !from || address.toLowerCase() === from.toLowerCase();
    return { items: found.filter((message) => isFromSender(message.from)) };
  },
};
