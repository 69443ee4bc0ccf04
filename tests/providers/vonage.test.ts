import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type CallContext,
  type Operation,
  UnreadableWebhookError,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import { vonage } from "../../supabase/functions/_shared/providers/vonage.ts";
import { readSignedClaims } from "../../supabase/functions/_shared/providers/vonage/token.ts";
import samples from "./fixtures/vonage/samples.ts";
import vectors from "./fixtures/vonage/signatures.json" with { type: "json" };
import { post, SIGNATURE_SECRET, tokenFor, webhooks } from "./fixtures/vonage/webhooks.ts";
import { replyWith } from "./support/replies.ts";
import { NONCE, NOW_MS } from "./support/samples.ts";

const { credentials } = samples;
const context: CallContext = { nowMs: NOW_MS, nonce: NONCE };
const transport = (...answers: Parameters<typeof replyWith>) =>
  createTransport(replyWith(...answers));
const { request } = webhooks[0]!;
const key = { secret: SIGNATURE_SECRET, nowMs: NOW_MS };

function verify(token: string, change: Partial<typeof key> = {}): Promise<boolean> {
  const headers = new Headers({ authorization: `Bearer ${token}` });
  return vonage.verifyWebhook({ ...request, headers }, { ...key, ...change });
}

for (const [index, { scheme, description, token, secret, expected }] of vectors.entries()) {
  Deno.test(`vector ${index} (${scheme}), ${description}: ${expected}`, async () => {
    assertEquals(await readSignedClaims(token, secret) !== null, expected === "valid");
    // Their bodies are not published, and one is no webhook at all.
    assertEquals(await verify(token, { secret, nowMs: 1_587_494_962_000 }), false);
  });

  if (expected !== "valid") continue;

  Deno.test(`vector ${index} (${scheme}), ${description}: no part may change`, async () => {
    for (let at = 0; at < token.length; at++) {
      const changed = token[at] === "A" ? "B" : "A";
      const tampered = token.slice(0, at) + changed + token.slice(at + 1);
      assertEquals(await readSignedClaims(tampered, secret), null, `character ${at}`);
    }
    for (
      const wrong of ["", "..", token.slice(1), `${token}=`, `${token}.`, token.split(".")[0]!]
    ) {
      assertEquals(await readSignedClaims(wrong, secret), null, wrong);
    }
    for (const wrong of ["", "0", `${secret}0`]) {
      assertEquals(await readSignedClaims(token, wrong), null, wrong);
    }
  });
}

Deno.test("vonage's token counts for no other body, and not without the body's hash", async () => {
  assertEquals(await verify(tokenFor(request.body, key)), true);
  for (const hash of [undefined, null, "", "0", 7, "a".repeat(64)]) {
    assertEquals(await verify(tokenFor(request.body, key, { payload_hash: hash })), false);
  }
  const upper = tokenFor(request.body, key, {
    payload_hash: Array.from(
      new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(request.body))),
      (byte) => byte.toString(16).padStart(2, "0"),
    ).join("").toUpperCase(),
  });
  assertEquals(await verify(upper), true, "in capitals");
});

Deno.test("vonage's token counts for as long as Vonage repeats a webhook", async () => {
  const token = tokenFor(request.body, key);
  const seconds: [number, boolean][] = [
    [0, true],
    [24 * 3600, true],
    [24 * 3600 + 301, false],
    [-300, true],
    [-301, false],
  ];
  for (const [later, isVerified] of seconds) {
    const nowMs = NOW_MS + later * 1000;
    assertEquals(await verify(token, { nowMs }), isVerified, `${later} s later`);
  }
  for (const iat of [undefined, null, "1", Number.NaN, Infinity, -1]) {
    assertEquals(await verify(tokenFor(request.body, key, { iat })), false);
  }
});

Deno.test("vonage's token names no algorithm but HS256", async () => {
  for (const alg of ["none", "HS512", "RS256", "hs256", "", undefined]) {
    const token = tokenFor(request.body, key, {}, { alg, typ: "JWT" });
    assertEquals(await verify(token), false, alg);
  }
  const [, payload = ""] = tokenFor(request.body, key).split(".");
  assertEquals(await verify(`${btoa('{"alg":"none"}').replace(/=+$/, "")}.${payload}.`), false);
});

Deno.test("vonage reads every status that its document lists", async () => {
  const words = {
    submitted: "sent",
    delivered: "delivered",
    rejected: "failed",
    undeliverable: "undelivered",
    read: "read",
    teleported: "unknown",
  };
  for (const [word, status] of Object.entries(words)) {
    const [event] = await vonage.readWebhook(post({ message_uuid: "1", status: word }));
    assert(event?.kind === "status");
    assertEquals([event.status, event.providerStatus], [status, word]);
  }
});

