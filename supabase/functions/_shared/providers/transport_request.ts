import type { ProviderRequest } from "./provider.ts";

/** The whole address, or null when it is not https on one of the provider's own hosts. */
export function toUrl(request: ProviderRequest, hosts: ReadonlyArray<string>): URL | null {
  const url = URL.parse(request.url);
  // `host` holds any port that is not 443, so that no other port is ever on the list.
  if (!url || url.protocol !== "https:" || !hosts.includes(url.host)) return null;
  if (url.username || url.password) return null;
  url.hash = "";
  for (const [name, value] of request.query ?? []) url.searchParams.append(name, value);
  return url;
}

/** Every request gets a connection of its own: see `fetchOnce`. */
export function toFetchRequest(described: ProviderRequest, url: URL): Request {
  const headers = new Headers({
    accept: "application/json",
    connection: "close",
    ...described.headers,
  });
  let body: BodyInit | null = null;
  if (described.form) {
    body = new URLSearchParams(described.form.map(([name, value]) => [name, value]));
    headers.set("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
  } else if (described.json !== undefined) {
    body = JSON.stringify(described.json);
    headers.set("content-type", "application/json");
  } else if (described.xml !== undefined) {
    body = described.xml;
    headers.set("content-type", "application/xml; charset=utf-8");
  }
  return new Request(url, { method: described.method, headers, body, redirect: "manual" });
}
