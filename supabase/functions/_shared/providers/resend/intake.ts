import { explainResendErrorCode } from "./errors.ts";
import { readResendWebhook, resendWebhookAnswer } from "./webhooks.ts";
import { verifyStandardWebhook } from "../standard_webhooks.ts";
import type { ProviderIntake } from "../provider.ts";

export const resendIntake: ProviderIntake = {
  id: "resend",
  displayName: "Resend",
  explainErrorCode: explainResendErrorCode,
  verifyWebhook: (request, key) => verifyStandardWebhook(request, key, "svix"),
  readWebhook: readResendWebhook,
  webhookAnswer: resendWebhookAnswer,
};
