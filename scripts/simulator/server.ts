import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** What a request tells apart from its contents. */
export interface Connection {
  remoteAddress: string;
}

/** Answers requests, as `app.fetch` of Hono does. */
export type Handler = (request: Request, connection: Connection) => Response | Promise<Response>;

const RESET_HEADER = "x-simulator-reset";
const MAXIMUM_BODY_BYTES = 16 * 1_048_576;

/** An answer that is none: the server resets the TCP connection instead of sending it. */
export function resetConnection(): Response {
  return new Response(null, { status: 503, headers: { [RESET_HEADER]: "1" } });
}

/** `node:http` rather than `Deno.serve`, which hides the socket that has to be reset. */
export async function listen(handler: Handler, host: string, port: number): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    void serve(handler, incoming, outgoing);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return server;
}

/** Stops accepting, and ends the connections that are open. */
export async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(
  handler: Handler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  try {
    const request = await toRequest(incoming);
    const remoteAddress = incoming.socket.remoteAddress ?? "";
    const response = await handler(request, { remoteAddress });
    if (response.headers.has(RESET_HEADER)) {
      incoming.socket.resetAndDestroy();
      return;
    }
    const body = new Uint8Array(await response.arrayBuffer());
    outgoing.writeHead(response.status, {
      ...Object.fromEntries(response.headers),
      ...(response.status === 204 ? {} : { "content-length": body.byteLength }),
    });
    outgoing.end(body);
  } catch {
    incoming.socket.destroy();
  }
}

async function toRequest(incoming: IncomingMessage): Promise<Request> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  const method = incoming.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(`http://${incoming.headers.host ?? "localhost"}${incoming.url ?? "/"}`, {
    method,
    headers,
    ...(hasBody ? { body: await readBody(incoming) } : {}),
  });
}

async function readBody(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let byteCount = 0;
  for await (const chunk of incoming) {
    if (!(chunk instanceof Uint8Array)) throw new Error("Cannot read request: not bytes");
    byteCount += chunk.byteLength;
    if (byteCount > MAXIMUM_BODY_BYTES) throw new Error("Cannot read request: body too large");
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