Deno.test("vonage's calls end in words of ours", async () => {
  const words = {
    started: "queued",
    ringing: "ringing",
    answered: "in_progress",
    machine: "in_progress",
    busy: "busy",
    cancelled: "canceled",
    unanswered: "no_answer",
    timeout: "no_answer",
    rejected: "failed",
    failed: "failed",
    completed: "completed",
    teleported: "unknown",
  };
  for (const [word, status] of Object.entries(words)) {
    const [event] = await vonage.readWebhook(post({ uuid: "1", status: word }));
    assert(event?.kind === "call");
    assertEquals(event.status, status, word);
  }
});

Deno.test("vonage's codes mean what its reference says", () => {
  for (
    const [number, code, isRetryable] of [
      ["1000", "rate_limited", true],
      ["1030", "provider_unavailable", true],
      ["1050", "unreachable_recipient", false],
      ["1070", "insufficient_funds", false],
      ["1100", "provider_unavailable", true],
      ["1120", "invalid_sender", false],
      ["1170", "invalid_recipient", false],
      ["1180", "unreachable_recipient", true],
      ["1190", "invalid_recipient", false],
      ["1210", "content_refused", false],
      ["1220", "unreachable_recipient", true],
      ["1230", "provider_unavailable", true],
      ["1240", "recipient_opted_out", false],
      ["1241", "rate_limited", true],
      ["1330", "rejected", false],
      ["1331", "rejected", true],
      ["1340", "outside_window", false],
    ] as const
  ) {
    const meaning = vonage.explainErrorCode(number);
    assertEquals([meaning.code, meaning.isRetryable], [code, isRetryable], number);
  }
});

Deno.test("vonage's errors tell their code by the type, or by the title", async () => {
  const read = async (error: unknown) => {
    const body = { message_uuid: "1", status: "rejected", error };
    const [event] = await vonage.readWebhook(post(body));
    assert(event?.kind === "status");
    return [event.errorCode, event.errorMessage];
  };
  assertEquals(await read({ type: "https://x/errors#1240", title: 1240 }), ["1240", undefined]);
  assertEquals(await read({ type: "https://x/errors", title: "1240" }), ["1240", undefined]);
  assertEquals(await read({ type: "https://x#1000", title: "Throttled", detail: "Wait" }), [
    "1000",
    "Throttled: Wait",
  ]);
  assertEquals(await read("no"), [undefined, undefined]);
});

Deno.test("vonage says no to a change in spite of the status", async () => {
  for (const code of ["401", "420", "500"]) {
    const json = { "error-code": code, "error-code-label": "method failed" };
    const result = await transport({ status: 200, json }).call(
      vonage,
      vonage.purchaseNumber,
      { phoneNumber: "+447700900000", country: "GB", reference: "order-1" },
      credentials,
    );
    assert(!result.ok);
    assertEquals(result.error.isAmbiguous, false);
    assertEquals(result.error.providerCode, code);
  }
});

Deno.test("vonage's number that was bought is read until it is there", async () => {
  const read = async (numbers: unknown[]) => {
    const result = await transport({ status: 200, json: { count: numbers.length, numbers } })
      .call(vonage, vonage.readNumberOrder, { orderId: "GB-447700900000" }, credentials);
    assert(result.ok);
    return result.value.state;
  };
  const number = { country: "GB", msisdn: "447700900000", features: ["SMS"] };
  assertEquals(await read([]), "pending");
  assertEquals(await read([{ ...number, msisdn: "4477009000001" }]), "pending");
  assertEquals(await read([number]), "completed");
});

Deno.test("vonage's application keeps what is not ours, however often it is set up", async () => {
  const call = samples.calls.find(({ operation }) => operation === "configureConnection")!;
  const json = call.answers[0]!.json as Record<string, unknown>;
  const given = {
    ...json,
    keys: { public_key: "-----BEGIN PUBLIC KEY-----", private_key: "-----BEGIN PRIVATE KEY-----" },
  };
  const setUp = async () => {
    const { fetch, requests } = replyWith({ status: 200, json: given });
    const result = await createTransport({ fetch })
      .call(vonage, vonage.configureConnection, call.input as never, credentials);
    assert(result.ok);
    assertEquals(requests.map(({ method }) => method), ["GET", "PUT"]);
    return await requests[1]!.json();
  };
  const first = await setUp();
  assertEquals(await setUp(), first);
  assertEquals(first.capabilities.voice, (json.capabilities as Record<string, unknown>).voice);
  assertEquals(first.keys, { public_key: "-----BEGIN PUBLIC KEY-----" });
  assertEquals(first.id, undefined);
});

