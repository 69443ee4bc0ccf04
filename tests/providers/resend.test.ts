import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type ProviderErrorCode,
  UnreadableWebhookError,
  type WebhookRequest,
} from "../../supabase/functions/_shared/providers/provider.ts";
import { resend } from "../../supabase/functions/_shared/providers/resend.ts";
import { createTransport } from "../../supabase/functions/_shared/providers/transport.ts";
import samples from "./fixtures/resend/samples.ts";
import vectors from "./fixtures/resend/signatures.json" with { type: "json" };
import { DATA, MAIL, post, SECRET, sign } from "./fixtures/resend/webhooks.ts";
import { describeRequests } from "./support/drive.ts";
import { replyWith } from "./support/replies.ts";
import { NOW_MS } from "./support/samples.ts";
import { createSignatureChecks } from "./support/signatures.ts";

const { credentials, message } = samples;
const context = { nowMs: NOW_MS, nonce: "" };

createSignatureChecks(resend, vectors, {
  nowOf: ({ now }) => now * 1000,
  signatureHeader: "svix-signature",
});

function readOne(type: string, data: unknown) {
  const events = resend.readWebhook(post(type, data));
  assert(Array.isArray(events));
  return events[0];
}

Deno.test("resend's signature counts for five minutes, before and after", async () => {
  const request = await sign(post("email.sent", DATA), { secret: SECRET, nowMs: NOW_MS });
  const verifyAfter = (seconds: number) =>
    resend.verifyWebhook(request, { secret: SECRET, nowMs: NOW_MS + seconds * 1000 });

  for (const seconds of [-300, 0, 300]) assertEquals(await verifyAfter(seconds), true);
  for (const seconds of [-301, 301]) assertEquals(await verifyAfter(seconds), false);
});

Deno.test("resend's signature may be one of several, of version 1 only, and covers all parts", async () => {
  const request = await sign(post("email.sent", DATA), { secret: SECRET, nowMs: NOW_MS });
  const good = request.headers.get("svix-signature") ?? "";
  const verify = (change: Record<string, string | null>) => {
    const headers = new Headers(request.headers);
    for (const [name, value] of Object.entries(change)) {
      if (value === null) headers.delete(name);
      else headers.set(name, value);
    }
    return resend.verifyWebhook({ ...request, headers }, { secret: SECRET, nowMs: NOW_MS });
  };
  const other = `v1,${btoa("x".repeat(32))}`;
  for (const list of [`${other} ${good}`, `${good} ${other}`, `v1a,AAAA ${good}`]) {
    assertEquals(await verify({ "svix-signature": list }), true, list);
  }
  const time = request.headers.get("svix-timestamp") ?? "";
  for (
    const change of [
      { "svix-signature": good.replace("v1,", "v1a,") },
      { "svix-signature": good.replace("v1,", "v2,") },
      { "svix-signature": good.replace(" ", ",") + "," },
      { "svix-signature": good.slice(3) },
      { "svix-signature": other },
      { "svix-signature": null },
      { "svix-id": "msg_other" },
      { "svix-id": null },
      { "svix-timestamp": String(Number(time) + 1) },
      { "svix-timestamp": `${time}.0` },
      { "svix-timestamp": null },
    ]
  ) assertEquals(await verify(change), false, JSON.stringify(change));
});

Deno.test("resend is never called without a user agent", async () => {
  for (const call of samples.calls) {
    for (const request of await describeRequests(resend, samples, call)) {
      assertEquals(request.headers["user-agent"], "switchboard/1.0", call.name);
    }
  }
});

Deno.test("resend tells a wrong key from one that may only send", async () => {
  const validate = async (status: number, name: string) => {
    const { fetch } = replyWith({ status, json: { statusCode: status, name, message: "why" } });
    const result = await createTransport({ fetch })
      .call(resend, resend.validateCredentials, undefined, credentials);
    return result.ok ? result.value.providerStatus : result.error.code;
  };
  assertEquals(await validate(401, "restricted_api_key"), "sending_access");
  assertEquals(await validate(401, "missing_api_key"), "authentication_failed");
  assertEquals(await validate(401, ""), "unreadable");
  assertEquals(await validate(403, "invalid_api_key"), "authentication_failed");
});

