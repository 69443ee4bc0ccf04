/** What libphonenumber says of the numbers that begin with a prefix, by asking it for some of them. */
import parsePhoneNumber from "libphonenumber-js/max";
import type { CallingCode } from "./sources.ts";

/** What numbers these are. */
export interface Kind {
  country: string;
  /** Some belong to a place. */
  isLocal: boolean;
  /** Some may be anywhere in the country, as mobile numbers are. */
  isAnywhere: boolean;
}

/** More where a prefix is short, since the numbers that exist are then far apart. */
const samplesPerLength = (digits: number): number => digits > 3 ? 5 : 50;

/** Where mobile numbers belong to a place, too: libphonenumber's isNumberGeographical, and all of +1. */
const CODES_WITH_LOCAL_MOBILES = ["1", "52", "54", "55", "62", "86"];

/** Undefined when there is no such number. */
export function kindOf(prefix: string, { code, lengths }: CallingCode): Kind | undefined {
  const counts = new Map<string, number>();
  let isLocal = false;
  let isAnywhere = false;
  const digits = prefix.length - code.length;
  for (const length of lengths) {
    for (const tail of sampleTails(length - digits, samplesPerLength(digits))) {
      const number = `+${prefix}${tail}`;
      const parsed = parsePhoneNumber(number);
      const type = parsed?.getType();
      if (!parsed?.country || !type || parsed.number !== number) continue;
      counts.set(parsed.country, (counts.get(parsed.country) ?? 0) + 1);
      const isOfPlace = /^FIXED_LINE/.test(type) ||
        type === "MOBILE" && CODES_WITH_LOCAL_MOBILES.includes(code);
      isLocal ||= isOfPlace;
      isAnywhere ||= !isOfPlace;
    }
  }
  const [country] = [...counts].toSorted(([, one], [, other]) => other - one)[0] ?? [];
  return country === undefined ? undefined : { country, isLocal, isAnywhere };
}

/** Digits to follow a prefix, the same ones each time; none when it is too long already. */
function sampleTails(length: number, count: number): string[] {
  if (length < 0) return [];
  let state = 1;
  const nextDigit = () => {
    // Park and Miller's generator.
    state = state * 16807 % 2147483647;
    return Math.floor(state / 2147483647 * 10);
  };
  return Array.from({ length: count }, () => Array.from({ length }, nextDigit).join(""));
}
