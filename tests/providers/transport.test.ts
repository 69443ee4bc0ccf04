import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { asking, call, credentials, errorOf, listBirds, ORIGIN, pigeon } from "./support/pigeon.ts";
import { serveRaw } from "./support/raw_server.ts";
import { replyWith } from "./support/replies.ts";

Deno.test("transport accepts a simulator on loopback only, and says so without its address", () => {
  const fetch = () => Promise.reject(new Error());
  for (
    const simulatorUrl of [
      undefined,
      "",
      "http://127.0.0.1:4010",
      "http://127.255.0.1/base/",
      "http://localhost:1",
      "https://[::1]:1",
      "http://0x7f.1",
    ]
  ) createTransport({ fetch, simulatorUrl });
  for (
    const simulatorUrl of [
      "https://api.pigeon.example",
      "http://10.0.0.1",
      "http://0.0.0.0",
      "http://127.0.0.1.evil.example",
      "http://localhost.evil.example",
      "http://evil.example/127.0.0.1",
      "http://[::ffff:10.0.0.1]",
      "http://user:word@127.0.0.1",
      "http://127.0.0.1/?a=b",
      "file:///127.0.0.1",
      "127.0.0.1:4010",
      "nonsense",
    ]
  ) {
    const error = assertThrows(() => createTransport({ fetch, simulatorUrl }), Error);
    assert(!error.message.includes(simulatorUrl), simulatorUrl);
  }
});

Deno.test("transport sends everything to the simulator, below the provider's host", async () => {
  const { fetch, requests } = replyWith({ status: 200, json: {} });
  const operation = asking({ url: `${ORIGIN}/v1/birds?a=1`, query: [["b>", "2 3"], ["b>", "4"]] });

  await call({ fetch, simulatorUrl: "http://127.0.0.1:4010/base/" }, operation);

  assertEquals(
    requests[0]?.url,
    "http://127.0.0.1:4010/base/api.pigeon.example/v1/birds?a=1&b%3E=2+3&b%3E=4",
  );
});

Deno.test("transport goes to no address but https on the provider's hosts", async () => {
  for (
    const url of [
      "http://api.pigeon.example/v1",
      "https://api.pigeon.example.evil.example/v1",
      "https://evil.example/api.pigeon.example",
      "https://pigeon.example/",
      "https://api.pigeon.example:8443/",
      "https://user:word@api.pigeon.example/",
      "https://api.pigeon.example@evil.example/",
      "//api.pigeon.example/",
      "/v1/birds",
      "",
      "javascript:alert(1)",
    ]
  ) {
    for (const simulatorUrl of [undefined, "http://127.0.0.1:4010"]) {
      const { fetch, requests } = replyWith({ status: 200, json: {} });
      const error = errorOf(await call({ fetch, simulatorUrl }, asking({ method: "POST", url })));

      assertEquals(error.code, "invalid_request", url);
      assertEquals(error.isAmbiguous, false);
      assertEquals(requests.length, 0);
    }
  }
});

Deno.test("transport reports a request that cannot be built without sending anything", async () => {
  const { fetch, requests } = replyWith({ status: 200, json: {} });
  const unbuildable = {
    ...asking({}),
    toRequest: () => {
      throw new Error(`no loft for ${credentials.api_key}`);
    },
  };
  for (const operation of [unbuildable, asking({ headers: { a: "x\r\ny: z" } })]) {
    const error = errorOf(await call({ fetch }, operation));

    assertEquals(error.code, "invalid_request");
    assertEquals(error.isAmbiguous, false);
    assert(!error.message.includes(credentials.api_key));
  }
  assertEquals(requests.length, 0);
});

Deno.test("transport refuses an operation that the provider lacks", async () => {
  const { fetch, requests } = replyWith();

  const result = await createTransport({ fetch })
    .call(pigeon, undefined, undefined, credentials);

  assertEquals(errorOf(result).code, "unsupported");
  assertEquals(requests.length, 0);
});

Deno.test("transport asks whether a message can be sent before it sends it", async () => {
  const { fetch, requests } = replyWith({ status: 201, json: { sid: `SM${"1".repeat(32)}` } });
  const message = {
    from: "+15550100001",
    to: "+15550100002",
    channel: "sms" as const,
    text: "",
    mediaUrls: [],
    statusUrl: "https://project.example/",
    reference: "attempt-1",
  };
  const transport = createTransport({ fetch });

  const refused = await transport.sendMessage(pigeon, message, credentials);
  assertEquals(errorOf(refused).message, "Cannot carry nothing");
  assertEquals(requests.length, 0);
});

Deno.test("transport writes forms, JSON and headers in one piece", async () => {
  const answer = { text: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}" };
  await using server = serveRaw(answer);
  const options = { simulatorUrl: server.url };
  const form: [string, string][] = [["a", "1 + 1"], ["a", "ü&="], ["b", ""]];

  assert((await call(options, asking({ method: "POST", form }))).ok);
  assert((await call(options, asking({ method: "PUT", json: { bird: "ü" } }))).ok);
  assert((await call(options, asking({ method: "DELETE" }))).ok);

  const [posted = "", put = "", deleted = ""] = server.requests;
  assertStringIncludes(posted, "POST /api.pigeon.example/v1/birds HTTP/1.1\r\n");
  assertStringIncludes(posted, "content-type: application/x-www-form-urlencoded;charset=UTF-8\r\n");
  assertStringIncludes(posted, "content-length: 27\r\n");
  assertStringIncludes(posted, "\r\n\r\na=1+%2B+1&a=%C3%BC%26%3D&b=");
  assertStringIncludes(posted, `authorization: Bearer ${credentials.api_key}\r\n`);
  assertStringIncludes(posted, "accept: application/json\r\n");
  assertStringIncludes(put, "content-type: application/json\r\n");
  assertStringIncludes(put, '\r\n\r\n{"bird":"');
  assertStringIncludes(deleted, "DELETE /api.pigeon.example/v1/birds HTTP/1.1\r\n");
});

