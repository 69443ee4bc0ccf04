import { createHash } from "node:crypto";
import type { Webhook } from "../../webhooks.ts";
import type { Voice } from "../../shared/courier.ts";
import { rememberInbound } from "../../shared/phone/inbound.ts";
import type { PhoneMessage } from "../../shared/phone/message.ts";
import type { RuleAccount } from "../../shared/phone/rule_account.ts";
import {
  NO_RETRIES,
  type SignatureKind,
  signToken,
  signWebhook,
} from "../../shared/signed_webhook.ts";
import { newHex } from "../../shared/values.ts";
import { channelWord, msisdn, textWord } from "./words.ts";

export const messageBirdVoice: Voice<RuleAccount, PhoneMessage> = {
  onInbound: rememberInbound,
  statusWebhook,
  inboundWebhooks: (...inbound) => [inboundWebhook(...inbound)],
};

/** By GET for texts, with everything in the query; by POST for WhatsApp. */
function statusWebhook(
  account: RuleAccount,
  message: PhoneMessage,
  signature: SignatureKind,
): Webhook | undefined {
  const { statusUrl } = message;
  if (statusUrl === null || !URL.canParse(statusUrl)) return undefined;
  if (message.channel === "whatsapp") {
    const event = {
      type: "message.updated",
      message: {
        ...describe(account, message),
        ...(message.errorCode === null
          ? {}
          : { error: { code: Number(message.errorCode), description: "Not delivered" } }),
      },
    };
    return post(account, message, "status", statusUrl, signature, event);
  }
  const parameters: Record<string, string> = {
    id: message.sid,
    reference: message.reference ?? "",
    recipient: msisdn(message.to),
    status: textWord(message.status),
    statusDatetime: new Date().toISOString().replace(/\.\d+Z$/, "+00:00"),
    statusReason: message.errorCode === null ? "successfully delivered" : "unknown subscriber",
    ...(message.errorCode === null ? {} : { statusErrorCode: message.errorCode }),
    mccmnc: "20408",
    ported: "0",
    messagePartCount: "1",
  };
  const separator = statusUrl.includes("?") ? "&" : "?";
  const url = `${statusUrl}${separator}${new URLSearchParams(parameters)}`;
  return prepare(account, message, "status", { url, signature, parameters, body: undefined });
}

/** SMS as the account's flow forwards them, WhatsApp as its webhook is told. */
function inboundWebhook(
  account: RuleAccount,
  message: PhoneMessage,
  signature: SignatureKind,
): Webhook | undefined {
  if (message.channel === "whatsapp") {
    const { whatsapp_channel_id: channelId } = account.credentials;
    const webhook = [...account.rules.values()].find(({ fields }) =>
      fields.channelId === channelId && fields.status === "enabled"
    );
    if (!webhook) return undefined;
    return post(account, message, "inbound", String(webhook.fields.url), signature, {
      type: "message.created",
      contact: { id: newHex(), msisdn: Number(msisdn(message.from)), displayName: "A contact" },
      conversation: { id: newHex(), status: "active" },
      message: describe(account, message),
    });
  }
  const { flow_url } = account.credentials;
  if (!flow_url || !URL.canParse(flow_url)) return undefined;
  const parameters = {
    id: message.sid,
    originator: msisdn(message.from),
    recipient: msisdn(message.to),
    payload: message.text,
    createdDatetime: new Date(message.createdAt).toISOString(),
  };
  return prepare(account, message, "inbound", {
    url: flow_url,
    signature,
    parameters,
    body: new URLSearchParams(parameters).toString(),
    contentType: "application/x-www-form-urlencoded",
  });
}

function describe(account: RuleAccount, message: PhoneMessage): Record<string, unknown> {
  const [mediaUrl] = message.mediaUrls;
  return {
    id: message.sid,
    channelId: account.credentials.whatsapp_channel_id,
    platform: "whatsapp",
    from: message.from,
    to: message.to,
    direction: message.direction === "inbound" ? "received" : "sent",
    status: channelWord(message.status),
    type: mediaUrl === undefined ? "text" : "image",
    content: mediaUrl === undefined
      ? { text: message.text }
      : { image: { url: mediaUrl, caption: message.text } },
    createdDatetime: new Date(message.createdAt).toISOString(),
    updatedDatetime: new Date().toISOString(),
  };
}

function post(
  account: RuleAccount,
  message: PhoneMessage,
  purpose: string,
  url: string,
  signature: SignatureKind,
  event: { type: string; [field: string]: unknown },
): Webhook {
  return prepare(account, message, purpose, {
    url,
    signature,
    parameters: { type: event.type },
    body: JSON.stringify(event),
    contentType: "application/json",
  });
}

interface Unsigned {
  url: string;
  signature: SignatureKind;
  parameters: Record<string, string>;
  body: string | undefined;
  contentType?: string;
}

function prepare(
  account: RuleAccount,
  message: PhoneMessage,
  purpose: string,
  { signature, ...webhook }: Unsigned,
): Webhook {
  return signWebhook(message, signature, {
    ...webhook,
    provider: "messagebird",
    purpose,
    headers: { "user-agent": "MessageBird" },
    policy: NO_RETRIES,
    sign(isValid) {
      const key = isValid ? account.credentials.signing_key ?? "" : newHex();
      return { "messagebird-signature-jwt": signToken(claimsOf(webhook), key) };
    },
  });
}

/** https://developers.messagebird.com/api/#verifying-http-requests (read 2026-11-20) */
function claimsOf({ url, body }: Pick<Unsigned, "url" | "body">): Record<string, unknown> {
  const nbf = Math.floor(Date.now() / 1000);
  return {
    iss: "MessageBird",
    nbf,
    exp: nbf + 60,
    jti: crypto.randomUUID(),
    url_hash: hash(url),
    ...(body ? { payload_hash: hash(body) } : {}),
  };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
