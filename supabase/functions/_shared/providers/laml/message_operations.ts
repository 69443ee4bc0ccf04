/** How messages are sent wherever Twilio's API is offered. */
import type {
  Channel,
  Credentials,
  OutboundText,
  OutboundWhatsApp,
  ProviderRequest,
  ProviderStatus,
} from "../provider.ts";
import { type LamlApi, lamlRequest } from "./api.ts";

export const MESSAGES_PATH = "/Messages";

export interface LamlDialect {
  readStatus(word: string): ProviderStatus;
  /** As the vendor writes an address of a channel; throws where it has no such channel. */
  toAddress(channel: Channel, address: string): string;
}

/** Asks to send a message whose content `fields` are. */
export function sendRequest(
  api: LamlApi,
  { toAddress }: LamlDialect,
  credentials: Credentials,
  { channel, from, to }: OutboundText | OutboundWhatsApp,
  fields: ReadonlyArray<[string, string]>,
): ProviderRequest {
  const addresses: [string, string][] = [
    ["To", toAddress(channel, to)],
    ["From", toAddress(channel, from)],
  ];
  return lamlRequest(api, credentials, "POST", MESSAGES_PATH, { form: [...addresses, ...fields] });
}

/** The text and media of a message as fields of a form. */
export function contentFields(
  { text, mediaUrls }: { text: string; mediaUrls: ReadonlyArray<string> },
): [string, string][] {
  return [
    ...(text === "" ? [] : [["Body", text] as [string, string]]),
    ...mediaUrls.map((url): [string, string] => ["MediaUrl", url]),
  ];
}
