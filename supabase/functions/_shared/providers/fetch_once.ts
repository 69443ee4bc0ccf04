let client: Deno.HttpClient | undefined;

/**
 * When a connection breaks that was kept, Deno's fetch sends a request again by itself, also a POST that
 * the provider has read: that would be a second text. So nothing goes over a connection that others
 * keep, nor over HTTP/2, where `connection: close` is not heard. A runtime without clients of one's own
 * still sends, with that header alone.
 */
export function fetchOnce(request: Request): Promise<Response> {
  if (typeof Deno.createHttpClient !== "function") return fetch(request);
  client ??= Deno.createHttpClient({ http2: false });
  return fetch(request, { client });
}
