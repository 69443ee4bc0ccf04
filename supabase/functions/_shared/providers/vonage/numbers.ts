import * as z from "zod/mini";
import { optionalDecimal, optionalText, readJson } from "../json.ts";
import { containedDigits } from "../number_pattern.ts";
import {
  type AvailableNumber,
  type NumberCapabilities,
  type NumberOrder,
  type NumberPurchase,
  type NumberSearch,
  type Operation,
  type OwnedNumber,
  type Page,
  type ProviderRequest,
  RefusedAnswerError,
} from "../provider.ts";
import { readLabel } from "./errors.ts";
import {
  pageRequest,
  REST_HOST,
  restRequest,
  toNeutralAddress,
  toVonageAddress,
} from "./request.ts";

const capabilities = z.transform((given: unknown): NumberCapabilities => {
  const names = Array.isArray(given) ? given : [];
  return {
    sms: names.includes("SMS"),
    mms: names.includes("MMS"),
    voice: names.includes("VOICE"),
    whatsapp: false,
  };
});

const numberFields = {
  country: z.string().check(z.regex(/^[A-Z]{2}$/)),
  msisdn: z.string().check(z.regex(/^\d+$/)),
  features: capabilities,
};

const ownedPage = z.object({
  count: z.number(),
  numbers: z.optional(z.array(z.object({
    ...numberFields,
    moHttpUrl: optionalText,
    app_id: optionalText,
    messagesCallbackValue: optionalText,
  }))),
});

/** A country without numbers, and an account without any, answer `{}`. */
function orNone(json: unknown): unknown {
  return JSON.stringify(json) === "{}" ? { count: 0 } : json;
}

const PAGE_SIZE = 100;
const OWNED_PATH = "/account/numbers";

/** Vonage names a number by its country and its digits: together they are its identifier here. */
function toOwnedNumber(
  number: NonNullable<z.output<typeof ownedPage>["numbers"]>[number],
): OwnedNumber {
  const phoneNumber = toNeutralAddress(number.msisdn);
  const hasApplication = number.app_id !== "" || number.messagesCallbackValue !== "";
  return {
    externalId: `${number.country}-${number.msisdn}`,
    phoneNumber,
    friendlyName: phoneNumber,
    capabilities: number.features,
    // An application takes its place.
    webhookUrl: hasApplication ? "" : number.moHttpUrl,
    status: "active",
  };
}

function splitId(externalId: string): { country: string; msisdn: string } {
  const [, country = "", msisdn = ""] = /^([A-Z]{2})-(\d{5,15})$/.exec(externalId) ?? [];
  if (!country) throw new Error("no identifier of a Vonage number");
  return { country, msisdn };
}

export const listVonageNumbers: Operation<{ pageUrl?: string }, Page<OwnedNumber>> = {
  toRequest: ({ pageUrl }, credentials) =>
    pageUrl ? pageRequest(credentials, pageUrl) : restRequest(credentials, "GET", OWNED_PATH, {
      query: [["size", String(PAGE_SIZE)], ["index", "1"]],
    }),
  readResponse({ json }, { pageUrl }) {
    const { numbers = [], count } = readJson(ownedPage, orNone(json));
    const items = numbers.map(toOwnedNumber);
    const index = pageUrl ? Number(new URL(pageUrl).searchParams.get("index")) : 1;
    if (items.length === 0 || index * PAGE_SIZE >= count) return { items };
    const next = `https://${REST_HOST}${OWNED_PATH}?size=${PAGE_SIZE}&index=${index + 1}`;
    return { items, nextPageUrl: next };
  },
};

const TYPES = { local: "landline", toll_free: "landline-toll-free", mobile: "mobile-lvn" } as const;
/** Where numbers of a place and of mobile phones look the same, Vonage lists them as mobile. */
const NORTH_AMERICA = new Set(["US", "CA"]);
/** Vonage knows these combinations in this order only. */
const FEATURES = ["SMS", "VOICE", "SMS,VOICE", "MMS", "SMS,MMS", "VOICE,MMS", "SMS,MMS,VOICE"];

const availableNumbers = z.object({
  count: z.number(),
  numbers: z.optional(z.array(z.object({ ...numberFields, cost: optionalDecimal }))),
});

