import type { ProviderSending } from "../provider.ts";
import { clicksendCore } from "./core.ts";
import { refuseClickSendMessage, sendClickSendMessage } from "./messages.ts";

export const clicksendSending: ProviderSending = {
  ...clicksendCore,
  refuseMessage: refuseClickSendMessage,
  sendMessage: sendClickSendMessage,
};
