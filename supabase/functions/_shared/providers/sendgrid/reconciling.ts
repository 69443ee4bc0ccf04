import type { ProviderReconciling } from "../provider.ts";
import { sendgridCore } from "./core.ts";
import { lookUpSendgridMessage, searchSendgridMessages } from "./history.ts";

export const sendgridReconciling: ProviderReconciling = {
  ...sendgridCore,
  lookUpMessage: lookUpSendgridMessage,
  searchMessages: searchSendgridMessages,
};
