// https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 (read 2026-11-20)
const HOP_BY_HOP = [
  "connection",
  // Answered where the body arrives, which is at the gateway.
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** Where a request came in, as the functions behind us are told. */
export interface Origin {
  clientAddress: string;
}

/** The headers to send on: without those of the connection, with those that name the client. */
export function forwardedHeaders(request: Request, origin: Origin): Headers {
  const headers = withoutHopByHop(request.headers);
  const url = new URL(request.url);
  const host = request.headers.get("host") ?? url.host;
  headers.set("host", host);
  // Behind a tunnel the outer proxy knows better than we do.
  setIfMissing(headers, "x-forwarded-host", host);
  setIfMissing(headers, "x-forwarded-proto", url.protocol.slice(0, -1));
  const before = headers.get("x-forwarded-for");
  headers.set(
    "x-forwarded-for",
    before === null ? origin.clientAddress : `${before}, ${origin.clientAddress}`,
  );
  // Bodies pass unpacked between us and a function, and are packed once, for the client.
  headers.set("accept-encoding", "identity");
  return headers;
}

/** Sends a request on to another server and hands its answer back, both as streams. */
export async function forward(
  request: Request,
  target: URL,
  headers: Headers,
  client: Deno.HttpClient,
  onFinished: () => void,
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(target, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
      signal: request.signal,
      client,
    });
  } catch (error) {
    onFinished();
    throw error;
  }
  return new Response(tracked(response.body, onFinished), {
    status: response.status,
    statusText: response.statusText,
    headers: withoutHopByHop(response.headers),
  });
}

function withoutHopByHop(from: Headers): Headers {
  const headers = new Headers(from);
  const named = (from.get("connection") ?? "").split(",").map((name) => name.trim());
  for (const name of [...HOP_BY_HOP, ...named]) if (name !== "") headers.delete(name);
  return headers;
}

function setIfMissing(headers: Headers, name: string, value: string): void {
  if (!headers.has(name)) headers.set(name, value);
}

function tracked(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  onFinished: () => void,
): ReadableStream<Uint8Array<ArrayBuffer>> | null {
  if (body === null) {
    onFinished();
    return null;
  }
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      onFinished();
    },
    async cancel(reason) {
      onFinished();
      await reader.cancel(reason).catch(() => {});
    },
  });
}
