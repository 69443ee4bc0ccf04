import type { ProviderReconciling } from "../provider.ts";
import { postmarkCore } from "./core.ts";
import { lookUpPostmarkMessage, searchPostmarkMessages } from "./history.ts";

export const postmarkReconciling: ProviderReconciling = {
  ...postmarkCore,
  lookUpMessage: lookUpPostmarkMessage,
  searchMessages: searchPostmarkMessages,
};
