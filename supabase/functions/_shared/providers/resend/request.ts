import type { Credentials, ProviderRequest } from "../provider.ts";

export const RESEND_HOST = "api.resend.com";
const ORIGIN = `https://${RESEND_HOST}`;

type Content = Pick<ProviderRequest, "query" | "json" | "headers" | "readStatuses">;

export function apiRequest(
  credentials: Credentials,
  method: ProviderRequest["method"],
  path: string,
  { headers, ...content }: Partial<Content> = {},
): ProviderRequest {
  return {
    method,
    url: apiUrl(path),
    headers: { ...commonHeaders(credentials), ...headers },
    ...content,
  };
}

/** A further page, at the address that the page before led to. */
export function pageRequest(credentials: Credentials, pageUrl: string): ProviderRequest {
  return { method: "GET", url: pageUrl, headers: commonHeaders(credentials) };
}

export function apiUrl(path: string): string {
  return ORIGIN + path;
}

/**
 * Without a user agent Resend answers 403 with error 1010.
 * https://resend.com/docs/api-reference/introduction (read 2026-11-20)
 */
function commonHeaders({ api_key = "" }: Credentials): Record<string, string> {
  return { authorization: `Bearer ${api_key}`, "user-agent": "switchboard/1.0" };
}

/** Refuses what is no identifier, so that nothing else gets into a path. */
export function checkId(id: string): string {
  if (/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(id)) return id;
  throw new Error("no Resend identifier");
}
