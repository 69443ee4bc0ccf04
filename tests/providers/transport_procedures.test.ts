/** Procedures: several requests, each described by the answers before it. */
import { assert, assertEquals } from "@std/assert";
import {
  type Procedure,
  type ProviderRequest,
  type ProviderResponse,
  RefusedAnswerError,
  UnreadableAnswerError,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { meaningOf } from "../../supabase/functions/_shared/providers/provider_errors.ts";
import { call, credentials, errorOf, ORIGIN } from "./support/pigeon.ts";
import { closedUrl } from "./support/raw_server.ts";
import { replyWith } from "./support/replies.ts";

type Steps = Generator<ProviderRequest, unknown, ProviderResponse>;

function asSteps(steps: () => Steps): Procedure<void, unknown> {
  return { steps };
}

function request(method: ProviderRequest["method"], path: string): ProviderRequest {
  return { method, url: ORIGIN + path, headers: {}, ...(method === "GET" ? {} : { json: {} }) };
}

/** Looks for a loft and makes one where there is none; then hangs a bell at it. */
const hangBell = asSteps(function* () {
  const { json } = yield request("GET", "/lofts");
  let [loft] = json as { id: string }[];
  if (!loft) loft = (yield request("POST", "/lofts")).json as { id: string };
  yield request("PUT", `/lofts/${loft.id}/bell`);
  return { loftId: loft.id };
});

Deno.test("a procedure makes the requests that the answers lead to", async () => {
  for (
    const { lofts, paths } of [
      { lofts: [], paths: ["GET /lofts", "POST /lofts", "PUT /lofts/l1/bell"] },
      { lofts: [{ id: "l0" }], paths: ["GET /lofts", "PUT /lofts/l0/bell"] },
    ]
  ) {
    const { fetch, requests } = replyWith(
      { status: 200, json: lofts },
      { status: 201, json: { id: "l1" } },
      { status: 204 },
    );

    const result = await call({ fetch }, hangBell);

    assertEquals(result, { ok: true, value: { loftId: lofts[0]?.id ?? "l1" } });
    assertEquals(requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`), paths);
  }
});

Deno.test("a procedure ends at the first failure, and later requests are not made", async () => {
  const failures = [
    [{ status: 404 }, "rejected", false],
    [{ status: 503 }, "rejected", true],
    [{ status: 302 }, "unreadable", true],
  ] as const;
  for (const [answer, code, isAmbiguous] of failures) {
    const first = replyWith(answer);
    const read = errorOf(await call(first, hangBell));
    assertEquals([read.code, read.isAmbiguous], [code, false], "a GET changes nothing");
    assertEquals(first.requests.length, 1);

    const second = replyWith({ status: 200, json: [] }, answer);
    const written = errorOf(await call(second, hangBell));
    assertEquals([written.code, written.isAmbiguous], [code, isAmbiguous]);
    assertEquals(written.httpStatus, answer.status);
    assertEquals(second.requests.length, 2);
  }
});

Deno.test("a procedure that fails after it changed something leaves that in doubt", async () => {
  const buy = (end: () => unknown) =>
    asSteps(function* () {
      yield request("POST", "/orders");
      yield request("GET", "/orders/1");
      return end();
    });
  const done = () => "done";
  const ordered = { status: 201, json: {} };

  for (const status of [302, 404, 429, 503]) {
    const error = errorOf(await call(replyWith(ordered, { status }), buy(done)));
    assertEquals([error.httpStatus, error.isAmbiguous], [status, true]);
  }
  const elsewhere = asSteps(function* () {
    yield request("POST", "/orders");
    yield { ...request("GET", ""), url: "https://evil.example/" };
  });
  assertEquals(errorOf(await call(replyWith(ordered), elsewhere)).isAmbiguous, true);

  const refused = buy(() => {
    throw new RefusedAnswerError({ ...meaningOf("number_unavailable"), message: "sold" });
  });
  const error = errorOf(await call(replyWith(ordered), refused));
  assertEquals([error.code, error.isAmbiguous], ["number_unavailable", false]);
});

Deno.test("a procedure that no connection comes about for has done nothing", async () => {
  const steps = asSteps(function* () {
    return (yield request("POST", "/lofts")).json;
  });
  const error = errorOf(await call({ simulatorUrl: closedUrl() }, steps));
  assertEquals([error.code, error.isAmbiguous], ["connection_refused", false]);
});

Deno.test("a procedure that cannot read an answer says which field, and quotes nothing", async () => {
  const reading = (error: Error) =>
    asSteps(function* () {
      yield request("POST", "/lofts");
      throw error;
    });
  const answer = { status: 200, json: {} };

  const named = errorOf(
    await call(replyWith(answer), reading(new UnreadableAnswerError("unexpected bell"))),
  );
  const thrown = errorOf(await call(replyWith(answer), reading(new Error("private words"))));

  assertEquals(named.message, "Cannot call Pigeon: status 200, unexpected bell");
  assertEquals(thrown.message, "Cannot call Pigeon: status 200, not as documented");
  for (const error of [named, thrown]) {
    assertEquals([error.code, error.isAmbiguous], ["unreadable", true]);
  }
});

Deno.test("a procedure that cannot begin sends nothing", async () => {
  const { fetch, requests } = replyWith({ status: 200, json: {} });
  // deno-lint-ignore require-yield -- it never comes to that
  const steps = asSteps(function* () {
    throw new Error(`no loft for ${credentials.api_key}`);
  });

  const error = errorOf(await call({ fetch }, steps));

  assertEquals([error.code, error.isAmbiguous], ["invalid_request", false]);
  assertEquals(error.message, "Cannot call Pigeon: no loft for [redacted]");
  assertEquals(requests.length, 0);
});

Deno.test("a procedure without a request is a result", async () => {
  const { fetch, requests } = replyWith();
  // deno-lint-ignore require-yield -- everything is there already
  const steps = asSteps(function* () {
    return "done";
  });

  assertEquals(await call({ fetch }, steps), { ok: true, value: "done" });
  assertEquals(requests.length, 0);
});

Deno.test("a procedure goes nowhere but to the provider's own hosts, at any step", async () => {
  const { fetch, requests } = replyWith({ status: 200, json: {} });
  const steps = asSteps(function* () {
    yield request("GET", "/lofts");
    yield { ...request("POST", ""), url: "https://evil.example/lofts" };
  });

  const error = errorOf(await call({ fetch }, steps));

  assertEquals([error.code, error.isAmbiguous], ["invalid_request", false]);
  assertEquals(requests.length, 1);
});

Deno.test("a procedure may see a status that says no, and may take it for a no", async () => {
  const find = asSteps(function* () {
    const found = yield { ...request("GET", "/lofts/l1"), readStatuses: [404] };
    if (found.status !== 404) return found.json;
    const refusal = { ...meaningOf("not_found"), message: "no such loft", providerCode: "L404" };
    throw new RefusedAnswerError(refusal);
  });

  assertEquals(await call(replyWith({ status: 200, json: 1 }), find), { ok: true, value: 1 });
  const missing = errorOf(await call(replyWith({ status: 404 }), find));
  assertEquals(missing, {
    ...meaningOf("not_found"),
    message: "Pigeon refused: no such loft",
    providerCode: "L404",
    isAmbiguous: false,
    httpStatus: 404,
  });
  const other = errorOf(await call(replyWith({ status: 410 }), find));
  assert(other.httpStatus === 410);
});
