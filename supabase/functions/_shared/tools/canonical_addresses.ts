import type { JsonObject } from "./operations/ask.ts";

const ADDRESSES = ["to", "from"];

/** Addresses as the database compares them: numbers without their punctuation, e-mail in lower case. */
export function withCanonicalAddresses(given: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      ADDRESSES.includes(name) && typeof value === "string" ? canonical(value) : value,
    ]),
  );
}

function canonical(address: string): string {
  const trimmed = address.trim();
  return trimmed.includes("@") ? trimmed.toLowerCase() : trimmed.replace(/[\s().-]/g, "");
}
