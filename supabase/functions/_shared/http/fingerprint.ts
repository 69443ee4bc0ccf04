import { hmacOf, toHex } from "../crypto.ts";

/** What makes a request the same as another one. */
export interface RequestIdentity {
  callerId: string;
  route: string;
  idempotencyKey: string;
  body: unknown;
}

/**
 * The HMAC of a request, in hexadecimal digits. A plain hash of credentials, or a salt beside it, would
 * let whoever reads the database test guesses of them.
 */
export async function fingerprintOf(key: string, request: RequestIdentity): Promise<string> {
  const { callerId, route, idempotencyKey, body } = request;
  const text = JSON.stringify([callerId, route, idempotencyKey, canonical(body)]);
  return toHex(await hmacOf("SHA-256", key, "idempotent request\n", text));
}

/** With the fields of every object in one order, since the order of fields says nothing. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([one], [other]) => one < other ? -1 : 1);
  return Object.fromEntries(entries.map(([name, field]) => [name, canonical(field)]));
}