export const searchVonageNumbers: Operation<NumberSearch, AvailableNumber[]> = {
  toRequest(search, credentials) {
    const { country, kind, limit } = search;
    if (!/^[A-Z]{2}$/.test(country)) throw new Error("no two-letter country code");
    if (search.locality || search.region) {
      throw new Error("numbers cannot be searched for by place");
    }
    const isMobile = kind === "local" && NORTH_AMERICA.has(country);
    const query: [string, string][] = [
      ["country", country],
      ["type", TYPES[isMobile ? "mobile" : kind]],
      ["size", String(limit)],
      ...toPattern(search),
    ];
    const needs = new Set((search.needs ?? []).map((need) => need.toUpperCase()));
    const features = FEATURES.find((listed) => {
      const names = listed.split(",");
      return names.length === needs.size && names.every((name) => needs.has(name));
    });
    if (features) query.push(["features", features]);
    return restRequest(credentials, "GET", "/number/search", { query });
  },
  readResponse({ json }) {
    const { numbers = [] } = readJson(availableNumbers, orNone(json));
    return numbers.map(({ msisdn, country, features, cost }) => ({
      phoneNumber: toNeutralAddress(msisdn),
      friendlyName: toNeutralAddress(msisdn),
      country,
      capabilities: features,
      ...(cost ? { monthlyPrice: cost, priceCurrency: "EUR" } : {}),
    }));
  },
};

/** One pattern, over the digits with the country's in front of them. */
function toPattern({ country, areaCode, contains }: NumberSearch): [string, string][] {
  const digits = containedDigits(contains);
  if (areaCode && digits) throw new Error("an area code excludes other digits");
  if (areaCode && !NORTH_AMERICA.has(country)) {
    throw new Error("an area code can be searched for in the US and Canada only");
  }
  if (areaCode) return [["pattern", `1${areaCode}`], ["search_pattern", "0"]];
  return digits ? [["pattern", digits], ["search_pattern", "1"]] : [];
}

const outcome = z.object({ "error-code": z.string(), "error-code-label": optionalText });

/** The answer to every change; it may say no with a status of success. */
function checkOutcome(json: unknown): void {
  const given = readJson(outcome, json);
  if (given["error-code"] === "200") return;
  throw new RefusedAnswerError(readLabel(Number(given["error-code"]), given, "no reason given"));
}

/**
 * The number is there at once, but the answer does not hold it: it is read as an order is, so that a
 * failure to read it cannot look like one to buy it.
 */
export const purchaseVonageNumber: Operation<NumberPurchase, NumberOrder> = {
  toRequest: ({ phoneNumber, country }, credentials) =>
    restRequest(credentials, "POST", "/number/buy", {
      form: [["country", country], ["msisdn", toVonageAddress(phoneNumber)]],
    }),
  readResponse({ json }, { phoneNumber, country }) {
    checkOutcome(json);
    return { state: "pending", orderId: `${country}-${toVonageAddress(phoneNumber)}` };
  },
};

export const readVonageNumberOrder: Operation<{ orderId: string }, NumberOrder> = {
  toRequest({ orderId }, credentials) {
    const { country, msisdn } = splitId(orderId);
    return restRequest(credentials, "GET", OWNED_PATH, {
      query: [["country", country], ["pattern", msisdn], ["search_pattern", "0"]],
    });
  },
  readResponse({ json }, { orderId }) {
    const { numbers = [] } = readJson(ownedPage, orNone(json));
    const number = numbers.map(toOwnedNumber).find(({ externalId }) => externalId === orderId);
    return number ? { state: "completed", number } : { state: "pending", orderId };
  },
};

type NumberReference = { externalId: string };

/** Links the number to the application, which holds the webhooks. */
export const configureVonageNumber: Operation<NumberReference, void> = {
  toRequest: ({ externalId }, credentials): ProviderRequest => {
    const { country, msisdn } = splitId(externalId);
    const { application_id = "" } = credentials;
    return restRequest(credentials, "POST", "/number/update", {
      form: [["country", country], ["msisdn", msisdn], ["app_id", application_id]],
    });
  },
  readResponse: ({ json }) => checkOutcome(json),
};

export const releaseVonageNumber: Operation<NumberReference, void> = {
  toRequest({ externalId }, credentials) {
    const { country, msisdn } = splitId(externalId);
    return restRequest(credentials, "POST", "/number/cancel", {
      form: [["country", country], ["msisdn", msisdn]],
    });
  },
  readResponse: ({ json }) => checkOutcome(json),
};
