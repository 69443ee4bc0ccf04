// The platform's gateway lets browsers of any origin in; access is a matter of keys and tokens.
const ANY_ORIGIN = { "access-control-allow-origin": "*" };

/** The answer to a browser that asks before it sends; undefined where the request is no such question. */
export function answerPreflight(request: Request): Response | undefined {
  const method = request.headers.get("access-control-request-method");
  if (request.method !== "OPTIONS" || method === null) return undefined;
  return new Response(null, {
    status: 204,
    headers: {
      ...ANY_ORIGIN,
      "access-control-allow-methods": "GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS",
      "access-control-allow-headers": request.headers.get("access-control-request-headers") ?? "*",
      "access-control-max-age": "3600",
    },
  });
}

/** Makes an answer readable for the page that asked, where it is not yet. */
export function allowAnyOrigin(response: Response): Response {
  const allowed = new Response(response.body, response);
  for (const [name, value] of Object.entries(ANY_ORIGIN)) allowed.headers.set(name, value);
  return allowed;
}
