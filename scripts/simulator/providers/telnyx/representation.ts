import type { PhoneNumber } from "../../shared/phone/account.ts";
import type { PhoneMessage } from "../../shared/phone/message.ts";
import type { Order, TelnyxAccount } from "./account.ts";
import { TITLES } from "./errors.ts";

/** A message as answers and webhooks hold it. */
export function representMessage(
  account: TelnyxAccount,
  message: PhoneMessage,
): Record<string, unknown> {
  const { channel, mediaUrls, text, errorCode } = message;
  const isOutbound = message.direction === "outbound";
  const content = channel === "whatsapp" ? toWhatsApp(message) : {
    text,
    media: mediaUrls.map((url) => ({ url, content_type: isOutbound ? null : "image/png" })),
  };
  return {
    record_type: "message",
    direction: message.direction,
    id: message.sid,
    type: channel.toUpperCase(),
    organization_id: account.sid,
    messaging_profile_id: account.profile.id,
    from: { phone_number: message.from, carrier: "", line_type: "" },
    to: [{ phone_number: message.to, status: message.status, carrier: "", line_type: "" }],
    cc: [],
    ...content,
    encoding: "GSM-7",
    parts: message.segmentCount,
    tags: [],
    cost: isOutbound ? { amount: "0.0040", currency: "USD" } : null,
    errors: errorCode === null ? [] : [{ code: errorCode, title: TITLES[errorCode] ?? "Failed" }],
    received_at: new Date(message.createdAt).toISOString(),
    webhook_url: message.statusUrl,
  };
}

function toWhatsApp({ text, mediaUrls: [link] }: PhoneMessage): Record<string, unknown> {
  return {
    body: link
      ? { type: "image", image: { link, caption: text } }
      : { type: "text", text: { body: text } },
  };
}

export function representOrder(order: Order): Record<string, unknown> {
  return {
    id: order.id,
    record_type: "number_order",
    status: order.status,
    customer_reference: order.reference,
    phone_numbers_count: 1,
    phone_numbers: [{
      id: order.id,
      record_type: "number_order_phone_number",
      phone_number: order.phoneNumber,
      status: order.status,
    }],
    requirements_met: true,
  };
}

/** A number with its messaging settings. */
export function representNumber(number: PhoneNumber): Record<string, unknown> {
  const isNorthAmerican = number.phoneNumber.startsWith("+1");
  const twoWay = {
    domestic_two_way: true,
    international_inbound: true,
    international_outbound: true,
  };
  return {
    id: number.id,
    record_type: "messaging_settings",
    phone_number: number.phoneNumber,
    messaging_profile_id: number.attachedTo,
    country_code: number.country,
    type: "longcode",
    features: { sms: twoWay, mms: isNorthAmerican ? twoWay : null },
  };
}
