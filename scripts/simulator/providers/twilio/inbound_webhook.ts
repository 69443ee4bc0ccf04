import type { Webhook } from "../../webhooks.ts";
import type { PhoneNumber } from "./phone_number.ts";
import { accountPath, API_VERSION } from "./representation.ts";
import type { Account, Message, MessagingService } from "./store.ts";
import { prepareWebhook, type SignatureKind } from "./webhook.ts";

/** A URL that is told about inbound messages. */
export interface InboundTarget {
  url: string;
  method: string;
  purpose: "inbound" | "inbound_fallback";
}

/** Why the first URL is not the last: added to the request to the fallback URL. */
export interface InboundFailure {
  errorCode: number;
  errorUrl: string;
}

/** The webhook that tells one URL about an inbound message. */
export function inboundWebhook(
  account: Account,
  service: MessagingService | undefined,
  message: Message,
  target: InboundTarget,
  details: {
    signature: SignatureKind;
    extraParameters: Record<string, string>;
    failure: InboundFailure | undefined;
  },
): Webhook {
  const { failure } = details;
  return prepareWebhook({
    accountSid: account.sid,
    authToken: account.authToken,
    purpose: target.purpose,
    messageSid: message.sid,
    method: target.method,
    url: target.url,
    parameters: {
      ...parametersOf(message, service),
      ...details.extraParameters,
      ...(failure ? { ErrorCode: String(failure.errorCode), ErrorUrl: failure.errorUrl } : {}),
    },
    signature: details.signature,
  });
}

/** The URL that is called, and the one that is called when that fails. */
export function targetsOf(
  number: PhoneNumber,
  service: MessagingService | undefined,
): InboundTarget[] {
  const { settings } = number;
  const primary: InboundTarget = service?.inboundRequestUrl
    ? { url: service.inboundRequestUrl, method: "POST", purpose: "inbound" }
    : { url: settings.sms_url, method: settings.sms_method, purpose: "inbound" };
  const fallback: InboundTarget = {
    url: settings.sms_fallback_url,
    method: settings.sms_fallback_method,
    purpose: "inbound_fallback",
  };
  // An application overrides the URLs of the number, and the simulator has no applications.
  if (settings.sms_application_sid !== "" || primary.url === "") return [];
  return fallback.url === "" ? [primary] : [primary, fallback];
}

function parametersOf(
  message: Message,
  service: MessagingService | undefined,
): Record<string, string> {
  const path = `https://api.twilio.com${accountPath(message.accountSid)}/Messages/${message.sid}`;
  const media = message.media.flatMap((file, index) => [
    [`MediaContentType${index}`, file.contentType],
    [`MediaUrl${index}`, `${path}/Media/${file.sid}`],
  ]);
  return {
    ToCountry: "US",
    ToState: "",
    ToCity: "",
    ToZip: "",
    FromCountry: "US",
    FromState: "",
    FromCity: "",
    FromZip: "",
    SmsMessageSid: message.sid,
    SmsSid: message.sid,
    MessageSid: message.sid,
    SmsStatus: "received",
    AccountSid: message.accountSid,
    From: message.from ?? "",
    To: message.to,
    Body: message.body,
    NumMedia: String(message.media.length),
    NumSegments: String(message.segmentCount),
    ApiVersion: API_VERSION,
    ...(service ? { MessagingServiceSid: service.sid } : {}),
    ...Object.fromEntries(media),
    ...(message.from?.startsWith("whatsapp:")
      ? { ProfileName: "Simulated contact", WaId: message.from.slice("whatsapp:+".length) }
      : {}),
  };
}
