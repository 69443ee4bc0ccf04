import type { ProviderReading } from "../provider.ts";
import { readVonageBalance } from "./account.ts";
import { vonageCore } from "./core.ts";
import { searchVonageNumbers } from "./numbers.ts";

export const vonageReading: ProviderReading = {
  ...vonageCore,
  searchNumbers: searchVonageNumbers,
  readBalance: readVonageBalance,
};
