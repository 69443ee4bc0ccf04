import type { ProviderRequest } from "./provider.ts";

const SHORTEST_SECRET = 6;
const LONGEST_MESSAGE = 500;

/** Text from outside as Postgres can store it: no NUL, no half of a surrogate pair. */
export function storableText(text: string): string {
  return text.replaceAll("\u0000", "").toWellFormed();
}

/**
 * Makes a message from outside safe to store and show: one bounded line without any secret, in the
 * forms in which a provider could echo it.
 */
export function createScrubber(
  given: Iterable<string>,
  request?: ProviderRequest,
): (message: string) => string {
  const secrets = new Set<string>();
  for (const value of given) {
    secrets.add(value);
    secrets.add(encodeURIComponent(value));
    secrets.add(JSON.stringify(value).slice(1, -1));
    secrets.add(base64(value));
  }
  for (const [name, value] of Object.entries(request?.headers ?? {})) {
    if (!/authorization|key|token|secret/i.test(name)) continue;
    secrets.add(value);
    secrets.add(withoutPadding(value.split(" ").at(-1) ?? ""));
  }
  // Longest first: one secret may be a part of another.
  const longestFirst = [...secrets]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .sort((one, other) => other.length - one.length);
  return (message) => {
    let clean = message;
    for (const secret of longestFirst) clean = clean.replaceAll(secret, "[redacted]");
    const line = clean.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
    return [...line.toWellFormed()].slice(0, LONGEST_MESSAGE).join("");
  };
}

const SECRET_INPUTS = new Set(["password", "inboundUrl", "fallbackUrl", "statusUrl"]);

/**
 * What is secret in the input of a call: the password that we chose, and our own URLs, which hold a
 * token that proves a webhook where the provider signs nothing.
 */
export function secretsOf(input: unknown): string[] {
  if (typeof input !== "object" || input === null) return [];
  return Object.entries(input).flatMap(([name, value]) => {
    if (name === "webhooks") return secretsOf(value);
    return SECRET_INPUTS.has(name) && typeof value === "string" ? [value] : [];
  });
}

function base64(text: string): string {
  return withoutPadding(btoa(String.fromCharCode(...new TextEncoder().encode(text))));
}

function withoutPadding(text: string): string {
  return text.replace(/=+$/, "");
}
