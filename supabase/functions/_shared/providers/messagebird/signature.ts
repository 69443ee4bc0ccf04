import * as z from "zod/mini";
import { type HashName, hashOf, hmacOf, isSame, toBase64, toHex } from "../../crypto.ts";
import type { WebhookKey, WebhookRequest } from "../provider.ts";
import { withoutFragment } from "../webhook_url.ts";

/** Clocks differ; MessageBird's own libraries forgive a second or more. */
const LEEWAY_SECONDS = 5;
/** The older scheme has no end of its own. */
const OLDEST_SECONDS = 300;

const ALGORITHMS: ReadonlyMap<string, HashName> = new Map([
  ["HS256", "SHA-256"],
  ["HS384", "SHA-384"],
  ["HS512", "SHA-512"],
]);

const jwtHeader = z.object({ alg: z.string() });
const jwtClaims = z.object({
  iss: z.literal("MessageBird"),
  nbf: z.number(),
  exp: z.number(),
  url_hash: z.string(),
  payload_hash: z.optional(z.string()),
});

/**
 * A JSON Web Token over the hashes of URL and body; or, where a request has none, the scheme before
 * it. https://developers.messagebird.com/api/#verifying-http-requests (read 2026-11-20)
 */
export async function verifyMessageBirdWebhook(
  request: WebhookRequest,
  key: WebhookKey,
): Promise<boolean> {
  if (!key.secret) return false;
  try {
    const token = request.headers.get("messagebird-signature-jwt");
    return await (token === null ? verifyLegacy(request, key) : verifyToken(request, key, token));
  } catch {
    return false;
  }
}

async function verifyToken(
  request: WebhookRequest,
  key: WebhookKey,
  token: string,
): Promise<boolean> {
  const [header = "", claims = "", signature = "", ...more] = token.split(".");
  if (more.length > 0) return false;
  const algorithm = ALGORITHMS.get(z.parse(jwtHeader, decode(header)).alg);
  if (!algorithm) return false;
  const expected = toBase64(await hmacOf(algorithm, key.secret, `${header}.${claims}`));
  const urlSafe = expected.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  if (!isSame(urlSafe, signature)) return false;

  const { nbf, exp, url_hash, payload_hash } = z.parse(jwtClaims, decode(claims));
  const now = key.nowMs / 1000;
  if (!(now >= nbf - LEEWAY_SECONDS && now <= exp + LEEWAY_SECONDS)) return false;
  if (!isSame(toHex(await hashOf("SHA-256", withoutFragment(request.url))), url_hash)) return false;
  if (request.body.length === 0) return payload_hash === undefined;
  return payload_hash !== undefined &&
    isSame(toHex(await hashOf("SHA-256", request.body)), payload_hash);
}

function decode(part: string): unknown {
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(
    atob(part.replaceAll("-", "+").replaceAll("_", "/")),
    (character) => character.charCodeAt(0),
  )));
}

/** Deprecated, yet what older accounts still get. */
async function verifyLegacy(request: WebhookRequest, key: WebhookKey): Promise<boolean> {
  const signature = request.headers.get("messagebird-signature");
  const timestamp = request.headers.get("messagebird-request-timestamp");
  if (!signature || !timestamp || !/^\d{1,12}$/.test(timestamp)) return false;
  if (!(Math.abs(key.nowMs / 1000 - Number(timestamp)) <= OLDEST_SECONDS)) return false;
  const [, query = ""] = /\?(.*)$/s.exec(withoutFragment(request.url)) ?? [];
  const bodyHash = await hashOf("SHA-256", request.body);
  const signed = `${timestamp}\n${sortByName(query)}\n`;
  return isSame(toBase64(await hmacOf("SHA-256", key.secret, signed, bodyHash)), signature);
}

/** As it was sent, but for the order: encoding it anew could differ from how MessageBird does. */
function sortByName(query: string): string {
  const nameOf = (parameter: string) => parameter.split("=", 1)[0] ?? "";
  return query.split("&").sort((one, other) => {
    const [oneName, otherName] = [nameOf(one), nameOf(other)];
    return oneName < otherName ? -1 : oneName > otherName ? 1 : 0;
  }).join("&");
}
