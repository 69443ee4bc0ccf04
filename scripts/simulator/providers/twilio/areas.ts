import type { NumberType } from "./phone_number.ts";

/** A place, or a kind of number, of which the simulator has numbers. */
export interface NumberArea {
  country: string;
  type: NumberType;
  /** E.164, up to the digits that differ. */
  prefix: string;
  /** How many digits follow. */
  digitCount: number;
  locality: string | null;
  region: string | null;
  postalCode: string | null;
  latitude: number | null;
  longitude: number | null;
  lata: string | null;
  rateCenter: string | null;
  capabilities: { voice: boolean; sms: boolean; mms: boolean };
  addressRequirements: "none" | "any" | "local" | "foreign";
  needsBundle: boolean;
}

/** The countries that have numbers. */
export const COUNTRIES: Readonly<Record<string, string>> = {
  US: "United States",
  CA: "Canada",
  GB: "United Kingdom",
  AU: "Australia",
};

type Place = readonly [
  areaCode: string,
  locality: string,
  region: string,
  postalCode: string,
  latitude: number,
  longitude: number,
  lata: string,
];

const UNITED_STATES: readonly Place[] = [
  ["206", "Seattle", "WA", "98101", 47.61, -122.33, "674"],
  ["212", "New York", "NY", "10001", 40.75, -73.99, "132"],
  ["213", "Los Angeles", "CA", "90012", 34.06, -118.24, "730"],
  ["214", "Dallas", "TX", "75201", 32.79, -96.8, "552"],
  ["303", "Denver", "CO", "80202", 39.75, -104.99, "656"],
  ["305", "Miami", "FL", "33130", 25.77, -80.2, "460"],
  ["312", "Chicago", "IL", "60601", 41.89, -87.62, "358"],
  ["347", "Brooklyn", "NY", "11201", 40.69, -73.99, "132"],
  ["404", "Atlanta", "GA", "30303", 33.75, -84.39, "438"],
  ["408", "San Jose", "CA", "95110", 37.34, -121.89, "722"],
  ["415", "San Francisco", "CA", "94103", 37.77, -122.41, "722"],
  ["503", "Portland", "OR", "97204", 45.52, -122.68, "672"],
  ["510", "Oakland", "CA", "94607", 37.8, -122.29, "722"],
  ["512", "Austin", "TX", "78701", 30.27, -97.74, "558"],
  ["602", "Phoenix", "AZ", "85003", 33.45, -112.08, "666"],
  ["617", "Boston", "MA", "02108", 42.36, -71.06, "128"],
  ["702", "Las Vegas", "NV", "89101", 36.17, -115.14, "721"],
  ["713", "Houston", "TX", "77002", 29.76, -95.37, "560"],
  ["808", "Honolulu", "HI", "96813", 21.31, -157.86, "834"],
  ["907", "Anchorage", "AK", "99501", 61.22, -149.89, "832"],
];
const CANADA: readonly Place[] = [
  ["416", "Toronto", "ON", "M5H", 43.65, -79.38, "888"],
  ["514", "Montreal", "QC", "H2Y", 45.5, -73.56, "888"],
  ["604", "Vancouver", "BC", "V6B", 49.28, -123.12, "888"],
];
const TOLL_FREE_CODES = ["800", "833", "844", "855", "866", "877", "888"];

function northAmericanArea(country: string, place: Place): NumberArea {
  const [areaCode, locality, region, postalCode, latitude, longitude, lata] = place;
  return {
    country,
    type: "local",
    prefix: `+1${areaCode}`,
    digitCount: 7,
    locality,
    region,
    postalCode,
    latitude,
    longitude,
    lata,
    rateCenter: locality.toUpperCase(),
    capabilities: { voice: true, sms: true, mms: true },
    addressRequirements: "none",
    needsBundle: false,
  };
}

function area(
  traits: Pick<NumberArea, "country" | "type" | "prefix" | "digitCount"> & Partial<NumberArea>,
): NumberArea {
  return {
    locality: null,
    region: null,
    postalCode: null,
    latitude: null,
    longitude: null,
    lata: null,
    rateCenter: null,
    capabilities: { voice: true, sms: true, mms: false },
    addressRequirements: "none",
    needsBundle: false,
    ...traits,
  };
}

/** All places, in the order in which a search answers. */
export const AREAS: readonly NumberArea[] = [
  ...UNITED_STATES.map((place) => northAmericanArea("US", place)),
  ...CANADA.map((place) => northAmericanArea("CA", place)),
  ...TOLL_FREE_CODES.flatMap((code) =>
    ["US", "CA"].map((country, index) =>
      area({
        country,
        type: "toll-free",
        prefix: `+1${code}${index === 0 ? "2" : "4"}`,
        digitCount: 6,
        capabilities: { voice: true, sms: true, mms: country === "US" },
      })
    )
  ),
  area({
    country: "GB",
    type: "local",
    prefix: "+4420",
    digitCount: 8,
    locality: "London",
    capabilities: { voice: true, sms: false, mms: false },
    addressRequirements: "any",
  }),
  area({ country: "GB", type: "mobile", prefix: "+447400", digitCount: 6, needsBundle: true }),
  area({
    country: "AU",
    type: "local",
    prefix: "+612",
    digitCount: 8,
    locality: "Sydney",
    region: "NSW",
    capabilities: { voice: true, sms: false, mms: false },
    addressRequirements: "local",
  }),
  area({ country: "AU", type: "mobile", prefix: "+61480", digitCount: 6, needsBundle: true }),
];
