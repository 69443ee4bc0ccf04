import { readClickSendError } from "./errors.ts";
import { lookUpClickSendMessage, searchClickSendMessages } from "./history.ts";
import { refuseClickSendMessage, sendClickSendMessage } from "./messages.ts";
import { CLICKSEND_HOST } from "./request.ts";
import type { ProviderSending } from "../provider.ts";

export const clicksendSending: ProviderSending = {
  id: "clicksend_sms",
  displayName: "ClickSend SMS/MMS",
  hosts: () => [CLICKSEND_HOST],
  readError: readClickSendError,
  refuseMessage: refuseClickSendMessage,
  sendMessage: sendClickSendMessage,
  lookUpMessage: lookUpClickSendMessage,
  searchMessages: searchClickSendMessages,
};
