import { toWhatsAppAddress } from "../laml/address.ts";
import type { LamlDialect } from "../laml/message_operations.ts";
import { readTwilioStatus } from "./words.ts";

export const twilioDialect: LamlDialect = {
  readStatus: readTwilioStatus,
  toAddress(channel, address) {
    if (channel === "email") throw new Error("no text message");
    return channel === "whatsapp" ? toWhatsAppAddress(address) : address;
  },
};
