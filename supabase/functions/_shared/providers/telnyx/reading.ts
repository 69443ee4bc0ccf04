import type { ProviderReading } from "../provider.ts";
import { readTelnyxBalance, readTelnyxUsage } from "./account.ts";
import { telnyxCore } from "./core.ts";
import { searchTelnyxNumbers } from "./numbers.ts";

export const telnyxReading: ProviderReading = {
  ...telnyxCore,
  searchNumbers: searchTelnyxNumbers,
  readUsage: readTelnyxUsage,
  readBalance: readTelnyxBalance,
};
