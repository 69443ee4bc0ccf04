import type { ProviderReconciling } from "../provider.ts";
import { clicksendCore } from "./core.ts";
import { lookUpClickSendMessage, searchClickSendMessages } from "./history.ts";

export const clicksendReconciling: ProviderReconciling = {
  ...clicksendCore,
  lookUpMessage: lookUpClickSendMessage,
  searchMessages: searchClickSendMessages,
};
