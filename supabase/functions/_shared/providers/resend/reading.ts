import type { ProviderReading } from "../provider.ts";
import { readResendUsage } from "./account.ts";
import { resendCore } from "./core.ts";

export const resendReading: ProviderReading = {
  ...resendCore,
  readUsage: readResendUsage,
};
