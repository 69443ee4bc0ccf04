import type { Webhook } from "../../webhooks.ts";
import type { Voice } from "../../shared/courier.ts";
import { rememberInbound } from "../../shared/phone/inbound.ts";
import type { PhoneMessage } from "../../shared/phone/message.ts";
import type { RuleAccount } from "../../shared/phone/rule_account.ts";
import { NO_RETRIES, type SignatureKind, signWebhook } from "../../shared/signed_webhook.ts";

const CODES: Readonly<Record<string, readonly [code: string, text: string]>> = {
  sent: ["200", "Success: Message sent to the network."],
  delivered: ["201", "Success: Message received on handset."],
  read: ["201", "Success: Message received on handset."],
  undelivered: ["301", "Failed: Delivery failure."],
  failed: ["301", "Failed: Delivery failure."],
};

export const clickSendVoice: Voice<RuleAccount, PhoneMessage> = {
  onInbound: rememberInbound,
  statusWebhook,
  inboundWebhooks: (...inbound) => [inboundWebhook(...inbound)],
};

/** A form, to the account's rule for receipts. */
function statusWebhook(
  account: RuleAccount,
  message: PhoneMessage,
  signature: SignatureKind,
): Webhook | undefined {
  const code = CODES[message.status];
  if (!code) return undefined;
  const [status_code, status_text] = code;
  const parameters = {
    message_id: message.sid,
    status_code,
    status_text,
    error_code: "",
    error_text: "",
    timestamp_send: seconds(message.createdAt),
    timestamp: seconds(Date.now()),
    custom_string: message.reference ?? "",
    user_id: account.sid,
  };
  const body = new URLSearchParams(parameters).toString();
  return prepare(account, message, "receipts", signature, parameters, {
    contentType: "application/x-www-form-urlencoded",
    body,
  });
}

/** In the form that the account's rule for inbound messages asks for. */
function inboundWebhook(
  account: RuleAccount,
  message: PhoneMessage,
  signature: SignatureKind,
): Webhook | undefined {
  const parameters = {
    originalsenderid: message.to,
    body: message.text,
    message: message.text,
    sms: message.from,
    custom_string: "",
    to: message.to,
    original_message_id: "",
    original_body: "",
    from: message.from,
    timestamp: seconds(message.createdAt),
    message_id: message.sid,
    user_id: account.sid,
    subaccount_id: "1",
  };
  const isJson = ruleOf(account, "inbound")?.webhook_type === "json";
  return prepare(
    account,
    message,
    "inbound",
    signature,
    parameters,
    isJson ? { contentType: "application/json", body: JSON.stringify(parameters) } : {
      contentType: "application/x-www-form-urlencoded",
      body: new URLSearchParams(parameters).toString(),
    },
  );
}

function ruleOf(account: RuleAccount, kind: string): Record<string, unknown> | undefined {
  const rules = [...account.rules.values()].filter((rule) => rule.kind === kind);
  return rules.find(({ fields }) => fields.action === "URL" && fields.enabled === 1)?.fields;
}

/** Nothing is signed: who forges a webhook has to guess its address. */
function prepare(
  account: RuleAccount,
  message: PhoneMessage,
  kind: "inbound" | "receipts",
  signature: SignatureKind,
  parameters: Record<string, string>,
  { contentType, body }: { contentType: string; body: string },
): Webhook | undefined {
  const address = ruleOf(account, kind)?.action_address;
  if (typeof address !== "string" || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (signature !== "valid") url.pathname += "-guessed";
  return signWebhook(message, signature, {
    provider: "clicksend_sms",
    purpose: kind === "inbound" ? "inbound" : "status",
    url: url.href,
    headers: { "user-agent": "ClickSend" },
    contentType,
    body,
    parameters,
    policy: NO_RETRIES,
  });
}

function seconds(timeMs: number): string {
  return String(Math.floor(timeMs / 1000));
}
