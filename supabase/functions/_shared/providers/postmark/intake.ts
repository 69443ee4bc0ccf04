import { verifyBasicWebhook } from "../basic_webhook.ts";
import { explainPostmarkErrorCode } from "./errors.ts";
import { postmarkWebhookAnswer, readPostmarkWebhook } from "./webhooks.ts";
import type { ProviderIntake } from "../provider.ts";

export const postmarkIntake: ProviderIntake = {
  id: "postmark",
  displayName: "Postmark",
  explainErrorCode: explainPostmarkErrorCode,
  verifyWebhook: verifyBasicWebhook,
  readWebhook: readPostmarkWebhook,
  webhookAnswer: postmarkWebhookAnswer,
};
