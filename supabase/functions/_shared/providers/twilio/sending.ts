import { readTwilioError } from "./errors.ts";
import { lookUpTwilioMessage, searchTwilioMessages, sendTwilioMessage } from "./messages.ts";
import { refuseTwilioMessage } from "./refusals.ts";
import { TWILIO_HOST } from "./request.ts";
import type { ProviderSending } from "../provider.ts";

export const twilioSending: ProviderSending = {
  id: "twilio",
  displayName: "Twilio",
  hosts: () => [TWILIO_HOST],
  readError: readTwilioError,
  refuseMessage: refuseTwilioMessage,
  sendMessage: sendTwilioMessage,
  lookUpMessage: lookUpTwilioMessage,
  searchMessages: searchTwilioMessages,
};
