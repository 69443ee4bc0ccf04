import type { ProviderReading } from "../provider.ts";
import { readPostmarkUsage } from "./account.ts";
import { postmarkCore } from "./core.ts";

export const postmarkReading: ProviderReading = {
  ...postmarkCore,
  readUsage: readPostmarkUsage,
};
