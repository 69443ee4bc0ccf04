import type { ProviderReading } from "../provider.ts";
import { readSendgridBalance, readSendgridUsage } from "./account.ts";
import { sendgridCore } from "./core.ts";

export const sendgridReading: ProviderReading = {
  ...sendgridCore,
  readUsage: readSendgridUsage,
  readBalance: readSendgridBalance,
};
