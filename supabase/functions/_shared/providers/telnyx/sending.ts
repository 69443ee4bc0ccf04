import type { ProviderSending } from "../provider.ts";
import { telnyxCore } from "./core.ts";
import { refuseTelnyxMessage, sendTelnyxMessage } from "./messages.ts";

export const telnyxSending: ProviderSending = {
  ...telnyxCore,
  refuseMessage: refuseTelnyxMessage,
  sendMessage: sendTelnyxMessage,
};
