import { createHmac } from "node:crypto";
import type { Voice } from "../../shared/courier.ts";
import { findNumber } from "../../shared/phone/account.ts";
import { rememberInbound } from "../../shared/phone/inbound.ts";
import type { PhoneMessage } from "../../shared/phone/message.ts";
import { NO_RETRIES, type SignatureKind, signWebhook } from "../../shared/signed_webhook.ts";
import type { Webhook } from "../../webhooks.ts";
import type { SignalwireAccount } from "./account.ts";

/** A status in the form of the API by which the message was sent. */
function statusWebhook(
  account: SignalwireAccount,
  message: PhoneMessage,
  kind: SignatureKind,
): Webhook | undefined {
  if (message.statusUrl === null) return undefined;
  if (message.channel === "whatsapp") return postJson(account, message, message.statusUrl, kind);
  const parameters = {
    MessageStatus: message.status,
    ...(message.errorCode === null ? {} : { ErrorCode: message.errorCode }),
    ...parametersOf(message),
  };
  return postForm(account, message, "status", message.statusUrl, parameters, kind);
}

/** Each URL is tried once, the fallback URL after the other. */
function inboundWebhooks(
  account: SignalwireAccount,
  message: PhoneMessage,
  kind: SignatureKind,
): Webhook[] {
  const number = findNumber(account, message.to);
  const { sms_url = "", sms_fallback_url = "" } = account.settings.get(number?.id ?? "") ?? {};
  const media = message.mediaUrls.flatMap((url, index) => [
    [`MediaUrl${index}`, url],
    [`MediaContentType${index}`, "image/png"],
  ]);
  const parameters = {
    ...parametersOf(message),
    SmsSid: message.sid,
    SmsStatus: "received",
    ApiVersion: "2010-04-01",
    ...Object.fromEntries(media),
  };
  return [["inbound", sms_url] as const, ["inbound_fallback", sms_fallback_url] as const]
    .filter(([, url]) => url !== "")
    .map(([purpose, url]) => postForm(account, message, purpose, url, parameters, kind));
}

export const signalwireVoice: Voice<SignalwireAccount, PhoneMessage> = {
  onInbound: rememberInbound,
  statusWebhook: (account, message, kind) =>
    message.kind === "call"
      ? callWebhook(account, message, kind)
      : statusWebhook(account, message, kind),
  inboundWebhooks,
};

/** The status of a call that was asked for through the Compatibility API. */
function callWebhook(
  account: SignalwireAccount,
  call: PhoneMessage,
  kind: SignatureKind,
): Webhook | undefined {
  if (call.statusUrl === null) return undefined;
  const parameters = {
    CallSid: call.sid,
    CallStatus: call.status,
    AccountSid: account.sid,
    ApiVersion: "2010-04-01",
    CallbackSource: "call-progress-events",
    Direction: "outbound-api",
    From: call.from,
    To: call.to,
    ...(call.status === "completed" ? { CallDuration: "7" } : {}),
  };
  return postForm(account, call, "call_status", call.statusUrl, parameters, kind);
}

function parametersOf(message: PhoneMessage): Record<string, string> {
  const prefix = message.channel === "whatsapp" ? "whatsapp:" : "";
  return {
    MessageSid: message.sid,
    AccountSid: message.accountSid,
    From: prefix + message.from,
    To: prefix + message.to,
    Body: message.text,
    NumMedia: String(message.mediaUrls.length),
    NumSegments: String(message.segmentCount),
  };
}

/** Signed as Twilio signs: base64(HMAC-SHA1(signing key, URL + each name and value by name)). */
function postForm(
  account: SignalwireAccount,
  message: PhoneMessage,
  purpose: string,
  url: string,
  parameters: Record<string, string>,
  kind: SignatureKind,
): Webhook {
  const names = Object.keys(parameters).sort();
  const text = url + names.map((name) => name + parameters[name]).join("");
  return signWebhook(message, kind, {
    provider: "signalwire",
    purpose,
    url,
    contentType: "application/x-www-form-urlencoded",
    body: new URLSearchParams(parameters).toString(),
    parameters,
    policy: NO_RETRIES,
    sign: (isValid) => signature(account, text, "base64", isValid),
  });
}

/** Signed in hexadecimal over URL and body. */
function postJson(
  account: SignalwireAccount,
  message: PhoneMessage,
  url: string,
  kind: SignatureKind,
): Webhook {
  const body = JSON.stringify({
    id: message.sid,
    project_id: account.sid,
    status: message.status,
    to: message.to,
    from: message.from,
    body: message.text,
    number_of_segments: message.segmentCount,
    timestamp: new Date().toISOString(),
    error_code: message.errorCode,
    error_message: message.errorCode === null ? null : "Message not delivered",
  });
  return signWebhook(message, kind, {
    provider: "signalwire",
    purpose: "status",
    url,
    contentType: "application/json",
    body,
    parameters: { status: message.status },
    policy: NO_RETRIES,
    sign: (isValid) => signature(account, url + body, "hex", isValid),
  });
}

function signature(
  { signingKey }: SignalwireAccount,
  text: string,
  encoding: "hex" | "base64",
  isValid: boolean,
): Record<string, string> {
  const key = isValid ? signingKey : "PSKforged";
  const value = createHmac("sha1", key).update(text, "utf8").digest(encoding);
  return { "x-signalwire-signature": value, "x-twilio-signature": value };
}
