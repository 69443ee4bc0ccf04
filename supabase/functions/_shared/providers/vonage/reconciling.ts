import type { ProviderReconciling } from "../provider.ts";
import { vonageCore } from "./core.ts";
import { lookUpVonageMessage, searchVonageMessages } from "./reports.ts";

export const vonageReconciling: ProviderReconciling = {
  ...vonageCore,
  lookUpMessage: lookUpVonageMessage,
  searchMessages: searchVonageMessages,
};
