import { explainMessageBirdErrorCode } from "./errors.ts";
import { verifyMessageBirdWebhook } from "./signature.ts";
import { messageBirdWebhookAnswer, readMessageBirdWebhook } from "./webhooks.ts";
import type { ProviderIntake } from "../provider.ts";

export const messagebirdIntake: ProviderIntake = {
  id: "messagebird",
  displayName: "MessageBird",
  explainErrorCode: explainMessageBirdErrorCode,
  verifyWebhook: verifyMessageBirdWebhook,
  readWebhook: readMessageBirdWebhook,
  webhookAnswer: messageBirdWebhookAnswer,
};
