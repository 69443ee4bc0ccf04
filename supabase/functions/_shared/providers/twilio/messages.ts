import { contentFields, sendRequest } from "../laml/message_operations.ts";
import { receiptReader } from "../laml/messages.ts";
import type { MessageReceipt, Operation, OutboundMessage } from "../provider.ts";
import { twilioDialect } from "./dialect.ts";
import { twilioApi } from "./request.ts";
import { withRetries } from "./webhook_urls.ts";

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
    return sendRequest(twilioApi, twilioDialect, credentials, message, content);
  },
  readResponse: receiptReader(twilioApi, twilioDialect.readStatus),
};
