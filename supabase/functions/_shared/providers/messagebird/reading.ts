import type { ProviderReading } from "../provider.ts";
import { readMessageBirdBalance } from "./account.ts";
import { messagebirdCore } from "./core.ts";
import { searchMessageBirdNumbers } from "./numbers.ts";

export const messagebirdReading: ProviderReading = {
  ...messagebirdCore,
  searchNumbers: searchMessageBirdNumbers,
  readBalance: readMessageBirdBalance,
};
