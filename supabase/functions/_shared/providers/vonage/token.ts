/** JSON Web Tokens (RFC 7519), as Vonage takes them for calls and signs its webhooks. */

const encoder = new TextEncoder();

/** Signed by the application's key. Good for fifteen minutes, as Vonage's own SDKs have it. */
export async function createVonageToken(
  { applicationId, privateKey, nowMs, nonce }: {
    applicationId: string;
    privateKey: string;
    nowMs: number;
    nonce: string;
  },
): Promise<string> {
  const iat = Math.floor(nowMs / 1000);
  const claims = { application_id: applicationId, iat, exp: iat + 900, jti: nonce };
  const content = `${encode({ alg: "RS256", typ: "JWT" })}.${encode(claims)}`;
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const key = await crypto.subtle.importKey(
    "pkcs8",
    readPem(privateKey),
    algorithm,
    false,
    ["sign"],
  );
  const signature = await crypto.subtle.sign(algorithm, key, encoder.encode(content));
  return `${content}.${base64Url(new Uint8Array(signature))}`;
}

function readPem(pem: string): Uint8Array<ArrayBuffer> {
  const content = pem.replace(/-----[A-Z ]+-----|\s/g, "");
  return Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
}

/** The claims of a token that the owner of the secret signed by HS256; null for any other. */
export async function readSignedClaims(
  token: string,
  secret: string,
): Promise<Record<string, unknown> | null> {
  const [header = "", payload = "", signature = "", ...others] = token.split(".");
  if (others.length > 0 || secret === "") return null;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey(
    "raw",
    encoder.encode(secret),
    algorithm,
    false,
    ["sign"],
  );
  const signed = await crypto.subtle.sign("HMAC", key, encoder.encode(`${header}.${payload}`));
  // A token names its own algorithm: only the one that was just computed may be it.
  if (!isSame(signature, base64Url(new Uint8Array(signed)))) return null;
  return decode(header)?.alg === "HS256" ? decode(payload) : null;
}

/** Takes as long for one difference as for many. */
export function isSame(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let index = 0; index < one.length; index++) {
    difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  }
  return difference === 0;
}

export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function encode(content: unknown): string {
  return base64Url(encoder.encode(JSON.stringify(content)));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function decode(part: string): Record<string, unknown> | null {
  try {
    const text = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof json === "object" && json !== null ? json as Record<string, unknown> : null;
  } catch {
    return null;
  }
}
