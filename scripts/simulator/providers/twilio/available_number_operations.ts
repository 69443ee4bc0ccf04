import { readTests } from "./available_number_filters.ts";
import { COUNTRIES } from "./areas.ts";
import type { TwilioCall, TwilioHandler } from "./call.ts";
import { json, notFound } from "./errors.ts";
import { available, type Offer } from "./inventory.ts";
import { readPageSize } from "./paging.ts";
import { nationalFormat, NUMBER_KINDS } from "./phone_number.ts";
import { accountPath } from "./representation.ts";
import type { Account } from "./store.ts";

/** `GET AvailablePhoneNumbers.json` */
export function listCountries(call: TwilioCall): Response {
  return json({
    countries: Object.keys(COUNTRIES).map((country) => representCountry(call.account, country)),
    uri: call.pathname,
  });
}

/** `GET AvailablePhoneNumbers/US.json` */
export function fetchCountry(call: TwilioCall): Response {
  return json(representCountry(call.account, readCountry(call)));
}

/** `GET AvailablePhoneNumbers/US/Local.json` and its like. */
export function searchNumbers(kind: keyof typeof NUMBER_KINDS): TwilioHandler {
  return (call) => {
    const country = readCountry(call);
    const inCountry = available(call.account)
      .filter((offer) => offer.area.country === country && offer.type === NUMBER_KINDS[kind]);
    if (!hasKind(call.account, country, kind)) throw notFound(call.pathname);
    const tests = readTests(call.query, available(call.account));
    const found = inCountry.filter((offer) => tests.every((test) => test(offer)));
    return json({
      available_phone_numbers: found.slice(0, readPageSize(call.query)).map(representOffer),
      uri: call.query.size === 0 ? call.pathname : `${call.pathname}?${call.query}`,
    });
  };
}

function readCountry(call: TwilioCall): string {
  const country = call.path.country ?? "";
  if (!(country in COUNTRIES)) throw notFound(call.pathname);
  return country;
}

function hasKind(account: Account, country: string, kind: keyof typeof NUMBER_KINDS): boolean {
  return available(account)
    .some((offer) => offer.area.country === country && offer.type === NUMBER_KINDS[kind]);
}

function representCountry(account: Account, country: string): Record<string, unknown> {
  const path = `${accountPath(account.sid)}/AvailablePhoneNumbers/${country}`;
  const paths = { Local: "local", TollFree: "toll_free", Mobile: "mobile" } as const;
  const kinds = (["Local", "TollFree", "Mobile"] as const)
    .filter((kind) => hasKind(account, country, kind));
  return {
    beta: false,
    country: COUNTRIES[country],
    country_code: country,
    subresource_uris: Object.fromEntries(
      kinds.map((kind) => [paths[kind], `${path}/${kind}.json`]),
    ),
    uri: `${path}.json`,
  };
}

function representOffer(offer: Offer): Record<string, unknown> {
  const { area } = offer;
  return {
    address_requirements: offer.addressRequirements,
    beta: offer.isBeta,
    capabilities: offer.capabilities,
    friendly_name: nationalFormat(offer.phoneNumber),
    iso_country: area.country,
    lata: area.lata,
    latitude: area.latitude?.toFixed(6) ?? null,
    locality: area.locality,
    longitude: area.longitude?.toFixed(6) ?? null,
    phone_number: offer.phoneNumber,
    postal_code: area.postalCode,
    rate_center: area.rateCenter,
    region: area.region,
  };
}
