import { lamlWebhookAnswer } from "../laml/webhooks.ts";
import { explainTwilioErrorCode } from "./errors.ts";
import { verifyTwilioWebhook } from "./signature.ts";
import { readTwilioWebhook } from "./webhooks.ts";
import type { ProviderIntake } from "../provider.ts";

export const twilioIntake: ProviderIntake = {
  id: "twilio",
  displayName: "Twilio",
  explainErrorCode: explainTwilioErrorCode,
  verifyWebhook: (request, { secret }) => verifyTwilioWebhook(request, secret),
  readWebhook: readTwilioWebhook,
  webhookAnswer: lamlWebhookAnswer,
};
