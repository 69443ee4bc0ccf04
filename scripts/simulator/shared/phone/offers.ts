import { findNumber, type PhoneAccount } from "./account.ts";

/** Numbers that are kept for fiction, or are as good as that: nobody could be reached by one. */
const NUMBERS_PER_AREA = 40;
const AREAS: Readonly<Record<string, string>> = { US: "415", CA: "416" };

/** The numbers that an account can buy now, the same at every start. */
export function offersFor(
  account: PhoneAccount,
  { country, areaCode, contains = "" }: { country: string; areaCode?: string; contains?: string },
): string[] {
  return Array.from({ length: NUMBERS_PER_AREA }, (_, index) => {
    const tail = String(index).padStart(2, "0");
    const area = AREAS[country];
    if (area) return `+1${areaCode || area}55501${tail}`;
    return country === "GB" ? `+4477009001${tail}` : "";
  }).filter((number) => number !== "" && number.includes(contains) && !findNumber(account, number));
}

const NUMBERS_PER_PREFIX = 1000;
const PREFIXES: Readonly<Record<string, string>> = {
  US: "+1213555",
  CA: "+1416555",
  GB: "+44770090",
  AU: "+6149157",
  NL: "+3197010",
};

/** Likewise, at providers of which the product asks no area codes, in more countries. */
export function offersByDigits(
  account: PhoneAccount,
  { country, contains, limit }: { country: string; contains: string; limit: number },
): string[] {
  const prefix = PREFIXES[country];
  if (prefix === undefined) return [];
  return Array.from({ length: NUMBERS_PER_PREFIX }, (_, index) => prefix + String(1000 + index))
    .filter((number) => number.includes(contains) && !findNumber(account, number))
    .slice(0, limit);
}

/** The country of a number of those that are offered. */
export function countryOf(phoneNumber: string): string {
  if (phoneNumber.startsWith("+44")) return "GB";
  return phoneNumber.startsWith("+1416") ? "CA" : "US";
}
