import type { Credentials, ProviderRequest } from "../provider.ts";

export const REST_HOST = "rest.messagebird.com";
export const NUMBERS_HOST = "numbers.messagebird.com";
export const CONVERSATIONS_HOST = "conversations.messagebird.com";

export const REST = `https://${REST_HOST}`;
export const NUMBERS = `https://${NUMBERS_HOST}/v1`;
export const CONVERSATIONS = `https://${CONVERSATIONS_HOST}/v1`;

export type Fields = ReadonlyArray<readonly [string, string]>;

/** https://developers.messagebird.com/api (read 2026-11-20) */
export function messageBirdRequest(
  { access_key = "" }: Credentials,
  method: "GET" | "POST" | "PATCH" | "DELETE",
  url: string,
  fields: { query?: Fields; json?: unknown } = {},
): ProviderRequest {
  return { method, url, headers: { authorization: `AccessKey ${access_key}` }, ...fields };
}

/** Lists are counted through: the links that they hold do not repeat what was searched for. */
export function nextPage(
  url: string,
  query: Fields,
  { offset, count, totalCount }: { offset: number; count: number; totalCount: number },
): { nextPageUrl?: string } {
  if (count < 1 || offset + count >= totalCount) return {};
  const next = new URL(url);
  for (const [name, value] of query) next.searchParams.append(name, value);
  next.searchParams.set("offset", String(offset + count));
  return { nextPageUrl: next.href };
}

/** Refuses what is no identifier of MessageBird's, so that nothing else gets into a path. */
export function checkId(id: string): string {
  if (/^[0-9A-Za-z-]{1,64}$/.test(id)) return id;
  throw new Error("no MessageBird identifier");
}
