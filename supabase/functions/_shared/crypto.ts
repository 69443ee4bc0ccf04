/** What is signed and compared, by WebCrypto: loading `node:crypto` would double a cold start. */

export type HashName = "SHA-1" | "SHA-256" | "SHA-384" | "SHA-512";
type Data = string | Uint8Array;

export async function hashOf(name: HashName, data: Data): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(name, toBytes(data)));
}

/** The keyed hash (RFC 2104) of the parts, one after the other. */
export async function hmacOf(name: HashName, key: Data, ...parts: Data[]): Promise<Uint8Array> {
  const algorithm = { name: "HMAC", hash: name };
  const imported = await crypto.subtle.importKey("raw", toBytes(key), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, join(parts)));
}

/** Whether two are the same, in a time that tells nothing of where they differ. */
export function isSame(one: Data, other: Data): boolean {
  const [bytes, others] = [toBytes(one), toBytes(other)];
  if (bytes.length !== others.length) return false;
  let difference = 0;
  for (let index = 0; index < bytes.length; index++) difference |= bytes[index]! ^ others[index]!;
  return difference === 0;
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** Undefined for what is not Base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function toBytes(data: Data): Uint8Array<ArrayBuffer> {
  return typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
}

function join(parts: Data[]): Uint8Array<ArrayBuffer> {
  const pieces = parts.map(toBytes);
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}
