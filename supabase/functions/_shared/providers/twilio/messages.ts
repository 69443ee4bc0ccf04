import { toWhatsAppAddress } from "../laml/address.ts";
import {
  contentFields,
  type LamlDialect,
  lamlMessageOperations,
  sendRequest,
} from "../laml/message_operations.ts";
import type { MessageReceipt, Operation, OutboundMessage } from "../provider.ts";
import { twilioApi } from "./request.ts";
import { withRetries } from "./webhook_urls.ts";
import { readTwilioStatus } from "./words.ts";

const dialect: LamlDialect = {
  readStatus: readTwilioStatus,
  toAddress(channel, address) {
    if (channel === "email") throw new Error("no text message");
    return channel === "whatsapp" ? toWhatsAppAddress(address) : address;
  },
  /** `DateSent>` means "on or after". */
  firstDay: (since) => since.slice(0, 10),
};

const { readReceipt, ...operations } = lamlMessageOperations(twilioApi, dialect);
export const {
  lookUpMessage: lookUpTwilioMessage,
  searchMessages: searchTwilioMessages,
} = operations;

export const sendTwilioMessage: Operation<OutboundMessage, MessageReceipt> = {
  toRequest(message, credentials) {
    if (message.channel === "email") throw new Error("no text message");
    const template = message.channel === "whatsapp" ? message.template : undefined;
    // A template's identifier stands for one language, too; the text is what the template says.
    const content: [string, string][] = template
      ? [
        ["ContentSid", template.externalId],
        ["ContentVariables", JSON.stringify(template.variables)],
      ]
      : contentFields(message);
    content.push(["StatusCallback", withRetries(message.statusUrl)]);
    return sendRequest(twilioApi, dialect, credentials, message, content);
  },
  readResponse: readReceipt,
};
