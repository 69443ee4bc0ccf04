/**
 * Reads the address of the simulator that stands in for every provider. Credentials and messages of
 * real people would follow it, so nothing but loopback is accepted.
 */
export function readSimulatorUrl(value: string | undefined): string | undefined {
  if (!value) return undefined;
  const url = URL.parse(value);
  if (!url || !["http:", "https:"].includes(url.protocol) || !isLoopback(url.hostname)) {
    throw new Error("Cannot use PROVIDER_SIMULATOR_URL: not an http URL on loopback");
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new Error("Cannot use PROVIDER_SIMULATOR_URL: more than scheme, host, port and path");
  }
  return url.href.replace(/\/+$/, "");
}

/** The provider's host becomes the first path segment: one simulator serves all of them. */
export function toSimulator(url: URL, simulatorUrl: string): URL {
  return new URL(`${simulatorUrl}/${url.host}${url.pathname}${url.search}`);
}

/** `URL` has already turned the short, octal and hexadecimal forms of IPv4 into four decimals. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}
