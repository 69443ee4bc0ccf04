import type { PhoneNumber } from "../../shared/phone/account.ts";
import type { PhoneMessage } from "../../shared/phone/message.ts";
import { nationalFormat } from "../twilio/phone_number.ts";
import type { SignalwireAccount } from "./account.ts";

const BASE = "/api/laml/2010-04-01/Accounts";
const PRICE = 0.00415;

export function representProject({ sid }: SignalwireAccount): Record<string, unknown> {
  return {
    sid,
    friendly_name: "Simulated project",
    status: "active",
    auth_token: "redacted",
    type: "Full",
    owner_account_sid: sid,
    region_preference: "us-east",
    uri: `${BASE}/${sid}`,
    subproject: false,
    signing_key: null,
    subresource_uris: { messages: `${BASE}/${sid}/Messages`, usage: null },
  };
}

/** The resource says `initiated` where its callback says `sending`. */
export function representMessage(message: PhoneMessage): Record<string, unknown> {
  const { sid, accountSid, status, errorCode } = message;
  const isSent = !["queued", "sending", "failed"].includes(status);
  const createdAt = rfc2822(message.createdAt);
  return {
    account_sid: accountSid,
    api_version: "2010-04-01",
    body: message.text,
    num_segments: message.segmentCount,
    num_media: message.mediaUrls.length,
    date_created: createdAt,
    date_sent: isSent ? createdAt : null,
    date_updated: createdAt,
    direction: message.direction === "inbound" ? "inbound" : "outbound-api",
    error_code: errorCode,
    error_message: errorCode === null ? null : "Message not delivered",
    from: message.from,
    price: isSent ? PRICE * message.segmentCount : null,
    price_unit: "USD",
    sid,
    status: status === "sending" ? "initiated" : status,
    to: message.to,
    messaging_service_sid: null,
    uri: `${BASE}/${accountSid}/Messages/${sid}`,
    subresource_uris: { media: `${BASE}/${accountSid}/Messages/${sid}/Media` },
  };
}

/** As the other API has it, in which WhatsApp is sent. */
export function representRestMessage(message: PhoneMessage): Record<string, unknown> {
  return {
    id: message.sid,
    from: message.from,
    to: message.to,
    body: message.text,
    status: message.status,
    direction: "outbound",
    kind: message.mediaUrls.length > 0 ? "mms" : "sms",
    media: message.mediaUrls,
    number_of_segments: message.segmentCount,
    error_code: message.errorCode,
    error_message: null,
    created_at: new Date(message.createdAt).toISOString(),
    project_id: message.accountSid,
    status_callback_url: message.statusUrl,
    message_uri: `/api/messaging/logs/${message.sid}`,
  };
}

export function representNumber(
  account: SignalwireAccount,
  { id, phoneNumber, country }: PhoneNumber,
): Record<string, unknown> {
  const settings = account.settings.get(id) ?? {};
  return {
    account_sid: account.sid,
    api_version: "2010-04-01",
    capabilities: { voice: true, sms: true, mms: true, fax: false },
    country_code: country,
    friendly_name: settings.friendly_name || nationalFormat(phoneNumber),
    phone_number: phoneNumber,
    sid: id,
    sms_application_sid: null,
    sms_fallback_method: "POST",
    sms_fallback_url: settings.sms_fallback_url || null,
    sms_method: "POST",
    sms_url: settings.sms_url || null,
    uri: `${BASE}/${account.sid}/IncomingPhoneNumbers/${id}`,
  };
}

/** Found numbers have upper-case keys; every fifth cannot be sent pictures from. */
export function representOffer(phoneNumber: string, country: string): Record<string, unknown> {
  return {
    friendly_name: nationalFormat(phoneNumber),
    phone_number: phoneNumber,
    lata: null,
    locality: null,
    rate_center: "SNFC CNTRL",
    latitude: null,
    longitude: null,
    region: "CA",
    postal_code: null,
    iso_country: country,
    capabilities: { voice: true, SMS: true, MMS: Number(phoneNumber.slice(-2)) % 5 !== 4 },
    beta: false,
  };
}

function rfc2822(time: number): string {
  return new Date(time).toUTCString().replace("GMT", "+0000");
}

export function representCall(call: PhoneMessage): Record<string, unknown> {
  const at = rfc2822(call.createdAt);
  return {
    sid: call.sid,
    account_sid: call.accountSid,
    date_created: at,
    date_updated: at,
    to: call.to,
    from: call.from,
    status: call.status,
    start_time: null,
    end_time: null,
    duration: 0,
    price: null,
    price_unit: "USD",
    direction: "outbound",
    api_version: "2010-04-01",
    uri: `${BASE}/${call.accountSid}/Calls/${call.sid}`,
  };
}
