import type { ProviderSending } from "../provider.ts";
import { signalwireCore } from "./core.ts";
import { refuseSignalwireMessage, sendSignalwireMessage } from "./messages.ts";

export const signalwireSending: ProviderSending = {
  ...signalwireCore,
  refuseMessage: refuseSignalwireMessage,
  sendMessage: sendSignalwireMessage,
};
