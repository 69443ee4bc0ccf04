import type { ProviderSending } from "../provider.ts";
import { sendgridCore } from "./core.ts";
import { refuseSendgridMessage, sendSendgridMessage } from "./messages.ts";

export const sendgridSending: ProviderSending = {
  ...sendgridCore,
  refuseMessage: refuseSendgridMessage,
  sendMessage: sendSendgridMessage,
};
