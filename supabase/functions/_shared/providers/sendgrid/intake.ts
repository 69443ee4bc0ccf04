import { explainSendgridErrorCode } from "./errors.ts";
import { verifySendgridWebhook } from "./signature.ts";
import { readSendgridWebhook, sendgridWebhookAnswer } from "./webhooks.ts";
import type { ProviderIntake } from "../provider.ts";

export const sendgridIntake: ProviderIntake = {
  id: "sendgrid",
  displayName: "SendGrid",
  explainErrorCode: explainSendgridErrorCode,
  verifyWebhook: verifySendgridWebhook,
  readWebhook: readSendgridWebhook,
  webhookAnswer: sendgridWebhookAnswer,
};
