import type { WebhookKey, WebhookRequest } from "../provider.ts";

/**
 * SendGrid states no tolerance and retries for up to three days; whether it then signs anew is not
 * documented. An older request is nobody's retry.
 */
const OLDEST_MS = 73 * 60 * 60 * 1000;
const NEWEST_MS = 5 * 60 * 1000;

/**
 * ECDSA on P-256 over the time and the exact bytes of the body. Events and inbound mail have a key
 * each: the secret holds both, with a space between.
 * https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
 * https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/securing-your-parse-webhooks (both read 2026-11-20)
 */
export async function verifySendgridWebhook(
  { headers, body }: WebhookRequest,
  { secret, nowMs }: WebhookKey,
): Promise<boolean> {
  const timestamp = headers.get("x-twilio-email-event-webhook-timestamp") ?? "";
  const signature = readSignature(headers.get("x-twilio-email-event-webhook-signature") ?? "");
  if (!signature || !/^\d{1,12}$/.test(timestamp)) return false;
  const ageMs = nowMs - Number(timestamp) * 1000;
  if (ageMs > OLDEST_MS || ageMs < -NEWEST_MS) return false;

  const time = new TextEncoder().encode(timestamp);
  const signed = new Uint8Array(time.length + body.length);
  signed.set(time);
  signed.set(body, time.length);
  for (const publicKey of secret.split(" ")) {
    if (await isSignedBy(publicKey, signature, signed)) return true;
  }
  return false;
}

async function isSignedBy(
  publicKey: string,
  signature: Uint8Array<ArrayBuffer>,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const spki = decodeBase64(publicKey);
  if (!spki) return false;
  try {
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const key = await crypto.subtle.importKey("spki", spki, algorithm, false, ["verify"]);
    return await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, signature, signed);
  } catch {
    return false;
  }
}

/** Base64 of a DER sequence of two integers, as the two numbers of 32 bytes that WebCrypto takes. */
function readSignature(header: string): Uint8Array<ArrayBuffer> | undefined {
  const der = header.length <= 104 ? decodeBase64(header) : undefined;
  if (!der || der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const first = readInteger(der, 2);
  const second = first && readInteger(der, first.end);
  if (!second || second.end !== der.length) return undefined;
  const raw = new Uint8Array(64);
  raw.set(first.bytes, 32 - first.bytes.length);
  raw.set(second.bytes, 64 - second.bytes.length);
  return raw;
}

/** DER puts a zero before a number whose first bit is set, and drops the zeros before others. */
function readInteger(
  der: Uint8Array,
  start: number,
): { bytes: Uint8Array; end: number } | undefined {
  const length = der[start + 1];
  if (der[start] !== 0x02 || !length) return undefined;
  const end = start + 2 + length;
  if (end > der.length) return undefined;
  let bytes = der.subarray(start + 2, end);
  while (bytes[0] === 0) bytes = bytes.subarray(1);
  return bytes.length <= 32 ? { bytes, end } : undefined;
}

function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
