import type { ProviderSending } from "../provider.ts";
import { twilioCore } from "./core.ts";
import { sendTwilioMessage } from "./messages.ts";
import { refuseTwilioMessage } from "./refusals.ts";

export const twilioSending: ProviderSending = {
  ...twilioCore,
  refuseMessage: refuseTwilioMessage,
  sendMessage: sendTwilioMessage,
};
