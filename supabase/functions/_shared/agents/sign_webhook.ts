import { fromBase64, hmacOf, toBase64 } from "../crypto.ts";

export interface UnsignedWebhook {
  id: string;
  /** Seconds since 1970. */
  timestamp: number;
  /** To the byte what is posted. */
  body: string;
}

/**
 * The headers of Standard Webhooks: one signature for each secret in use, so that nothing is lost
 * while a receiver goes from one to the next.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (read 2026-11-20)
 */
export async function signWebhook(
  { id, timestamp, body }: UnsignedWebhook,
  secrets: ReadonlyArray<string>,
): Promise<Record<string, string>> {
  const signatures = await Promise.all(secrets.map(async (secret) => {
    const key = fromBase64(secret.replace(/^whsec_/, ""));
    if (!key) throw new Error("Cannot sign the webhook: the secret is not one");
    return `v1,${toBase64(await hmacOf("SHA-256", key, `${id}.${timestamp}.`, body))}`;
  }));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signatures.join(" "),
  };
}
