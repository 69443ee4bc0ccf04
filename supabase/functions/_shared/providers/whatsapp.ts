/** WhatsApp's own rules, which its resellers pass on. */
import type { OutboundWhatsApp, ProviderError } from "./provider.ts";
import { refusal } from "./provider_errors.ts";
import { E164, type MessageLimits, refusePhoneMessage } from "./phone_message.ts";

const LIMITS: MessageLimits = { sender: E164, longestText: 4096, mostMedia: 1 };

export type MediaKind = "image" | "audio" | "video" | "document";

// https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media (read 2026-11-20)
const KINDS: Record<Exclude<MediaKind, "document">, RegExp> = {
  image: /\.(jpe?g|png)$/i,
  audio: /\.(aac|amr|mp3|m4a|ogg|opus)$/i,
  video: /\.(mp4|3gpp?)$/i,
};

/** By the ending of its path, all that is known of it; what WhatsApp cannot show is a document. */
export function mediaKindOf(url: string): MediaKind {
  const path = URL.parse(url)?.pathname ?? "";
  if (KINDS.image.test(path)) return "image";
  if (KINDS.audio.test(path)) return "audio";
  return KINDS.video.test(path) ? "video" : "document";
}

/** The values of a template's body, `1` first; null when they are named or one is missing. */
export function positionalVariables(
  variables: Readonly<Record<string, string>>,
): string[] | null {
  const values = Object.keys(variables).map((_, index) => variables[String(index + 1)]);
  return values.every((value) => value !== undefined) ? values : null;
}

/** `en-US` is `en_US` in the names of Meta's languages. */
export function metaLanguage(tag: string): string {
  return tag.replaceAll("-", "_");
}

export function refuseWhatsApp(
  providerName: string,
  message: OutboundWhatsApp,
): ProviderError | null {
  const refuse = (state: string) =>
    refusal("unsupported", `Cannot send by ${providerName}: ${state}`);
  const { text, mediaUrls: [mediaUrl], template } = message;
  if (template) {
    if (mediaUrl) return refuse("a template takes no media");
    if (!positionalVariables(template.variables)) {
      return refuse("the template's variables are not numbered from 1");
    }
  }
  if (mediaUrl && mediaKindOf(mediaUrl) === "audio" && text !== "") {
    return refuse("WhatsApp shows no text beside audio");
  }
  return refusePhoneMessage(providerName, message, LIMITS);
}
