/** What an adapter may say of a status, a body and an address. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  RefusedAnswerError,
  UnreadableAnswerError,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { meaningOf } from "../../supabase/functions/_shared/providers/provider_errors.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { asking, call, credentials, errorOf, pigeon } from "./support/pigeon.ts";
import { serveRaw } from "./support/raw_server.ts";
import { replyWith } from "./support/replies.ts";

Deno.test("transport lets an adapter read the statuses that it asks for, and no other", async () => {
  const operation = {
    ...asking({ method: "POST", json: {}, readStatuses: [404, 302] }),
    readResponse: ({ status }: { status: number }) => status,
  };
  for (const status of [200, 302, 404]) {
    assertEquals(await call(replyWith({ status }), operation), { ok: true, value: status });
  }
  for (const [status, isAmbiguous] of [[303, true], [400, false], [409, false], [500, true]]) {
    const error = errorOf(await call(replyWith({ status: Number(status) }), operation));
    assertEquals([error.httpStatus, error.isAmbiguous], [status, isAmbiguous]);
  }
});

Deno.test("transport: a status that may be read and cannot is ambiguous like any other", async () => {
  const operation = {
    ...asking({ method: "POST", json: {}, readStatuses: [409] }),
    readResponse() {
      throw new UnreadableAnswerError("unexpected bird");
    },
  };
  const error = errorOf(await call(replyWith({ status: 409 }), operation));
  assertEquals([error.code, error.isAmbiguous, error.httpStatus], ["unreadable", true, 409]);
});

Deno.test("transport: a no behind a status of success is a refusal, and nothing was done", async () => {
  const key = credentials.api_key;
  const refusal = {
    ...meaningOf("recipient_opted_out"),
    isRetryable: true,
    message: `opted out ${key}\n${"long ".repeat(200)}`,
    providerCode: `406 ${key}`,
    retryAfterMs: 5000,
  };
  for (const method of ["GET", "POST"] as const) {
    const operation = {
      ...asking({ method }),
      readResponse() {
        throw new RefusedAnswerError(refusal);
      },
    };

    const { message, ...error } = errorOf(await call(replyWith({ status: 200 }), operation));

    assertEquals(error, {
      code: "recipient_opted_out",
      owner: "recipient",
      isRetryable: true,
      providerCode: "406 [redacted]",
      retryAfterMs: 5000,
      isAmbiguous: false,
      httpStatus: 200,
    });
    assertStringIncludes(message, "Pigeon refused: opted out [redacted] long");
    assert(message.length <= 500 && !message.includes(key));
  }
});

Deno.test("transport writes XML as it is given, and reads what is no JSON as text", async () => {
  const answer = "<Loft>1</Loft>";
  await using server = serveRaw({
    text: `HTTP/1.1 200 OK\r\ncontent-length: ${answer.length}\r\n\r\n${answer}`,
  });
  const operation = {
    ...asking({
      method: "POST",
      headers: { accept: "application/xml" },
      xml: '<?xml version="1.0"?><Loft>ü &amp; 1</Loft>',
    }),
    readResponse: ({ text, json }: { text: string; json: unknown }) => ({ text, json }),
  };

  const result = await call({ simulatorUrl: server.url }, operation);

  assertEquals(result, { ok: true, value: { text: answer, json: undefined } });
  const [sent = ""] = server.requests;
  assertStringIncludes(sent, "content-type: application/xml; charset=utf-8\r\n");
  assertStringIncludes(sent, "accept: application/xml\r\n");
  // One character per byte.
  assertStringIncludes(sent, '\r\n\r\n<?xml version="1.0"?><Loft>Ã¼ &amp; 1</Loft>');
});

Deno.test("transport goes to the hosts of these credentials, and to no other account's", async () => {
  const loft = {
    ...pigeon,
    hosts: ({ space = "" }) => /^[a-z]+$/.test(space) ? [`${space}.pigeon.example`] : [],
  };
  const reach = async (space: string, host: string) => {
    const { fetch, requests } = replyWith({ status: 200, json: {} });
    const result = await createTransport({ fetch })
      .call(loft, asking({ url: `https://${host}/v1` }), undefined, { space });
    return result.ok ? requests.length : result.error.code;
  };

  assertEquals(await reach("home", "home.pigeon.example"), 1);
  assertEquals(await reach("home", "away.pigeon.example"), "invalid_request");
  assertEquals(await reach("home", "pigeon.example"), "invalid_request");
  assertEquals(await reach("evil.example/", "evil.example"), "invalid_request");
  assertEquals(await reach("", ".pigeon.example"), "invalid_request");
});

Deno.test("transport waits for a request that takes time to describe", async () => {
  const slow = {
    ...asking({}),
    async toRequest(): Promise<never> {
      await Promise.resolve();
      throw new Error(`cannot sign with ${credentials.api_key}`);
    },
  };
  const { fetch, requests } = replyWith({ status: 200, json: {} });

  const error = errorOf(await call({ fetch }, slow));

  assertEquals(error.code, "invalid_request");
  assertEquals(error.message, "Cannot call Pigeon: cannot sign with [redacted]");
  assertEquals(requests.length, 0);
});

Deno.test("transport gives each call the time, and another nonce", async () => {
  const nonces = new Set<string>();
  const signing = {
    ...asking({}),
    toRequest: (...[input, given, context]: Parameters<ReturnType<typeof asking>["toRequest"]>) => {
      assertEquals(context.nowMs, 1_000);
      assertEquals(context.accessToken, undefined);
      assert(/^[0-9a-f]{32}$/.test(context.nonce));
      nonces.add(context.nonce);
      return asking({}).toRequest(input, given, context);
    },
  };
  for (let round = 0; round < 20; round++) {
    const options = { ...replyWith({ status: 200, json: {} }), now: () => 1_000 };
    assert((await call(options, signing)).ok);
  }
  assertEquals(nonces.size, 20);
});

Deno.test("transport shows no key of several lines, however it is quoted", async () => {
  const private_key = "-----BEGIN PRIVATE KEY-----\nwingsOfSecrecy\n-----END PRIVATE KEY-----";
  for (const text of [private_key, JSON.stringify({ private_key }), btoa(private_key)]) {
    const { fetch } = replyWith({ status: 400, text: `no such key: ${text}` });
    const error = errorOf(
      await createTransport({ fetch }).call(pigeon, asking({}), undefined, { private_key }),
    );
    assert(!/wings|d2luZ3/.test(JSON.stringify(error)), error.message);
    assertStringIncludes(error.message, "[redacted]");
  }
});

Deno.test("transport shows neither our passwords nor our webhook URLs", async () => {
  const webhooks = {
    inboundUrl: "https://project.example/hooks/token1",
    fallbackUrl: "https://project.example/hooks/token1?fallback=1",
    statusUrl: "https://project.example/hooks/token2",
    password: "chosen by us",
  };
  const echo = Object.values(webhooks).flatMap((one) => [one, encodeURIComponent(one)]);
  const operation = asking({ method: "POST", json: {} });
  const { fetch } = replyWith({ status: 400, text: `cannot reach ${echo.join(" ")}` });

  for (const input of [{ webhooks }, webhooks]) {
    const error = errorOf(
      await createTransport({ fetch }).call(pigeon, operation, input as never, credentials),
    );
    for (const secret of ["token1", "token2", "chosen"]) {
      assert(!JSON.stringify(error).includes(secret), secret);
    }
  }
});
