import * as z from "zod/mini";
import { optionalDecimal, optionalText, orElse, readJson } from "../json.ts";
import { containedDigits } from "../number_pattern.ts";
import {
  type AvailableNumber,
  type NumberOrder,
  type NumberPurchase,
  type NumberSearch,
  type Operation,
  type OwnedNumber,
  type Page,
  type Procedure,
} from "../provider.ts";
import { checkNumberId, checkUuid, nextPage, pageRequest, telnyxRequest } from "./request.ts";

const isGiven = z.transform((given: unknown) => typeof given === "object" && given !== null);

const ownedNumber = z.object({
  id: z.string().check(z.regex(/^\d+$/)),
  phone_number: z.string().check(z.minLength(1)),
  type: optionalText,
  features: orElse(z.object({ sms: isGiven, mms: isGiven }), { sms: false, mms: false }),
});

const ownedPage = z.object({
  data: z.array(ownedNumber),
  meta: z.optional(z.object({ page_number: z.number(), total_pages: z.number() })),
});

/** Its webhook is its profile's. A number is listed with its features once it works. */
function toOwnedNumber({ id, phone_number, type, features }: z.output<typeof ownedNumber>) {
  const isShortCode = ["shortcode", "short-code"].includes(type);
  return {
    externalId: id,
    phoneNumber: phone_number,
    friendlyName: phone_number,
    capabilities: { ...features, voice: !isShortCode, whatsapp: false },
    webhookUrl: "",
    status: "active",
  } satisfies OwnedNumber;
}

const OWNED_PATH = "/phone_numbers/messaging";
const OWNED_QUERY = [["page[size]", "250"]] as const;

/** Of the two lists that Telnyx has, the one that tells what a number can do. */
export const listTelnyxNumbers: Operation<{ pageUrl?: string }, Page<OwnedNumber>> = {
  toRequest: ({ pageUrl }, credentials) =>
    pageUrl
      ? pageRequest(credentials, pageUrl)
      : telnyxRequest(credentials, "GET", OWNED_PATH, { query: OWNED_QUERY }),
  readResponse({ json }) {
    const { data, meta } = readJson(ownedPage, json);
    return { items: data.map(toOwnedNumber), ...nextPage(OWNED_PATH, OWNED_QUERY, meta) };
  },
};

const availableNumbers = z.object({
  data: z.array(z.object({
    phone_number: z.string().check(z.minLength(1)),
    features: orElse(z.array(z.object({ name: optionalText })), []),
    region_information: orElse(
      z.array(z.object({ region_type: optionalText, region_name: optionalText })),
      [],
    ),
    cost_information: orElse(
      z.nullish(z.object({
        monthly_cost: optionalDecimal,
        upfront_cost: optionalDecimal,
        currency: optionalText,
      })),
      undefined,
    ),
  })),
});

export const searchTelnyxNumbers: Operation<NumberSearch, AvailableNumber[]> = {
  toRequest(search, credentials) {
    if (!/^[A-Z]{2}$/.test(search.country)) throw new Error("no two-letter country code");
    const query: [string, string][] = [
      ["filter[country_code]", search.country],
      ["filter[phone_number_type]", search.kind],
      ["filter[limit]", String(search.limit)],
    ];
    const add = (name: string, value: string | undefined) => {
      if (value) query.push([`filter[${name}]`, value]);
    };
    add("national_destination_code", search.areaCode);
    add("phone_number][contains", containedDigits(search.contains));
    add("locality", search.locality);
    add("administrative_area", search.region);
    for (const need of search.needs ?? []) add("features][", need);
    return telnyxRequest(credentials, "GET", "/available_phone_numbers", { query });
  },
  readResponse: ({ json }, { country }) =>
    readJson(availableNumbers, json).data.map((number) => toAvailable(number, country)),
};

