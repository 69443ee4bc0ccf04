import type { ProviderSending } from "../provider.ts";
import { resendCore } from "./core.ts";
import { refuseResendMessage, sendResendMessage } from "./messages.ts";

export const resendSending: ProviderSending = {
  ...resendCore,
  refuseMessage: refuseResendMessage,
  sendMessage: sendResendMessage,
};
