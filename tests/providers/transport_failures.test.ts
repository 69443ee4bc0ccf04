import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { assert, assertEquals } from "@std/assert";
import { asking, call, errorOf } from "./support/pigeon.ts";
import { closedUrl, type RawAnswer, serveRaw } from "./support/raw_server.ts";
import { replyWith } from "./support/replies.ts";

/** What the network can do to a request, and what may be concluded: measured, not assumed. */
const BREAKAGES: { name: string; answer: RawAnswer; code: string }[] = [
  { name: "closed before the answer", answer: {}, code: "connection_lost" },
  { name: "reset before the answer", answer: { isReset: true }, code: "connection_lost" },
  { name: "closed in the head", answer: { text: "HTTP/1.1 201 Cr" }, code: "connection_lost" },
  { name: "not HTTP", answer: { text: "coo\r\n\r\n" }, code: "connection_lost" },
  {
    name: "closed in a body of known length",
    answer: { text: 'HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{"sid":' },
    code: "connection_lost",
  },
  {
    name: "closed in a chunked body",
    answer: { text: 'HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"sid\r\n' },
    code: "connection_lost",
  },
  {
    name: "a compressed body that is none",
    answer: {
      text: "HTTP/1.1 201 Created\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd",
    },
    code: "connection_lost",
  },
  { name: "silent", answer: { staysOpen: true }, code: "timeout" },
  {
    name: "silent in the body",
    answer: {
      text: 'HTTP/1.1 201 Created\r\ncontent-length: 99\r\n\r\n{"sid":',
      staysOpen: true,
    },
    code: "timeout",
  },
  {
    name: "a body that never ends",
    answer: { text: `HTTP/1.1 201 Created\r\n\r\n${"x".repeat(3000)}`, staysOpen: true },
    code: "unreadable",
  },
];

for (const { name, answer, code } of BREAKAGES) {
  Deno.test(`transport: ${name} is ${code}, ambiguous for what may have been done`, async () => {
    await using server = serveRaw(answer);
    const options = { simulatorUrl: server.url, maxBodyBytes: 1000 };

    const read = errorOf(await call(options));
    const written = errorOf(await call(options, asking({ method: "POST", form: [["a", "b"]] })));

    assertEquals([read.code, written.code], [code, code]);
    assertEquals([read.isAmbiguous, written.isAmbiguous], [false, true]);
    assertEquals(written.isRetryable, code !== "unreadable");
    assert(!written.message.includes("127.0.0.1"), written.message);
    assertEquals(server.requests.length, 2);
  });
}

Deno.test("transport: a refused connection is proof that nothing was done", async () => {
  const operation = asking({ method: "POST", form: [["a", "b"]] });

  const error = errorOf(await call({ simulatorUrl: closedUrl() }, operation));

  assertEquals(error.code, "connection_refused");
  assertEquals([error.isAmbiguous, error.isRetryable], [false, true]);
  assertEquals(error.message, "Cannot call Pigeon: connection refused");
});

Deno.test("transport: TLS that fails is proof that nothing was done", async () => {
  await using server = serveRaw({ isReset: true, text: "no TLS here" });
  const operation = asking({ method: "POST", form: [["a", "b"]] });

  const url = server.url.replace("http:", "https:");
  const error = errorOf(await call({ simulatorUrl: url }, operation));

  assertEquals([error.code, error.isAmbiguous], ["connection_refused", false]);
});

