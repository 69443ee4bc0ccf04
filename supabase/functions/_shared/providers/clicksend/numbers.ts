import * as z from "zod/mini";
import { optionalDecimal, optionalText } from "../json.ts";
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
import {
  clickSendRequest,
  LONGEST_PAGE,
  nextPage,
  pageFields,
  pageRequest,
  readData,
  SHORTEST_PAGE,
} from "./request.ts";

/** Dedicated numbers are for messages. Which countries take MMS is said when one is sent. */
const CAPABILITIES: NumberCapabilities = { sms: true, mms: true, voice: false, whatsapp: false };

const dedicatedNumber = z.object({
  dedicated_number: z.string().check(z.regex(/^\+?\d{3,15}$/)),
});

function toOwnedNumber({ dedicated_number }: z.output<typeof dedicatedNumber>): OwnedNumber {
  return {
    externalId: dedicated_number,
    phoneNumber: dedicated_number,
    friendlyName: dedicated_number,
    capabilities: CAPABILITIES,
    // Inbound messages follow a rule of the account: see `configureClickSendConnection`.
    webhookUrl: "",
    status: "active",
  };
}

const ownedPage = z.object({ data: z.array(dedicatedNumber), ...pageFields });
const LIST = "/numbers";
const LIST_QUERY: [string, string][] = [["limit", String(LONGEST_PAGE)]];

export const listClickSendNumbers: Operation<{ pageUrl?: string }, Page<OwnedNumber>> = {
  toRequest: ({ pageUrl }, credentials) =>
    pageUrl
      ? pageRequest(credentials, pageUrl)
      : clickSendRequest(credentials, "GET", LIST, { query: LIST_QUERY }),
  readResponse(response) {
    const page = readData(ownedPage, response);
    return { items: page.data.map(toOwnedNumber), ...nextPage(LIST, LIST_QUERY, page) };
  },
};

const availablePage = z.object({
  data: z.array(z.object({
    dedicated_number: z.string().check(z.minLength(1)),
    country: optionalText,
    currency: optionalText,
    price: optionalDecimal,
    _price_monthly: optionalDecimal,
    _price_setup: optionalDecimal,
  })),
});

/** Digits anywhere in the number: `1` stands for that. */
function searchTerm({ areaCode, contains }: NumberSearch): [string, string][] {
  const digits = containedDigits(contains);
  if (areaCode && digits) throw new Error("one run of digits can be searched for, not two");
  const term = areaCode ?? digits;
  return term ? [["search", term], ["search_type", "1"]] : [];
}

export const searchClickSendNumbers: Operation<NumberSearch, AvailableNumber[]> = {
  toRequest(search, credentials) {
    const { country, kind, locality, region, needs = [], limit } = search;
    if (!/^[A-Z]{2}$/.test(country)) throw new Error("no two-letter country code");
    if (kind === "toll_free") throw new Error("toll-free numbers cannot be searched for");
    if (locality || region) throw new Error("numbers cannot be searched for by place");
    if (needs.includes("voice")) throw new Error("numbers take no calls");
    const query: [string, string][] = [
      ...searchTerm(search),
      ["limit", String(Math.max(limit, SHORTEST_PAGE))],
    ];
    return clickSendRequest(credentials, "GET", `/numbers/search/${country}`, { query });
  },
  readResponse(response, { country, limit }) {
    const { data } = readData(availablePage, response);
    return data.slice(0, limit).map((number) => {
      const monthlyPrice = number._price_monthly ?? number.price;
      return {
        phoneNumber: number.dedicated_number,
        friendlyName: number.dedicated_number,
        country: number.country || country,
        capabilities: CAPABILITIES,
        ...(monthlyPrice && number.currency
          ? { monthlyPrice, priceCurrency: number.currency.toUpperCase() }
          : {}),
        ...(number._price_setup && number.currency ? { setupPrice: number._price_setup } : {}),
      };
    });
  },
};

/** The webhooks of a new number need no setting: the account's rule holds for all of them. */
export const purchaseClickSendNumber: Operation<NumberPurchase, NumberOrder> = {
  toRequest({ phoneNumber }, credentials) {
    if (!E164.test(phoneNumber)) throw new Error("the number is not in E.164");
    return clickSendRequest(credentials, "POST", `/numbers/buy/${phoneNumber}`);
  },
  readResponse: (response) => ({
    state: "completed",
    number: toOwnedNumber(readData(dedicatedNumber, response)),
  }),
};
