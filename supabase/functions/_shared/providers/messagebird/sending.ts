import type { ProviderSending } from "../provider.ts";
import { messagebirdCore } from "./core.ts";
import { refuseMessageBirdMessage, sendMessageBirdMessage } from "./messages.ts";

export const messagebirdSending: ProviderSending = {
  ...messagebirdCore,
  refuseMessage: refuseMessageBirdMessage,
  sendMessage: sendMessageBirdMessage,
};
