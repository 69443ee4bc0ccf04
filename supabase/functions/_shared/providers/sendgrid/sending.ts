import { readSendgridError } from "./errors.ts";
import {
  lookUpSendgridMessage,
  refuseSendgridMessage,
  searchSendgridMessages,
  sendSendgridMessage,
} from "./messages.ts";
import { SENDGRID_HOST } from "./request.ts";
import type { ProviderSending } from "../provider.ts";

export const sendgridSending: ProviderSending = {
  id: "sendgrid",
  displayName: "SendGrid",
  hosts: () => [SENDGRID_HOST],
  readError: readSendgridError,
  refuseMessage: refuseSendgridMessage,
  sendMessage: sendSendgridMessage,
  lookUpMessage: lookUpSendgridMessage,
  searchMessages: searchSendgridMessages,
};