Deno.test("transport reads the errors of fetch in Deno 2.1 and 2.9", async () => {
  const dns =
    "error sending request for url (https://api.pigeon.example/): client error (Connect):" +
    " dns error: failed to lookup address information: Name or service not known";
  const lost = "error sending request from 127.0.0.1:1 for https://api.pigeon.example/" +
    " (127.0.0.1:2): client error (SendRequest): connection closed before message completed";
  const trap = "error sending request for url (https://api.pigeon.example/?:%20client%20error" +
    "%20(Connect):%20): client error (SendRequest): connection reset by peer";
  for (
    const [error, code, isAmbiguous] of [
      [new TypeError(dns), "connection_refused", false],
      [new TypeError("fetch failed", { cause: new Error(dns) }), "connection_refused", false],
      [new TypeError(lost), "connection_lost", true],
      [new TypeError("fetch failed", { cause: new Error(lost) }), "connection_lost", true],
      [new TypeError(trap), "connection_lost", true],
      ["client error", "connection_lost", true],
      [undefined, "connection_lost", true],
    ] as const
  ) {
    const fetch = () => Promise.reject(error);
    const result = errorOf(await call({ fetch }, asking({ method: "POST", json: {} })));
    assertEquals([result.code, result.isAmbiguous], [code, isAmbiguous]);
  }
});

Deno.test("transport: a refusal stays a refusal when its body is cut", async () => {
  for (const [status, isAmbiguous] of [[400, false], [429, false], [500, true]] as const) {
    for (const staysOpen of [false, true]) {
      const text = `HTTP/1.1 ${status} No\r\ncontent-length: 99\r\n\r\ntoo many`;
      await using server = serveRaw({ text, staysOpen });
      const operation = asking({ method: "POST", form: [["a", "b"]] });

      const error = errorOf(await call({ simulatorUrl: server.url }, operation));

      assertEquals(error.httpStatus, status);
      assertEquals(error.isAmbiguous, isAmbiguous);
      assertEquals(error.message, "Pigeon refused: too many");
    }
  }
});

Deno.test("transport judges ambiguity by method and status alone", async () => {
  for (
    const [status, isAmbiguous] of [
      [400, false],
      [404, false],
      [408, true],
      [409, false],
      [429, false],
      [500, true],
      [503, true],
      [599, true],
    ] as const
  ) {
    for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const) {
      const error = errorOf(await call(replyWith({ status }), asking({ method })));
      assertEquals(error.isAmbiguous, isAmbiguous, `${method} ${status}`);
    }
    const error = errorOf(await call(replyWith({ status }), asking({ method: "GET" })));
    assertEquals(error.isAmbiguous, false, `GET ${status}`);
  }
});

Deno.test("transport passes on how long the provider asks to wait", async () => {
  const now = () => Date.UTC(2026, 10, 20, 12, 0, 0);
  for (
    const [header, retryAfterMs] of [
      ["0", 0],
      ["2", 2000],
      ["1.5", 1500],
      ["999999999", 86_400_000],
      ["Fri, 20 Nov 2026 12:00:30 GMT", 30_000],
      ["Fri, 20 Nov 2026 11:00:00 GMT", 0],
      ["-5", undefined],
      ["soon", undefined],
      ["Someday, perhaps", undefined],
      ["", undefined],
    ] as const
  ) {
    const headers = { "retry-after": header };
    const fetch = () => Promise.resolve(new Response("slow down", { status: 429, headers }));

    const error = errorOf(await call({ fetch, now }));

    assertEquals(error.retryAfterMs, retryAfterMs, header);
  }
});

for (const method of ["POST", "DELETE"] as const) {
  Deno.test(`transport: a ${method} on a connection that worked before and then breaks is sent once`, async () => {
    const requests: string[] = [];
    const server = createServer((request, response) => {
      requests.push(request.method ?? "");
      if (request.method === "GET") response.end('{"id":"p1"}');
      else request.socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const options = { simulatorUrl: `http://127.0.0.1:${port}` };
    try {
      assert((await call(options)).ok, "a first call works and could leave its connection open");
      const operation = asking(method === "POST" ? { method, form: [["a", "b"]] } : { method });
      const error = errorOf(await call(options, operation));

      assertEquals([error.code, error.isAmbiguous], ["connection_lost", true]);
      assertEquals(requests, ["GET", method]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
}
