import type { Webhook } from "../../webhooks.ts";
import { API_VERSION } from "./representation.ts";
import type { Account, Message } from "./store.ts";
import { prepareWebhook } from "./webhook.ts";

/** The status callback for what a message is now, if anybody wants to know. */
export function statusWebhook(
  account: Account,
  message: Message,
  isForged: boolean,
): Webhook | undefined {
  if (message.statusCallback === null) return undefined;
  const isFailure = message.status === "undelivered" || message.status === "failed";
  const parameters: Record<string, string> = {
    SmsSid: message.sid,
    SmsStatus: message.status,
    MessageStatus: message.status,
    To: message.to,
    MessageSid: message.sid,
    AccountSid: message.accountSid,
    From: message.from ?? "",
    ApiVersion: API_VERSION,
    ...(message.messagingServiceSid === null
      ? {}
      : { MessagingServiceSid: message.messagingServiceSid }),
    ...(isFailure && message.errorCode !== null ? { ErrorCode: String(message.errorCode) } : {}),
    ...(isFailure || message.status === "delivered"
      ? { RawDlrDoneDate: dlrDate(message.updatedAt) }
      : {}),
    ...(message.to.startsWith("whatsapp:")
      ? { ChannelPrefix: "whatsapp", ChannelToAddress: message.to.slice("whatsapp:".length) }
      : {}),
  };
  return prepareWebhook({
    accountSid: account.sid,
    authToken: account.authToken,
    purpose: "status",
    messageSid: message.sid,
    method: "POST",
    url: message.statusCallback,
    parameters,
    signature: isForged ? "forged" : "valid",
  });
}

/** `YYMMDDhhmm`. */
function dlrDate(at: number): string {
  return new Date(at).toISOString().replaceAll(/\D/g, "").slice(2, 12);
}
