import { readBandwidthError } from "./errors.ts";
import {
  lookUpBandwidthMessage,
  refuseBandwidthMessage,
  searchBandwidthMessages,
  sendBandwidthMessage,
} from "./messages.ts";
import { authorizeBandwidth, BANDWIDTH_HOSTS } from "./request.ts";
import type { ProviderSending } from "../provider.ts";

export const bandwidthSending: ProviderSending = {
  id: "bandwidth",
  displayName: "Bandwidth",
  hosts: () => BANDWIDTH_HOSTS,
  authorize: authorizeBandwidth,
  readError: readBandwidthError,
  refuseMessage: refuseBandwidthMessage,
  sendMessage: sendBandwidthMessage,
  lookUpMessage: lookUpBandwidthMessage,
  searchMessages: searchBandwidthMessages,
};
