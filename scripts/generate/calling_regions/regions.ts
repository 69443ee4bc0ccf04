/** Where the numbers of a calling code may be, by prefix: the longest prefix of a number decides. */
import { mergePrefixes } from "./merge.ts";
import { type Kind, kindOf } from "./samples.ts";
import { type CallingCode, sortedSet, type TimeZoneMap } from "./sources.ts";

export interface Region {
  country: string | null;
  timeZones: string[];
}

/** Shared by equals, and told apart by area code alone. */
const NORTH_AMERICA = "1";

/** Digits after the code that tell countries apart, or kinds of number where there is one country. */
const COUNTRY_DIGITS = 5;
const KIND_DIGITS = 3;

/**
 * Digits of an area code where the source knows exchanges, too, but not all of them: a number may
 * then be wherever the area reaches.
 */
const AREA_DIGITS: Record<string, number> = { [NORTH_AMERICA]: 3, "55": 2, "61": 2 };

/**
 * Area codes that were laid over one which a time zone divides. The source knows the exchanges of the
 * first alone, and gives the others one zone.
 */
const OVERLAYS: Record<string, string> = {
  "1236": "1250",
  "1257": "1250",
  "1367": "1418",
  "1364": "1270",
  "1448": "1850",
  "1458": "1541",
  "1581": "1418",
  "1672": "1250",
  "1729": "1423",
  "1778": "1250",
  "1879": "1709",
  "1930": "1812",
  "1986": "1208",
};

/** The regions of all numbers of a calling code. */
export function findRegions(callingCode: CallingCode, zoneMap: TimeZoneMap): Map<string, Region> {
  const { code, countries } = callingCode;
  const zones = new Map([...zoneMap].filter(([prefix]) => prefix.startsWith(code)));
  const allZones = zones.get(code) ?? [];
  const [mainCountry = null] = code === NORTH_AMERICA ? [] : countries;
  const whole = { country: mainCountry, timeZones: allZones };
  if (countries.length === 1 && allZones.length === 1) return new Map([[code, whole]]);

  const kinds = new Map<string, Kind>();
  for (const prefix of listLeaves(callingCode, zones)) {
    const kind = kindOf(prefix, callingCode);
    if (kind) kinds.set(prefix, kind);
  }
  const places = collectPlaces(code, kinds, zones);
  const regions = new Map<string, Region>();
  for (const [prefix, { country, isAnywhere }] of kinds) {
    const inCountry = countries.length === 1 ? allZones : places.get(country) ?? allZones;
    const inArea = places.get(areaKeyOf(prefix, code, country)) ?? inCountry;
    const timeZones = sortedSet(isAnywhere ? [...inArea, ...inCountry] : inArea);
    regions.set(prefix, { country, timeZones });
  }
  // Who will be given a new area code there is open; elsewhere, new numbers go where their neighbours are.
  if (code === NORTH_AMERICA) return new Map([[code, whole], ...regions]);
  return mergePrefixes(code, regions, whole);
}

/** Prefixes of which none contains another, fine enough for what tells numbers apart. */
function listLeaves({ code, countries, lengths }: CallingCode, zones: TimeZoneMap): string[] {
  const isNorthAmerica = code === NORTH_AMERICA;
  const digits = isNorthAmerica || countries.length === 1 ? KIND_DIGITS : COUNTRY_DIGITS;
  const depth = code.length + Math.min(digits, ...lengths);
  const divided = new Set(isNorthAmerica ? [] : [...zones.keys()].flatMap(listShorter));
  const leaves: string[] = [];
  const descend = (prefix: string) => {
    if (prefix.length < depth || divided.has(prefix)) {
      for (let digit = 0; digit <= 9; digit++) descend(`${prefix}${digit}`);
    } else leaves.push(prefix);
  };
  descend(code);
  return leaves;
}

/** The zones that local numbers are known to be in, by area and by country. */
function collectPlaces(
  code: string,
  kinds: Map<string, Kind>,
  zones: TimeZoneMap,
): Map<string, string[]> {
  const places = new Map<string, string[]>();
  for (const [prefix, { country, isLocal }] of kinds) {
    const known = isLocal ? zonesAt(prefix, code, zones) : [];
    if (known.length === 0) continue;
    for (const key of [country, areaKeyOf(prefix, code, country)]) {
      places.set(key, [...new Set([...places.get(key) ?? [], ...known])]);
    }
  }
  return places;
}

function areaKeyOf(prefix: string, code: string, country: string): string {
  const area = prefix.slice(0, code.length + (AREA_DIGITS[code] ?? prefix.length));
  return `${OVERLAYS[area] ?? area} ${country}`;
}

/** What is known of a place that a prefix stands for, beyond what holds for the whole code. */
function zonesAt(prefix: string, code: string, zones: TimeZoneMap): string[] {
  const within = [...zones].filter(([other]) => other.startsWith(prefix));
  if (within.length > 0) return within.flatMap(([, names]) => names);
  const around = listShorter(prefix).findLast((other) => zones.has(other));
  return around === undefined || around === code ? [] : zones.get(around) ?? [];
}

/** From one digit on, without the prefix itself. */
const listShorter = (prefix: string): string[] =>
  Array.from({ length: prefix.length - 1 }, (_, index) => prefix.slice(0, index + 1));
