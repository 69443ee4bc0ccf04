import { explainBandwidthErrorCode } from "./errors.ts";
import { readBandwidthWebhook } from "./webhooks.ts";
import { verifyBasicWebhook } from "../basic_webhook.ts";
import type { ProviderIntake } from "../provider.ts";

export const bandwidthIntake: ProviderIntake = {
  id: "bandwidth",
  displayName: "Bandwidth",
  explainErrorCode: explainBandwidthErrorCode,
  verifyWebhook: verifyBasicWebhook,
  readWebhook: readBandwidthWebhook,
  webhookAnswer: () => ({ status: 200, headers: {}, body: "" }),
};
