import type { Authorization, Callee, Credentials, Result } from "./provider.ts";

export interface AccessTokens {
  /** Undefined for a provider whose credentials are enough. */
  get(
    provider: Callee,
    credentials: Credentials,
    timeoutMs: number,
  ): Promise<Result<string | undefined>>;
  /** Forgets a token that the provider no longer takes. */
  drop(provider: Callee, credentials: Credentials): void;
}

type Fetch = (
  provider: Callee,
  authorization: Authorization,
  credentials: Credentials,
  timeoutMs: number,
) => Promise<Result<{ accessToken: string; expiresInSeconds: number }>>;

interface Kept {
  token: Promise<Result<string>>;
  endsAt: number;
}

/** Tokens are dropped before they end, lest one ends on its way. */
const MARGIN_MS = 30_000;
const MAX_KEPT = 200;

/** Keeps what was fetched until shortly before its end, in memory only; one fetch serves all who wait. */
export function createAccessTokens(now: () => number, fetch: Fetch): AccessTokens {
  const kept = new Map<string, Kept>();

  async function request(
    entry: Kept,
    name: string,
    ...[provider, authorization, credentials, timeoutMs]: Parameters<Fetch>
  ): Promise<Result<string>> {
    const result = await fetch(provider, authorization, credentials, timeoutMs);
    if (!result.ok) {
      if (kept.get(name) === entry) kept.delete(name);
      // No message went anywhere: only the token was asked for.
      return { ok: false, error: { ...result.error, isAmbiguous: false } };
    }
    const { accessToken, expiresInSeconds } = result.value;
    entry.endsAt = now() + expiresInSeconds * 1000 - MARGIN_MS;
    return { ok: true, value: accessToken };
  }

  return {
    async get(provider, credentials, timeoutMs) {
      const { authorize } = provider;
      if (!authorize) return { ok: true, value: undefined };
      const name = nameOf(provider, credentials);
      const known = kept.get(name);
      if (known && now() < known.endsAt) return await known.token;
      kept.delete(name);
      if (kept.size >= MAX_KEPT) kept.delete(kept.keys().next().value ?? "");
      const entry: Kept = { token: undefined as never, endsAt: now() + timeoutMs };
      kept.set(name, entry);
      entry.token = request(entry, name, provider, authorize, credentials, timeoutMs);
      return await entry.token;
    },
    drop(provider, credentials) {
      kept.delete(nameOf(provider, credentials));
    },
  };
}

function nameOf(provider: Callee, credentials: Credentials): string {
  return JSON.stringify([provider.id, credentials]);
}
