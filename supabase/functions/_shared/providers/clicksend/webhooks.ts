import * as z from "zod/mini";
import {
  type NumberWebhooks,
  UnreadableWebhookError,
  type WebhookAnswer,
  type WebhookEvent,
  type WebhookRequest,
} from "../provider.ts";
import { isForm, readWebhookForm, readWebhookJson } from "../webhook_body.ts";
import { toReceipt } from "./receipt.ts";

/** The fallback is of no use to ClickSend, which has one address per rule. */
export function clickSendWebhookUrls(connectionUrl: string): NumberWebhooks {
  const separator = connectionUrl.includes("?") ? "&" : "?";
  return {
    inboundUrl: connectionUrl,
    fallbackUrl: `${connectionUrl}${separator}fallback=1`,
  };
}

/**
 * Inbound messages come as JSON, as our rule asks; receipts as a form, which their rules cannot
 * change. Either is read in either form.
 * https://developers.clicksend.com/docs/messaging/sms (read 2026-11-20)
 */
export function readClickSendWebhook(request: WebhookRequest): WebhookEvent[] {
  const fields = readFields(request);
  const externalId = required(fields, "message_id", /^[0-9A-Za-z-]{1,64}$/);
  if (fields.has("status_code")) return [readReceipt(externalId, fields)];
  const text = fields.get("body") ?? fields.get("message");
  if (text === undefined) throw new UnreadableWebhookError("Cannot read webhook: no body");
  return [{
    kind: "message",
    externalId,
    channel: "sms",
    from: required(fields, "from", ADDRESS),
    to: required(fields, "to", ADDRESS),
    text,
    media: [],
  }];
}

/** A number, a short code or a sender's name. */
const ADDRESS = /^[\p{L}\p{N}+][^:\p{Cc}]{0,63}$/u;

function readReceipt(externalId: string, fields: Map<string, string>): WebhookEvent {
  const reference = fields.get("custom_string");
  return {
    kind: "status",
    ...toReceipt({
      message_id: externalId,
      status: "",
      status_code: required(fields, "status_code", /./),
      status_text: fields.get("status_text") ?? "",
      error_code: fields.get("error_code") ?? "",
      error_text: fields.get("error_text") ?? "",
    }),
    ...(reference ? { reference } : {}),
  };
}

export function clickSendWebhookAnswer(): WebhookAnswer {
  return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: "OK" };
}

/** Text and numbers by name; what is neither, such as null, is as good as absent. */
function readFields(request: WebhookRequest): Map<string, string> {
  if (isForm(request)) return readWebhookForm(request);
  const json = readWebhookJson(z.record(z.string(), z.unknown()), request);
  return new Map(
    Object.entries(json).flatMap(([name, value]): [string, string][] =>
      typeof value === "string" || typeof value === "number" ? [[name, String(value)]] : []
    ),
  );
}

function required(fields: Map<string, string>, name: string, pattern: RegExp): string {
  const value = fields.get(name);
  if (value && pattern.test(value)) return value;
  throw new UnreadableWebhookError(`Cannot read webhook: no ${name}`);
}
