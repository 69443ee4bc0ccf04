import { fromBase64, hmacOf, isSame } from "../crypto.ts";
import type { WebhookKey, WebhookRequest } from "./provider.ts";

const TOLERANCE_SECONDS = 300;

/**
 * HMAC-SHA256 over identifier, time and body; the header lists one signature per key in use, of
 * which those of another version than `v1` are not ours to judge.
 * https://github.com/standard-webhooks/standard-webhooks (read 2026-11-20)
 */
export async function verifyStandardWebhook(
  { headers, body }: WebhookRequest,
  { secret, nowMs }: WebhookKey,
  prefix: "svix" | "webhook",
): Promise<boolean> {
  const id = headers.get(`${prefix}-id`) ?? "";
  const timestamp = headers.get(`${prefix}-timestamp`) ?? "";
  const key = fromBase64(secret.replace(/^whsec_/, ""));
  if (!key || id === "" || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(Math.floor(nowMs / 1000) - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const expected = await hmacOf("SHA-256", key, `${id}.${timestamp}.`, body);
  const signatures = (headers.get(`${prefix}-signature`) ?? "").split(" ");
  return signatures.some((signature) => {
    const given = signature.startsWith("v1,") ? fromBase64(signature.slice(3)) : undefined;
    return given !== undefined && isSame(given, expected);
  });
}
