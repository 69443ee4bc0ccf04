import type { ProviderReconciling } from "../provider.ts";
import { messagebirdCore } from "./core.ts";
import { lookUpMessageBirdMessage, searchMessageBirdMessages } from "./history.ts";

export const messagebirdReconciling: ProviderReconciling = {
  ...messagebirdCore,
  lookUpMessage: lookUpMessageBirdMessage,
  searchMessages: searchMessageBirdMessages,
};
