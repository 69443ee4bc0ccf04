/** Deno's fetch repeats what was sent over a connection that is kept: no request to a provider may be. */
import { createServer, type Server } from "node:http";
import { fetchOnce } from "../../supabase/functions/_shared/providers/fetch_once.ts";
import { assertEquals } from "@std/assert";

type Fetch = (request: Request) => Promise<Response>;

/** Breaks off every request for `/lost`, once it has read it; counts them. */
async function serveLosses(): Promise<{ url: string; server: Server; lost: () => number }> {
  let lostCount = 0;
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    incoming.on("end", () => {
      if (incoming.url === "/lost") {
        lostCount++;
        incoming.socket.resetAndDestroy();
      } else {
        outgoing.end("ok");
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, server, lost: () => lostCount };
}

/** How often the server reads one request that is lost after somebody else's was answered. */
async function countRepetitions(fetchRequest: Fetch): Promise<number> {
  const { url, server, lost } = await serveLosses();
  try {
    await (await fetch(`${url}/kept`, { method: "POST", body: "x" })).text();
    const headers = { connection: "close" };
    const request = new Request(`${url}/lost`, { method: "POST", body: "x", headers });
    await fetchRequest(request).catch(() => {});
    return lost();
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** What a TLS client says first, as far as it is text. */
async function readHello(fetchRequest: Fetch): Promise<string> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answer = fetchRequest(new Request(`https://127.0.0.1:${listener.addr.port}/`));
  using connection = await listener.accept();
  const hello = new Uint8Array(4096);
  const length = await connection.read(hello);
  answer.catch(() => {});
  return new TextDecoder("latin1").decode(hello.subarray(0, length ?? 0));
}

Deno.test("a request whose connection is lost is not sent again over one that others keep", async () => {
  assertEquals(await countRepetitions(fetchOnce), 1);
});

Deno.test("requests to providers never go over HTTP/2, which would keep their connection", async () => {
  const OFFER = "\x02h2";

  const [ours, usual] = [await readHello(fetchOnce), await readHello(fetch)];

  assertEquals([ours.includes(OFFER), usual.includes(OFFER)], [false, true]);
});
