import type { Credentials, ProviderRequest } from "../provider.ts";

export const POSTMARK_HOST = "api.postmarkapp.com";
const ORIGIN = `https://${POSTMARK_HOST}`;

type Content = Pick<ProviderRequest, "query" | "json">;

/** A request to the one server that sends. */
export function serverRequest(
  { server_token = "" }: Credentials,
  method: ProviderRequest["method"],
  path: string,
  content: Content = {},
): ProviderRequest {
  const headers = { "x-postmark-server-token": server_token };
  return { method, url: ORIGIN + path, headers, ...content };
}

/** A request to the account that the server belongs to. */
export function accountRequest(accountToken: string, url: string): ProviderRequest {
  return { method: "GET", url, headers: { "x-postmark-account-token": accountToken } };
}

/** The next page of a list that is asked for by count and offset; undefined after the last. */
export function nextPageUrl(url: string, totalCount: number): string | undefined {
  const next = new URL(url);
  const offset = Number(next.searchParams.get("offset")) + Number(next.searchParams.get("count"));
  if (!(offset < totalCount)) return undefined;
  next.searchParams.set("offset", String(offset));
  return next.href;
}

export function listUrl(path: string, query: ReadonlyArray<readonly [string, string]>): string {
  const url = new URL(ORIGIN + path);
  for (const [name, value] of query) url.searchParams.append(name, value);
  return url.href;
}

/** Refuses what is no identifier of a message, so that nothing else gets into a path. */
export function checkMessageId(id: string): string {
  if (/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(id)) return id;
  throw new Error("no identifier of a Postmark message");
}

export function messageStream({ message_stream }: Credentials): string {
  return message_stream || "outbound";
}
