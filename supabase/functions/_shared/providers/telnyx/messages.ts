import { E164, refusePhoneMessage, TEXT_SENDER } from "../phone_message.ts";
import type {
  Credentials,
  MessageReceipt,
  Operation,
  OutboundMessage,
  OutboundText,
  OutboundWhatsApp,
  ProviderError,
} from "../provider.ts";
import { refusal } from "../provider_errors.ts";
import { mediaKindOf, metaLanguage, positionalVariables, refuseWhatsApp } from "../whatsapp.ts";
import { readTelnyxAnswer } from "./receipt.ts";
import { isUuid, telnyxRequest } from "./request.ts";

const NAME = "Telnyx";
/** Telnyx limits the size of media, not their number, nor the length of a text. */
const TEXT_LIMITS = { sender: TEXT_SENDER, longestText: Infinity, mostMedia: Infinity };

export function refuseTelnyxMessage(message: OutboundMessage): ProviderError | null {
  if (message.channel === "sms") return refusePhoneMessage(NAME, message, TEXT_LIMITS);
  if (message.channel === "whatsapp") return refuseWhatsApp(NAME, message);
  return refusal("unsupported", `Cannot send by ${NAME}: channel email is not supported`);
}

export const sendTelnyxMessage: Operation<OutboundMessage, MessageReceipt> = {
  toRequest(message, credentials) {
    if (message.channel === "sms") {
      return telnyxRequest(credentials, "POST", "/messages", {
        json: toText(message, credentials),
      });
    }
    if (message.channel === "email") throw new Error("no phone message");
    const json = toWhatsApp(message, credentials);
    return telnyxRequest(credentials, "POST", "/messages/whatsapp", { json });
  },
  readResponse: readTelnyxAnswer,
};

function toText(
  { from, to, text, mediaUrls, statusUrl }: OutboundText,
  { messaging_profile_id }: Credentials,
): Record<string, unknown> {
  return {
    from,
    to,
    // A number brings its profile along; a name has none of its own.
    ...(E164.test(from) ? {} : { messaging_profile_id }),
    ...(text === "" ? {} : { text }),
    ...(mediaUrls.length > 0 ? { media_urls: mediaUrls } : {}),
    webhook_url: statusUrl,
  };
}

/** The profile is needed where the sender is no number of Telnyx's. */
function toWhatsApp(
  message: OutboundWhatsApp,
  { messaging_profile_id }: Credentials,
): Record<string, unknown> {
  const { from, to, statusUrl } = message;
  return {
    from,
    to,
    type: "WHATSAPP",
    messaging_profile_id,
    whatsapp_message: toContent(message),
    webhook_url: statusUrl,
  };
}

function toContent({ text, mediaUrls: [link], template }: OutboundWhatsApp): unknown {
  if (template) return { type: "template", template: toTemplate(template) };
  if (!link) return { type: "text", text: { body: text } };
  const kind = mediaKindOf(link);
  return { type: kind, [kind]: { link, ...(text === "" ? {} : { caption: text }) } };
}

/** Telnyx's own identifiers of templates are UUIDs; any other is the name that Meta knows. */
function toTemplate(
  { externalId, language, variables }: NonNullable<OutboundWhatsApp["template"]>,
): unknown {
  const parameters = (positionalVariables(variables) ?? []).map((text) => ({ type: "text", text }));
  return {
    ...(isUuid(externalId)
      ? { template_id: externalId }
      : { name: externalId, language: { code: metaLanguage(language) } }),
    ...(parameters.length > 0 ? { components: [{ type: "body", parameters }] } : {}),
  };
}
