import type { ProviderReading } from "../provider.ts";
import { readTwilioBalance, readTwilioUsage } from "./account.ts";
import { twilioCore } from "./core.ts";
import { searchTwilioNumbers } from "./numbers.ts";

export const twilioReading: ProviderReading = {
  ...twilioCore,
  searchNumbers: searchTwilioNumbers,
  readUsage: readTwilioUsage,
  readBalance: readTwilioBalance,
};
