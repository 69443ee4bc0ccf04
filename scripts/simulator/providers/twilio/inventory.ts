import { AREAS, type NumberArea } from "./areas.ts";
import type { Capabilities, NumberType } from "./phone_number.ts";
import type { Account } from "./store.ts";

const NUMBERS_PER_AREA = 40;

/** A number that could be bought. */
export interface Offer {
  phoneNumber: string;
  area: NumberArea;
  type: NumberType;
  capabilities: Capabilities;
  addressRequirements: "none" | "any" | "local" | "foreign";
  isBeta: boolean;
}

/** What has to be given along with the purchase. */
export function requirementOf(offer: Offer): "none" | "address" | "bundle" {
  if (offer.area.needsBundle) return "bundle";
  return offer.addressRequirements === "none" ? "none" : "address";
}

const inventories = new WeakMap<Account, Offer[]>();

/**
 * The numbers that an account can buy now. Each account has its own stock, the same at every
 * start, so that tests which buy at the same time do not take each other's numbers away.
 */
export function available(account: Account): Offer[] {
  const stock = inventories.get(account) ?? AREAS.flatMap((area) => offersIn(account.sid, area));
  inventories.set(account, stock);
  const owned = new Set([...account.numbers.values()].map((number) => number.phoneNumber));
  return stock.filter((offer) => !owned.has(offer.phoneNumber));
}

/** Whether it has this area code. Only the US and Canada have area codes. */
export function isInArea(offer: Offer, areaCode: string): boolean {
  return offer.phoneNumber.startsWith(`+1${areaCode}`);
}

function offersIn(accountSid: string, area: NumberArea): Offer[] {
  const random = randomFrom(`${accountSid} ${area.prefix}`);
  const numbers = new Set<string>();
  while (numbers.size < NUMBERS_PER_AREA) numbers.add(area.prefix + digitsFor(area, random));
  return [...numbers].sort().map((phoneNumber, index) => ({
    phoneNumber,
    area,
    type: area.type,
    capabilities: capabilitiesOf(area, index),
    addressRequirements: area.addressRequirements,
    isBeta: index % 20 === 19,
  }));
}

/** In the US and Canada an exchange begins with 2 to 9 and is not one of 211, 311 … 911. */
function digitsFor(area: NumberArea, random: () => number): string {
  const digits = Array.from({ length: area.digitCount }, () => Math.floor(random() * 10));
  if (area.prefix.startsWith("+1")) {
    digits[0] = 2 + Math.floor(random() * 8);
    if (digits[1] === 1 && digits[2] === 1) digits[2] = 2;
  }
  return digits.join("");
}

/** Most numbers can do all that their area can; every fifth less, so that filters have work. */
function capabilitiesOf(area: NumberArea, index: number): Capabilities {
  const { sms, mms, voice } = area.capabilities;
  return {
    voice: voice && index % 5 !== 3,
    sms: sms && index % 10 !== 4,
    mms: mms && index % 5 !== 4,
    fax: voice && index % 5 === 0,
  };
}

/** FNV-1a seeds mulberry32: the same text always gives the same numbers. */
function randomFrom(text: string): () => number {
  let seed = 0x811c9dc5;
  for (const character of text) {
    seed = Math.imul(seed ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
