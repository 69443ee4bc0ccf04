import { E164, refusePhoneMessage, TEXT_SENDER } from "../phone_message.ts";
import type { OutboundMessage, ProviderError, ProviderErrorCode } from "../provider.ts";
import { refusal } from "../provider_errors.ts";

const NAME = "Twilio";
const CONTENT_SID = /^HX[0-9a-fA-F]{32}$/;

// https://www.twilio.com/docs/messaging/api/message-resource (read 2026-11-20)
const LONGEST_TEXT = 1600;
const LIMITS = {
  sms: { sender: TEXT_SENDER, longestText: LONGEST_TEXT, mostMedia: 10 },
  whatsapp: { sender: E164, longestText: LONGEST_TEXT, mostMedia: 1 },
};

/** Why Twilio cannot express this message, or null. */
export function refuseTwilioMessage(message: OutboundMessage): ProviderError | null {
  const refuse = (code: ProviderErrorCode, state: string) =>
    refusal(code, `Cannot send by ${NAME}: ${state}`);
  const { channel } = message;
  if (channel === "email") return refuse("unsupported", "e-mail is not supported");
  if (channel === "whatsapp" && message.template) {
    if (!CONTENT_SID.test(message.template.externalId)) {
      return refuse("invalid_request", "the template is none of Twilio's");
    }
    if (message.mediaUrls.length > 0) {
      return refuse("unsupported", "a template brings its own media");
    }
  }
  return refusePhoneMessage(NAME, message, LIMITS[channel]);
}
