import * as z from "zod/mini";
import { optionalDecimal, optionalText, orElse, readJson } from "../json.ts";
import { containedDigits } from "../number_pattern.ts";
import { E164 } from "../phone_message.ts";
import type {
  AvailableNumber,
  NumberCapabilities,
  NumberOrder,
  NumberPurchase,
  NumberSearch,
  Operation,
  OwnedNumber,
  Page,
} from "../provider.ts";
import { messageBirdRequest, nextPage, NUMBERS } from "./request.ts";
import { toMsisdn } from "./words.ts";

const features = z.transform((given: unknown): NumberCapabilities => {
  const names: unknown[] = Array.isArray(given) ? given : [];
  return {
    sms: names.includes("sms"),
    mms: names.includes("mms"),
    voice: names.includes("voice"),
    whatsapp: false,
  };
});

const numberFields = {
  number: z.string().check(z.regex(/^\d{3,15}$/)),
  country: optionalText,
  region: optionalText,
  locality: optionalText,
  features,
};
const ownedNumber = z.object({ ...numberFields, status: optionalText });

function toOwnedNumber({ number, features, status }: z.output<typeof ownedNumber>): OwnedNumber {
  return {
    externalId: number,
    phoneNumber: `+${number}`,
    friendlyName: `+${number}`,
    capabilities: features,
    // Inbound messages follow a flow, which no API tells.
    webhookUrl: "",
    status: status === "active" || status === "inactive" ? status : "pending",
  };
}

const count = orElse(z.number(), 0);
const ownedPage = z.object({
  offset: count,
  count,
  totalCount: count,
  items: z.array(ownedNumber),
});

const LIST = `${NUMBERS}/phone-numbers`;
/** MessageBird's own default; the most that it takes is not documented. */
const LIST_QUERY: [string, string][] = [["limit", "20"]];

export const listMessageBirdNumbers: Operation<{ pageUrl?: string }, Page<OwnedNumber>> = {
  toRequest: ({ pageUrl }, credentials) =>
    pageUrl
      ? messageBirdRequest(credentials, "GET", pageUrl)
      : messageBirdRequest(credentials, "GET", LIST, { query: LIST_QUERY }),
  readResponse({ json }) {
    const page = readJson(ownedPage, json);
    return { items: page.items.map(toOwnedNumber), ...nextPage(LIST, LIST_QUERY, page) };
  },
};

const TYPES = { local: "landline", toll_free: "toll_free", mobile: "mobile" } as const;

function searchPattern({ areaCode, contains }: NumberSearch): [string, string][] {
  const digits = containedDigits(contains);
  if (areaCode && digits) throw new Error("one run of digits can be searched for, not two");
  const term = areaCode ?? digits;
  return term ? [["number", term], ["search_pattern", "anywhere"]] : [];
}

const availableNumbers = z.object({
  items: z.array(z.object({
    ...numberFields,
    monthlyPrice: optionalDecimal,
    currency: optionalText,
  })),
});

export const searchMessageBirdNumbers: Operation<NumberSearch, AvailableNumber[]> = {
  toRequest(search, credentials) {
    const { country, kind, locality, region, needs = [], limit } = search;
    if (!/^[A-Z]{2}$/.test(country)) throw new Error("no two-letter country code");
    if (locality || region) throw new Error("numbers cannot be searched for by place");
    const query: [string, string][] = [
      ...needs.map((need): [string, string] => ["features", need]),
      ["type", TYPES[kind]],
      ...searchPattern(search),
      ["limit", String(limit)],
      ["prices", "true"],
      // Those could not be bought by the one request that buys the others.
      ["exclude_numbers_require_verification", "true"],
    ];
    const url = `${NUMBERS}/available-phone-numbers/${country}`;
    return messageBirdRequest(credentials, "GET", url, { query });
  },
  readResponse({ json }, { country, limit }) {
    const { items } = readJson(availableNumbers, json);
    return items.slice(0, limit).map((number) => ({
      phoneNumber: `+${number.number}`,
      friendlyName: `+${number.number}`,
      country: number.country || country,
      ...(number.region ? { region: number.region } : {}),
      ...(number.locality ? { locality: number.locality } : {}),
      capabilities: number.features,
      ...(number.monthlyPrice && number.currency
        ? { monthlyPrice: number.monthlyPrice, priceCurrency: number.currency.toUpperCase() }
        : {}),
    }));
  },
};

export const purchaseMessageBirdNumber: Operation<NumberPurchase, NumberOrder> = {
  toRequest({ phoneNumber, country }, credentials) {
    if (!E164.test(phoneNumber)) throw new Error("the number is not in E.164");
    return messageBirdRequest(credentials, "POST", LIST, {
      json: { number: toMsisdn(phoneNumber), countryCode: country, billingIntervalMonths: 1 },
    });
  },
  readResponse: ({ json }) => ({
    state: "completed",
    number: toOwnedNumber(readJson(ownedNumber, json)),
  }),
};

export const releaseMessageBirdNumber: Operation<
  { externalId: string; phoneNumber: string },
  void
> = {
  toRequest({ externalId }, credentials) {
    if (!/^\d{3,15}$/.test(externalId)) throw new Error("no number of MessageBird's");
    return messageBirdRequest(credentials, "DELETE", `${LIST}/${externalId}`);
  },
  readResponse() {},
};
