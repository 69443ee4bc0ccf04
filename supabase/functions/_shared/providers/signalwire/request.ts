import { basicAuthorization } from "../credentials.ts";
import { type Credentials, type ProviderRequest, UnreadableAnswerError } from "../provider.ts";

type Fields = ReadonlyArray<readonly [string, string]>;

/** Every identifier is one: SignalWire has no prefixes such as `SM`. */
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Each customer has a host of their own; its first label alone is enough. */
export function hostOf({ space = "" }: Credentials): string {
  return space.includes(".") ? space : `${space}.signalwire.com`;
}

/** A request to the Compatibility API, below the project. */
export function projectRequest(
  credentials: Credentials,
  method: "GET" | "POST" | "DELETE",
  path: string,
  fields: { query?: Fields; form?: Fields } = {},
): ProviderRequest {
  const { project_id } = credentials;
  return {
    method,
    url: `https://${hostOf(credentials)}/api/laml/2010-04-01/Accounts/${project_id}${path}`,
    headers: authorization(credentials),
    ...fields,
  };
}

/** A request to the API of SignalWire's own making, which has WhatsApp. */
export function restRequest(credentials: Credentials, path: string, json: unknown) {
  return {
    method: "POST",
    url: `https://${hostOf(credentials)}/api${path}`,
    headers: authorization(credentials),
    json,
  } satisfies ProviderRequest;
}

/** A further page, at the address that the page before gave. */
export function pageRequest(credentials: Credentials, pageUrl: string): ProviderRequest {
  return { method: "GET", url: pageUrl, headers: authorization(credentials) };
}

function authorization({ project_id = "", api_token = "" }: Credentials) {
  return basicAuthorization(project_id, api_token);
}

/** Refuses what is not one of SignalWire's identifiers, so that nothing else gets into a path. */
export function checkId(id: string): string {
  if (UUID.test(id)) return id;
  throw new Error("no SignalWire identifier");
}

/** `next_page_uri` is relative to the host, and null on the last page. */
export function nextPage(
  nextPageUri: string | null | undefined,
  credentials: Credentials,
): { nextPageUrl?: string } {
  if (!nextPageUri) return {};
  const origin = `https://${hostOf(credentials)}`;
  const url = URL.parse(nextPageUri, origin);
  if (url?.origin !== origin) throw new UnreadableAnswerError("unexpected next_page_uri");
  return { nextPageUrl: url.href };
}
