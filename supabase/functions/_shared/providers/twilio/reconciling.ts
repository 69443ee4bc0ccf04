import type { ProviderReconciling } from "../provider.ts";
import { twilioCore } from "./core.ts";
import { lookUpTwilioMessage, searchTwilioMessages } from "./history.ts";

export const twilioReconciling: ProviderReconciling = {
  ...twilioCore,
  lookUpMessage: lookUpTwilioMessage,
  searchMessages: searchTwilioMessages,
};
