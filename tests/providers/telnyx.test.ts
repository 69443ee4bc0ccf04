import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type CallContext,
  type Operation,
  UnreadableWebhookError,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { telnyx } from "../../supabase/functions/_shared/providers/telnyx.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import samples from "./fixtures/telnyx/samples.ts";
import { event, post, PUBLIC_KEY, sign, webhooks } from "./fixtures/telnyx/webhooks.ts";
import { replyWith } from "./support/replies.ts";
import { NONCE, NOW_MS } from "./support/samples.ts";

const { credentials } = samples;
const context: CallContext = { nowMs: NOW_MS, nonce: NONCE };
const transport = (...answers: Parameters<typeof replyWith>) =>
  createTransport(replyWith(...answers));
const form = "application/x-www-form-urlencoded";

function operation<Input>(call: unknown): Operation<Input, unknown> {
  return call as Operation<Input, unknown>;
}

Deno.test("telnyx's signature counts for five minutes, before and after", async () => {
  const { request } = webhooks[0]!;
  const proven = await sign(request, { nowMs: NOW_MS });
  const verify = (nowMs: number) => telnyx.verifyWebhook(proven, { secret: PUBLIC_KEY, nowMs });

  for (const seconds of [0, 299, 300, -299, -300]) {
    assertEquals(await verify(NOW_MS + seconds * 1000), true, `${seconds}`);
  }
  for (const seconds of [301, -301, 86_400, -86_400]) {
    assertEquals(await verify(NOW_MS + seconds * 1000), false, `${seconds}`);
  }
});

Deno.test("telnyx's signature needs its time, its length and its key", async () => {
  const { request } = webhooks[0]!;
  const proven = await sign(request, { nowMs: NOW_MS });
  const signature = proven.headers.get("telnyx-signature-ed25519")!;
  const key = { secret: PUBLIC_KEY, nowMs: NOW_MS };
  const verify = (change: Record<string, string>) => {
    const headers = new Headers({ ...Object.fromEntries(proven.headers), ...change });
    return telnyx.verifyWebhook({ ...proven, headers }, key);
  };

  assertEquals(await verify({}), true);
  for (const time of ["", "soon", "-1", "1e9", `${NOW_MS}`, `${NOW_MS / 1000}.0`, "1763640001"]) {
    assertEquals(await verify({ "telnyx-timestamp": time }), false, time);
  }
  for (
    const wrong of [
      "",
      "é",
      signature.slice(4),
      `AAAA${signature}`,
      signature.toLowerCase(),
      btoa("\0".repeat(64)),
      "A".repeat(100_000),
    ]
  ) {
    assertEquals(await verify({ "telnyx-signature-ed25519": wrong }), false, wrong.slice(0, 20));
  }
  // The neutral point of the curve, for which signatures could be made up.
  const neutral = btoa(`\x01${"\0".repeat(31)}`);
  assertEquals(await telnyx.verifyWebhook(proven, { ...key, secret: neutral }), false);
});

Deno.test("telnyx reads every status that its document lists", async () => {
  const listed = [
    ["queued", "queued"],
    ["sending", "sending"],
    ["sent", "sent"],
    ["expired", "undelivered"],
    ["sending_failed", "failed"],
    ["delivery_unconfirmed", "sent"],
    ["delivered", "delivered"],
    ["delivery_failed", "undelivered"],
    ["scheduled", "queued"],
    ["cancelled", "failed"],
    ["webhook_delivered", "received"],
    ["received", "received"],
  ];
  for (const [word = "", status] of listed) {
    const result = await transport(samples.answerWithStatus!(word))
      .sendMessage(telnyx, samples.message, credentials);
    assert(result.ok);
    assertEquals(result.value.status, status, word);
  }
});

Deno.test("telnyx's codes mean what its reference says", () => {
  for (
    const [number, code, isRetryable] of [
      ["10007", "provider_unavailable", true],
      ["10008", "provider_unavailable", true],
      ["10009", "authentication_failed", false],
      ["10010", "permission_missing", false],
      ["10011", "rate_limited", true],
      ["40001", "invalid_recipient", false],
      ["40002", "rate_limited", true],
      ["40003", "content_refused", false],
      ["40004", "unreachable_recipient", true],
      ["40005", "unreachable_recipient", false],
      ["40006", "unreachable_recipient", true],
      ["40008", "unreachable_recipient", false],
      ["40011", "rate_limited", true],
      ["40014", "rate_limited", true],
      ["40300", "recipient_opted_out", false],
      ["40305", "invalid_sender", false],
      ["40309", "permission_missing", false],
      ["40318", "rate_limited", true],
      ["131047", "outside_window", false],
    ] as const
  ) {
    const meaning = telnyx.explainErrorCode(number);
    assertEquals([meaning.code, meaning.isRetryable], [code, isRetryable], number);
  }
});

Deno.test("telnyx's orders are read until the number is there", async () => {
  const orderId = "12ade33a-21c0-473b-b055-b3c836e1c292";
  const order = (status: string) => ({
    status: 200,
    json: { data: { id: orderId, status, phone_numbers: [{ phone_number: "+18005550001" }] } },
  });
  const read = async (...answers: Parameters<typeof replyWith>) => {
    const { fetch, requests } = replyWith(...answers);
    const result = await createTransport({ fetch })
      .call(telnyx, telnyx.readNumberOrder, { orderId }, credentials);
    assert(result.ok);
    return [result.value.state, requests.length];
  };
  const another = { id: "1", phone_number: "+18005550002", features: { sms: {}, mms: {} } };

  assertEquals(await read(order("pending")), ["pending", 1]);
  assertEquals(await read(order("teleporting")), ["pending", 1]);
  assertEquals(await read(order("failure")), ["failed", 1]);
  assertEquals(await read(order("success"), { status: 200, json: { data: [] } }), ["pending", 2]);
  assertEquals(
    await read(order("success"), { status: 200, json: { data: [another] } }),
    ["pending", 2],
  );
});

