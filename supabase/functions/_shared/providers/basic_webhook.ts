import { fromBase64, hashOf, isSame } from "../crypto.ts";
import type { WebhookKey, WebhookRequest } from "./provider.ts";

/** The user that providers sign in with; the password is one of ours, made for each connection. */
export const WEBHOOK_USER = "switchboard";

/** True for HTTP Basic (RFC 7617) with our user and this password; in constant time. */
export async function verifyBasicWebhook(
  { headers }: WebhookRequest,
  { secret }: WebhookKey,
): Promise<boolean> {
  const [, text = ""] = /^Basic +(\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
  const given = fromBase64(text);
  if (!given || !secret) return false;
  // Hashes have one length, whatever was given.
  return isSame(
    await hashOf("SHA-256", given),
    await hashOf("SHA-256", `${WEBHOOK_USER}:${secret}`),
  );
}
