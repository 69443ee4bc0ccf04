import { explainVonageErrorCode } from "./errors.ts";
import { readVonageWebhook, verifyVonageWebhook, vonageWebhookAnswer } from "./webhooks.ts";
import type { ProviderIntake } from "../provider.ts";

export const vonageIntake: ProviderIntake = {
  id: "vonage",
  displayName: "Vonage",
  explainErrorCode: explainVonageErrorCode,
  verifyWebhook: verifyVonageWebhook,
  readWebhook: readVonageWebhook,
  webhookAnswer: vonageWebhookAnswer,
  // On rare occasions Vonage posts unsigned, and again only after a 5xx.
  retryStatus: 503,
};
