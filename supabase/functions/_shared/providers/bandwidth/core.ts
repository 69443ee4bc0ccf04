import type { ProviderCore } from "../provider.ts";
import { readBandwidthError } from "./errors.ts";
import { authorizeBandwidth, BANDWIDTH_HOSTS } from "./request.ts";

export const bandwidthCore: ProviderCore = {
  id: "bandwidth",
  displayName: "Bandwidth",
  hosts: () => BANDWIDTH_HOSTS,
  authorize: authorizeBandwidth,
  readError: readBandwidthError,
};
