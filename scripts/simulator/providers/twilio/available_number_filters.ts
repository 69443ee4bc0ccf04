import { badRequest } from "./errors.ts";
import { isInArea, type Offer } from "./inventory.ts";
import { readPhoneNumber } from "./phone_number.ts";

const DEFAULT_DISTANCE_MILES = 25;
const MAXIMUM_DISTANCE_MILES = 500;
const EARTH_RADIUS_MILES = 3_958.8;
const KEYPAD = ["", "", "ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"];

/** Whether a number passes one filter of a search. */
export type OfferTest = (offer: Offer) => boolean;

/** One test for each filter that is given; all have to hold. */
export function readTests(query: URLSearchParams, all: readonly Offer[]): OfferTest[] {
  return [
    ...readCapabilityTests(query),
    ...readPlaceTests(query, all),
    ...readAddressTests(query),
    ...readNearTests(query, all),
  ];
}

function readCapabilityTests(query: URLSearchParams): OfferTest[] {
  const capabilities = [
    ["SmsEnabled", "sms"],
    ["MmsEnabled", "mms"],
    ["VoiceEnabled", "voice"],
    ["FaxEnabled", "fax"],
  ] as const;
  return capabilities.flatMap(([name, capability]) => {
    const wanted = readBoolean(query, name);
    return wanted === undefined
      ? []
      : [(offer: Offer) => offer.capabilities[capability] === wanted];
  });
}

function readPlaceTests(query: URLSearchParams, all: readonly Offer[]): OfferTest[] {
  const tests: OfferTest[] = [];
  const areaCode = query.get("AreaCode");
  if (areaCode) tests.push((offer) => isInArea(offer, areaCode));
  const contains = query.get("Contains");
  if (contains) {
    const pattern = readContains(contains);
    tests.push((offer) => pattern.test(offer.phoneNumber));
  }
  const places = [
    ["InRegion", "region"],
    ["InLocality", "locality"],
    ["InPostalCode", "postalCode"],
    ["InRateCenter", "rateCenter"],
    ["InLata", "lata"],
  ] as const;
  for (const [name, field] of places) {
    const value = query.get(name);
    if (!value) continue;
    const like = all.find((offer) => offer.phoneNumber === readPhoneNumber(value));
    const wanted = (like?.area[field] ?? value).toLowerCase();
    tests.push((offer) => offer.area[field]?.toLowerCase() === wanted);
  }
  if (query.get("InRateCenter") && !query.get("InLata")) {
    throw badRequest("InRateCenter requires InLata");
  }
  return tests;
}

function readAddressTests(query: URLSearchParams): OfferTest[] {
  const tests: OfferTest[] = [];
  if (readBoolean(query, "ExcludeAllAddressRequired")) {
    tests.push((offer) => offer.addressRequirements === "none");
  }
  if (readBoolean(query, "ExcludeLocalAddressRequired")) {
    tests.push((offer) => offer.addressRequirements !== "local");
  }
  if (readBoolean(query, "ExcludeForeignAddressRequired")) {
    tests.push((offer) => offer.addressRequirements !== "foreign");
  }
  if (readBoolean(query, "Beta") === false) tests.push((offer) => !offer.isBeta);
  return tests;
}

function readNearTests(query: URLSearchParams, all: readonly Offer[]): OfferTest[] {
  const center = readCenter(query, all);
  if (!center) return [];
  const distance = Number(query.get("Distance") ?? DEFAULT_DISTANCE_MILES);
  if (!(distance >= 0 && distance <= MAXIMUM_DISTANCE_MILES)) {
    throw badRequest("Invalid parameter: Distance");
  }
  return [({ area }) =>
    area.latitude !== null && area.longitude !== null &&
    milesBetween(center, [area.latitude, area.longitude]) <= distance];
}

function readCenter(query: URLSearchParams, all: readonly Offer[]): [number, number] | undefined {
  const position = query.get("NearLatLong");
  if (position) {
    const [latitude, longitude] = position.split(",").map(Number);
    const isValid = latitude !== undefined && longitude !== undefined &&
      Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
    if (!isValid) throw badRequest("Invalid parameter: NearLatLong");
    return [latitude, longitude];
  }
  const number = query.get("NearNumber");
  if (!number) return undefined;
  const prefix = readPhoneNumber(number)?.slice(0, 5);
  const near = all.find((offer) => offer.area.prefix === prefix);
  if (near?.area.latitude == null || near.area.longitude === null) {
    throw badRequest("Invalid parameter: NearNumber");
  }
  return [near.area.latitude, near.area.longitude];
}

function milesBetween(from: [number, number], to: [number, number]): number {
  const radians = (degrees: number) => degrees * Math.PI / 180;
  const [latitude, longitude] = [radians(to[0] - from[0]), radians(to[1] - from[1])];
  const a = Math.sin(latitude / 2) ** 2 +
    Math.cos(radians(from[0])) * Math.cos(radians(to[0])) * Math.sin(longitude / 2) ** 2;
  return 2 * EARTH_RADIUS_MILES * Math.asin(Math.sqrt(a));
}

/** `*` is one digit, `%` any number of them, `+` the beginning, `$` the end; letters are keys. */
function readContains(pattern: string): RegExp {
  const symbols = pattern.replaceAll(/[*%+$]/g, "");
  const isValid = /^\+?[*%]*[0-9a-zA-Z]+[*%]*\$?$/.test(pattern) && symbols.length >= 2 &&
    pattern.length <= 16;
  if (!isValid) throw badRequest("Invalid parameter: Contains");
  const expression = [...pattern.toUpperCase()].map((character) => {
    if (character === "+") return "^\\+";
    if (character === "$") return "$";
    if (character === "*") return "\\d";
    if (character === "%") return "\\d*";
    const key = KEYPAD.findIndex((letters) => letters.includes(character));
    return key === -1 ? character : String(key);
  });
  return new RegExp(expression.join(""));
}

function readBoolean(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name)?.toLowerCase();
  if (value === undefined || value === "") return undefined;
  if (value !== "true" && value !== "false") throw badRequest(`Invalid parameter: ${name}`);
  return value === "true";
}
