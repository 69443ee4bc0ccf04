import type { ProviderSending } from "../provider.ts";
import { vonageCore } from "./core.ts";
import { refuseVonageMessage, sendVonageMessage } from "./messages.ts";

export const vonageSending: ProviderSending = {
  ...vonageCore,
  refuseMessage: refuseVonageMessage,
  sendMessage: sendVonageMessage,
};
