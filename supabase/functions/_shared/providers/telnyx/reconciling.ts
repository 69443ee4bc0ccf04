import type { ProviderReconciling } from "../provider.ts";
import { telnyxCore } from "./core.ts";
import { lookUpTelnyxMessage } from "./history.ts";

export const telnyxReconciling: ProviderReconciling = {
  ...telnyxCore,
  lookUpMessage: lookUpTelnyxMessage,
};
