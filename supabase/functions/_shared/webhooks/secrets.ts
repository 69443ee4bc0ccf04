import { dataOf } from "../database/answer.ts";
import type { DatabaseClient } from "../database/client.ts";

/** The connection behind a webhook token, with the keys its signatures are checked with. Secret. */
export interface WebhookSecrets {
  connectionId: string;
  keys: string[];
}

export interface WebhookSecretStore {
  /** Null for a token that names no connection. */
  find(provider: string, token: string): Promise<WebhookSecrets | null>;
  /** What the database says by now, asked at most every few seconds; null when nothing newer is known. */
  findAgain(provider: string, token: string): Promise<WebhookSecrets | null>;
}

/** Decrypted keys stay in memory for a minute at most; only tokens that exist are remembered. */
const KEEP_MS = 60_000;
const MAX_KEPT = 500;
/** Whoever knows an address can forge as many signatures as they like: that must not cost a read each. */
const ASK_AGAIN_MS = 5_000;
/** As `createWebhookToken` makes them; anything else names nobody, without asking. */
const TOKEN = /^[\w-]{40,100}$/;

export function createWebhookSecrets(
  service: DatabaseClient,
  now: () => number = Date.now,
): WebhookSecretStore {
  const kept = new Map<string, { secrets: WebhookSecrets; readAt: number; askedAgainAt: number }>();

  async function read(
    provider: string,
    token: string,
    askedAgainAt = 0,
  ): Promise<WebhookSecrets | null> {
    const [row] = dataOf(await service.rpc("read_webhook_secret", { provider, token }));
    const name = `${provider}/${token}`;
    kept.delete(name);
    if (!row) return null;
    const secrets = { connectionId: row.connection_id, keys: row.secrets };
    if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value!);
    kept.set(name, { secrets, readAt: now(), askedAgainAt });
    return secrets;
  }

  return {
    async find(provider, token) {
      if (!TOKEN.test(token)) return null;
      const known = kept.get(`${provider}/${token}`);
      if (known && now() - known.readAt < KEEP_MS) return known.secrets;
      return await read(provider, token);
    },
    async findAgain(provider, token) {
      const known = kept.get(`${provider}/${token}`);
      if (known && now() - known.askedAgainAt < ASK_AGAIN_MS) return null;
      if (known) known.askedAgainAt = now();
      return await read(provider, token, now());
    },
  };
}
