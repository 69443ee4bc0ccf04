import { explainTelnyxErrorCode } from "./errors.ts";
import { readTelnyxWebhook, telnyxWebhookAnswer, verifyTelnyxWebhook } from "./webhooks.ts";
import type { ProviderIntake } from "../provider.ts";

export const telnyxIntake: ProviderIntake = {
  id: "telnyx",
  displayName: "Telnyx",
  explainErrorCode: explainTelnyxErrorCode,
  verifyWebhook: verifyTelnyxWebhook,
  readWebhook: readTelnyxWebhook,
  webhookAnswer: telnyxWebhookAnswer,
};
