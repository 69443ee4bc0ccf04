import type { ProviderReading } from "../provider.ts";
import { readClickSendBalance, readClickSendUsage } from "./account.ts";
import { clicksendCore } from "./core.ts";
import { searchClickSendNumbers } from "./numbers.ts";

export const clicksendReading: ProviderReading = {
  ...clicksendCore,
  searchNumbers: searchClickSendNumbers,
  readUsage: readClickSendUsage,
  readBalance: readClickSendBalance,
};
