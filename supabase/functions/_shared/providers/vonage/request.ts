import { basicAuthorization } from "../credentials.ts";
import type { Credentials, ProviderRequest } from "../provider.ts";

export const API_HOST = "api.nexmo.com";
export const REST_HOST = "rest.nexmo.com";

type Fields = ReadonlyArray<readonly [string, string]>;
type Content = { query?: Fields; form?: Fields; json?: unknown };

/** Messages, applications and reports. */
export function apiRequest(
  credentials: Credentials,
  method: ProviderRequest["method"],
  path: string,
  content: Content = {},
): ProviderRequest {
  return { method, url: `https://${API_HOST}${path}`, headers: basic(credentials), ...content };
}

/**
 * Numbers and the balance. Their document of 2020 puts key and secret into the URL; Vonage's own
 * Python SDK signs in by Basic, which keeps them out of logs.
 * https://github.com/Vonage/vonage-python-sdk/blob/main/number_management (read 2026-11-20)
 */
export function restRequest(
  credentials: Credentials,
  method: "GET" | "POST",
  path: string,
  content: Content = {},
): ProviderRequest {
  return { method, url: `https://${REST_HOST}${path}`, headers: basic(credentials), ...content };
}

/** A further page, at an address that the page before made. */
export function pageRequest(credentials: Credentials, pageUrl: string): ProviderRequest {
  return { method: "GET", url: pageUrl, headers: basic(credentials) };
}

function basic({ api_key = "", api_secret = "" }: Credentials): Record<string, string> {
  return basicAuthorization(api_key, api_secret);
}

/** Vonage writes numbers without the `+`; short codes and names stay as they are. */
export function toVonageAddress(address: string): string {
  return address.replace(/^\+/, "");
}

export function toNeutralAddress(address: string): string {
  return /^[1-9]\d{6,14}$/.test(address) ? `+${address}` : address;
}

/** Refuses what is no UUID, so that nothing else gets into a path. */
export function checkUuid(id: string): string {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return id;
  throw new Error("no Vonage identifier");
}
