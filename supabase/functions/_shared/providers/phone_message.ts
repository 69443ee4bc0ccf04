/** What several providers of texts have in common. */
import type {
  OutboundText,
  OutboundWhatsApp,
  ProviderError,
  ProviderErrorCode,
} from "./provider.ts";
import { refusal } from "./provider_errors.ts";

export const E164 = /^\+[1-9]\d{6,14}$/;
/** A number, a short code or an alphanumeric sender: never another channel behind a prefix. */
export const TEXT_SENDER = /^(\+[1-9]\d{6,14}|\d{3,8}|[A-Za-z0-9 ]{1,11})$/;

export interface MessageLimits {
  sender: RegExp;
  longestText: number;
  mostMedia: number;
}

/** Why no provider could send this, or this one not by its limits; null when nothing is wrong. */
export function refusePhoneMessage(
  providerName: string,
  message: OutboundText | OutboundWhatsApp,
  { sender, longestText, mostMedia }: MessageLimits,
): ProviderError | null {
  const refuse = (code: ProviderErrorCode, state: string) =>
    refusal(code, `Cannot send by ${providerName}: ${state}`);
  const { from, to, text, mediaUrls } = message;
  const hasTemplate = message.channel === "whatsapp" && message.template !== undefined;
  if (!E164.test(to)) return refuse("invalid_recipient", "the recipient is not in E.164");
  if (!sender.test(from)) return refuse("invalid_sender", "the sender is no number and no name");
  if (from === to) return refuse("invalid_request", "the sender is the recipient");
  if (text.trim() === "" && mediaUrls.length === 0 && !hasTemplate) {
    return refuse("invalid_request", "neither text nor media");
  }
  if ([...text].length > longestText) {
    return refuse("invalid_request", `the text is longer than ${longestText} characters`);
  }
  if (mediaUrls.length > mostMedia) {
    return refuse("invalid_request", `more than ${mostMedia} media`);
  }
  if (!mediaUrls.every((url) => URL.parse(url)?.protocol === "https:")) {
    return refuse("invalid_request", "a media URL is not https");
  }
  return null;
}
