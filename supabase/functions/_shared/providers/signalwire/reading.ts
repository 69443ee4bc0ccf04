import type { ProviderReading } from "../provider.ts";
import { signalwireCore } from "./core.ts";
import { searchSignalwireNumbers } from "./numbers.ts";

export const signalwireReading: ProviderReading = {
  ...signalwireCore,
  searchNumbers: searchSignalwireNumbers,
};