Deno.test("vonage's application that is another one is left alone", async () => {
  const call = samples.calls.find(({ operation }) => operation === "configureConnection")!;
  const json = { id: "aaaaaaaa-323d-0114-9c3d-d6f0d48968cf", name: "Another" };
  const { fetch, requests } = replyWith({ status: 200, json });
  const result = await createTransport({ fetch })
    .call(vonage, vonage.configureConnection, call.input as never, credentials);
  assert(!result.ok);
  assertEquals(requests.length, 1);
});

Deno.test("vonage's reports that are cut off prove nothing", async () => {
  for (const request_status of ["TRUNCATED", "FAILED", "PENDING"]) {
    const json = { request_status, records: [] };
    const result = await transport({ status: 200, json })
      .call(vonage, vonage.searchMessages, { to: "+1", since: "2026-11-20" }, credentials);
    assert(!result.ok);
    assertEquals(result.error.code, "unreadable");
  }
});

Deno.test("vonage's report without the message says that it is not found", async () => {
  const externalId = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab";
  const json = { request_status: "SUCCESS", records: [] };
  const result = await transport({ status: 200, json })
    .call(vonage, vonage.lookUpMessage, { externalId }, credentials);
  assert(!result.ok);
  assertEquals(result.error.code, "not_found");
});

Deno.test("vonage's search goes on by windows of a day until now", async () => {
  const json = { request_status: "SUCCESS", received_at: "2026-11-20T12:00:00+0000", records: [] };
  const { fetch, requests } = replyWith({ status: 200, json });
  const result = await createTransport({ fetch }).listAll(
    vonage,
    vonage.searchMessages,
    { to: "+447700900000", since: "2026-11-18T09:00:00Z" },
    credentials,
  );
  assertEquals(result, { ok: true, value: { items: [], isComplete: true } });
  assertEquals(
    requests.map(({ url }) => new URL(url).searchParams.get("date_start")),
    ["2026-11-18T09:00:00.000Z", "2026-11-19T09:00:00.000Z", "2026-11-20T09:00:00.000Z"],
  );
});

Deno.test("vonage builds nothing from anything but its own identifiers", () => {
  const { toRequest } = vonage.releaseNumber as Operation<{ externalId: string }, void>;
  for (const externalId of ["", "447700900000", "GB-", "gb-447700900000", "GB-44770090000x"]) {
    assertThrows(() => toRequest({ externalId }, credentials, context));
    assertThrows(() => vonage.lookUpMessage!.toRequest({ externalId }, credentials, context));
  }
  const search = { country: "GB", kind: "local" as const, limit: 1 };
  for (
    const change of [
      { country: "gb" },
      { locality: "London" },
      { region: "CA" },
      { areaCode: "20" },
      { contains: "77*00" },
      { country: "US", areaCode: "970", contains: "55" },
    ]
  ) {
    assertThrows(() =>
      vonage.searchNumbers!.toRequest({ ...search, ...change }, credentials, context)
    );
  }
});

Deno.test("vonage starts no call without the application's key, or with one that is none", async () => {
  const { private_key: _, ...others } = credentials;
  const call = samples.calls.find(({ operation }) => operation === "startCall")!;
  const broken = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
  for (const change of [{}, { private_key: broken }]) {
    const { fetch, requests } = replyWith();
    const result = await createTransport({ fetch })
      .call(vonage, vonage.startCall, call.input as never, { ...others, ...change });
    assert(!result.ok);
    assertEquals(result.error.code, "invalid_request");
    assertEquals(requests.length, 0);
  }
});

Deno.test("vonage's webhook that is not as documented is refused by its own error", async () => {
  const message = { channel: "sms", message_uuid: "1", from: "1", to: "2", text: "" };
  for (
    const body of [
      {},
      { channel: "sms" },
      { ...message, from: "" },
      { ...message, to: undefined },
      { ...message, channel: "mms", image: { url: "http://example.com/1.jpg" } },
      { ...message, image: { url: "javascript:alert(1)" } },
      { message_uuid: "", status: "delivered" },
      { uuid: "", status: "completed" },
    ]
  ) {
    let error: unknown;
    try {
      await vonage.readWebhook(post(body));
    } catch (thrown) {
      error = thrown;
    }
    assert(error instanceof UnreadableWebhookError, JSON.stringify(body));
  }
});
