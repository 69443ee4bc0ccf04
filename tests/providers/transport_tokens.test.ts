/** Access tokens: fetched once for many calls, kept no longer than they last, shown to nobody. */
import { assert, assertEquals } from "@std/assert";
import {
  type Operation,
  type Provider,
  UnreadableAnswerError,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { credentials, errorOf, ORIGIN, pigeon } from "./support/pigeon.ts";
import { closedUrl } from "./support/raw_server.ts";

const TOKEN_URL = `${ORIGIN}/token`;
const LIFE_SECONDS = 3600;

const homing: Provider = {
  ...pigeon,
  authorize: {
    toRequest: ({ api_key }) => ({
      method: "POST",
      url: TOKEN_URL,
      headers: { authorization: `Bearer ${api_key}` },
      form: [["grant_type", "client_credentials"]],
    }),
    readResponse({ json }) {
      const accessToken = (json as { token?: unknown } | undefined)?.token;
      if (typeof accessToken !== "string") throw new UnreadableAnswerError("unexpected token");
      return { accessToken, expiresInSeconds: LIFE_SECONDS };
    },
  },
};

const release: Operation<void, unknown> = {
  toRequest: (_input, _credentials, { accessToken }) => ({
    method: "POST",
    url: `${ORIGIN}/birds`,
    headers: { authorization: `Bearer ${accessToken}` },
    json: {},
  }),
  readResponse: ({ json }) => json,
};

/** A provider that gives out `token-1`, `token-2` and so on, and takes each for a while. */
function createLoft() {
  const loft = {
    nowMs: 0,
    tokenCount: 0,
    used: [] as string[],
    /** What is answered in the place of a token, once. */
    tokenAnswers: [] as ((request: Request) => Promise<Response>)[],
    refusedTokens: new Set<string>(),
    async fetch(request: Request): Promise<Response> {
      if (request.url === TOKEN_URL) {
        loft.tokenCount++;
        const token = `token-${loft.tokenCount}`;
        await Promise.resolve();
        return await loft.tokenAnswers.shift()?.(request) ?? Response.json({ token });
      }
      const token = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
      loft.used.push(token);
      return loft.refusedTokens.has(token)
        ? Response.json(`${token} is not known`, { status: 401 })
        : Response.json({});
    },
  };
  const transport = createTransport({
    fetch: (request) => loft.fetch(request),
    now: () => loft.nowMs,
    timeoutMs: 100,
  });
  const call = (given = credentials, provider = homing) =>
    transport.call(provider, release, undefined, given);
  return { loft, call, transport };
}

function untilAborted({ signal }: Request): Promise<Response> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

Deno.test("one token serves all who wait, and all who come later", async () => {
  const { loft, call } = createLoft();

  const results = await Promise.all(Array.from({ length: 20 }, () => call()));
  assert(results.every(({ ok }) => ok));
  assert((await call()).ok);

  assertEquals(loft.tokenCount, 1);
  assertEquals(new Set(loft.used), new Set(["token-1"]));
  assertEquals(loft.used.length, 21);
});

Deno.test("a token is fetched anew before it ends", async () => {
  const { loft, call } = createLoft();
  const tokenAt = async (seconds: number) => {
    loft.nowMs = seconds * 1000;
    assert((await call()).ok);
    return loft.used.at(-1);
  };

  assertEquals(await tokenAt(0), "token-1");
  assertEquals(await tokenAt(LIFE_SECONDS - 31), "token-1");
  assertEquals(await tokenAt(LIFE_SECONDS - 30), "token-2");
  assertEquals(await tokenAt(LIFE_SECONDS + 60), "token-2");
  assertEquals(await tokenAt(2 * LIFE_SECONDS), "token-3");
});

Deno.test("a token is for one provider and one set of credentials", async () => {
  const { loft, call } = createLoft();
  const other = { api_key: "wingsOfAnotherBird" };

  for (const given of [credentials, other, credentials, other]) assert((await call(given)).ok);
  assert((await call(credentials, { ...homing, id: "telnyx" })).ok);

  assertEquals(loft.used, ["token-1", "token-2", "token-1", "token-2", "token-3"]);
});

Deno.test("a token that is refused is neither kept nor ever ambiguous, and nothing is sent", async () => {
  const { loft, call } = createLoft();
  const failures: [(request: Request) => Promise<Response>, code: string, isRetryable: boolean][] =
    [
      [() => Promise.resolve(new Response("no", { status: 401 })), "rejected", false],
      [() => Promise.resolve(new Response("no", { status: 503 })), "rejected", true],
      [() => Promise.resolve(new Response("no", { status: 429 })), "rate_limited", true],
      [() => Promise.resolve(Response.json({ token: 7 })), "unreadable", false],
      [() => Promise.resolve(new Response("<p>")), "unreadable", false],
      [() => Promise.reject(new Error("reset")), "connection_lost", true],
      [untilAborted, "timeout", true],
    ];
  for (const [answer, code, isRetryable] of failures) {
    loft.tokenAnswers.push(answer);
    const [error, same] = await Promise.all([call(), call()]);
    assertEquals(error, same, "those who waited hear the same");
    const { isAmbiguous, ...verdict } = errorOf(error);
    assertEquals([verdict.code, verdict.isRetryable, isAmbiguous], [code, isRetryable, false]);
  }
  assertEquals(loft.used, []);

  assert((await call()).ok);
  assertEquals(loft.tokenCount, failures.length + 1);
});

Deno.test("a token that no connection comes about for is told as that", async () => {
  const transport = createTransport({ simulatorUrl: closedUrl() });
  const error = errorOf(await transport.call(homing, release, undefined, credentials));
  assertEquals([error.code, error.isAmbiguous], ["connection_refused", false]);
});

Deno.test("a token that is no longer taken is dropped, and the call is not repeated", async () => {
  const { loft, call } = createLoft();
  assert((await call()).ok);
  loft.refusedTokens.add("token-1");

  const error = errorOf(await call());
  assertEquals([error.httpStatus, error.isAmbiguous], [401, false]);
  assert((await call()).ok);

  assertEquals(loft.used, ["token-1", "token-1", "token-2"]);
});

Deno.test("no token is in any error", async () => {
  const { loft, call } = createLoft();
  loft.tokenAnswers.push(() => Promise.resolve(Response.json({ token: "secretWings+/=" })));
  loft.refusedTokens.add("secretWings+/=");

  const refused = errorOf(await call());
  assert(!JSON.stringify(refused).includes("secretWings"));
  assertEquals(refused.message, 'Pigeon refused: "[redacted] is not known"');

  const { transport, loft: another } = createLoft();
  another.tokenAnswers.push(() => Promise.resolve(Response.json({ token: "secretWings" })));
  const unbuildable: Operation<void, unknown> = {
    ...release,
    toRequest: (_input, _credentials, { accessToken }) => {
      throw new Error(`cannot carry ${accessToken}`);
    },
  };
  const error = errorOf(await transport.call(homing, unbuildable, undefined, credentials));
  assertEquals(error.message, "Cannot call Pigeon: cannot carry [redacted]");
});

Deno.test("no token is fetched for a message that is refused, or for what is not there", async () => {
  const { loft, transport } = createLoft();
  const message = {
    from: "+15550100001",
    to: "+15550100002",
    channel: "sms" as const,
    text: "",
    mediaUrls: [],
    statusUrl: "https://project.example/",
    reference: "attempt-1",
  };

  assert(!(await transport.sendMessage(homing, message, credentials)).ok);
  assert(!(await transport.call(homing, undefined, undefined, credentials)).ok);
  assertEquals(loft.tokenCount, 0);
});

Deno.test("as many tokens are kept as there is room for, and no more", async () => {
  const { loft, call } = createLoft();
  const keyOf = (index: number) => ({ api_key: `bird-number-${index}` });
  for (let index = 0; index <= 200; index++) assert((await call(keyOf(index))).ok);
  assertEquals(loft.tokenCount, 201);

  assert((await call(keyOf(200))).ok);
  assertEquals(loft.tokenCount, 201, "the last is kept");
  assert((await call(keyOf(0))).ok);
  assertEquals(loft.tokenCount, 202, "the first had to go");
});
