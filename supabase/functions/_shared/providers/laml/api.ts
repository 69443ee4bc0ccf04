/** How a vendor offers the API that Twilio designed: where it is, and what its identifiers look like. */
import { type Credentials, type ProviderRequest, UnreadableAnswerError } from "../provider.ts";

export interface LamlApi {
  displayName: string;
  /** Without a slash at its end. */
  origin(credentials: Credentials): string;
  /** The path below which everything of the account is. */
  accountPath(credentials: Credentials): string;
  /** What a path ends in, such as `.json`. */
  suffix: string;
  authorization(credentials: Credentials): Record<string, string>;
  messageId: RegExp;
  numberId: RegExp;
  callId: RegExp;
}

type Fields = ReadonlyArray<readonly [string, string]>;

/** A request below the account. */
export function lamlRequest(
  api: LamlApi,
  credentials: Credentials,
  method: "GET" | "POST" | "DELETE",
  path: string,
  fields: { query?: Fields; form?: Fields } = {},
): ProviderRequest {
  return {
    method,
    url: `${api.origin(credentials)}${api.accountPath(credentials)}${path}${api.suffix}`,
    headers: api.authorization(credentials),
    ...fields,
  };
}

/** A list from its beginning, or a further page at the address that the page before gave. */
export function lamlPageRequest(
  api: LamlApi,
  credentials: Credentials,
  pageUrl: string | undefined,
  path: string,
  query: () => Fields,
): ProviderRequest {
  return pageUrl
    ? { method: "GET", url: pageUrl, headers: api.authorization(credentials) }
    : lamlRequest(api, credentials, "GET", path, { query: query() });
}

/** `next_page_uri` is relative to the host, and null on the last page. */
export function nextLamlPage(
  api: LamlApi,
  credentials: Credentials,
  nextPageUri: string | null | undefined,
): { nextPageUrl?: string } {
  if (!nextPageUri) return {};
  const origin = api.origin(credentials);
  const url = URL.parse(nextPageUri, origin);
  if (url?.origin !== origin) throw new UnreadableAnswerError("unexpected next_page_uri");
  return { nextPageUrl: url.href };
}

/** Refuses what is not one of the vendor's identifiers, so that nothing else gets into a path. */
export function checkLamlId(api: LamlApi, kind: "messageId" | "numberId", id: string): string {
  if (api[kind].test(id)) return id;
  throw new Error(`no ${api.displayName} identifier of kind ${kind}`);
}