Deno.test("transport follows no redirect", async () => {
  await using target = serveRaw({ text: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}" });
  for (const status of [301, 302, 303, 307, 308]) {
    const head =
      `HTTP/1.1 ${status} Moved\r\nlocation: ${target.url}/\r\ncontent-length: 0\r\n\r\n`;
    await using server = serveRaw({ text: head });
    const options = { simulatorUrl: server.url };

    const read = errorOf(await call(options));
    const written = errorOf(await call(options, asking({ method: "POST", form: [["a", "b"]] })));

    assertEquals([read.code, written.code], ["unreadable", "unreadable"]);
    assertEquals([read.isAmbiguous, written.isAmbiguous], [false, true]);
    assertEquals(read.httpStatus, status);
  }
  assertEquals(target.requests, []);
});

Deno.test("transport names an unreadable field and never quotes the answer", async () => {
  const quoting = {
    ...asking({}),
    readResponse({ text }: { text: string }) {
      throw new Error(text);
    },
  };
  const named = errorOf(await call(replyWith({ status: 200, text: "<p>" })));
  const quoted = errorOf(await call(replyWith({ status: 200, text: "private words" }), quoting));

  assertEquals(named.message, "Cannot call Pigeon: status 200, unexpected bird");
  assertEquals(quoted.message, "Cannot call Pigeon: status 200, not as documented");
});

Deno.test("transport shows one short line without credentials", async () => {
  const key = credentials.api_key;
  const text = `${key}\u0000\r\n${btoa(key)} ${encodeURIComponent(key)} \ud83d ${
    "long ".repeat(200)
  }`;
  const json = JSON.stringify(text);

  const error = errorOf(await call(replyWith({ status: 400, text: json })));

  for (const shown of [error.message, error.providerCode ?? ""]) {
    assert(!shown.includes(key) && !shown.includes(encodeURIComponent(key)));
    assert(!shown.includes(btoa(key).replace(/=+$/, "")));
    assert(shown.length <= 500 && shown.isWellFormed() && !/\p{Cc}/u.test(shown));
  }
});

Deno.test("transport reads JSON without what Postgres cannot store", async () => {
  const text = '{"a":["\\u0000b\\ud83d","\\ud83d\\udc4d \\\\u0000"],"c":1}';

  const result = await call(replyWith({ status: 200, text }));

  assertEquals(result, { ok: true, value: { a: ["b\ufffd", "👍 \\u0000"], c: 1 } });
});

Deno.test("transport survives an adapter that cannot read an error", async () => {
  const broken = {
    ...pigeon,
    readError() {
      throw new Error("private words");
    },
  };

  const error = errorOf(
    await createTransport(replyWith({ status: 503 }))
      .call(broken, asking({ method: "POST" }), undefined, credentials),
  );

  assertEquals(error.code, "provider_unavailable");
  assertEquals(error.message, "Pigeon refused: status 503");
  assertEquals([error.isAmbiguous, error.isRetryable], [true, true]);
});

Deno.test("transport follows pages to the end or to its bound", async () => {
  const first = { items: ["a", "b"], nextPageUrl: `${ORIGIN}/v1/birds?page=2` };
  const second = { items: ["c"] };
  const replies = () => replyWith({ status: 200, json: first }, { status: 200, json: second });

  const whole = replies();
  assertEquals(
    await createTransport(whole).listAll(pigeon, listBirds, {}, credentials),
    { ok: true, value: { items: ["a", "b", "c"], isComplete: true } },
  );
  assertEquals(whole.requests.map(({ url }) => url), [`${ORIGIN}/v1/birds`, first.nextPageUrl]);

  assertEquals(
    await createTransport(replies()).listAll(pigeon, listBirds, {}, credentials, { maxPages: 1 }),
    { ok: true, value: { items: ["a", "b"], isComplete: false } },
  );
});

Deno.test("transport gives up a list whose pages fail or lead elsewhere", async () => {
  const page = { items: ["a"], nextPageUrl: "https://evil.example/v1/birds" };
  const elsewhere = replyWith({ status: 200, json: page });
  const result = await createTransport(elsewhere).listAll(pigeon, listBirds, {}, credentials);
  assertEquals(errorOf(result).code, "invalid_request");
  assertEquals(elsewhere.requests.length, 1);

  const json = { ...page, nextPageUrl: `${ORIGIN}/2` };
  const failing = replyWith({ status: 200, json }, { status: 500 });
  const failed = await createTransport(failing).listAll(pigeon, listBirds, {}, credentials);
  assertEquals(errorOf(failed).httpStatus, 500);

  assertEquals(
    errorOf(await createTransport(failing).listAll(pigeon, undefined, {}, credentials)).code,
    "unsupported",
  );
});
