/** A TCP server on loopback that answers badly on purpose, with the heads of what it was sent. */
export interface RawServer extends AsyncDisposable {
  url: string;
  /** The text of each request, as far as it was read. */
  requests: string[];
}

/** Text to send back. The connection closes after it, unless it is to be left open. */
export interface RawAnswer {
  text?: string;
  bytes?: Uint8Array;
  staysOpen?: boolean;
  /** Reads one byte and closes, which resets the connection. */
  isReset?: boolean;
}

export function serveRaw(answer: RawAnswer): RawServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const requests: string[] = [];
  const connections = new Set<Deno.Conn>();

  async function serve(connection: Deno.Conn): Promise<void> {
    connections.add(connection);
    const buffer = new Uint8Array(answer.isReset ? 1 : 65_536);
    let request = "";
    while (!isComplete(request)) {
      const count = await connection.read(buffer);
      if (count === null) break;
      // One character per byte, as lengths are counted.
      request += new TextDecoder("latin1").decode(buffer.subarray(0, count));
      if (answer.isReset) break;
    }
    requests.push(request);
    const bytes = answer.bytes ?? new TextEncoder().encode(answer.text ?? "");
    for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
    // Reads until the client goes away.
    while (answer.staysOpen && (await connection.read(buffer)) !== null);
  }

  const served = (async () => {
    const all: Promise<void>[] = [];
    for await (const connection of listener) {
      all.push(
        serve(connection).catch(() => {}).finally(() => {
          connections.delete(connection);
          connection.close();
        }),
      );
    }
    await Promise.all(all);
  })();

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      listener.close();
      await served;
    },
  };
}

/** True once the head is there and as much of a body as it announces. */
function isComplete(request: string): boolean {
  const [head = "", body] = request.split("\r\n\r\n");
  if (body === undefined) return false;
  return body.length >= Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
}

/** The address of a port on which nothing listens. */
export function closedUrl(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return `http://127.0.0.1:${port}`;
}
