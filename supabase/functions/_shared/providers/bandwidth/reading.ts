import type { ProviderReading } from "../provider.ts";
import { bandwidthCore } from "./core.ts";
import { searchBandwidthNumbers } from "./numbers.ts";

export const bandwidthReading: ProviderReading = {
  ...bandwidthCore,
  searchNumbers: searchBandwidthNumbers,
};
