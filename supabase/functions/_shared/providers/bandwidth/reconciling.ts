import type { ProviderReconciling } from "../provider.ts";
import { bandwidthCore } from "./core.ts";
import { lookUpBandwidthMessage, searchBandwidthMessages } from "./history.ts";

export const bandwidthReconciling: ProviderReconciling = {
  ...bandwidthCore,
  lookUpMessage: lookUpBandwidthMessage,
  searchMessages: searchBandwidthMessages,
};
