/** WhatsApp, as the API of SignalWire's own making takes it. */
import { toWhatsAppAddress } from "../laml/address.ts";
import type { OutboundWhatsApp, ProviderError } from "../provider.ts";
import { mediaKindOf, positionalVariables, refuseWhatsApp } from "../whatsapp.ts";

export function refuseSignalwireWhatsApp(message: OutboundWhatsApp): ProviderError | null {
  const { template } = message;
  // Unlike other resellers, SignalWire takes a template's variables by name as well.
  const unnamed = template ? { ...message, template: { ...template, variables: {} } } : message;
  return refuseWhatsApp("SignalWire", unnamed);
}

/** `Message.SendMessageRequest` in signalwire/docs, signalwire-rest/openapi.yaml at 668371b2. */
export function toWhatsAppBody(message: OutboundWhatsApp): Record<string, unknown> {
  const { from, to, text, mediaUrls: [mediaUrl], template, statusUrl } = message;
  const common = { from: toWhatsAppAddress(from), to, status_callback: statusUrl };
  if (template) {
    const { externalId, variables } = template;
    // Names one language of one template: there is no field for another.
    if (Object.keys(variables).length === 0) return { ...common, template_id: externalId };
    const parameters = positionalVariables(variables) ?? variables;
    return { ...common, template_id: externalId, body_template_parameters: parameters };
  }
  if (mediaUrl === undefined) return { ...common, message_type: "whatsapp_media_text", body: text };
  const body = text === "" ? { link: mediaUrl } : { link: mediaUrl, caption: text };
  return { ...common, message_type: `whatsapp_media_${mediaKindOf(mediaUrl)}`, body };
}
