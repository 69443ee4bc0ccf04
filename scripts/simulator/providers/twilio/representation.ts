import type { PhoneNumber } from "./phone_number.ts";
import type { Account, Media, Message } from "./store.ts";

/** The version in every path and answer. */
export const API_VERSION = "2010-04-01";

/** `Thu, 30 Jul 2015 20:00:00 +0000`. */
function rfc2822(at: number): string {
  return new Date(at).toUTCString().replace("GMT", "+0000");
}

/** Millionths of a dollar as Twilio writes prices. */
export function formatPrice(micros: number): string {
  return (micros / 1_000_000).toFixed(5);
}

/** `/2010-04-01/Accounts/AC…`. */
export function accountPath(accountSid: string): string {
  return `/${API_VERSION}/Accounts/${accountSid}`;
}

/** A voice call that the account started. */
export interface VoiceCall {
  sid: string;
  accountSid: string;
  from: string;
  to: string;
  status: string;
  statusCallback: string | null;
  createdAt: number;
}

/** A call as it is when it was just asked for: not yet rung, and not yet paid for. */
export function representCall(call: VoiceCall): Record<string, unknown> {
  const path = `${accountPath(call.accountSid)}/Calls/${call.sid}`;
  return {
    account_sid: call.accountSid,
    answered_by: null,
    api_version: API_VERSION,
    caller_name: null,
    date_created: rfc2822(call.createdAt),
    date_updated: rfc2822(call.createdAt),
    direction: "outbound-api",
    duration: null,
    end_time: null,
    forwarded_from: null,
    from: call.from,
    from_formatted: call.from,
    group_sid: null,
    parent_call_sid: null,
    phone_number_sid: null,
    price: null,
    price_unit: "USD",
    queue_time: "0",
    sid: call.sid,
    start_time: null,
    status: call.status,
    subresource_uris: {},
    to: call.to,
    to_formatted: call.to,
    trunk_sid: null,
    uri: `${path}.json`,
  };
}

const ACCOUNT_SUBRESOURCES = {
  available_phone_numbers: "AvailablePhoneNumbers",
  incoming_phone_numbers: "IncomingPhoneNumbers",
  messages: "Messages",
  usage: "Usage",
  balance: "Balance",
};

/** The account, with its token, as the real API answers it. */
export function representAccount(account: Account): Record<string, unknown> {
  const path = accountPath(account.sid);
  return {
    auth_token: account.authToken,
    date_created: rfc2822(account.createdAt),
    date_updated: rfc2822(account.updatedAt),
    friendly_name: account.friendlyName,
    owner_account_sid: account.sid,
    sid: account.sid,
    status: account.status,
    subresource_uris: Object.fromEntries(
      Object.entries(ACCOUNT_SUBRESOURCES).map(([name, part]) => [name, `${path}/${part}.json`]),
    ),
    type: account.type,
    uri: `${path}.json`,
  };
}

/** A number that an account owns. */
export function representNumber(number: PhoneNumber): Record<string, unknown> {
  return {
    ...number.settings,
    account_sid: number.accountSid,
    address_requirements: number.addressRequirements,
    api_version: API_VERSION,
    beta: false,
    capabilities: number.capabilities,
    date_created: rfc2822(number.createdAt),
    date_updated: rfc2822(number.updatedAt),
    emergency_address_status: "unregistered",
    origin: "twilio",
    phone_number: number.phoneNumber,
    sid: number.sid,
    status: "in-use",
    type: number.type,
    uri: `${accountPath(number.accountSid)}/IncomingPhoneNumbers/${number.sid}.json`,
  };
}

// Meanings: https://www.twilio.com/docs/api/errors
const ERROR_MESSAGES: Record<number, string> = {
  30001: "Queue overflow",
  30002: "Account suspended",
  30003: "Unreachable destination handset",
  30004: "Message blocked",
  30005: "Unknown destination handset",
  30006: "Landline or unreachable carrier",
  30007: "Carrier violation",
  30008: "Unknown error",
  30022: "US A2P 10DLC - Rate Limits Exceeded",
  30034: "US A2P 10DLC - Message from an Unregistered Number",
  63016: "Failed to send freeform message because you are outside the allowed window",
};

/** A message. */
export function representMessage(message: Message): Record<string, unknown> {
  const path = `${accountPath(message.accountSid)}/Messages/${message.sid}`;
  return {
    account_sid: message.accountSid,
    api_version: API_VERSION,
    body: message.body,
    date_created: rfc2822(message.createdAt),
    date_sent: message.sentAt === null ? null : rfc2822(message.sentAt),
    date_updated: rfc2822(message.updatedAt),
    direction: message.direction,
    error_code: message.errorCode,
    error_message: message.errorCode === null ? null : ERROR_MESSAGES[message.errorCode] ?? null,
    from: message.from,
    messaging_service_sid: message.messagingServiceSid,
    num_media: String(message.media.length),
    num_segments: String(message.segmentCount),
    price: message.priceMicros === null ? null : `-${formatPrice(message.priceMicros)}`,
    price_unit: "USD",
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${path}/Media.json` },
    to: message.to,
    uri: `${path}.json`,
  };
}

/** A file of a message, without its bytes. */
export function representMedia(message: Message, media: Media): Record<string, unknown> {
  return {
    account_sid: message.accountSid,
    content_type: media.contentType,
    date_created: rfc2822(media.createdAt),
    date_updated: rfc2822(media.createdAt),
    parent_sid: message.sid,
    sid: media.sid,
    uri: `${accountPath(message.accountSid)}/Messages/${message.sid}/Media/${media.sid}.json`,
  };
}
