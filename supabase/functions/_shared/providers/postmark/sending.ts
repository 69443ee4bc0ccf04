import type { ProviderSending } from "../provider.ts";
import { postmarkCore } from "./core.ts";
import { refusePostmarkMessage, sendPostmarkMessage } from "./messages.ts";

export const postmarkSending: ProviderSending = {
  ...postmarkCore,
  refuseMessage: refusePostmarkMessage,
  sendMessage: sendPostmarkMessage,
};