Deno.test("resend says what a key that may only send may not", async () => {
  const { fetch } = replyWith({ status: 401, json: { name: "restricted_api_key", message: "no" } });
  const result = await createTransport({ fetch })
    .call(resend, resend.lookUpMessage, { externalId: crypto.randomUUID() }, credentials);
  assert(!result.ok);
  assertEquals([result.error.code, result.error.providerCode], [
    "permission_missing",
    "restricted_api_key",
  ]);
});

Deno.test("resend sends the same attempt under the same key", () => {
  const keyOf = (reference: string) => {
    const request = resend.sendMessage.toRequest({ ...message, reference }, credentials, context);
    assert("headers" in request);
    return request.headers["idempotency-key"];
  };
  assertEquals(keyOf("a-1"), keyOf("a-1"));
  assert(keyOf("a-1") !== keyOf("a-2"));
});

Deno.test("resend reads each word for what becomes of a message", () => {
  const words: Record<string, string> = {
    scheduled: "queued",
    sent: "sent",
    delivery_delayed: "sending",
    delivered: "delivered",
    opened: "read",
    clicked: "read",
    bounced: "undelivered",
    failed: "failed",
    suppressed: "failed",
    canceled: "failed",
  };
  for (const [word, status] of Object.entries(words)) {
    const event = readOne(`email.${word}`, DATA);
    assert(event?.kind === "status");
    assertEquals(event.status, status, word);
  }
});

Deno.test("resend follows a search no further back than asked", async () => {
  const search = async (...created: string[]) => {
    const data = created.map((created_at) => ({
      id: crypto.randomUUID(),
      from: "a@b.example",
      to: ["c@d.example"],
      created_at,
    }));
    const input = { from: "a@b.example", since: "2026-11-20T09:00:00Z" };
    const { fetch } = replyWith({ status: 200, json: { has_more: true, data } });
    const result = await createTransport({ fetch })
      .call(resend, resend.searchMessages, input, credentials);
    assert(result.ok);
    return [result.value.items.length, result.value.nextPageUrl !== undefined];
  };
  assertEquals(await search("2026-11-20 09:00:01+00"), [1, true]);
  assertEquals(await search("2026-11-20 09:00:01+00", "2026-11-20 08:00:00+00"), [1, false]);
  assertEquals(await search("2026-11-20T10:00:00.5+02:00"), [0, false]);
  assertEquals(await search(), [0, false]);
});

Deno.test("resend builds no path from anything but its own identifiers", () => {
  for (const externalId of ["", "..", "a/b", "49a3999c"]) {
    assertThrows(() => resend.lookUpMessage?.toRequest({ externalId }, credentials, context));
    assertThrows(() => resend.readInbound?.toRequest({ externalId }, credentials, context));
  }
  for (const search of [{ to: "a@b.c", since: "soon" }, { since: "2026-11-20" }]) {
    assertThrows(() => resend.searchMessages?.toRequest(search, credentials, context));
  }
});

Deno.test("a resend webhook that is not as documented is refused by its own error", () => {
  const cases: [string, unknown][] = [
    ["email.sent", {}],
    ["email.sent", { ...DATA, email_id: "../x" }],
    ["email.complained", { ...DATA, to: [] }],
    ["email.received", { ...MAIL, from: "nobody" }],
    ["email.received", { ...MAIL, to: [] }],
    ["email.received", { ...MAIL, email_id: 7 }],
    ["", DATA],
  ];
  for (const [type, data] of cases) {
    assertThrows(() => readOne(type, data), UnreadableWebhookError);
  }
  const body = new TextEncoder().encode("not JSON");
  const request: WebhookRequest = { ...post("email.sent", DATA), body };
  assertThrows(() => resend.readWebhook(request), UnreadableWebhookError);
});

Deno.test("resend's words for a failure mean what its pages say", () => {
  const known: [string, ProviderErrorCode, boolean][] = [
    ["NoEmail", "invalid_recipient", false],
    ["MailboxFull", "unreachable_recipient", true],
    ["Transient", "unreachable_recipient", true],
    ["Permanent", "unreachable_recipient", false],
    ["ContentRejected", "content_refused", false],
    ["previous_complaint", "recipient_opted_out", false],
    ["previous_bounce", "unreachable_recipient", false],
    ["reached_daily_quota", "rate_limited", false],
  ];
  for (const [word, code, isRetryable] of known) {
    const meaning = resend.explainErrorCode(word);
    assertEquals([meaning.code, meaning.isRetryable], [code, isRetryable], word);
  }
});
