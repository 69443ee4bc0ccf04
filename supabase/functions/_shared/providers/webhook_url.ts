/** A fragment is neither sent nor signed. */
export function withoutFragment(url: string): string {
  return url.split("#", 1)[0] ?? "";
}

/** The fallback differs in its query only, so that both deliver, and deduplicate, the same event. */
export function fallbackUrl(connectionUrl: string): string {
  return `${connectionUrl}${connectionUrl.includes("?") ? "&" : "?"}fallback=1`;
}
