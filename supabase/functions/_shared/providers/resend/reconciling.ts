import type { ProviderReconciling } from "../provider.ts";
import { resendCore } from "./core.ts";
import { lookUpResendMessage, searchResendMessages } from "./history.ts";

export const resendReconciling: ProviderReconciling = {
  ...resendCore,
  lookUpMessage: lookUpResendMessage,
  searchMessages: searchResendMessages,
};
