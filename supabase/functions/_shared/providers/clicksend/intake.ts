import { explainClickSendErrorCode } from "./errors.ts";
import { clickSendWebhookAnswer, readClickSendWebhook } from "./webhooks.ts";
import type { ProviderIntake } from "../provider.ts";

export const clicksendIntake: ProviderIntake = {
  id: "clicksend_sms",
  displayName: "ClickSend SMS/MMS",
  explainErrorCode: explainClickSendErrorCode,
  // ClickSend signs nothing: what protects its webhooks is the secret in their URL, checked before.
  verifyWebhook: () => Promise.resolve(true),
  readWebhook: readClickSendWebhook,
  webhookAnswer: clickSendWebhookAnswer,
};
