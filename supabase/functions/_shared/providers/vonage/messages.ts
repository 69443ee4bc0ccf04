import * as z from "zod/mini";
import { readJson } from "../json.ts";
import { refusePhoneMessage, TEXT_SENDER } from "../phone_message.ts";
import type {
  MessageReceipt,
  Operation,
  OutboundMessage,
  OutboundWhatsApp,
  ProviderError,
} from "../provider.ts";
import { refusal } from "../provider_errors.ts";
import { mediaKindOf, metaLanguage, positionalVariables, refuseWhatsApp } from "../whatsapp.ts";
import { apiRequest, toVonageAddress } from "./request.ts";

const NAME = "Vonage";
// https://developer.vonage.com/en/api/messages (read 2026-11-20)
const LONGEST_TEXT = 1000;
const LONGEST_CAPTION = 2000;

export function refuseVonageMessage(message: OutboundMessage): ProviderError | null {
  const refuse = (state: string) => refusal("unsupported", `Cannot send by ${NAME}: ${state}`);
  if (message.channel === "email") return refuse("channel email is not supported");
  if (message.channel === "whatsapp") return refuseWhatsApp(NAME, message);
  const { text, mediaUrls: [mediaUrl] } = message;
  if (mediaUrl) {
    const kind = mmsKindOf(mediaUrl);
    if (!kind) return refuse("an MMS holds an image, a sound, a film or a vCard");
    if (kind === "vcard" && text !== "") return refuse("an MMS shows no text beside a vCard");
  }
  return refusePhoneMessage(NAME, message, {
    sender: TEXT_SENDER,
    longestText: mediaUrl ? LONGEST_CAPTION : LONGEST_TEXT,
    mostMedia: 1,
  });
}

function mmsKindOf(url: string): "image" | "audio" | "video" | "vcard" | null {
  const path = URL.parse(url)?.pathname ?? "";
  if (/\.vcf$/i.test(path)) return "vcard";
  if (/\.gif$/i.test(path)) return "image";
  const kind = mediaKindOf(url);
  return kind === "document" ? null : kind;
}

const sendAnswer = z.object({ message_uuid: z.string().check(z.minLength(1)) });

export const sendVonageMessage: Operation<OutboundMessage, MessageReceipt> = {
  toRequest(message, credentials) {
    if (message.channel === "email") throw new Error("no phone message");
    const { from, to, statusUrl, reference } = message;
    return apiRequest(credentials, "POST", "/v1/messages", {
      json: {
        ...toContent(message),
        from: toVonageAddress(from),
        to: toVonageAddress(to),
        client_ref: reference,
        webhook_url: statusUrl,
      },
    });
  },
  // Vonage has no word for what it has accepted and not yet submitted.
  readResponse: ({ json }) => ({
    externalId: readJson(sendAnswer, json).message_uuid,
    status: "queued",
    providerStatus: "",
  }),
};

function toContent(
  message: Exclude<OutboundMessage, { channel: "email" }>,
): Record<string, unknown> {
  const { text, mediaUrls: [url] } = message;
  const captioned = { url, ...(text === "" ? {} : { caption: text }) };
  if (message.channel === "sms") {
    const kind = url ? mmsKindOf(url) : null;
    return kind
      ? { channel: "mms", message_type: kind, [kind]: captioned }
      : { channel: "sms", message_type: "text", text };
  }
  const channel = "whatsapp";
  if (message.template) return { channel, ...toTemplate(message.template) };
  if (!url) return { channel, message_type: "text", text };
  const kind = mediaKindOf(url);
  const message_type = kind === "document" ? "file" : kind;
  return { channel, message_type, [message_type]: captioned };
}

function toTemplate(
  { externalId, language, variables }: NonNullable<OutboundWhatsApp["template"]>,
): Record<string, unknown> {
  const parameters = positionalVariables(variables) ?? [];
  return {
    message_type: "template",
    template: { name: externalId, ...(parameters.length > 0 ? { parameters } : {}) },
    whatsapp: { policy: "deterministic", locale: metaLanguage(language) },
  };
}
