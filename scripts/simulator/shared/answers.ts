/** A JSON answer. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** An HTML answer, as of a proxy in front of an API. */
export function proxyError(status: number): Response {
  return new Response(`<html><head><title>${status}</title></head><body></body></html>`, {
    status,
    headers: { "content-type": "text/html" },
  });
}

/** An answer that says when to come back, if that is known. */
export function withRetryAfter(response: Response, seconds: number | undefined): Response {
  if (seconds !== undefined) response.headers.set("retry-after", String(seconds));
  return response;
}