function toAvailable(
  number: z.output<typeof availableNumbers>["data"][number],
  country: string,
): AvailableNumber {
  const features = number.features.map(({ name }) => name);
  const regionOf = (type: string) =>
    number.region_information.find(({ region_type }) => region_type === type)?.region_name;
  const region = regionOf("state");
  const locality = regionOf("location") ?? regionOf("rate_center");
  const { monthly_cost, upfront_cost, currency } = number.cost_information ?? {};
  return {
    phoneNumber: number.phone_number,
    friendlyName: number.phone_number,
    country: regionOf("country_code") || country,
    ...(region ? { region } : {}),
    ...(locality ? { locality } : {}),
    capabilities: {
      sms: features.includes("sms"),
      mms: features.includes("mms"),
      voice: features.includes("voice"),
      whatsapp: false,
    },
    ...(currency && monthly_cost ? { monthlyPrice: monthly_cost } : {}),
    ...(currency && upfront_cost ? { setupPrice: upfront_cost } : {}),
    ...(currency ? { priceCurrency: currency.toUpperCase() } : {}),
  };
}

const orderAnswer = z.object({
  data: z.object({
    id: z.string().check(z.minLength(1)),
    status: z.string(),
    phone_numbers: z.array(z.object({ phone_number: z.string() })).check(z.minLength(1)),
  }),
});

const FAILED: NumberOrder = { state: "failed", reason: "Telnyx could not complete the order" };

/**
 * An order that is complete at once counts as pending all the same: the number's identifier is in no
 * order, and a failure to find it must not look like one to buy it.
 */
export const purchaseTelnyxNumber: Operation<NumberPurchase, NumberOrder> = {
  toRequest({ phoneNumber, reference }, credentials) {
    const { messaging_profile_id, connection_id } = credentials;
    return telnyxRequest(credentials, "POST", "/number_orders", {
      json: {
        phone_numbers: [{ phone_number: phoneNumber }],
        messaging_profile_id,
        ...(connection_id ? { connection_id } : {}),
        customer_reference: reference,
      },
    });
  },
  readResponse({ json }) {
    const { id, status } = readJson(orderAnswer, json).data;
    return status === "failure" ? FAILED : { state: "pending", orderId: id };
  },
};

export const readTelnyxNumberOrder: Procedure<{ orderId: string }, NumberOrder> = {
  *steps({ orderId }, credentials) {
    const path = `/number_orders/${checkUuid(orderId)}`;
    const { json } = yield telnyxRequest(credentials, "GET", path);
    const { status, phone_numbers: [ordered] } = readJson(orderAnswer, json).data;
    if (status === "failure") return FAILED;
    if (status !== "success" || !ordered) return { state: "pending", orderId };
    const answer = yield telnyxRequest(credentials, "GET", OWNED_PATH, {
      query: [["filter[phone_number]", ordered.phone_number]],
    });
    const number = readJson(ownedPage, answer.json).data
      .find(({ phone_number }) => phone_number === ordered.phone_number);
    return number
      ? { state: "completed", number: toOwnedNumber(number) }
      : { state: "pending", orderId };
  },
};

const numberAnswer = z.object({ data: z.object({ id: z.string() }) });

/** Webhooks are the profile's: a number is pointed at us by belonging to it. */
export const configureTelnyxNumber: Operation<
  { externalId: string; settings: Record<string, string> },
  void
> = {
  toRequest({ externalId, settings }, credentials) {
    const profileId = settings.messaging_profile_id ?? credentials.messaging_profile_id;
    return telnyxRequest(
      credentials,
      "PATCH",
      `/phone_numbers/${checkNumberId(externalId)}/messaging`,
      {
        json: { messaging_profile_id: profileId },
      },
    );
  },
  readResponse({ json }) {
    readJson(numberAnswer, json);
  },
};

export const releaseTelnyxNumber: Operation<{ externalId: string }, void> = {
  toRequest: ({ externalId }, credentials) =>
    telnyxRequest(credentials, "DELETE", `/phone_numbers/${checkNumberId(externalId)}`),
  readResponse({ json }) {
    readJson(numberAnswer, json);
  },
};
