import type { ProviderReconciling } from "../provider.ts";
import { signalwireCore } from "./core.ts";
import { lookUpSignalwireMessage, searchSignalwireMessages } from "./history.ts";

export const signalwireReconciling: ProviderReconciling = {
  ...signalwireCore,
  lookUpMessage: lookUpSignalwireMessage,
  searchMessages: searchSignalwireMessages,
};
