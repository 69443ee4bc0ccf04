import type { ProviderSending } from "../provider.ts";
import { bandwidthCore } from "./core.ts";
import { refuseBandwidthMessage, sendBandwidthMessage } from "./messages.ts";

export const bandwidthSending: ProviderSending = {
  ...bandwidthCore,
  refuseMessage: refuseBandwidthMessage,
  sendMessage: sendBandwidthMessage,
};