Deno.test("telnyx's order that is complete at once is read again, one that failed is not", async () => {
  const buy = async (status: string) => {
    const data = { id: "1", status, phone_numbers: [{ phone_number: "+18005550001" }] };
    const result = await transport({ status: 200, json: { data } }).call(
      telnyx,
      telnyx.purchaseNumber,
      { phoneNumber: "+18005550001", country: "US", reference: "order-1" },
      credentials,
    );
    assert(result.ok);
    return result.value.state;
  };
  assertEquals(await buy("success"), "pending");
  assertEquals(await buy("failure"), "failed");
});

Deno.test("telnyx attaches numbers to the profile that was set up", async () => {
  const settings = { messaging_profile_id: "0f512bda-ae1e-4597-8e11-e5f5686b97d3" };
  const request = await operation(telnyx.configureNumber)
    .toRequest({ externalId: "1", settings }, credentials, context);
  assertEquals(request.json, settings);
});

Deno.test("telnyx is told the same, however often its connection is set up", async () => {
  const call = samples.calls.find(({ operation }) => operation === "configureConnection")!;
  const { fetch, requests } = replyWith(...call.answers);
  for (let time = 0; time < 2; time++) {
    const result = await createTransport({ fetch })
      .call(telnyx, telnyx.configureConnection, call.input as never, credentials);
    assert(result.ok);
    assert(!JSON.stringify(result).includes("rP1VamejkU2v0qIUxntqLW2c"), "the profile's secret");
  }
  const [first, again] = await Promise.all(requests.map((request) => request.text()));
  assertEquals(first, again);
  assert(requests.every(({ method }) => method === "PATCH"));
});

Deno.test("telnyx knows a profile that may not send, and one that is not the one", async () => {
  const validate = (change: Record<string, unknown>) => {
    const data = { id: credentials.messaging_profile_id, name: "", enabled: true, ...change };
    return transport({ status: 200, json: { data } })
      .call(telnyx, telnyx.validateCredentials, undefined, credentials);
  };
  const disabled = await validate({ enabled: false });
  assert(disabled.ok);
  assertEquals(disabled.value.isActive, false);
  const other = await validate({ id: "0f512bda-ae1e-4597-8e11-e5f5686b97d3" });
  assert(!other.ok);
  assertEquals(other.error.code, "unreadable");
});

Deno.test("telnyx builds no path from anything but its own identifiers", () => {
  for (const externalId of ["", "..", "1/../x", "a", "١"]) {
    const { toRequest } = operation<{ externalId: string }>(telnyx.releaseNumber);
    assertThrows(() => toRequest({ externalId }, credentials, context));
    assertThrows(() => telnyx.lookUpMessage!.toRequest({ externalId }, credentials, context));
  }
  for (const country of ["", "us", "USA"]) {
    const search = { country, kind: "local" as const, limit: 1 };
    assertThrows(() => telnyx.searchNumbers!.toRequest(search, credentials, context));
  }
});

Deno.test("telnyx cannot search for a gap between digits", () => {
  const search = { country: "US", kind: "local" as const, limit: 1, contains: "55*55" };
  assertThrows(() => telnyx.searchNumbers!.toRequest(search, credentials, context));
});

Deno.test("telnyx starts no call without a connection", async () => {
  const { connection_id: _, ...others } = credentials;
  const { fetch, requests } = replyWith();
  const call = samples.calls.find(({ operation }) => operation === "startCall")!;
  const result = await createTransport({ fetch })
    .call(telnyx, telnyx.startCall, call.input as never, others);
  assert(!result.ok);
  assertEquals(result.error.code, "invalid_request");
  assertEquals(requests.length, 0);
});

Deno.test("telnyx's webhook that is not as documented is refused by its own error", async () => {
  for (
    const request of [
      event("message.received", {}),
      event("message.received", { id: "1", from: {}, to: [] }),
      event("message.received", {
        id: "1",
        from: { phone_number: "+1" },
        to: [{ phone_number: "+2" }],
        media: [{ url: "javascript:alert(1)" }],
      }),
      event("message.finalized", { id: "1", to: [] }),
      event("message.sent", { id: "", to: [{ status: "sent" }] }),
      event("number_order.complete", {}),
      post("CallStatus=completed", form),
      post("CallSid=v3:1", form),
    ]
  ) {
    let error: unknown;
    try {
      await telnyx.readWebhook(request);
    } catch (thrown) {
      error = thrown;
    }
    assert(error instanceof UnreadableWebhookError);
  }
});

Deno.test("telnyx's calls end in words of ours", async () => {
  const words = { "no-answer": "no_answer", busy: "busy", canceled: "canceled", x: "unknown" };
  for (const [word, status] of Object.entries(words)) {
    const request = post(`CallSid=v3:1&CallStatus=${word}&ErrorCode=&CallDuration=soon`, form);
    assertEquals(await telnyx.readWebhook(request), [
      { kind: "call", externalId: "v3:1", status, providerStatus: word } as never,
    ]);
  }
});
