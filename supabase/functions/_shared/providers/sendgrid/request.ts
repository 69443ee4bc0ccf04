import type { Credentials, ProviderRequest } from "../provider.ts";

export const SENDGRID_HOST = "api.sendgrid.com";
const ORIGIN = `https://${SENDGRID_HOST}`;

type Content = Pick<ProviderRequest, "query" | "json">;

export function apiRequest(
  credentials: Credentials,
  method: ProviderRequest["method"],
  path: string,
  content: Content = {},
): ProviderRequest {
  return { method, url: `${ORIGIN}/v3${path}`, headers: authorization(credentials), ...content };
}

/** A further page, at the address that the page before led to. */
export function pageRequest(credentials: Credentials, pageUrl: string): ProviderRequest {
  return { method: "GET", url: pageUrl, headers: authorization(credentials) };
}

export function pageUrl(path: string): string {
  return `${ORIGIN}/v3${path}`;
}

function authorization({ api_key = "" }: Credentials): Record<string, string> {
  return { authorization: `Bearer ${api_key}` };
}

/** Refuses what could be anything but one segment of a path or one value of a query. */
export function checkId(id: string): string {
  if (/^[A-Za-z0-9_-]{1,128}$/.test(id)) return id;
  throw new Error("no SendGrid identifier");
}
