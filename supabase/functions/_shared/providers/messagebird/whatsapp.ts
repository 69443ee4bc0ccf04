import * as z from "zod/mini";
import { readJson } from "../json.ts";
import type {
  Credentials,
  MessageReceipt,
  OutboundWhatsApp,
  ProviderRequest,
} from "../provider.ts";
import { mediaKindOf, metaLanguage, positionalVariables } from "../whatsapp.ts";
import { checkId, CONVERSATIONS, messageBirdRequest } from "./request.ts";
import { readMessageBirdStatus, toConversationMessageId } from "./words.ts";

/** MessageBird names a template by the namespace of the account and its own name. */
export const TEMPLATE = /^([0-9A-Za-z_-]{1,128})\/([0-9a-z_]{1,512})$/;

function toContent({ text, mediaUrls: [url], template }: OutboundWhatsApp) {
  if (template) {
    const [, namespace, templateName] = TEMPLATE.exec(template.externalId) ?? [];
    return {
      type: "hsm",
      content: {
        hsm: {
          namespace,
          templateName,
          language: { policy: "deterministic", code: metaLanguage(template.language) },
          params: (positionalVariables(template.variables) ?? []).map((value) => ({
            default: value,
          })),
        },
      },
    };
  }
  if (url === undefined) return { type: "text", content: { text } };
  const kind = mediaKindOf(url);
  const type = kind === "document" ? "file" : kind;
  return { type, content: { [type]: { url, ...(text === "" ? {} : { caption: text }) } } };
}

/**
 * The sender is a channel, the one of the connection: the message names its number.
 * https://github.com/messagebird/messagebird-nodejs, types/conversations.d.ts (read 2026-11-20)
 */
export function whatsAppRequest(
  message: OutboundWhatsApp,
  credentials: Credentials,
): ProviderRequest {
  const channelId = credentials.whatsapp_channel_id;
  if (!channelId) throw new Error("the connection has no WhatsApp channel");
  return messageBirdRequest(credentials, "POST", `${CONVERSATIONS}/send`, {
    json: {
      to: message.to,
      from: checkId(channelId),
      ...toContent(message),
      reportUrl: message.statusUrl,
    },
  });
}

const sent = z.object({ id: z.string().check(z.minLength(1)), status: z.string() });
/** The types of MessageBird's SDK have it one level deeper than the answers of its tests. */
const sentOrWrapped = z.union([sent, z.object({ message: sent })]);

export function readSentWhatsApp(json: unknown): MessageReceipt {
  const given = readJson(sentOrWrapped, json);
  const { id, status } = "message" in given ? given.message : given;
  return {
    externalId: toConversationMessageId(id),
    status: readMessageBirdStatus(status),
    providerStatus: status,
  };
}
