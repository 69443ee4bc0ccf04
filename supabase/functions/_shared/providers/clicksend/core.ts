import type { ProviderCore } from "../provider.ts";
import { readClickSendError } from "./errors.ts";
import { CLICKSEND_HOST } from "./request.ts";

export const clicksendCore: ProviderCore = {
  id: "clicksend_sms",
  displayName: "ClickSend SMS/MMS",
  hosts: () => [CLICKSEND_HOST],
  readError: readClickSendError,
};
