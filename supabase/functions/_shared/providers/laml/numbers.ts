/** Numbers as Twilio's API describes them, and SignalWire's after it. */
import * as z from "zod/mini";
import { optionalText } from "../json.ts";
import type {
  AvailableNumber,
  NumberCapabilities,
  NumberWebhooks,
  OwnedNumber,
} from "../provider.ts";

/** The keys are `sms` in some answers, `SMS` in others. */
const capabilities = z.transform((given: unknown): NumberCapabilities => {
  const names = Object.entries(given ?? {})
    .filter(([, isCapable]) => isCapable === true)
    .map(([name]) => name.toLowerCase());
  return {
    sms: names.includes("sms"),
    mms: names.includes("mms"),
    voice: names.includes("voice"),
    whatsapp: false,
  };
});

export function ownedNumberSchema(sid: RegExp) {
  return z.object({
    sid: z.string().check(z.regex(sid)),
    phone_number: z.string().check(z.minLength(1)),
    friendly_name: optionalText,
    capabilities,
    sms_url: optionalText,
    sms_application_sid: optionalText,
    status: optionalText,
  });
}

export function ownedPageSchema(sid: RegExp) {
  return z.object({
    next_page_uri: z.nullish(z.string()),
    incoming_phone_numbers: z.array(ownedNumberSchema(sid)),
  });
}

export function toOwnedNumber(
  number: z.output<ReturnType<typeof ownedNumberSchema>>,
): OwnedNumber {
  return {
    externalId: number.sid,
    phoneNumber: number.phone_number,
    friendlyName: number.friendly_name || number.phone_number,
    capabilities: number.capabilities,
    // An application on the number takes its place: `sms_url` is then ignored.
    webhookUrl: number.sms_application_sid ? "" : number.sms_url,
    status: ["", "in-use"].includes(number.status) ? "active" : "pending",
  };
}

export const availableNumbers = z.object({
  available_phone_numbers: z.array(z.object({
    phone_number: z.string().check(z.minLength(1)),
    friendly_name: optionalText,
    iso_country: optionalText,
    region: optionalText,
    locality: optionalText,
    postal_code: optionalText,
    capabilities,
  })),
});

export function toAvailableNumbers(
  { available_phone_numbers }: z.output<typeof availableNumbers>,
  country: string,
): AvailableNumber[] {
  return available_phone_numbers.map((number) => ({
    phoneNumber: number.phone_number,
    friendlyName: number.friendly_name || number.phone_number,
    country: number.iso_country || country,
    ...(number.region ? { region: number.region } : {}),
    ...(number.locality ? { locality: number.locality } : {}),
    ...(number.postal_code ? { postalCode: number.postal_code } : {}),
    capabilities: number.capabilities,
  }));
}

export function webhookFields({ inboundUrl, fallbackUrl }: NumberWebhooks): [string, string][] {
  return [
    ["SmsUrl", inboundUrl],
    ["SmsMethod", "POST"],
    ["SmsFallbackUrl", fallbackUrl],
    ["SmsFallbackMethod", "POST"],
  ];
}
