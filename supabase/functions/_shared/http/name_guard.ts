import { findAddressFlaw, findUrlFlaw } from "./url_guard.ts";

/** The addresses that a name stands for; none when it stands for nothing of the kind. */
export type Resolve = (name: string, kind: "A" | "AAAA") => Promise<string[]>;

const TIMEOUT_MS = 3_000;

/** A runtime that cannot ask is left with what the URL itself says. */
export const resolveName: Resolve = async (name, kind) =>
  typeof Deno.resolveDns === "function"
    ? await Deno.resolveDns(name, kind, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    : [];

/**
 * Whether the URL leads to the public internet, also by way of its name: anybody can point a name of
 * their own at an address inside. What it stands for a moment later nobody can promise.
 */
export async function findDestinationFlaw(url: string, resolve: Resolve): Promise<string | null> {
  const flaw = findUrlFlaw(url);
  if (flaw !== null) return flaw;
  const { hostname } = new URL(url);
  if (hostname.startsWith("[") || /^[0-9.]+$/.test(hostname)) return null;
  const kinds = ["A", "AAAA"] as const;
  // A name that does not resolve leads nowhere: whoever calls it finds out.
  const found = await Promise.all(kinds.map((kind) => resolve(hostname, kind).catch(() => [])));
  return found.flat().map(findAddressFlaw).find((each) => each !== null) ?? null;
}
