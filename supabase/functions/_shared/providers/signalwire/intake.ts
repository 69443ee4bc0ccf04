import { lamlWebhookAnswer } from "../laml/webhooks.ts";
import { explainSignalwireErrorCode } from "./errors.ts";
import { verifySignalwireWebhook } from "./signature.ts";
import { readSignalwireWebhook } from "./webhooks.ts";
import type { ProviderIntake } from "../provider.ts";

export const signalwireIntake: ProviderIntake = {
  id: "signalwire",
  displayName: "SignalWire",
  explainErrorCode: explainSignalwireErrorCode,
  verifyWebhook: (request, { secret }) => verifySignalwireWebhook(request, secret),
  readWebhook: readSignalwireWebhook,
  webhookAnswer: lamlWebhookAnswer,
};
