import type { Credentials, ProviderRequest } from "./provider.ts";

const SHORTEST_SECRET = 6;
const LONGEST_MESSAGE = 500;

/** Text from outside as Postgres can store it: no NUL, no half of a surrogate pair. */
export function storableText(text: string): string {
  return text.replaceAll("\u0000", "").toWellFormed();
}

/**
 * Makes a message from outside safe to store and show: one bounded line without any credential, in
 * the forms in which a provider could echo it.
 */
export function createScrubber(
  credentials: Credentials,
  request?: ProviderRequest,
): (message: string) => string {
  const secrets = new Set<string>();
  for (const value of Object.values(credentials)) {
    secrets.add(value);
    secrets.add(encodeURIComponent(value));
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

function base64(text: string): string {
  return withoutPadding(btoa(String.fromCharCode(...new TextEncoder().encode(text))));
}

function withoutPadding(text: string): string {
  return text.replace(/=+$/, "");
}
