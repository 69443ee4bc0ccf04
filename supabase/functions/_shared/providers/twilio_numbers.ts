import * as z from "zod/mini";
import { optionalText, readJson } from "./json.ts";
import {
  type AvailableNumber,
  type NumberCapabilities,
  type NumberPurchase,
  type NumberSearch,
  type NumberWebhooks,
  type Operation,
  type OwnedNumber,
  type Page,
  UnreadableAnswerError,
} from "./provider.ts";
import { accountRequest, checkSid, nextPage, pageRequest } from "./twilio_request.ts";

/** The keys are `sms` in the documents, `SMS` in some answers. */
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

const ownedNumber = z.object({
  sid: z.string().check(z.regex(/^PN[0-9a-fA-F]{32}$/)),
  phone_number: z.string().check(z.minLength(1)),
  friendly_name: optionalText,
  capabilities,
  sms_url: optionalText,
  sms_application_sid: optionalText,
  status: optionalText,
});

function toOwnedNumber(number: z.output<typeof ownedNumber>): OwnedNumber {
  return {
    externalId: number.sid,
    phoneNumber: number.phone_number,
    friendlyName: number.friendly_name || number.phone_number,
    capabilities: number.capabilities,
    // An application on the number takes its place: Twilio then ignores `sms_url`.
    webhookUrl: number.sms_application_sid ? "" : number.sms_url,
    status: ["", "in-use"].includes(number.status) ? "active" : "pending",
  };
}

const ownedPage = z.object({
  next_page_uri: z.nullish(z.string()),
  incoming_phone_numbers: z.array(ownedNumber),
});

export const listTwilioNumbers: Operation<{ pageUrl?: string }, Page<OwnedNumber>> = {
  toRequest: ({ pageUrl }, credentials) =>
    pageUrl
      ? pageRequest(credentials, pageUrl)
      : accountRequest(credentials, "GET", "/IncomingPhoneNumbers.json", {
        query: [["PageSize", "1000"]],
      }),
  readResponse({ json }) {
    const { incoming_phone_numbers, next_page_uri } = readJson(ownedPage, json);
    return { items: incoming_phone_numbers.map(toOwnedNumber), ...nextPage(next_page_uri) };
  },
};

const KINDS = { local: "Local", toll_free: "TollFree", mobile: "Mobile" } as const;
const NEEDS = { sms: "SmsEnabled", mms: "MmsEnabled", voice: "VoiceEnabled" } as const;

const availableNumbers = z.object({
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

export const searchTwilioNumbers: Operation<NumberSearch, AvailableNumber[]> = {
  toRequest(search, credentials) {
    if (!/^[A-Z]{2}$/.test(search.country)) throw new Error("no two-letter country code");
    const query: [string, string][] = [["PageSize", String(search.limit)]];
    if (search.areaCode) query.push(["AreaCode", search.areaCode]);
    if (search.contains) query.push(["Contains", search.contains]);
    if (search.locality) query.push(["InLocality", search.locality]);
    if (search.region) query.push(["InRegion", search.region]);
    for (const need of search.needs ?? []) query.push([NEEDS[need], "true"]);
    const path = `/AvailablePhoneNumbers/${search.country}/${KINDS[search.kind]}.json`;
    return accountRequest(credentials, "GET", path, { query });
  },
  readResponse({ json }, { country }) {
    const { available_phone_numbers } = readJson(availableNumbers, json);
    return available_phone_numbers.map((number) => ({
      phoneNumber: number.phone_number,
      friendlyName: number.friendly_name || number.phone_number,
      country: number.iso_country || country,
      ...(number.region ? { region: number.region } : {}),
      ...(number.locality ? { locality: number.locality } : {}),
      ...(number.postal_code ? { postalCode: number.postal_code } : {}),
      capabilities: number.capabilities,
    }));
  },
};

function webhookFields({ inboundUrl, fallbackUrl }: NumberWebhooks): [string, string][] {
  return [
    ["SmsUrl", inboundUrl],
    ["SmsMethod", "POST"],
    ["SmsFallbackUrl", fallbackUrl],
    ["SmsFallbackMethod", "POST"],
  ];
}

export const purchaseTwilioNumber: Operation<NumberPurchase, OwnedNumber> = {
  toRequest({ phoneNumber, friendlyName, webhooks }, credentials) {
    const form: [string, string][] = [["PhoneNumber", phoneNumber]];
    if (friendlyName) form.push(["FriendlyName", friendlyName]);
    if (webhooks) form.push(...webhookFields(webhooks));
    return accountRequest(credentials, "POST", "/IncomingPhoneNumbers.json", { form });
  },
  readResponse: ({ json }) => toOwnedNumber(readJson(ownedNumber, json)),
};

export const configureTwilioNumber: Operation<
  { externalId: string; webhooks: NumberWebhooks },
  OwnedNumber
> = {
  toRequest({ externalId, webhooks }, credentials) {
    const path = `/IncomingPhoneNumbers/${checkSid(externalId, "PN")}.json`;
    // Empty takes the application off the number; else it would override the URLs.
    const form = [...webhookFields(webhooks), ["SmsApplicationSid", ""] as const];
    return accountRequest(credentials, "POST", path, { form });
  },
  readResponse: ({ json }) => toOwnedNumber(readJson(ownedNumber, json)),
};

export const releaseTwilioNumber: Operation<{ externalId: string }, void> = {
  toRequest: ({ externalId }, credentials) =>
    accountRequest(
      credentials,
      "DELETE",
      `/IncomingPhoneNumbers/${checkSid(externalId, "PN")}.json`,
    ),
  readResponse({ status }) {
    if (status !== 204) throw new UnreadableAnswerError("expected 204");
  },
};
